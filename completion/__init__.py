"""A keystroke becomes ghost text: when to ask, what to ask, when to stop, what to show."""
