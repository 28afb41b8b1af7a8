"""Real lines of real projects are hidden and asked for through LSP; llama.cpp's own `/infill` is asked the same.

holes.py      what is hidden: lines, arguments, blocks, bodies
sides.py      who is asked
peer.py       llama.cpp's own server
scoring.py    how near an answer comes, and what is wrong with it
intervals.py  how sure the differences are
__main__.py   the run and its table
"""
