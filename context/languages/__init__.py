"""Each language's folder, and how what its queries find becomes facts.

reading.py    text or tree → FileFacts: the face of this package
events.py     what a language's structure query finds, sorted
structure.py  definitions, scopes, locals and imports, in one sweep over that
recovery.py   definitions that half-written code hides from the parser
uses.py       references, with their receivers and the number of their arguments
dotted.py     the same told by the text, for languages with one kind of dot
draft.py      what has been read of a file so far
source.py     the text behind a tree's offsets
language.py   what a language says of itself
loading.py    the languages there are, by identifier and by file name

A language is a folder with `rules.py` (its tables, and code where they do not reach), `structure.scm` (what defines,
binds and imports) and `references.scm` (what is used). Adding the folder adds the language.

Captures of the structure queries: `@def.KIND` with `@name` (or with `@declarator`, in which `rules.declared` finds it;
or with neither: `rules.declares` and `rules.defined` find it in the node), and `@owner`, `@type`, `@value` where they
help; `@attribute` with `@name` (a member of the class around, wherever it stands); `@local`, or `@bound` where
`rules.bound` says what is bound, with `@type`, `@value` or `@each` (what a loop goes over); `@scope.function`,
`@scope.block`, `@scope.hidden` (what stands in it is nobody's), `@scope.owner` with `@owner`, `@scope.some` (one of
these, or none: `rules.opens` says); `@extends`, `@inherits` (the same on a clause right inside the type), `@mixin` or
`@implements` (with `@owner`) with `@base`; `@import`, `@binding` (an import in which names are used as well; of both
`rules.meant` may say that it is none), `@package`, `@decorated` with `@decorator`, `@exported` (what stands in it is),
`@global` with `@name`, `@mark.NAME` (kept for the rules' `finish`).

What a query costs to be compiled (once in each process, with every thread held up) grows with the patterns that have
children, most where the parent may stand anywhere: an assignment, a call, a declaration. So a pattern names a node
alone where a few lines of `rules.py` can look into it, patterns with one parent are one pattern with alternatives, and
what is left is cut into files, each compiled by itself. `python -m benchmarks.indexing.queries` tells what each takes.

Captures of `references.scm`: `@name`, `@type` (names where types stand), `@types` (stretches in which every name is a
type), `@member` and `@call` (nodes that the tables know), `@arguments` instead of both where `dotted` reads, `@field`
(a member of something unknown), `@fields` (`rules.fields` finds some of those in it), `@skip` and `@span` (no uses).
"""
