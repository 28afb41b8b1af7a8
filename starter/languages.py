"""Which files are learnt from, and the language that the product takes each for."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

SUFFIXES: Final = MappingProxyType(
    {
        ".py": "python",
        ".ts": "typescript",
        ".tsx": "typescriptreact",
        ".js": "javascript",
        ".mjs": "javascript",
        ".jsx": "javascriptreact",
        ".go": "go",
        ".rs": "rust",
        ".java": "java",
        ".c": "c",
        ".h": "c",
    }
)
"""Language identifiers by the end of a file's name."""


def of(path: str) -> str:
    """The language identifier of a file that is learnt from; raises KeyError for any other."""
    return SUFFIXES[path[path.rindex(".") :]]
