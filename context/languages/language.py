"""What a language says of itself: its files, its tree's shapes, and how what the queries find is to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

from tree_sitter import Node

from ..facts import Import, Kind
from .draft import Draft
from .source import Source

REQUIRED, OPTIONAL, ANY = 0, 1, 2
"""What a parameter asks of a call: an argument, one or none, any number."""

MANY: Final = -2
RESERVED: Final = frozenset(
    [
        "return",
        "if",
        "for",
        "while",
        "else",
        "end",
        "let",
        "const",
        "var",
        "try",
        "throw",
        "new",
        "function",
        "def",
        "class",
        "fn",
        "pub",
        "void",
        "int",
        "func",
        "local",
    ]
)
"""Words that begin a statement: behind a dot at a line's end they are no member of what stands there."""
MAX_CHAIN: Final = 9

_NAME = re.compile(r"(?:::|\\|\.)?[^\W\d][\w$]*(?:(?:\.|::|\\)[\w$]+)*")
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Call:
    """The fields of a call's node: what is called, the object before the dot where it has one, the arguments."""

    callee: str
    receiver: str = ""
    arguments: str = "arguments"


def named(node: Node, field: str) -> Node | None:
    """The child of a member access that is its name.

    For TypeScript's `typeof a.b.c` tree-sitter (0.26.1) takes the field's node from inside another child, `b` here;
    what it says of each child by its number is right.
    """
    name = node.child_by_field_name(field)
    if name is None or name.end_byte == node.end_byte:
        return name
    for number in range(node.child_count):
        if node.field_name_for_child(number) == field:
            return node.child(number)
    return name


class Language:
    """One language. Subclasses fill the tables; a method is overridden where a table cannot say it.

    `grammars` maps LSP identifiers to a module and its function; `suffixes` file endings to identifiers, `files`
    whole names. `structure` and `references` list the query files, relative to the folder.
    Nothing here changes after import.
    """

    grammars: ClassVar[Mapping[str, tuple[str, str]]]
    suffixes: ClassVar[Mapping[str, str]]
    files: ClassVar[Mapping[str, str]] = _NONE
    structure: ClassVar[tuple[str, ...]] = ("structure.scm",)
    references: ClassVar[tuple[str, ...]] = ("references.scm",)

    leaves: ClassVar[frozenset[str]] = frozenset({"identifier"})
    """Nodes that are one name in a chain."""
    members: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType({})
    """Member accesses: the fields of the object and of the name."""
    calls: ClassVar[Mapping[str, Call]] = MappingProxyType({})
    creations: ClassVar[Mapping[str, str]] = _NONE
    """Nodes whose value has the type that stands in a field of theirs."""
    wrappers: ClassVar[frozenset[str]] = frozenset({"parenthesized_expression", "await_expression"})
    """Nodes that stand for their first named child."""
    literals: ClassVar[Mapping[str, str]] = _NONE
    """Nodes whose value has a built-in type."""
    spreads: ClassVar[frozenset[str]] = frozenset()
    """Arguments that stand for any number of them."""
    parameters: ClassVar[str] = "parameters"
    arity: ClassVar[Mapping[str, int]] = MappingProxyType({})
    """What each kind of parameter asks of a call; kinds not listed ask nothing."""
    defaults: ClassVar[tuple[str, ...]] = ("default_value", "value")
    """Fields of a parameter that make it one a call may leave out."""
    results: ClassVar[tuple[str, ...]] = ("return_type",)
    body: ClassVar[str] = "body"
    before: ClassVar[frozenset[str]] = frozenset()
    """Children that precede a signature and are no part of it: decorators, annotations, attributes."""
    keywords: ClassVar[frozenset[str]] = frozenset()
    """Names that are words of the language where the tree calls them names."""
    comments: ClassVar[tuple[str, ...]] = ("//",)
    block_scoped: ClassVar[bool] = True
    hidden: ClassVar[re.Pattern[str]] = re.compile(r"(?!)")
    """What, in front of its name, makes a definition one that no other file sees."""
    nameless: ClassVar[frozenset[str]] = frozenset()
    """Nodes captured as `@name` of what has no name of its own."""
    header: ClassVar[re.Pattern[str]] = re.compile(r"(?!)")
    """A line that begins a definition, for code that does not parse (see `recovery.recover`)."""
    records: ClassVar[frozenset[str]] = frozenset()
    """Kinds whose fields are the constructor's parameters."""
    given_without: ClassVar[int] = 0
    """How many arguments a call without a list of them gives."""
    lists_nothing: ClassVar[bool] = True
    """Whether what no `@exported` holds may be seen all the same."""
    stop: ClassVar[frozenset[str]] = frozenset()
    """Capitalised words in signatures that are no types."""
    lists: ClassVar[frozenset[str]] = frozenset()
    """Nodes captured as `@arguments`, of which each named child is one argument (comments and spreads aside)."""
    names: ClassVar[frozenset[str]] = frozenset({"identifier"})
    """What a definition may be called where its match captures no name: kinds of nodes in its field `name`."""

    def structure_of(self, identifier: str) -> tuple[str, ...]:
        """The files of the query for definitions, scopes, locals and imports."""
        return self.structure

    def references_of(self, identifier: str) -> tuple[str, ...]:
        """The files of the query for uses."""
        return self.references

    def chain(self, node: Node | None, source: Source) -> str:
        """A chain of names and calls with dots between and without arguments; "?" where it is anything else."""
        parts: list[str] = []
        called = ""
        for _ in range(4 * MAX_CHAIN):
            if node is None:
                break
            kind = node.type
            if kind in self.leaves:
                parts.append(source.of(node) + called)
                called = ""
                break
            if (fields := self.members.get(kind)) is not None:
                name = named(node, fields[1])
                text = source.of(name) if name is not None else ""
                if (
                    name is not None
                    and text in RESERVED
                    and source.data[name.start_byte - 1 : name.start_byte].isspace()
                ):
                    node = node.child_by_field_name(fields[0])
                    continue
                if name is None or name.type not in self.leaves:
                    text = self.bare(text)
                if not text:
                    return "?"
                parts.append(text + called)
                called = ""
                node = node.child_by_field_name(fields[0])
            elif (call := self.calls.get(kind)) is not None:
                if called or (callee := node.child_by_field_name(call.callee)) is None:
                    return "?"
                if call.receiver:
                    given = node.child_by_field_name(call.arguments)
                    parts.append(source.of(callee) + ("()" if given is not None else ""))
                    node = node.child_by_field_name(call.receiver)
                else:
                    called = "()"
                    node = callee
            elif kind in self.wrappers:
                node = self.unwrapped(node)
            else:
                return "?"
        if called or not parts or len(parts) > MAX_CHAIN:
            return "?"
        parts.reverse()
        return ".".join(parts).replace("::", ".").lstrip(".")

    def branches(self, node: Node) -> list[Node]:
        """The values of which one is taken (`a or b`, `a if c else b`); empty for anything else."""
        return []

    def value(self, node: Node, source: Source) -> str:
        """What a value's type can be told from, as `Definition.gives` holds it."""
        if not (branches := self.branches(node)):
            return self.plain_value(node, source)
        told = dict.fromkeys(self.plain_value(branch, source) for branch in branches)
        return " | ".join(text for text in told if text)

    def plain_value(self, node: Node, source: Source) -> str:
        """As `value`, for what is no choice."""
        for _ in range(MAX_CHAIN):
            kind = node.type
            if kind in self.wrappers and (held := self.unwrapped(node)) is not None:
                node = held
            elif (literal := self.literals.get(kind)) is not None:
                return literal
            elif (field := self.creations.get(kind)) is not None:
                made = node.child_by_field_name(field)
                return source.type(made) if made is not None else ""
            else:
                break
        chain = self.chain(node, source)
        if chain == "?":
            return ""
        return chain if chain.endswith("()") else "=" + chain

    def bare(self, text: str) -> str:
        """The name that a type's text begins with, dots between its parts; '' for none."""
        found = _NAME.match(text)
        return found.group().replace("::", ".").lstrip(".") if found else ""

    def declared(self, node: Node) -> tuple[Node, Node | None, bool] | None:
        """The name inside a captured `@declarator`, the owner before it, and whether it declares a function."""
        return None

    def defined(self, node: Node) -> Node | None:
        """The name of a definition whose match captures none; None where the node defines nothing."""
        name = node.child_by_field_name("name")
        return name if name is not None and name.type in self.names else None

    def declares(self, kind: str, captures: dict[str, list[Node]], source: Source) -> str | None:
        """The kind of what a match defines, None for nothing.

        It may put captures right: `name`, `owner` and the rest, and `whole`, the node of all of the definition.
        """
        return kind

    def meant(self, role: str, node: Node, source: Source) -> Node | None:
        """The whole of an import or a mixin of which a match captured a part; None where it is none."""
        return node

    def opens(self, node: Node, captures: dict[str, list[Node]], source: Source) -> str | None:
        """Which scope a captured `@scope.some` is (what follows the dot elsewhere); None for none."""
        return None

    def bound(self, node: Node, captures: dict[str, list[Node]]) -> Node | None:
        """The name inside a captured `@bound`; None where it binds none. It may add what the match does not capture."""
        return node

    def fields(self, node: Node) -> Iterable[Node]:
        """The names inside a captured `@fields` that are members of something unknown."""
        return ()

    def callable(self, node: Node) -> Node:
        """The node that has a definition's parameters, result and body."""
        return node

    def body_of(self, node: Node) -> Node | None:
        """What follows a definition's signature."""
        return self.callable(node).child_by_field_name(self.body)

    def signature(self, node: Node, source: Source) -> tuple[int, int]:
        """The first and the last row of a definition's signature, before it is cut to three lines."""
        start = self.start(node)
        body = self.body_of(node)
        end = node.end_byte if body is None else body.start_byte
        return source.row(start), source.last_row(start, end)

    def start(self, node: Node) -> int:
        """Where a definition's signature starts."""
        if self.before:
            for child in node.children:
                if child.type not in self.before:
                    return child.start_byte
        return node.start_byte

    def gives(self, node: Node, source: Source) -> str:
        """What a function returns, as written."""
        owner = self.callable(node)
        for field in self.results:
            if (result := owner.child_by_field_name(field)) is not None:
                return source.type(result)
        return ""

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        """How many arguments a call of a definition may give; (-1, -1) where that cannot be told."""
        parameters = self.callable(node).child_by_field_name(self.parameters)
        if parameters is None:
            return -1, -1
        least = most = 0
        for child in parameters.named_children:
            asks = self.arity.get(child.type)
            if asks is None:
                continue
            if asks == ANY:
                most = MANY
                continue
            if asks == REQUIRED and any(child.child_by_field_name(name) is not None for name in self.defaults):
                asks = OPTIONAL
            least += asks == REQUIRED
            most += most >= 0
        return least, most

    def given(self, arguments: Node) -> int:
        """How many arguments stand in a call; -1 where that cannot be told."""
        count = 0
        for child in arguments.named_children:
            kind = child.type
            if kind in self.spreads or kind == "ERROR":
                return -1
            count += "comment" not in kind
        return count

    def kind(self, kind: Kind, node: Node, source: Source, decorators: str) -> Kind | None:
        """The kind of a definition, in the light of its node; None if it is to be left out."""
        return kind

    def unwrapped(self, node: Node) -> Node | None:
        """What a wrapper stands for."""
        return node.named_child(0) if node.named_child_count else None

    def binds(self, name: str, node: Node) -> bool:
        """Whether a name in a pattern is bound there rather than compared with."""
        return True

    def exported(self, head: str, name: str, node: Node) -> bool:
        """Whether another file can see a definition, told by what stands in front of its name."""
        return not self.hidden.search(head)

    def name(self, text: str) -> str:
        """The name that a captured `@name` means."""
        return text

    def owner(self, text: str) -> str:
        """What a captured owner's text names."""
        return self.bare(text)

    def typed(self, node: Node, captures: Mapping[str, list[Node]], source: Source) -> str:
        """The type of what a match binds, from its captured `@type`."""
        return source.type(node)

    def record(self, kind: Kind, node: Node, source: Source, bases: tuple[str, ...], decorators: str) -> bool:
        """Whether the fields of a type are its constructor's parameters."""
        return kind in self.records

    def beside(self, node: Node) -> bool:
        """Whether a definition belongs to what its owner stands in (an enumerator of C)."""
        return False

    def inner_doc(self, node: Node, source: Source) -> int:
        """The line on which a definition's documentation begins inside it; 0 for none."""
        return 0

    def open(self, node: Node) -> bool:
        """Whether what stands in a function at the top of a file belongs to the file all the same."""
        return False

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        """What an import's node makes visible."""
        return []

    def package(self, node: Node, source: Source) -> str:
        """What a package's or namespace's node says."""
        return self.bare(source.of(node))

    def finish(self, draft: Draft, source: Source) -> None:
        """Amend what was read, once all of it is there."""
