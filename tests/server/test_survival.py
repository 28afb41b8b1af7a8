"""How much of an accepted text is left, wherever it has moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twolane.server.history.survival import distance, survival

TEXT = "total = price * amount\n"
THEN = "import os\n\n" + TEXT + "print(total)\n"
AT = THEN.index(TEXT)


@pytest.mark.parametrize(
    ("now", "share"),
    [
        (THEN, 1.0),
        (THEN + "more()\n", 1.0),
        ("import sys\nimport os\n\n" + TEXT + "print(total)\n", 1.0),
        ("a = 1\n" + TEXT + "b = 2\n", 1.0),
        (THEN.replace("price", "cost"), 1 - 4 / len(TEXT)),
        (THEN.replace(TEXT, ""), None),
        ("", 0.0),
    ],
)
def test_survival(now: str, share: float | None) -> None:
    found = survival(TEXT, THEN, AT, now)
    assert found == pytest.approx(share, abs=0.05) if share is not None else found < 0.5


def reference(text: str, within: str) -> int:
    row = [0] * (len(within) + 1)
    for i, character in enumerate(text, 1):
        last, row = row, [i]
        for j, other in enumerate(within, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (character != other)))
    return min(row)


@given(st.text("ab c", max_size=12), st.text("ab c", max_size=30))
def test_the_distance_is_the_one_that_the_definition_gives(text: str, within: str) -> None:
    assert distance(text, within) == reference(text, within)
