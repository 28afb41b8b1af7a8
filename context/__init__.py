"""The workspace as symbols: which lines of other files matter at a cursor. Knows no model and no editor.

document.py   one document as it stood at one moment
snippet.py    what is handed over: lines of other files, each with its reason
index.py      the face of it all: refreshed off the event loop, asked on it
parallels.py  what files near a document go on with behind the text before the cursor
candidates.py what could be shown at a cursor: one definition, and why
ranking/      which definitions a cursor is likely to need
packer.py     which of them go into a budget
blocks.py     what stays in front while the cursor moves, and what follows it behind
facts.py      what one file says, in values that every language shares
columns.py    the same facts held field by field, made when somebody looks
splicing.py   the facts of a file into which a text was put, without reading all of it again
differing.py  where two versions of a text differ
view.py       what this folder may ask of a workspace, however it is kept
graph/        the whole workspace indexed, stored, and kept true while people type
parsing.py    text becomes a syntax tree, within a size, a depth and a time
git.py        git's plumbing, asked so that nothing of a repository's own runs
grammars.py   language identifiers and their grammars
tokens.py     the one counter for every comparison
types/        what a name or a receiver holds, and which members that has
knowledge.py  what cannot be right in a suggestion: names, members, the number of arguments
relations.py  callers, callees, tests, types and overrides of a symbol
repository_map.py  the files that matter and their most telling signatures, within a budget
conventions.py     which files are tests, by their names
resolution/   which files an import leads to, and what a name means; a file per language
languages/    a folder per language: what its text says, read through queries
"""
