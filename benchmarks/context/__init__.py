"""Context selection: how many of the definitions that a line needs are shown, against other ways to choose."""
