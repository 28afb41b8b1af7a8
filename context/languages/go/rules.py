"""How Go is read: receivers are owners, embedded types are bases."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Import
from ..language import MANY, Call, Language
from ..source import Source


class Go(Language):
    """Go."""

    grammars = MappingProxyType({"go": ("tree_sitter_go", "language")})
    header = re.compile(
        r"(?:type\s+(?P<type>\w+)\s+(?:struct|interface)\b"
        r"|func\s+(?:\(\s*\w*\s*\*?\s*(?P<owner>\w+)[^)]*\)\s*)?(?P<function>\w+))"
    )
    suffixes = MappingProxyType({".go": "go"})
    leaves = frozenset({"identifier", "field_identifier", "type_identifier", "package_identifier"})
    members = MappingProxyType({"selector_expression": ("operand", "field"), "qualified_type": ("package", "name")})
    calls = MappingProxyType({"call_expression": Call("function")})
    creations = MappingProxyType(
        {"composite_literal": "type", "type_assertion_expression": "type", "type_conversion_expression": "type"}
    )
    wrappers = frozenset({"parenthesized_expression", "type_instantiation_expression"})
    literals = MappingProxyType(
        {
            "interpreted_string_literal": "string",
            "raw_string_literal": "string",
            "int_literal": "int",
            "float_literal": "float64",
            "rune_literal": "rune",
            "true": "bool",
            "false": "bool",
            "nil": "",
        }
    )
    spreads = frozenset({"variadic_argument"})
    results = ("result",)
    records = frozenset({"struct"})

    def value(self, node: Node, source: Source) -> str:
        if node.type == "unary_expression":
            operand = node.child_by_field_name("operand")
            return self.value(operand, source) if operand is not None and source.of(node)[:1] == "&" else ""
        if node.type == "call_expression" and (callee := node.child_by_field_name("function")) is not None:
            arguments = node.child_by_field_name("arguments")
            if source.of(callee) in ("make", "new") and arguments is not None and arguments.named_child_count:
                return source.type(arguments.named_child(0))
        return super().value(node, source)

    def bare(self, text: str) -> str:
        return super().bare(text.lstrip("*& "))

    def body_of(self, node: Node) -> Node | None:
        if node.type == "type_spec" and (shape := node.child_by_field_name("type")) is not None:
            if shape.type == "struct_type":
                return shape.named_child(0) if shape.named_child_count else None
            if shape.type == "interface_type":
                return next((child for child in shape.children if child.type == "{"), None)
        return super().body_of(node)

    def gives(self, node: Node, source: Source) -> str:
        result = node.child_by_field_name("result")
        if result is None:
            return ""
        if result.type == "parameter_list":
            first = result.named_child(0) if result.named_child_count else None
            typed = first.child_by_field_name("type") if first is not None else None
            return source.type(typed) if typed is not None else ""
        return source.type(result)

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        parameters = node.child_by_field_name("parameters")
        if parameters is None:
            return -1, -1
        number, more = 0, False
        for child in parameters.named_children:
            if child.type == "parameter_declaration":
                number += max(1, len(child.children_by_field_name("name")))
            more = more or child.type == "variadic_parameter_declaration"
        return number, MANY if more else number

    def package(self, node: Node, source: Source) -> str:
        return source.of(node).removeprefix("package").strip()

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        path, named = node.child_by_field_name("path"), node.child_by_field_name("name")
        module = source.of(path)[1:-1] if path is not None else ""
        name = source.of(named) if named is not None else module.rpartition("/")[2]
        line = node.start_point.row + 1
        if name == ".":
            return [Import(module, "*", "*", line, line)]
        return [Import(module, "", "" if name == "_" else name, line, line)]


RULES: Final = Go()
