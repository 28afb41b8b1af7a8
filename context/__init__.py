"""The workspace as symbols: which lines of other files matter at a cursor. Knows no model and no editor.

document.py   one document as it stood at one moment
snippet.py    what is handed over: lines of other files, each with its reason
index.py      the face of it all: refreshed off the event loop, asked on it
candidates.py what could be shown at a cursor, and its worth there
packer.py     which of it goes into a budget, in an order that stays
symbols.py    definitions and imports, the same for every language
files.py      the workspace's files, read within its walls
parsing.py    text becomes a syntax tree, within a size, a depth and a time
grammars.py   language identifiers and their grammars
tokens.py     the one counter for every comparison
python/       one folder per language: its outline, its imports, what they make worth showing
"""
