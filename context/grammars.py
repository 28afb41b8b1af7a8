"""The grammars: an LSP language identifier becomes a tree-sitter language, loaded when first asked for."""

from __future__ import annotations

import importlib
from functools import cache
from types import MappingProxyType
from typing import Final

from tree_sitter import Language

_GRAMMARS: Final = MappingProxyType(
    {
        "python": ("tree_sitter_python", "language"),
        "typescript": ("tree_sitter_typescript", "language_typescript"),
        "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
        "tsx": ("tree_sitter_typescript", "language_tsx"),
        "javascript": ("tree_sitter_javascript", "language"),
        "javascriptreact": ("tree_sitter_javascript", "language"),
        "go": ("tree_sitter_go", "language"),
        "rust": ("tree_sitter_rust", "language"),
        "java": ("tree_sitter_java", "language"),
        "c": ("tree_sitter_c", "language"),
        "cpp": ("tree_sitter_cpp", "language"),
        "csharp": ("tree_sitter_c_sharp", "language"),
        "ruby": ("tree_sitter_ruby", "language"),
        "php": ("tree_sitter_php", "language_php"),
        "lua": ("tree_sitter_lua", "language"),
        "shellscript": ("tree_sitter_bash", "language"),
    }
)


def languages() -> tuple[str, ...]:
    """All LSP language identifiers that can be parsed."""
    return tuple(_GRAMMARS)


@cache
def language(identifier: str) -> Language | None:
    """The grammar of an LSP language identifier, None for one that has none here."""
    if (grammar := _GRAMMARS.get(identifier)) is None:
        return None
    module, function = grammar
    return Language(getattr(importlib.import_module(module), function)())
