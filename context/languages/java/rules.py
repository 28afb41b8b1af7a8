"""How Java is read: annotations stand before signatures, a record's components are its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Import, Kind
from ..language import ANY, REQUIRED, Call, Language
from ..source import Source

_ANNOTATIONS: Final = frozenset({"annotation", "marker_annotation"})


class Java(Language):
    """Java."""

    grammars = MappingProxyType({"java": ("tree_sitter_java", "language")})
    header = re.compile(
        r"\s*(?:(?:public|private|protected|static|final|abstract|sealed)\s+)*(?:(?:class|@?interface|enum|record)\s+(?P<type>\w+)"
        r"|(?!return\b|new\b|else\b|throw\b|yield\b|assert\b)(?:(?:[\w<>\[\],.?]+\s+)+?|(?=[A-Z]\w*[a-z]))"
        r"(?P<method>\w+)\s*\((?:[^;]*|[^;{]*\{.*|[^;{}=]*\)[^;{}()=]*;\s*)$)"
    )
    suffixes = MappingProxyType({".java": "java"})
    leaves = frozenset({"identifier", "type_identifier", "this", "super"})
    members = MappingProxyType({"field_access": ("object", "field")})
    calls = MappingProxyType(
        {
            "method_invocation": Call("name", receiver="object"),
            "object_creation_expression": Call("type"),
        }
    )
    creations = MappingProxyType({"object_creation_expression": "type", "cast_expression": "type"})
    wrappers = frozenset({"parenthesized_expression", "generic_type"})
    literals = MappingProxyType(
        {
            "string_literal": "String",
            "decimal_integer_literal": "int",
            "true": "boolean",
            "false": "boolean",
            "character_literal": "char",
            "null_literal": "",
        }
    )
    arity = MappingProxyType({"formal_parameter": REQUIRED, "spread_parameter": ANY})
    results = ("type",)
    keywords = frozenset({"var"})
    hidden = re.compile(r"\bprivate\b")

    def bound(self, node: Node, captures: dict[str, list[Node]]) -> Node | None:
        """A record's components are its fields."""
        around = node.parent.parent if node.parent is not None else None
        holder = around.parent if around is not None else None
        return None if holder is not None and holder.type == "record_declaration" else node

    def typed(self, node: Node, captures: Mapping[str, list[Node]], source: Source) -> str:
        text = source.type(node)
        if text == "var":
            return self.value(captures["value"][0], source) if "value" in captures else ""
        return text

    def start(self, node: Node) -> int:
        first = node.child(0) if node.child_count else None
        if first is None or first.type != "modifiers":
            return node.start_byte
        for child in first.children:
            if child.type not in _ANNOTATIONS:
                return child.start_byte
        following = first.next_sibling
        return following.start_byte if following is not None else node.start_byte

    def record(self, kind: Kind, node: Node, source: Source, bases: tuple[str, ...], decorators: str) -> bool:
        return node.type == "record_declaration"

    def package(self, node: Node, source: Source) -> str:
        names = [child for child in node.named_children if child.type in ("identifier", "scoped_identifier")]
        return "".join(source.of(names[-1]).split()) if names else ""

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        line = node.start_point.row + 1
        words = source.of(node).removeprefix("import").rstrip("; \r\n").split()
        if words[:1] == ["static"]:
            words = words[1:]
        path = "".join(words)
        module, _, name = path.rpartition(".")
        return [Import(module, name, name, line, line, 0, top)] if module else []


RULES: Final = Java()
