"""How C# is read: properties are fields, namespaces the package, usings the imports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Import, Kind
from ..language import REQUIRED, Call, Language
from ..source import Source

_FIELDS: Final = frozenset({"field_declaration", "event_field_declaration"})


class CSharp(Language):
    """C#."""

    grammars = MappingProxyType({"csharp": ("tree_sitter_c_sharp", "language")})
    header = re.compile(
        r"\s*(?:(?:public|private|protected|internal|static|abstract|sealed|partial|readonly)\s+)*"
        r"(?:(?:class|interface|enum|struct|record)\s+(?P<type>\w+)"
        r"|(?!return\b|new\b|else\b|throw\b|await\b|using\b)(?:[\w<>\[\],.?]+\s+)+?(?P<method>\w+)\s*\((?:[^;]*|[^;{]*\{.*)$)"
    )
    structure = ("structure.scm", "locals.scm", "patterns.scm")
    references = ("references.scm", "named.scm")
    suffixes = MappingProxyType({".cs": "csharp"})
    leaves = frozenset({"identifier", "this", "base", "predefined_type"})
    members = MappingProxyType(
        {"member_access_expression": ("expression", "name"), "qualified_name": ("qualifier", "name")}
    )
    calls = MappingProxyType({"invocation_expression": Call("function"), "object_creation_expression": Call("type")})
    creations = MappingProxyType({"object_creation_expression": "type", "cast_expression": "type"})
    wrappers = frozenset({"parenthesized_expression", "await_expression", "generic_name"})
    literals = MappingProxyType(
        {
            "string_literal": "string",
            "interpolated_string_expression": "string",
            "verbatim_string_literal": "string",
            "integer_literal": "int",
            "boolean_literal": "bool",
            "character_literal": "char",
            "null_literal": "",
        }
    )
    arity = MappingProxyType({"parameter": REQUIRED})
    results = ("returns",)
    before = frozenset({"attribute_list"})
    keywords = frozenset({"var", "nameof", "value"})
    hidden = re.compile(r"\bprivate\b")

    def package(self, node: Node, source: Source) -> str:
        name = node.child_by_field_name("name")
        return self.bare(source.of(name)) if name is not None else ""

    def bound(self, node: Node, captures: dict[str, list[Node]]) -> Node | None:
        """What a field declares is no local."""
        around = node.parent.parent if node.parent is not None else None
        holder = around.parent if around is not None else None
        return None if holder is not None and holder.type in _FIELDS else node

    def declares(self, kind: str, captures: dict[str, list[Node]], source: Source) -> str | None:
        """A parameter of a record is a field, one of a delegate nothing."""
        if kind != "parameter":
            return kind
        named = captures["named"]
        around = captures["def.parameter"][0].parent
        holder = around.parent if around is not None and around.type == "parameter_list" else None
        if holder is not None and holder.type == "delegate_declaration":
            return None
        if holder is not None and holder.type == "record_declaration":
            captures["name"] = named
            return "field" if "type" in captures else None
        captures["local"] = captures["whole"] = named
        return "local"

    def fields(self, node: Node) -> Iterator[Node]:
        for child in node.named_children:
            left = child.child_by_field_name("left") if child.type == "assignment_expression" else None
            if left is not None and left.type == "identifier":
                yield left

    def typed(self, node: Node, captures: Mapping[str, list[Node]], source: Source) -> str:
        if node.type == "implicit_type":
            return self.value(captures["value"][0], source) if "value" in captures else ""
        return source.type(node)

    def value(self, node: Node, source: Source) -> str:
        if node.type == "as_expression" and node.named_child_count > 1:
            return source.type(node.named_child(1))
        return super().value(node, source)

    def body_of(self, node: Node) -> Node | None:
        for field in ("body", "accessors"):
            if (body := node.child_by_field_name(field)) is not None:
                return body
        return None

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        parameters = node.child_by_field_name("parameters")
        if parameters is None:
            return -1, -1
        least = most = 0
        for number, child in enumerate(parameters.named_children):
            if child.type != "parameter":
                continue
            words = source.of(child)
            if number == 0 and words.startswith("this "):
                continue
            most += 1
            least += "=" not in words
        many = parameters.child_by_field_name("name") is not None
        return least, -2 if many else most

    def record(self, kind: Kind, node: Node, source: Source, bases: tuple[str, ...], decorators: str) -> bool:
        return node.type == "record_declaration"

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        line = node.start_point.row + 1
        words = source.of(node).rstrip("; \r\n").split()
        passed = words[:1] == ["global"]
        path = "".join(word for word in words if word not in ("global", "using", "static", "unsafe"))
        alias, equals, target = path.partition("=")
        if not equals:
            return [Import(path, "*", "*", line, line, 0, top, passed)] if path else []
        module, _, name = target.partition("<")[0].rpartition(".")
        return [Import(module, name, alias, line, line, 0, top, passed)]


RULES: Final = CSharp()
