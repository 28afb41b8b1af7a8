"""Names that nobody has heard of, in languages where the index cannot say what else a file may see.

A name is judged only where it can come from nowhere out of sight (`sight.py`). It is known if it stands anywhere in the
document, if any file of the workspace defines or uses it, or if the language has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from . import sight
from .sight import Sight

if TYPE_CHECKING:
    from ...context.facts import Reference

_LEAST = 3
"""Shorter names are type parameters and counters, bound in ways that no list tells."""


class _Rule(NamedTuple):
    """Which `uses` are judged, by which lists of `words`, where `seen` tells that nothing comes from out of sight."""

    uses: frozenset[str]
    words: tuple[str, ...]
    seen: Callable[[Sight, Reference], bool] = sight.no_wildcard


_RULES: Final = MappingProxyType(
    {
        "rust": _Rule(frozenset({"call", "type"}), ("rust",)),
        "lua": _Rule(frozenset({"call", "name"}), ("lua",)),
        "java": _Rule(frozenset({"type"}), ("java",), sight.java),
        "csharp": _Rule(frozenset({"call", "name"}), ("csharp",), sight.csharp),
        "php": _Rule(frozenset({"name", "type"}), ("php",), sight.php),
        "ruby": _Rule(frozenset({"name"}), ("ruby",), sight.ruby),
        "c": _Rule(frozenset({"call", "name", "type"}), ("c",), sight.c),
        "cpp": _Rule(frozenset({"call", "name"}), ("c", "cpp"), sight.cpp),
        "shellscript": _Rule(frozenset({"name"}), ("shellscript",), sight.shell),
    }
)
LANGUAGES: Final = frozenset(_RULES)
"""Those that are judged here."""


def unheard(seen: Sight, text: str, reference: Reference) -> bool:
    """Whether the name of a reference in `text` is one that nobody has heard of; False where that cannot be told.

    `seen` is the document that the text is put into.
    """
    name, facts, workspace = reference.name, seen.facts, seen.workspace
    rule = _RULES.get(facts.language)
    if rule is None or reference.receiver or reference.use not in rule.uses or len(name) < _LEAST:
        return False
    if any(_has(words, name) for words in rule.words):
        return False
    word = re.compile(rf"(?<!\w){re.escape(name.lstrip('@'))}(?!\w)")
    if len(word.findall(text)) != 1 or word.search(seen.document) is not None:
        return False
    if any(item.bound == name for item in facts.imports) or any(item.name == name for item in facts.locals):
        return False
    return not workspace.using(name) and not workspace.defining(name) and rule.seen(seen, reference)


def _has(words: str, name: str) -> bool:
    whole, families = _words(words)
    return name in whole or name.startswith(families)


@cache
def _words(name: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """What every file of a language knows, and how families of such names begin.

    A list that lacks names is a fault, one with too many a missed finding.
    """
    lines = resources.files(__package__).joinpath("words", f"{name}.txt").read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    return frozenset(words), tuple(word[:-1] for word in words if word.endswith("*"))
