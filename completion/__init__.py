"""A keystroke becomes ghost text: when to ask, what to ask, when to stop, what to show.

completer.py  the way of a keystroke, from the gate to the answer
gate.py       where no model is asked, and why
rhythm.py     how long it pays to wait for the next key
window.py     the part of the document that is shown, anchored against shifts
analysis.py   contexts are refreshed beside the event loop
tended.py     one workspace: its graph, its context, the process that indexes it
extras.py     snippets of other files as the pieces that the model is shown
standing.py   what the cursor stands in and behind, by the syntax tree
mode.py       one line or a block
languages.py  comments, blocks and definitions of each language
stopping.py   where a completion ends, found while it streams
filters/      what the model wrote becomes what may be shown
checks/       it is looked at as code: does it parse, do its names exist
judging.py    what the analysis thread knows about those names
speculating.py  what follows the acceptance of a suggestion, written while the person looks at it
alternatives.py  what else could stand there, where somebody asks to choose
settling.py   filtered, checked, and with a reason where nothing is left
silence.py    that reason, in one sentence
worded.py     what `explain` tells, in words for people
trace.py      what happened, told so that a person can see why
"""
