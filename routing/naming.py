"""One name for each language, whatever an editor or a person calls it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_CALLED = {
    "bat": "dosbatch",
    "cpp": "c++ cxx",
    "csharp": "cs c# c-sharp",
    "go": "golang",
    "javascript": "js",
    "javascriptreact": "jsx javascript.jsx",
    "latex": "tex plaintex",
    "makefile": "make",
    "plaintext": "text",
    "powershell": "ps1",
    "python": "py python3",
    "ruby": "rb",
    "rust": "rs",
    "shellscript": "sh bash zsh ksh shell",
    "typescript": "ts",
    "typescriptreact": "tsx typescript.tsx",
}
_NAMES: Final = MappingProxyType({word: language for language, words in _CALLED.items() for word in words.split()})


def identifier(name: str) -> str:
    """The LSP identifier of a language that may go by the name it has in Vim, Emacs or Helix.

    Of a name of several parts, as Vim has them, the first one counts. A name that is not known here stays as it is.
    """
    whole = name.lower()
    if whole in _NAMES:
        return _NAMES[whole]
    first, dot, _ = whole.partition(".")
    return _NAMES.get(first, first) if dot and first else name
