"""What each column is worth: fitted by `python -m benchmarks.context.fit`, the evidence in docs/context.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NEW: Final[Mapping[str, float]] = {
    "CONSTANT": 0.57,
    "NAMED": 3.28,
    "UNUSED": 3.28,
    "MODULE": -1.07,
    "BESIDE": -1.38,
    "PACKAGE": -0.24,
    "FOLDER": -0.44,
    "OWNER_NAMED": 0.54,
    "CONSTRUCTOR": 0.51,
    "TYPE_HOP": 0.15,
    "OWNER_HOP": 0.30,
    "COUSAGE": 1.79,
    "COUSAGE_ROOT": 2.23,
    "POPULAR": -2.83,
    "PAIR": 2.24,
    "NEAR_PATH": -0.96,
    "SIMILAR_FILE": -0.15,
    "PRIVATE": -2.16,
    "IN_TEST": -0.25,
    "MEMBER": -1.91,
    "FIELD": -1.20,
    "TYPE": 0.33,
    "VALUE": -0.64,
    "LENGTH": 0.63,
    "LONG_NAME": 1.23,
    "OWNER_SEEN": -0.39,
    "COMPANION": 3.81,
    "WORDS": 4.38,
    "OWNER_WORDS": 2.97,
    "DOT_MEMBER": 1.53,
    "DOT_OTHER": 0.24,
    "DOT_HELD": 3.33,
    "BARE_MEMBER": -1.44,
}
"""For names that do not stand in the file so far. A column that is not listed takes no part."""

SEEN: Final[Mapping[str, float]] = {
    "CONSTANT": 0.43,
    "NAMED": -0.26,
    "UNUSED": 2.74,
    "MODULE": -0.19,
    "BESIDE": 0.19,
    "PACKAGE": -0.20,
    "FOLDER": -0.42,
    "OWNER_NAMED": -0.59,
    "CONSTRUCTOR": -0.50,
    "TYPE_HOP": -0.15,
    "OWNER_HOP": -0.61,
    "COUSAGE": 0.13,
    "COUSAGE_ROOT": -0.71,
    "POPULAR": -1.30,
    "PAIR": 1.15,
    "NEAR_PATH": -0.57,
    "SIMILAR_FILE": 0.10,
    "PRIVATE": -0.36,
    "IN_TEST": 0.16,
    "MEMBER": -1.56,
    "FIELD": -1.20,
    "TYPE": 1.64,
    "VALUE": -1.31,
    "LENGTH": 0.85,
    "LONG_NAME": 1.12,
    "SEEN": 2.87,
    "SEEN_NEAR": -0.32,
    "SEEN_OFTEN": 1.59,
    "RECEIVER": 1.11,
    "COMPANION": 1.27,
    "WORDS": 3.15,
    "OWNER_WORDS": 2.54,
    "DOT_MEMBER": -0.54,
    "DOT_OTHER": -1.44,
    "DOT_HELD": 2.70,
    "BARE_MEMBER": -2.06,
}
"""For names that do. `CONSTANT` holds how much sooner they go in than the fit alone says, so that what a file
uses already is there: at 1,024 tokens that gains 3 points of recall for such names and costs 2 for new ones."""

COST_POWER: Final = 0.8
"""Candidates go in by likelihood over the tokens that they add to this power: short ones first where likelihoods are
alike. The line of a file or a class counts as long as it is not there."""

FAST_TOKENS: Final = 200
"""The part of the budget that follows the cursor."""

SLOW_AGREES: Final = 2.0
FAST_AGREES: Final = 8.0
"""How much likelier (a logarithm) a name is that begins with what is typed of one, in either block."""

LEAST_SHARE: Final = 1e-6
"""What is less likely than this share of the likeliest candidate is not worth its tokens."""

STEADINESS: Final = 0.5
"""How much likelier (a logarithm) something must be to take the place of what the fast block shows already."""

TOKENS_FOR_ALL: Final = 16_000.0
"""Tokens that may be read again for going from never showing what is needed to always showing it."""

TOKENS_OF_AN_OPENED_FILE: Final = 4_000.0
"""The same for a file that is opened: nothing of it is read yet, and the first answer waits for all of it."""

BEHIND: Final = 600.0
"""Tokens of the text around the cursor, about: it stands behind what is shown and is read again with any change."""
