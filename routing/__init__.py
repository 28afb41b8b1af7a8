"""The gateway: which lane answers, what it may see, what it may cost, and how that was decided."""
