"""Names that nobody has heard of, in languages where the index cannot say what else a file may see.

A name is judged only where it can come from nowhere out of sight: no wildcard import, no inherited member. It is known
if it stands anywhere in the document, if any file of the workspace defines or uses it, or if the language has it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ...context.facts import FileFacts, Reference
    from ...context.view import Workspace

_LEAST = 3
"""Shorter names are type parameters and counters, bound in ways that no list tells."""

_USES: Final = MappingProxyType(
    {
        "rust": frozenset({"call", "type"}),
        "lua": frozenset({"call", "name"}),
        "java": frozenset({"type"}),
    }
)
LANGUAGES: Final = frozenset(_USES)
"""Those that are judged here."""


def unheard(workspace: Workspace, document: str, text: str, facts: FileFacts, reference: Reference) -> bool:
    """Whether the name of a reference in `text` is one that nobody has heard of; False where that cannot be told.

    `document` is what stands around the text, `facts` are those of the two together.
    """
    name, language = reference.name, facts.language
    if language not in _USES or reference.receiver or reference.use not in _USES[language] or len(name) < _LEAST:
        return False
    if name in _words(language) or any(item.bound == "*" for item in facts.imports):
        return False
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    if len(word.findall(text)) != 1 or word.search(document) is not None:
        return False
    if any(item.bound == name for item in facts.imports) or any(item.name == name for item in facts.locals):
        return False
    return not workspace.using(name) and not workspace.defining(name)


@cache
def _words(language: str) -> frozenset[str]:
    """What every file of a language knows: a list that lacks names is a fault, one with too many a missed finding."""
    lines = resources.files(__package__).joinpath("words", f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
