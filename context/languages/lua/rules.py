"""How Lua is read: a table's functions are its members, a local is seen elsewhere if the file returns it."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Import
from ..draft import Draft
from ..language import REQUIRED, Call, Language
from ..source import Source


class Lua(Language):
    """Lua."""

    grammars = MappingProxyType({"lua": ("tree_sitter_lua", "language")})
    header = re.compile(r"\s*(?:local\s+)?function\s+(?:(?P<owner>[\w.]+)[.:])?(?P<function>\w+)")
    suffixes = MappingProxyType({".lua": "lua"})
    members = MappingProxyType(
        {"dot_index_expression": ("table", "field"), "method_index_expression": ("table", "method")}
    )
    calls = MappingProxyType({"function_call": Call("name")})
    wrappers = frozenset({"parenthesized_expression"})
    literals = MappingProxyType(
        {"string": "string", "number": "number", "true": "boolean", "false": "boolean", "nil": ""}
    )
    spreads = frozenset({"vararg_expression"})
    arity = MappingProxyType({"identifier": REQUIRED})
    comments = ("--",)
    keywords = frozenset({"require", "self"})

    def callable(self, node: Node) -> Node:
        if node.type == "field":
            return node.child_by_field_name("value") or node
        if node.type == "assignment_statement":
            for child in node.named_children:
                if child.type == "expression_list" and child.named_child_count:
                    return child.named_child(0)
        return node

    def owner(self, text: str) -> str:
        return self.bare(text)

    def value(self, node: Node, source: Source) -> str:
        """As elsewhere; what `setmetatable` makes is of the table handed to it last."""
        if node.type == "function_call" and (callee := node.child_by_field_name("name")) is not None:
            arguments = node.child_by_field_name("arguments")
            if source.of(callee) == "setmetatable" and arguments is not None and arguments.named_child_count > 1:
                table = arguments.named_child(1)
                return source.of(table) if table.type == "identifier" else ""
        return super().value(node, source)

    def signature(self, node: Node, source: Source) -> tuple[int, int]:
        first = source.row(node.start_byte)
        parameters = self.callable(node).child_by_field_name("parameters")
        return first, source.last_row(node.start_byte, node.end_byte if parameters is None else parameters.end_byte)

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        """Lua never asks for all arguments: a call may leave out any, and give more than are named."""
        return -1, -1

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        names = [child for child in node.named_children if child.type == "variable_list"]
        values = [child for child in node.named_children if child.type == "expression_list"]
        if not names or not values:
            return []
        found: list[Import] = []
        line = node.start_point.row + 1
        for name, value in zip(names[0].named_children, values[0].named_children, strict=False):
            part = ""
            if value.type == "dot_index_expression":
                field = value.child_by_field_name("field")
                part = source.of(field) if field is not None else ""
                value = value.child_by_field_name("table") or value
            callee = value.child_by_field_name("name") if value.type == "function_call" else None
            arguments = value.child_by_field_name("arguments") if callee is not None else None
            if name.type != "identifier" or callee is None or source.of(callee) != "require" or arguments is None:
                continue
            text = source.of(arguments).strip("() \t\n")
            if text[:1] in "\"'" and text[-1:] == text[:1] and len(text) > 2:
                found.append(Import(text[1:-1], part, source.of(name), line, line, 0, top))
        return found

    def finish(self, draft: Draft, source: Source) -> None:
        bound = {(item.bound, item.start_line) for item in draft.imports}
        returned = set(draft.marks.get("returned", ()))
        draft.definitions = [
            replace(item, exported=item.name in returned)
            if not item.owner and source.lines[item.start_line - 1].lstrip().startswith("local ")
            else item
            for item in draft.definitions
            if item.owner or (item.name, item.start_line) not in bound
        ]


RULES: Final = Lua()
