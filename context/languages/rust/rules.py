"""How Rust is read: impl blocks own what stands in them, traits they implement are bases, use trees are taken apart."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Import
from ..language import ANY, REQUIRED, Call, Language
from ..source import Source

_MARKS = re.compile(r"^(?:[&*(\[]|'\w+|\b(?:mut|dyn|impl|const)\b|\s)+")
_PUBLIC: Final = frozenset({"enum_variant", "macro_definition"})
MAX_USES: Final = 500


class Rust(Language):
    """Rust."""

    grammars = MappingProxyType({"rust": ("tree_sitter_rust", "language")})
    header = re.compile(
        r"\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:struct|enum|trait|union)\s+(?P<type>\w+)"
        r"|(?:unsafe\s+)?impl\b(?:<[^{]*?>)?\s+(?:.*?\bfor\s+)?(?P<impl>\w+)"
        r"|(?:(?:async|const|unsafe|extern\s+\"C\")\s+)*fn\s+(?P<function>\w+))"
    )
    suffixes = MappingProxyType({".rs": "rust"})
    leaves = frozenset(
        {
            "identifier",
            "field_identifier",
            "type_identifier",
            "shorthand_field_identifier",
            "self",
            "super",
            "crate",
            "metavariable",
        }
    )
    members = MappingProxyType(
        {
            "field_expression": ("value", "field"),
            "scoped_identifier": ("path", "name"),
            "scoped_type_identifier": ("path", "name"),
        }
    )
    calls = MappingProxyType({"call_expression": Call("function"), "macro_invocation": Call("macro")})
    creations = MappingProxyType({"struct_expression": "name", "type_cast_expression": "type"})
    wrappers = frozenset(
        {
            "parenthesized_expression",
            "await_expression",
            "try_expression",
            "reference_expression",
            "generic_function",
            "generic_type",
        }
    )
    literals = MappingProxyType(
        {
            "string_literal": "str",
            "raw_string_literal": "str",
            "integer_literal": "",
            "boolean_literal": "bool",
            "char_literal": "char",
            "macro_invocation": "",
        }
    )
    arity = MappingProxyType({"parameter": REQUIRED, "variadic_parameter": ANY})
    given_without = -1
    records = frozenset({"struct"})
    stop = frozenset({"Self"})
    names = frozenset({"identifier", "type_identifier"})

    def unwrapped(self, node: Node) -> Node | None:
        if node.type == "reference_expression":
            return node.child_by_field_name("value")
        return super().unwrapped(node)

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        """As elsewhere; what is written `self: Box<Self>` is the receiver too."""
        least, most = super().count(node, source, owner)
        given = node.child_by_field_name(self.parameters)
        first = (
            next((one for one in given.named_children if one.type == "parameter"), None) if given is not None else None
        )
        pattern = first.child_by_field_name("pattern") if first is not None else None
        if pattern is None or source.of(pattern) not in ("self", "mut self"):
            return least, most
        return least - 1, most - 1 if most > 0 else most

    def binds(self, name: str, node: Node) -> bool:
        return not name[:1].isupper() or len(name) == 1 or node.type == "type_identifier"

    def bare(self, text: str) -> str:
        return super().bare(_MARKS.sub("", text))

    def owner(self, text: str) -> str:
        return self.bare(text).rpartition(".")[2] or "?"

    def exported(self, head: str, name: str, node: Node) -> bool:
        """What says `pub`, and what a trait declares or an impl of one provides."""
        if node.type in _PUBLIC or re.search(r"\bpub\b", head):
            return True
        holder = node.parent.parent if node.parent is not None else None
        return holder is not None and (
            holder.type == "trait_item"
            or (holder.type == "impl_item" and holder.child_by_field_name("trait") is not None)
        )

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        first, last = node.start_point.row + 1, source.last_row(node.start_byte, node.end_byte) + 1
        passed = any(child.type == "visibility_modifier" for child in node.named_children[:1])
        if node.type == "use_declaration":
            tree = node.child_by_field_name("argument")
            found = _uses(tree, source) if tree is not None else []
        else:
            name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
            text = source.of(name) if name is not None else ""
            if node.type == "mod_item":
                found = [("self", text, text)]
            else:
                found = [(text, "", source.of(alias) if alias is not None else text)]
        return [Import(module, name, bound, first, last, 0, top, passed) for module, name, bound in found]


def _uses(tree: Node, source: Source) -> list[tuple[str, str, str]]:
    """The leaves of a use tree as (path, name, bound)."""
    found: list[tuple[str, str, str]] = []
    pending: list[tuple[Node, str, str]] = [(tree, "", "")]
    while pending and len(found) < MAX_USES:
        node, prefix, alias = pending.pop()
        kind = node.type
        if kind == "use_as_clause":
            path, named = node.child_by_field_name("path"), node.child_by_field_name("alias")
            if path is not None and named is not None:
                pending.append((path, prefix, source.of(named)))
        elif kind in ("scoped_use_list", "use_list"):
            path = node.child_by_field_name("path") if kind == "scoped_use_list" else None
            items = node.child_by_field_name("list") if kind == "scoped_use_list" else node
            inner = _joined(prefix, _path(path, source))
            children = items.named_children if items is not None else []
            pending.extend((child, inner, "") for child in reversed(children))
        elif kind == "use_wildcard":
            path = node.named_child(0) if node.named_child_count else None
            found.append((_joined(prefix, _path(path, source)), "*", "*"))
        elif "comment" not in kind and kind != "ERROR":
            whole = _joined(prefix, _path(node, source))
            if kind == "self":
                whole = prefix
            module, _, name = whole.rpartition("::")
            if name:
                found.append((module, name, "" if alias == "_" else alias or name))
    return found


def _path(node: Node | None, source: Source) -> str:
    return "".join(source.of(node).split()) if node is not None else ""


def _joined(prefix: str, path: str) -> str:
    return f"{prefix}::{path}" if prefix and path else prefix or path


RULES: Final = Rust()
