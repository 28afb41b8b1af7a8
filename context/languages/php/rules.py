"""How PHP is read: variables keep their `$`, properties do not; namespaces keep their backslashes."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Import
from ..language import ANY, OPTIONAL, REQUIRED, Call, Language
from ..source import Source

_PATH = re.compile(r"""["']([^"']+)["']""")


class Php(Language):
    """PHP."""

    grammars = MappingProxyType({"php": ("tree_sitter_php", "language_php")})
    header = re.compile(
        r"\s*(?:(?:abstract|final|readonly)\s+)*(?:(?:class|interface|trait|enum)\s+(?P<type>\w+)"
        r"|(?:(?:public|private|protected|static|abstract|final)\s+)*function\s+&?(?P<function>\w+))"
    )
    structure = ("structure.scm", "locals.scm")
    suffixes = MappingProxyType({".php": "php", ".phtml": "php", ".inc": "php"})
    leaves = frozenset({"name", "variable_name", "relative_scope", "qualified_name"})
    members = MappingProxyType(
        {
            "member_access_expression": ("object", "name"),
            "nullsafe_member_access_expression": ("object", "name"),
            "scoped_property_access_expression": ("scope", "name"),
        }
    )
    calls = MappingProxyType(
        {
            "function_call_expression": Call("function"),
            "member_call_expression": Call("name", receiver="object"),
            "nullsafe_member_call_expression": Call("name", receiver="object"),
            "scoped_call_expression": Call("name", receiver="scope"),
        }
    )
    wrappers = frozenset({"parenthesized_expression", "clone_expression"})
    literals = MappingProxyType(
        {
            "string": "string",
            "encapsed_string": "string",
            "integer": "int",
            "float": "float",
            "boolean": "bool",
            "array_creation_expression": "array",
            "null": "",
        }
    )
    spreads = frozenset({"variadic_unpacking", "variadic_placeholder"})
    arity = MappingProxyType(
        {
            "simple_parameter": REQUIRED,
            "property_promotion_parameter": REQUIRED,
            "variadic_parameter": ANY,
            "optional_parameter": OPTIONAL,
        }
    )
    before = frozenset({"attribute_list"})
    names = frozenset({"name"})
    comments = ("//", "#")
    keywords = frozenset({"$this", "parent", "self", "static"})
    hidden = re.compile(r"\bprivate\b")

    def declares(self, kind: str, captures: dict[str, list[Node]], source: Source) -> str | None:
        """What is assigned to: a variable, or a property of `$this`."""
        if kind != "assigned":
            return kind
        left = captures["left"][0]
        if left.type == "variable_name":
            captures["local"] = [left]
            return "local"
        held, name = left.child_by_field_name("object"), left.child_by_field_name("name")
        if held is None or name is None or name.type != "name" or source.of(held) != "$this":
            return None
        captures["name"] = [name]
        return "attribute"

    def bound(self, node: Node, captures: dict[str, list[Node]]) -> Node | None:
        """A list binds only where something is assigned to it."""
        around = node.parent
        if around is None or around.type != "list_literal":
            return node
        holder = around.parent
        assigned = holder is not None and holder.type == "assignment_expression"
        return node if assigned and holder is not None and holder.child_by_field_name("left") == around else None

    def given(self, arguments: Node) -> int:
        inner = (child for one in arguments.named_children if one.type == "argument" for child in one.named_children)
        return -1 if any(child.type in self.spreads for child in inner) else super().given(arguments)

    def value(self, node: Node, source: Source) -> str:
        if node.type == "object_creation_expression" and node.named_child_count:
            made = node.named_child(0)
            return source.type(made) if made.type in ("name", "qualified_name") else ""
        return super().value(node, source)

    def start(self, node: Node) -> int:
        for child in node.children:
            if child.type not in self.before and child.type != "comment":
                return child.start_byte
        return node.start_byte

    def package(self, node: Node, source: Source) -> str:
        return source.of(node).strip()

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        first, last = node.start_point.row + 1, source.last_row(node.start_byte, node.end_byte) + 1
        if node.type != "namespace_use_declaration":
            found = _PATH.search(source.of(node))
            return [Import(found[1].lstrip("/"), "*", "*", first, last, 0, top)] if found else []
        prefix, clauses = "", []
        for child in node.named_children:
            if child.type == "namespace_name":
                prefix = source.of(child)
            elif child.type == "namespace_use_clause":
                clauses.append(child)
            elif child.type == "namespace_use_group":
                clauses.extend(item for item in child.named_children if item.type == "namespace_use_clause")
        imports: list[Import] = []
        for clause in clauses:
            alias = clause.child_by_field_name("alias")
            paths = [
                item for item in clause.named_children if item != alias and item.type in ("name", "qualified_name")
            ]
            if not paths:
                continue
            path = source.of(paths[-1]).strip("\\")
            module, _, name = f"{prefix}\\{path}".strip("\\").rpartition("\\")
            bound = source.of(alias) if alias is not None else name
            imports.append(Import(module, name, bound, first, last, 0, top))
        return imports


RULES: Final = Php()
