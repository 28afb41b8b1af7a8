"""What is looked at before an edit is offered; each guard is pure and names what is wrong.

paths.py        where a new file may be made
characters.py   nothing invisible, nothing that turns text round
syntax.py       no new error in the tree
symbols.py      no definition gone, doubled or changed that was not meant; imports hold imports
names.py        what is used is defined or imported
"""
