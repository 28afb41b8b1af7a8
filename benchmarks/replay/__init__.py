"""Real lines of real projects are hidden and asked for through LSP; llama.cpp's own `/infill` is asked the same.

What is hidden, and how sure the differences are, is told as for `twolane evaluate` (`evaluation/`).

projects.py   releases in every language to hide code in
sides.py      who is asked
window.py     an editor window of which several documents are asked about at once
answers.py    answers kept in a file, so that a long run can go on where it was
peer.py       llama.cpp's own server
scoring.py    how near an answer comes, and what is wrong with it
truth.py      what really stood there, looked at by the checks: is it blamed, are slips in it noticed
__main__.py   the run and its table
"""
