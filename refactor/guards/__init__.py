"""What is looked at before an edit is offered; each guard is pure and names what is wrong.

paths.py        where a new file may be made
characters.py   nothing invisible, nothing that turns text round
syntax.py       no new error in the tree, nothing that runs by itself in a class
symbols.py      no definition gone, doubled or changed that was not meant; imports hold imports
promises.py     what others rely on is there, and used as before
imports.py      what is newly imported from the workspace is there
names.py        what is used is defined or imported
leaks.py        a secret in a file that did not hold it is told
veils.py        no placeholder that stands for nothing
"""
