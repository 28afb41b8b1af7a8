"""The grammars: an LSP language identifier becomes a tree-sitter language, loaded when first asked for."""

from __future__ import annotations

from tree_sitter import Language

from .languages import loading


def languages() -> tuple[str, ...]:
    """All LSP language identifiers that can be parsed."""
    return tuple(loading.identifiers())


def language(identifier: str) -> Language | None:
    """The grammar of an LSP language identifier, None for one that has none here."""
    return loading.grammar(identifier)
