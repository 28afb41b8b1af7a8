"""What a name or a chain of names holds at a place, and which members that has.

written.py    a type as it is written becomes the names to look up
chain.py      the text before a dot becomes steps
scope.py      what a bare name means on a line of one file
hierarchy.py  a type's members, its bases and what inherits from it
receiver.py   the face: the type of a receiver, and what can stand after its dot
judgement.py  whether a name, a member or a call can be right
doubts.py     what could prove a finding wrong though no fact says so
overlay.py    a workspace with one file as it would be
prelude.py    the names that every file of a language knows without saying so
"""
