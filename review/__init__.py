"""A save, or a diff in CI, becomes findings that can be shown to be true. Knows no editor.

finding.py     what is said about a place, and its name across edits
differences.py where two texts differ, line by line
changes.py     which lines are new: from a diff, or from two texts
shifting.py    what a large file says after a small edit, without parsing it
regions.py     the changed lines with the definition around them
subject.py     what is put to a model about one file, piece by piece
prompts.py     all words that a model is sent
answer.py      the form of its answer
proof.py       which claims become findings
reviewing.py   the whole way: ask, prove, refute, keep
following.py   findings go with their text while it is edited
memory.py      what was reviewed already, across restarts
dismissals.py  what a person has called no problem, and baselines
reports/       findings as text, JSON, SARIF and GitHub's workflow commands
"""
