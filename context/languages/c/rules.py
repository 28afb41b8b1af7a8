"""How C is read: names are found inside their declarators, a prototype gives way to the definition beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from tree_sitter import Node

from ...facts import Import
from ..draft import Draft
from ..language import ANY, OPTIONAL, REQUIRED, Call, Language
from ..source import Source

_MARKS = re.compile(r"^(?:(?:const|struct|class|enum|union|typename|volatile|unsigned|signed)\b\s*|[*&\s])+")
MAX_DECLARATORS: Final = 12
MAX_LINES: Final = 3
_NAMES: Final = frozenset({"identifier", "field_identifier", "type_identifier", "destructor_name", "operator_name"})


class C(Language):
    """C."""

    grammars = MappingProxyType({"c": ("tree_sitter_c", "language")})
    header = re.compile(
        r"(?:\s*(?:class|struct)\s+(?P<type>\w+)\s*(?:final\s*)?(?::[^;]*)?(?:\{.*)?$"
        r"|(?!return\b|else\b|typedef\b|#)(?:[\w:<>,]+[\s*&]+)+(?:(?P<owner>\w+)(?:<[^>]*>)?::)?(?P<function>~?\w+)\s*\([^;]*$"
        r"|\s+(?!return\b|else\b|new\b)(?:[\w:<>,]+[\s*&]+)+(?P<method>~?\w+)\s*\([^;]*$)"
    )
    suffixes = MappingProxyType({".c": "c"})
    leaves: ClassVar[frozenset[str]] = frozenset({"identifier", "field_identifier", "type_identifier"})
    members: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType({"field_expression": ("argument", "field")})
    calls: ClassVar[Mapping[str, Call]] = MappingProxyType({"call_expression": Call("function")})
    creations = MappingProxyType({"cast_expression": "type", "compound_literal_expression": "type"})
    wrappers: ClassVar[frozenset[str]] = frozenset({"parenthesized_expression", "pointer_expression"})
    literals = MappingProxyType({"string_literal": "char*", "number_literal": "", "char_literal": "char", "null": ""})
    spreads: ClassVar[frozenset[str]] = frozenset({"parameter_pack_expansion"})
    arity = MappingProxyType(
        {
            "parameter_declaration": REQUIRED,
            "optional_parameter_declaration": OPTIONAL,
            "variadic_parameter": ANY,
            "variadic_parameter_declaration": ANY,
            "identifier": REQUIRED,
        }
    )
    records = frozenset({"struct"})
    hidden = re.compile(r"\bstatic\b")

    def bare(self, text: str) -> str:
        return super().bare(_MARKS.sub("", text))

    def declared(self, node: Node) -> tuple[Node, Node | None, bool] | None:
        owner: Node | None = None
        function = False
        for _ in range(MAX_DECLARATORS):
            kind = node.type
            if kind in _NAMES:
                return node, owner, function
            inner = node.child_by_field_name("declarator")
            if kind == "qualified_identifier":
                owner, inner = node.child_by_field_name("scope"), node.child_by_field_name("name")
            elif kind in ("template_function", "template_method"):
                inner = node.child_by_field_name("name")
            elif kind == "function_declarator":
                function = inner is not None and inner.type != "parenthesized_declarator"
            elif kind == "structured_binding_declarator":
                return None
            if inner is None and node.named_child_count:
                inner = node.named_child(0)
            if inner is None:
                return None
            node = inner
        return None

    def bound(self, node: Node) -> Node | None:
        found = self.declared(node)
        return found[0] if found is not None else None

    def callable(self, node: Node) -> Node:
        one: Node | None = node
        for _ in range(6):
            if one is None:
                break
            if one.type == "function_declarator":
                return one
            inner = one.child_by_field_name("declarator")
            if inner is None and one.type == "reference_declarator" and one.named_child_count:
                inner = one.named_child(0)
            one = inner
        return node

    def body_of(self, node: Node) -> Node | None:
        if node.type == "type_definition":
            shape = node.child_by_field_name("type")
            return shape.child_by_field_name("body") if shape is not None else None
        if node.type == "field_declaration":
            return None
        return node.child_by_field_name("body")

    def signature(self, node: Node, source: Source) -> tuple[int, int]:
        """As elsewhere; of `typedef struct { … } name;` the line of the name, unless three lines hold all of it."""
        shape = node.child_by_field_name("type") if node.type == "type_definition" else None
        if shape is None or shape.child_by_field_name("body") is None or shape.child_by_field_name("name") is not None:
            return super().signature(node, source)
        first, last = source.row(node.start_byte), source.last_row(node.start_byte, node.end_byte)
        return (first, last) if last - first < MAX_LINES else (last, last)

    def typed(self, node: Node, captures: Mapping[str, list[Node]], source: Source) -> str:
        name = captures.get("name") or captures.get("local")
        text = source.type(node).partition("{")[0].strip()
        between = source.slice(node.end_byte, name[0].start_byte) if name is not None else ""
        if "(" in between or text in ("struct", "union", "enum"):
            return ""
        return text + "*" * between.rpartition(",")[2].count("*")

    def gives(self, node: Node, source: Source) -> str:
        shape, result = self.callable(node), node.child_by_field_name("type")
        if shape is node or result is None:
            return ""
        return source.type(result) + "*" * source.slice(result.end_byte, shape.start_byte).count("*")

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        parameters = self.callable(node).child_by_field_name("parameters")
        if parameters is not None and source.of(parameters).replace(" ", "") == "(void)":
            return 0, 0
        least, most = super().count(node, source, owner)
        if parameters is not None and any(child.type == "..." for child in parameters.children):
            most = -2
        return least, most

    def exported(self, head: str, name: str, node: Node) -> bool:
        return node.type == "field_declaration" or super().exported(head, name, node)

    def beside(self, node: Node) -> bool:
        return node.type == "enumerator"

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        path = node.child_by_field_name("path")
        text = source.of(path).strip('"') if path is not None else ""
        line = node.start_point.row + 1
        return [Import(text, "*", "*", line, line, 0, top)] if text else []

    def finish(self, draft: Draft, source: Source) -> None:
        bodies = {
            (item.owner, item.name)
            for item in draft.definitions
            if item.kind in ("function", "struct", "enum")
            and "{" in source.lines[item.end_line - 1 : item.last_line][0]
        }
        full = {
            (item.owner, item.name)
            for item in draft.definitions
            if item.kind == "function"
            and item.last_line >= item.end_line
            and not _ends_early(source.lines[item.last_line - 1])
        }
        draft.definitions = [
            item
            for item in draft.definitions
            if not (item.kind == "type" and (item.owner, item.name) in bodies)
            and not (
                item.kind == "function"
                and (item.owner, item.name) in full
                and _ends_early(source.lines[item.last_line - 1])
            )
        ]


def _ends_early(line: str) -> bool:
    """Whether a declaration's last line ends it without a body."""
    return line.partition("//")[0].partition("/*")[0].rstrip().endswith(";") and "}" not in line


RULES: Final = C()
