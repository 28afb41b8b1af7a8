"""How Bash is read: commands are calls, `source` is an import."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Import
from ..language import Call, Language
from ..source import Source


class Bash(Language):
    """Bash, and the shells that are written alike."""

    grammars = MappingProxyType({"shellscript": ("tree_sitter_bash", "language")})
    header = re.compile(r"(?=[\w-]+\s*\(\)|function\s)(?:function\s+)?(?P<function>[\w-]+)")
    suffixes = MappingProxyType({".sh": "shellscript", ".bash": "shellscript", ".zsh": "shellscript"})
    files = MappingProxyType(dict.fromkeys((".bashrc", ".bash_profile", ".profile", ".zshrc"), "shellscript"))
    leaves = frozenset({"word", "command_name", "variable_name"})
    calls = MappingProxyType({"command": Call("name", arguments="redirect")})
    given_without = -1
    comments = ("#",)

    def value(self, node: Node, source: Source) -> str:
        return ""

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        path = node.child_by_field_name("argument")
        text = source.of(path).strip("\"'") if path is not None else ""
        line = node.start_point.row + 1
        return [Import(text, "*", "*", line, line, 0, top)] if text else []


RULES: Final = Bash()
