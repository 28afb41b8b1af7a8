"""What one file says, in values that every language shares: read once per content, stored, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "module",
    "class",
    "interface",
    "struct",
    "enum",
    "trait",
    "type",
    "function",
    "method",
    "field",
    "constant",
    "variable",
    "macro",
]
"""`class` to `trait` own members; `type` is an alias; `constant` and `variable` stand at the top of a file."""

TYPES: frozenset[str] = frozenset({"class", "interface", "struct", "enum", "trait", "type"})

Use = Literal["call", "type", "member", "name"]
"""How a name is used: called, where a type stands, after a dot (arrow, colons), or otherwise."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that code elsewhere can use, with its signature: lines `start_line`..`end_line` (1-based, inclusive).

    The signature has at most three lines, those that stand in `text`, joined by "\\n"; the whole definition ends
    with `last_line`. `owner` is what it belongs to (a class, an impl's type, a Go receiver's type), dotted if nested,
    or ''. `doc_line` is the line its documentation begins with, 0 without any.
    `bases` are the names it inherits from or implements, without type arguments. `mentions` are the names in the
    signature that may be types. `gives` is the type that using it yields: what a function returns, what a field or a
    variable holds, as written with its type arguments (white space collapsed, 120 characters at most); '' unknown.
    For what is only assigned from a call it is that call's callee followed by "()"; for what is only assigned from
    another name, "=" and that name or chain (`=self.client`). Where one of two values is taken (`a or B()`), both, with
    " | " between them; what a loop takes from something has "each " before what that something holds.
    Wherever a name has parts (bases, gives, receivers, owners) a dot stands between them, whatever the language
    writes there (`::`, `->`, `?.`); only PHP's namespaces keep their backslashes.
    `exported` says that another file can see it; `record` that its owner's fields are its constructor's parameters.
    `least` and `most` count the arguments that a call may give by position or name (-1: unknown; `most` -2: any
    number), the receiver left out.
    """

    name: str
    kind: Kind
    owner: str
    start_line: int
    end_line: int
    last_line: int
    text: str
    bases: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    gives: str = ""
    doc_line: int = 0
    exported: bool = True
    record: bool = False
    least: int = -1
    most: int = -1

    @property
    def symbol(self) -> str:
        """The name with its owner."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


@dataclass(frozen=True, slots=True)
class Import:
    """`bound` becomes visible by lines `start_line`..`end_line`: `name` of `module`, or the module itself.

    `module` is as written (quotes taken off); `level` counts Python's leading dots. `name` is "" where the module
    itself is bound, "*" for all its names, and `bound` is "*" then, and "" where nothing is bound (a C include, a
    side effect). `top` says that it stands outside any function, `passes_on` that it makes the name visible to those
    who import this file (`export … from`, `pub use`, a name in `__init__.py`).

    As (module, name, bound), by example:
    Python: `import a.b` (a.b, "", a.b); `from .a import b as c` (a, b, c) of level 1; `from . import b` ("", b, b).
    JavaScript: `import d from "m"` (m, default, d); `import * as n` (m, "", n); `export * from "m"` (m, *, *);
    `export {a as b} from "m"` (m, a, b); `export {a as b}` and `export default a` ("", a, b or default), passed on;
    `n = require("m")` (m, "", n); `{a: b} = require("m")` (m, a, b). Lua's `require` alike.
    Go: `import n "a/b"` (a/b, "", n); without n the last element stands for it; `.` (a/b, *, *); `_` (a/b, "", "").
    Rust: `use a::b::C as D` (a::b, C, D); `use a::b::*` (a::b, *, *); `mod m;` (self, m, m).
    Java: `import a.b.C` (a.b, C, C); `import static a.B.m` (a.B, m, m); wildcards (a.b, *, *).
    C#: `using A.B` (A.B, *, *); `using X = A.B.C` (A.B, C, X).
    PHP: `use A\\B\\C as D` (A\\B, C, D); `require` (path, *, *).
    C: `#include "x.h"` (x.h, *, *), `<x.h>` with its brackets. Bash: `source x` (x, *, *).
    Ruby: `require "x"` (x, *, *), `require_relative` the same of level 1.
    """

    module: str
    name: str
    bound: str
    start_line: int
    end_line: int
    level: int = 0
    top: bool = True
    passes_on: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """`name` is used on `line` (1-based) at `column` (code points, 0-based); `receiver` is the text before the dot.

    `receiver` is kept where it is a chain of names and calls (`self.client`, `make().one`: arguments are left out),
    "?" where it is anything else, '' where there is none. `arguments` counts a call's, -1 where that cannot be told
    (spread, splat) or it is no call. Uses of the file's own locals are left out; their members are not.
    """

    name: str
    line: int
    column: int
    use: Use
    receiver: str = ""
    arguments: int = -1


@dataclass(frozen=True, slots=True)
class Local:
    """`name` is bound inside lines `start_line`..`end_line` only (a parameter, an assignment in a function).

    `type` is what it holds, as `Definition.gives` is written.
    """

    name: str
    start_line: int
    end_line: int
    line: int
    type: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """All of the above of one file, each in order of lines; all but imports may be made when first asked for.

    `package` is what the file says it belongs to (Go, Java, C#, PHP), else ''. `exports` are the names it says it
    exports where it lists them (`__all__`, `export { … }`), else None. `broken` says that the text had syntax errors.
    """

    language: str
    definitions: Sequence[Definition] = ()
    imports: tuple[Import, ...] = ()
    references: Sequence[Reference] = ()
    locals: Sequence[Local] = ()
    exports: tuple[str, ...] | None = None
    package: str = ""
    broken: bool = False
