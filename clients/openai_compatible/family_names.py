"""The family of a model by its name, for servers that do not let us look into its vocabulary."""

from __future__ import annotations

import re

from ..engine import families
from ..engine.families import Family

_NAMES: tuple[tuple[str, Family], ...] = (
    (r"twolane[-_. ]?starter", families.STARTER),
    (r"qwen.*coder|codeqwen", families.QWEN),
    (r"codegemma", families.CODEGEMMA),
    (r"starcoder[-_. ]?2", families.STARCODER2),
    (r"starcoder|santacoder|refact", families.STARCODER),
    (r"codestral", families.CODESTRAL),
    (r"deepseek.*coder", families.DEEPSEEK),
    (r"seed.*coder", families.SEED_CODER),
    (r"granite[-_. ]?4", families.GRANITE_4),
    (r"granite", families.GRANITE),
)

NAMES = tuple(family.name for family in families.FAMILIES)


def named(name: str) -> Family | None:
    """Find the family whose own name this is."""
    return next((family for family in families.FAMILIES if family.name == name), None)


def guessed(*names: str) -> Family | None:
    """Find the family from what the model is called: its identifier, its file, its alias."""
    for name in names:
        for pattern, family in _NAMES:
            if re.search(pattern, name.lower()):
                return family
    return None
