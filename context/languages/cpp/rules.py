"""How C++ is read: as C, with classes, out-of-class members and templates; namespaces own nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ..c.rules import C
from ..language import Call
from ..source import Source


class Cpp(C):
    """C++, and headers, which may be of either language."""

    grammars = MappingProxyType({"cpp": ("tree_sitter_cpp", "language")})
    suffixes = MappingProxyType(
        dict.fromkeys(
            (".h", ".hh", ".hpp", ".hxx", ".h++", ".cc", ".cpp", ".cxx", ".c++", ".ipp", ".inl", ".tpp", ".ixx"), "cpp"
        )
    )
    structure = ("../c/structure.scm", "structure.scm", "locals.scm")
    references = ("../c/references.scm", "references.scm")
    leaves = frozenset(
        {
            "identifier",
            "field_identifier",
            "type_identifier",
            "namespace_identifier",
            "this",
            "destructor_name",
            "operator_name",
        }
    )
    members = MappingProxyType({"field_expression": ("argument", "field"), "qualified_identifier": ("scope", "name")})
    calls = MappingProxyType({"call_expression": Call("function"), "new_expression": Call("type")})
    creations = MappingProxyType(
        {"cast_expression": "type", "compound_literal_expression": "type", "new_expression": "type"}
    )
    wrappers = frozenset(
        {
            "parenthesized_expression",
            "template_function",
            "template_type",
            "template_method",
            "dependent_name",
            "co_await_expression",
        }
    )
    records = frozenset[str]()
    names = frozenset({"identifier", "type_identifier", "template_type"})

    def name(self, text: str) -> str:
        return text if text.startswith("operator") else text.partition("<")[0]

    def unwrapped(self, node: Node) -> Node | None:
        return node.child_by_field_name("argument") or super().unwrapped(node)

    def typed(self, node: Node, captures: Mapping[str, list[Node]], source: Source) -> str:
        if node.type == "placeholder_type_specifier":
            return self.value(captures["value"][0], source) if "value" in captures else ""
        return super().typed(node, captures, source)

    def beside(self, node: Node) -> bool:
        """Whether an enumerator is one of a plain `enum`, which owns none of its names."""
        holder = node.parent.parent if node.type == "enumerator" and node.parent is not None else None
        return holder is not None and not any(child.type in ("class", "struct") for child in holder.children[:2])

    def package(self, node: Node, source: Source) -> str:
        name = node.child_by_field_name("name")
        return self.bare(source.of(name)) if name is not None else ""

    def bound(self, node: Node, captures: dict[str, list[Node]]) -> Node | None:
        """As in C; a condition may declare what it tests."""
        if node.type == "condition_clause":
            declared = node.child_by_field_name("value")
            if declared is None or declared.type != "declaration":
                return None
            parts = [declared.child_by_field_name(name) for name in ("type", "declarator", "value")]
            shape, name, value = parts
            if shape is None or value is None or name is None or name.type != "identifier":
                return None
            captures["type"], captures["value"] = [shape], [value]
            return name
        return super().bound(node, captures)


RULES: Final = Cpp()
