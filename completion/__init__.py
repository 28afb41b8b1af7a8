"""A keystroke becomes ghost text: when to ask, what to ask, when to stop, what to show.

completer.py  the way of a keystroke, from the gate to the answer
gate.py       where no model is asked, and why
window.py     the part of the document that is shown, anchored against shifts
analysis.py   contexts are refreshed beside the event loop
extras.py     snippets of other files, kept steady while the cursor moves
mode.py       one line or a block
languages.py  comments, blocks and definitions of each language
stopping.py   where a completion ends, found while it streams
filters/      what the model wrote becomes what may be shown
trace.py      what happened, told so that a person can see why
"""
