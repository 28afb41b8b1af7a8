"""Each language's folder, and how what its queries find becomes facts.

reading.py    text or tree → FileFacts: the face of this package
events.py     what a language's structure query finds, sorted
structure.py  definitions, scopes, locals and imports, in one sweep over that
recovery.py   definitions that half-written code hides from the parser
uses.py       references, with their receivers and the number of their arguments
draft.py      what has been read of a file so far
source.py     the text behind a tree's offsets
language.py   what a language says of itself
loading.py    the languages there are, by identifier and by file name

A language is a folder with `rules.py` (its tables, and code where they do not reach), `structure.scm` (what defines,
binds and imports) and `references.scm` (what is used). Adding the folder adds the language.

Captures of `structure.scm`: `@def.KIND` with `@name` (or with `@declarator`, in which `rules.declared` finds it), and
`@owner`, `@type`, `@value` where they help; `@attribute` with `@name` (a member of the class around, wherever it
stands); `@local` with `@type`, `@value` or `@each` (what a loop goes over); `@scope.function`, `@scope.block`,
`@scope.hidden` (what stands in it is nobody's), `@scope.owner` with `@owner`; `@extends`, `@mixin` or `@implements`
(with `@owner`) with `@base`; `@import`, `@binding` (an import in which names are used as well), `@package`,
`@decorated` with `@decorator`, `@exported` (what stands in it is), `@global` with `@name`, `@mark.NAME` (kept for the
rules' `finish`).

Captures of `references.scm`: `@name`, `@type` (names where types stand), `@types` (stretches in which every name is a
type), `@member` and `@call` (nodes that the tables know), `@field` (a member of something unknown), `@skip` and `@span`
(no uses).
"""
