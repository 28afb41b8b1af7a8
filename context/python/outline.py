"""A Python syntax tree becomes an outline: definitions with signatures, imports, `__all__`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from tree_sitter import Language, Node, Query, QueryCursor

from .. import grammars
from ..parsing import Parsed
from ..symbols import Definition, Import, Kind, Outline

MAX_SIGNATURE_LINES = 3
MAX_DEFINITIONS = 5_000

_TRANSPARENT: Final = frozenset(
    {
        "if_statement",
        "elif_clause",
        "else_clause",
        "try_statement",
        "except_clause",
        "except_group_clause",
        "finally_clause",
        "with_statement",
        "block",
        "module",
        "ERROR",
    }
)
_IMPORTS: Final = frozenset({"import_statement", "import_from_statement"})
_WORD = re.compile(r"[^\W\d]\w*")
_STRING = re.compile(r"""["']([^\W\d]\w*)["']""")
_OVERLOAD = re.compile(r"@\s*(?:\w+\.)*overload\b")
_RECORD = re.compile(r"\b(dataclass|define|frozen|mutable|attrs|attr\.s|dataclass_transform)\b")
_RECORD_BASE: Final = frozenset({"NamedTuple", "TypedDict", "BaseModel", "Struct", "Enum", "IntEnum", "StrEnum"})


def outline(parsed: Parsed) -> Outline:
    """List what a Python file declares and imports; half-written code yields what could be recognised."""
    return _Reader(parsed).read()


class _Reader:
    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._lines = parsed.source.split(b"\n")
        self._definitions: list[Definition] = []
        self._exports: set[str] | None = None

    def read(self) -> Outline:
        top_imports: set[int] = set()
        for node, decorators in self._statements(self._parsed.root):
            if node.type in _IMPORTS:
                top_imports.add(node.start_byte)
            else:
                self._declare(node, decorators, "")
            if len(self._definitions) >= MAX_DEFINITIONS:
                break
        imports: list[Import] = []
        for node in _import_nodes(self._parsed.root):
            imports.extend(self._imports(node, top=node.start_byte in top_imports))
        exports = frozenset(self._exports) if self._exports is not None else None
        return Outline(tuple(sorted(self._definitions, key=lambda item: item.start_line)), tuple(imports), exports)

    def _statements(self, root: Node) -> Iterator[tuple[Node, str]]:
        """Statements of one scope in order, through the blocks that open none; decorators as text."""
        stack = [root]
        while stack:
            node = stack.pop()
            kind = node.type
            if kind == "decorated_definition":
                if (inner := node.child_by_field_name("definition")) is not None:
                    yield inner, self._slice(node.start_byte, inner.start_byte)
            elif kind in _TRANSPARENT:
                stack.extend(reversed(node.named_children))
            else:
                yield node, ""

    def _slice(self, start: int, end: int) -> str:
        return self._parsed.source[start:end].decode("utf-8", "replace")

    def _text(self, node: Node | None) -> str:
        return self._slice(node.start_byte, node.end_byte) if node is not None else ""

    def _word(self, node: Node | None) -> str:
        """The text of a name, without what may stand between its parts."""
        return "".join(self._text(node).split())

    def _imports(self, node: Node, *, top: bool) -> Iterator[Import]:
        first, last = node.start_point.row + 1, node.end_point.row + 1
        if node.type == "import_statement":
            for item in node.children_by_field_name("name"):
                if item.type == "aliased_import":
                    module, alias = self._word(_name(item)), self._word(item.child_by_field_name("alias"))
                    yield Import(module, 0, None, alias, first, last, top)
                elif module := self._word(item):
                    yield Import(module, 0, None, module, first, last, top)
            return
        source = self._word(node.child_by_field_name("module_name"))
        module = source.lstrip(".")
        level = len(source) - len(module)
        if any(child.type == "wildcard_import" for child in node.named_children):
            yield Import(module, level, "*", "*", first, last, top)
        for item in node.children_by_field_name("name"):
            if item.type == "aliased_import":
                name, alias = self._word(_name(item)), self._word(item.child_by_field_name("alias"))
                yield Import(module, level, name, alias, first, last, top)
            elif name := self._word(item):
                yield Import(module, level, name, name, first, last, top)

    def _declare(self, node: Node, decorators: str, owner: str) -> None:
        pending = [(node, decorators, owner, False)]
        while pending:
            node, decorators, owner, in_record = pending.pop()
            match node.type:
                case "function_definition" if _OVERLOAD.search(decorators):
                    continue
                case "function_definition":
                    self._add(node, "method" if owner else "function", owner, self._text(_name(node)))
                case "class_definition":
                    name = self._text(_name(node))
                    bases = self._bases(node)
                    is_record = bool(_RECORD.search(decorators)) or any(
                        base.rpartition(".")[2] in _RECORD_BASE for base in bases
                    )
                    self._add(node, "class", owner, name, bases=bases, is_record=is_record)
                    body = node.child_by_field_name("body")
                    inner = f"{owner}.{name}" if owner else name
                    if body is not None and owner.count(".") < 3:
                        members = [(*item, inner, is_record) for item in self._statements(body)]
                        pending.extend(reversed(members))
                case "expression_statement":
                    self._assign(node, owner, in_record)
                case "type_alias_statement":
                    left = node.child_by_field_name("left") or node.named_child(0)
                    self._add(node, "constant", owner, self._text(left).partition("[")[0])

    def _assign(self, node: Node, owner: str, in_record: bool) -> None:
        if not node.named_children or (first := node.named_children[0]).type not in (
            "assignment",
            "augmented_assignment",
        ):
            return
        left = first.child_by_field_name("left")
        if left is None:
            return
        if left.type == "identifier":
            targets = [left]
        elif left.type in ("pattern_list", "tuple_pattern"):
            targets = [child for child in left.named_children if child.type == "identifier"]
        else:
            return
        for target in targets:
            name = self._text(target)
            if name == "__all__" and not owner:
                found = _STRING.findall(self._text(first.child_by_field_name("right")))
                self._exports = (self._exports or set()) | set(found)
            elif first.type == "assignment":
                self._add(node, "field" if owner else "constant", owner, name, is_record=in_record)

    def _bases(self, node: Node) -> tuple[str, ...]:
        arguments = node.child_by_field_name("superclasses")
        if arguments is None:
            return ()
        bases: list[str] = []
        for child in arguments.named_children:
            if child.type == "subscript":
                child = child.child_by_field_name("value") or child
            if child.type in ("identifier", "attribute"):
                bases.append(self._text(child))
        return tuple(bases)

    def _add(
        self,
        node: Node,
        kind: Kind,
        owner: str,
        name: str,
        *,
        bases: tuple[str, ...] = (),
        is_record: bool = False,
    ) -> None:
        if not name:
            return
        first = node.start_point.row
        last = min(_signature_end(node), first + MAX_SIGNATURE_LINES - 1)
        rows = self._lines[first : last + 1]
        text = "\n".join(row.decode("utf-8", "replace").rstrip() for row in rows)
        mentions = tuple(dict.fromkeys(word for word in _WORD.findall(text) if word != name))
        self._definitions.append(Definition(name, kind, owner, first + 1, last + 1, text, bases, mentions, is_record))


def _name(node: Node) -> Node | None:
    return node.child_by_field_name("name")


def _signature_end(node: Node) -> int:
    """The row on which the signature ends: that of the colon before the body, or of the statement's end."""
    if node.child_by_field_name("body") is None:
        end = node.end_point
        return end.row if end.column or end.row == node.start_point.row else end.row - 1
    colons = [child for child in node.children if child.type == ":"]
    return colons[-1].end_point.row if colons else node.start_point.row


@cache
def _import_query(grammar: Language) -> Query:
    return Query(grammar, "[(import_statement) (import_from_statement)] @import")


def _import_nodes(root: Node) -> list[Node]:
    grammar = grammars.language("python")
    if grammar is None:
        return []
    nodes = QueryCursor(_import_query(grammar), match_limit=4096).captures(root).get("import", [])
    return sorted(nodes, key=lambda node: node.start_byte)
