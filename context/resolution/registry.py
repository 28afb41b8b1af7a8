"""Which rules serve which language, and which files are configuration to one of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from . import (
    bash,
    c,
    csharp,
    go,
    java,
    javascript,
    lua,
    node_packages,
    php,
    python,
    python_roots,
    ruby,
    rust,
    rust_crates,
)
from .rules import Rules

_RULES: Final[MappingProxyType[str, type[Rules]]] = MappingProxyType(
    {
        "python": python.Python,
        "typescript": javascript.JavaScript,
        "typescriptreact": javascript.JavaScript,
        "tsx": javascript.JavaScript,
        "javascript": javascript.JavaScript,
        "javascriptreact": javascript.JavaScript,
        "go": go.Go,
        "rust": rust.Rust,
        "java": java.Java,
        "c": c.C,
        "cpp": c.C,
        "csharp": csharp.CSharp,
        "php": php.Php,
        "ruby": ruby.Ruby,
        "lua": lua.Lua,
        "shellscript": bash.Bash,
    }
)
_CONFIG: Final = frozenset({*python_roots.CONFIG, *node_packages.CONFIG, *go.CONFIG, *rust_crates.CONFIG, *php.CONFIG})


def rules(language: str) -> type[Rules] | None:
    """The rules for an LSP language identifier; None where imports of that language are not followed."""
    return _RULES.get(language)


def is_config(path: str) -> bool:
    """Whether what imports lead to may depend on the file's text, though it is no source file."""
    name = path.rpartition("/")[2]
    return name in _CONFIG or (name.endswith(".json") and name.startswith(("tsconfig", "jsconfig")))
