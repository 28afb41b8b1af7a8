"""How TypeScript is read: as JavaScript, with types."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Definition
from ..draft import Draft
from ..javascript.rules import JavaScript
from ..language import ANY, OPTIONAL, REQUIRED
from ..source import Source

_HOLDERS: Final = frozenset({"variable_declarator", "public_field_definition"})
"""What may say by a type of its own which calls it takes."""

_OVERLOADED: Final = frozenset({"function", "method"})


class TypeScript(JavaScript):
    """TypeScript and TSX."""

    grammars = MappingProxyType(
        {
            "typescript": ("tree_sitter_typescript", "language_typescript"),
            "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
            "tsx": ("tree_sitter_typescript", "language_tsx"),
        }
    )
    suffixes = MappingProxyType(
        {".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "typescriptreact"}
    )
    structure = ("../javascript/structure.scm", "../javascript/modules.scm", "structure.scm")
    references = ("../javascript/references.scm", "references.scm")
    members = MappingProxyType(
        {"member_expression": ("object", "property"), "nested_type_identifier": ("module", "name")}
    )
    wrappers = frozenset(
        {"parenthesized_expression", "await_expression", "non_null_expression", "satisfies_expression"}
    )
    arity = MappingProxyType({"required_parameter": REQUIRED, "optional_parameter": OPTIONAL, "rest_parameter": ANY})

    def references_of(self, identifier: str) -> tuple[str, ...]:
        return self.references if identifier == "typescript" else (*self.references, "../javascript/jsx.scm")

    def declares(self, kind: str, captures: dict[str, list[Node]], source: Source) -> str | None:
        """As in JavaScript; a field has its type and its value, and one that holds a function is a method."""
        if kind != "field" or "name" in captures:
            return super().declares(kind, captures, source)
        node = captures["def.field"][0]
        if node.type == "enum_assignment":
            return kind
        value = node.child_by_field_name("value")
        if value is not None and value.type in ("arrow_function", "function_expression"):
            return "method" if node.type == "public_field_definition" else kind
        held = node.child_by_field_name("type")
        captures.update({part: [one] for part, one in (("type", held), ("value", value)) if one is not None})
        return kind

    def value(self, node: Node, source: Source) -> str:
        if node.type == "as_expression" and node.named_child_count > 1:
            return source.type(node.named_child(1)).removesuffix("const")
        return super().value(node, source)

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        if node.type in _HOLDERS and node.child_by_field_name("type") is not None:
            return -1, -1
        least, most = super().count(node, source, owner)
        parameters = self.callable(node).child_by_field_name("parameters")
        if least < 1 or parameters is None:
            return least, most
        for child in parameters.named_children:
            pattern = child.child_by_field_name("pattern")
            if child.type != "required_parameter" or pattern is None:
                continue
            if pattern.type == "rest_pattern":
                least, most = least - 1, -2
            elif pattern.type == "this":
                least, most = least - 1, most - 1 if most > 0 else most
            elif child.child_by_field_name("value") is not None:
                least -= 1
        return least, most

    def finish(self, draft: Draft, source: Source) -> None:
        """As for JavaScript; of overloads the last stays (the one with a body, if any), and takes what any takes."""
        kept: list[Definition] = []
        for one in draft.definitions:
            before = kept[-1] if kept else None
            if before is None or (one.kind, one.symbol) != (before.kind, before.symbol) or one.kind not in _OVERLOADED:
                kept.append(one)
                continue
            least = min(one.least, before.least)
            most = one.most if one.most < 0 else before.most if before.most < 0 else max(one.most, before.most)
            kept[-1] = replace(one, least=least, most=most)
        draft.definitions = kept
        super().finish(draft, source)


RULES: Final = TypeScript()
