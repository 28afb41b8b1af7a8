"""The workspace as a graph, kept true: built by processes of its own, stored, held compactly, overlaid by what is open.

live.py       the face: what any of the rest may ask, buffers before the disk, changes as they come
overlay.py    what is known beyond the index: buffers, and what changed since
places.py     paths by folder and by name
tables.py     the index in memory: flat arrays, looked up by bisection
store.py      the index's file, SQLite, which may be lost at any moment
old.py        indexes that nobody needs any more
coding.py     what a file says as bytes and back
compression.py how those bytes are made few, quickly
naming.py     which names a file defines and uses
walk.py       every source file of a workspace
by_name.py    what is left out by its name
reading.py    one file as text, within the workspace's walls
builder.py    the index brought up to date with the disk
indexing.py   whose turn it is to build, and memory where the disk takes nothing
pool.py       worker processes that may crash at any file
worker.py     such a process: files read and parsed
lookup.py     such a process: where imports lead
history.py    which files change together, from git
frames.py     messages between these processes
child.py      the process beside a server
background.py the server's end of it
watching.py   changes on disk, where the editor does not tell them
"""
