"""The project's own formatter, type checker and tests, tried on a copy of the workspace.

plan.py      which commands, how long, how much memory
scratch.py   the copy
process.py   one command, with its limits; nothing of it outlives its end
trial.py     what they say of an edit, and whether they said the same before it
"""
