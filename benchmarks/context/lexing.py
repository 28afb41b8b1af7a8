"""Code without its comments and strings, by regular expressions only: nothing of the product takes part."""

from __future__ import annotations

import re
from collections.abc import Mapping

WORD = re.compile(r"[^\W\d]\w*")

_SLASH = r"//[^\n]*|/\*.*?\*/"
_QUOTED = r'"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'"
_RULES: Mapping[str, str] = {
    "python": r'#[^\n]*|[rbfuRBFU]{0,2}(?:"""(?:\\.|[^\\])*?"""|' + r"'''(?:\\.|[^\\])*?'''|" + _QUOTED + ")",
    "ruby": r"#[^\n]*|" + _QUOTED,
    "lua": r"--\[\[.*?\]\]|--[^\n]*|" + _QUOTED,
    "php": r"#[^\[\n][^\n]*|" + _SLASH + "|" + _QUOTED,
    "go": _SLASH + r"|`[^`]*`|" + _QUOTED,
    "rust": _SLASH + r"|r#+\".*?\"#+|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\\n])'",
}
_OTHERS = _SLASH + "|" + _QUOTED + r"|`(?:\\.|[^`\\])*`"
_COMPILED = {language: re.compile(rule, re.DOTALL) for language, rule in _RULES.items()}
_OTHER = re.compile(_OTHERS, re.DOTALL)
_INK = re.compile(r"[^\n]")

_IMPORTS: Mapping[str, str] = {
    "python": r"^[ \t]*(?:from\s+[\w.]+\s+import\s*(?:\([^)]*\)|[^\n(]*(?:\\\n[^\n]*)*)|import\s+[^\n]*)",
    "go": r"^import\s*(?:\([^)]*\)|[^\n]*)|^package [^\n]*",
    "rust": r"^[ \t]*(?:pub(?:\([\w :]*\))?\s+)?(?:use\s[^;]*;|mod\s+\w+;|extern crate[^;]*;)",
    "java": r"^(?:import|package)\s[^;]*;",
    "csharp": r"^\s*(?:global )?using\s[^;(]*;|^namespace [^\n]*",
    "php": r"^(?:use|namespace)\s[^;]*;",
    "c": r"^[ \t]*#[ \t]*include[^\n]*",
    "cpp": r"^[ \t]*#[ \t]*include[^\n]*|^using [^;]*;",
    "lua": r"^(?:local\s+\w+\s*=\s*)?require[^\n]*",
    "ruby": r"^\s*require(?:_relative)?[^\n]*",
}
_SCRIPT_IMPORTS = (
    r"^(?:import|export)\s[^;(]*?\sfrom\s[^\n]*|^import\s+['\"(][^\n]*|^(?:const|let|var)\s[^;\n]*require\([^\n]*"
)


def plain(text: str, language: str) -> str:
    """The text with comments and strings blanked, every offset as before."""
    rule = _COMPILED.get(language, _OTHER)
    return rule.sub(lambda found: _INK.sub(" ", found[0]), text)


def import_spans(text: str, code: str, language: str) -> list[tuple[int, int]]:
    """Where import statements stand: start and end offsets. `text` is needed where modules are strings."""
    script = language.startswith(("typescript", "javascript"))
    rule = re.compile(_SCRIPT_IMPORTS if script else _IMPORTS.get(language, r"(?!)"), re.MULTILINE)
    subject = text if script or language in ("ruby", "lua", "go") else code
    return [found.span() for found in rule.finditer(subject)]
