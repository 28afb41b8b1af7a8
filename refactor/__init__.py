"""An explicit command becomes a checked edit of one or several files. Knows no editor; models only behind the gateway.

refactoring.py   the face: gather, quote, run
command.py       what a person asks for
tasks.py         what can be asked for, and how far each task reaches
gathering.py     what is shown to a model, within a budget; what of it may change
reaching.py      from a task and a place to stretches of files
scope.py         those stretches, and where new files may be made
prompts.py       all words that a model is sent
conversation.py  one candidate: asked, looked at, asked once more, tried, mended once
answer.py        the form of an answer
matching.py      the one place where a text stands, or the nearest lines
applying.py      a proposal becomes edits, or a list of faults
guarding.py      all guards over the outcome; guards/ has them
checks/          the project's own checks on a copy of the workspace
outline.py       one text read once: definitions, imports, errors
patching.py      the outline of an edited text from that of the text before
known.py         what is known of the workspace around an edit
preview.py       what a person sees while an answer comes
writing.py       changes reach the disk, all or none
outcome.py       what became of a command, and its diff
original.py      a file as it was when the command was given; edits and changes of it
options.py       the settings' part
faults.py        what is wrong with an answer
"""
