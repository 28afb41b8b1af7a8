"""How long a large workspace takes to be indexed, to be known again, and to be followed.

tree.py      a workspace of so many real files
switching.py a branch switch under an event loop whose longest stop is watched
queries.py   how long each language's queries hold a process up
opening.py   how late the event loop is while documents are opened
__main__.py  the measurement and its table
"""
