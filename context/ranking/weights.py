"""What each column is worth: fitted by `python -m benchmarks.context.fit`, the evidence in docs/context.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NEW: Final[Mapping[str, float]] = {
    "CONSTANT": 0.62,
    "NAMED": 3.36,
    "UNUSED": 3.36,
    "MODULE": -1.57,
    "BESIDE": -1.42,
    "PACKAGE": -0.57,
    "FOLDER": -0.58,
    "OWNER_NAMED": 0.74,
    "CONSTRUCTOR": 0.47,
    "OWNER_HOP": 0.29,
    "COUSAGE": 1.39,
    "COUSAGE_ROOT": 2.17,
    "POPULAR": -2.50,
    "PAIR": 2.22,
    "NEAR_PATH": -0.54,
    "SIMILAR_FILE": -0.49,
    "PRIVATE": -2.08,
    "IN_TEST": -2.37,
    "MEMBER": -1.94,
    "FIELD": -1.20,
    "TYPE": 0.32,
    "VALUE": -0.62,
    "LENGTH": 0.35,
    "LONG_NAME": 1.36,
    "OWNER_SEEN": -0.40,
    "COMPANION": 4.09,
    "WORDS": 4.32,
    "OWNER_WORDS": 2.80,
    "DOT_MEMBER": 1.61,
    "DOT_OTHER": 0.34,
    "DOT_HELD": 3.64,
    "BARE_MEMBER": -1.11,
}
"""For names that do not stand in the file so far. A column that is not listed takes no part."""

SEEN: Final[Mapping[str, float]] = {
    "CONSTANT": 0.38,
    "NAMED": -0.12,
    "UNUSED": 2.28,
    "MODULE": 0.14,
    "BESIDE": 0.15,
    "PACKAGE": -0.42,
    "FOLDER": -0.45,
    "OWNER_NAMED": -0.71,
    "CONSTRUCTOR": -0.50,
    "TYPE_HOP": -0.16,
    "OWNER_HOP": -0.61,
    "COUSAGE": 0.28,
    "COUSAGE_ROOT": -0.89,
    "POPULAR": -1.43,
    "PAIR": 1.53,
    "NEAR_PATH": -0.53,
    "SIMILAR_FILE": 0.24,
    "PRIVATE": -0.20,
    "IN_TEST": 0.50,
    "MEMBER": -1.35,
    "FIELD": -1.20,
    "TYPE": 1.76,
    "VALUE": -1.21,
    "LENGTH": 0.74,
    "LONG_NAME": 1.19,
    "SEEN": 2.96,
    "SEEN_NEAR": 0.14,
    "OWNER_SEEN": 0.36,
    "RECEIVER": 1.06,
    "COMPANION": 1.57,
    "WORDS": 3.22,
    "OWNER_WORDS": 2.38,
    "DOT_MEMBER": -0.89,
    "DOT_OTHER": -1.31,
    "DOT_HELD": 3.18,
    "BARE_MEMBER": -2.13,
}
"""For names that do. `CONSTANT` holds how much sooner they go in than the fit alone says, so that what a file
uses already is there: at 1,024 tokens that gains 3 points of recall for such names and costs 2 for new ones."""

COST_POWER: Final = 0.6
"""Candidates go in by likelihood over their tokens to this power: short ones first where likelihoods are alike."""

FAST_TOKENS: Final = 200
"""The part of the budget that follows the cursor."""

LEAST_SHARE: Final = 1e-6
"""What is less likely than this share of the likeliest candidate is not worth its tokens."""

STEADINESS: Final = 0.5
"""How much likelier (a logarithm) something must be to take the place of what the fast block shows already."""

TOKENS_FOR_ALL: Final = 4_000.0
"""Tokens that may be read again for going from never showing what is needed to always showing it."""
