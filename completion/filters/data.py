"""Rows of values: what repeats in them is meant."""

from __future__ import annotations

import re

LONGEST_ROW = 100
"""Characters of a row of values that is no circle yet."""

_VALUE = re.compile(
    r"0[xX][0-9a-fA-F]*|%[\d.$-]*[a-zA-Z]|\\[xu][0-9a-fA-F]+|\b(?:true|false|none|null|nil)\b", re.IGNORECASE
)
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


def is_data(repeated: str) -> bool:
    """Whether what repeats is digits, places for values, or constants."""
    if len(set(repeated)) == 1 and repeated[0] in _HEXADECIMAL:
        return True
    return any(map(str.isalnum, repeated)) and not any(map(str.isalpha, _VALUE.sub("", repeated)))
