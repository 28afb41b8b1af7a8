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
_BODIED: Final = frozenset({"struct_specifier", "union_specifier", "class_specifier", "enum_specifier"})
_NAMELESS: Final = MappingProxyType(
    {"struct_specifier": "struct", "union_specifier": "struct", "enum_specifier": "enum"}
)
_BINDING: Final = frozenset({"parameter_declaration", "optional_parameter_declaration", "for_range_loop"})
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
    names: ClassVar[frozenset[str]] = frozenset({"identifier", "type_identifier"})
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

    def defined(self, node: Node) -> Node | None:
        """As elsewhere; a struct needs a body, and a macro a value, to be more than named."""
        kind = node.type
        if (kind in _BODIED and node.child_by_field_name("body") is None) or (
            kind == "preproc_def" and node.child_by_field_name("value") is None
        ):
            return None
        return super().defined(node)

    def declares(self, kind: str, captures: dict[str, list[Node]], source: Source) -> str | None:
        """A type's name may be the only one that a struct or an enum has; a function's stands in its declarator."""
        if kind == "function" and "name" not in captures:
            node = captures["def.function"][0].child_by_field_name("declarator")
            found = self.declared(node) if node is not None else None
            if found is None:
                return None
            captures["name"] = [found[0]]
            if found[1] is not None:
                captures["owner"] = [found[1]]
        elif kind == "type" and "declarator" in captures:
            shape = captures["type"][0]
            if captures["declarator"][0].type != "type_identifier" or shape.child_by_field_name("body") is None:
                return kind
            if shape.child_by_field_name("name") is None and shape.type in _NAMELESS:
                del captures["type"], captures["declarator"]
                return _NAMELESS[shape.type]
        return kind

    def opens(self, node: Node, captures: dict[str, list[Node]], source: Source) -> str | None:
        """The body of a struct that has no name of its own is nobody's; names in a function's type are only there."""
        around = node.parent
        holder = around.parent if around is not None else None
        if around is None or holder is None:
            return None
        if node.type == "parameter_list":
            inner = around.child_by_field_name("declarator")
            if holder.type == "field_declaration":
                return "function" if inner is not None and inner.type == "parenthesized_declarator" else None
            return "function" if holder.type == "type_definition" else None
        if around.type not in _NAMELESS or around.child_by_field_name("name") is not None:
            return None
        if holder.type == "field_declaration":
            return "hidden" if holder.child_by_field_name("declarator") is not None else None
        return "hidden" if holder.type == "declaration" else None

    def bound(self, node: Node, captures: dict[str, list[Node]]) -> Node | None:
        """The name in a declarator; a parameter or what a loop declares brings its type along."""
        if node.type in _BINDING:
            declarator, shape = node.child_by_field_name("declarator"), node.child_by_field_name("type")
            if declarator is None or shape is None:
                return None
            captures["type"] = [shape]
            node = declarator
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
