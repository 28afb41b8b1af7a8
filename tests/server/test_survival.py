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


FUNCTIONS = [f"def function_{n}(a, b):\n    value = a * {n} + b\n    return value\n\n" for n in range(200)]
LONG = "".join(FUNCTIONS[:100]) + TEXT + "".join(FUNCTIONS[100:])


@pytest.mark.parametrize(
    ("now", "least", "most"),
    [
        pytest.param("import os\n" + LONG + "main()\n", 1.0, 1.0, id="something above and below"),
        pytest.param(
            LONG.replace("function_1(", "first(").replace("function_190(", "last("), 1.0, 1.0, id="others renamed"
        ),
        pytest.param("".join([*FUNCTIONS[:9], TEXT, *FUNCTIONS[9:]]), 1.0, 1.0, id="moved"),
        pytest.param("import os\n" + LONG.replace(TEXT, "") + "main()\n", 0.0, 0.0, id="deleted"),
        pytest.param("x = 1\n" + LONG.replace(" * amount", "") + "main()\n", 0.5, 0.7, id="half of it"),
        pytest.param("a\n" + "b = 2\n" * 900 + TEXT.replace("price", "cost") + "c = 3\n" * 900, 0.7, 0.9, id="all new"),
    ],
)
def test_it_is_found_in_a_long_file_that_is_edited_all_over(now: str, least: float, most: float) -> None:
    assert least <= survival(TEXT, LONG, LONG.index(TEXT), now) <= most


def test_the_same_text_elsewhere_is_another_one() -> None:
    text = "return value\n"
    at = LONG.index(text, len(LONG) // 2)
    assert survival(text, LONG, at, "import os\n" + LONG[:at] + LONG[at + len(text) :] + "main()\n") < 0.5


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
