from __future__ import annotations

import pytest

from twolane.server.text.positions import Encoding, column, joined_surrogates, negotiate, width


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-16", "utf-8"], "utf-16"),
        (("utf-32",), "utf-32"),
        (["utf-7", 5, None, "utf-8"], "utf-8"),
        (["utf-7"], "utf-16"),
        ([], "utf-16"),
        (None, "utf-16"),
        ("utf-8", "utf-16"),
        ({"utf-8": 1}, "utf-16"),
    ],
)
def test_negotiation(offered: object, chosen: str) -> None:
    assert negotiate(offered) == chosen


@pytest.mark.parametrize(
    ("encoding", "units", "offset", "exact"),
    [
        ("utf-16", 0, 0, True),
        ("utf-16", 1, 1, True),
        ("utf-16", 2, 1, False),
        ("utf-16", 3, 2, True),
        ("utf-16", 4, 3, True),
        ("utf-16", 99, 3, True),
        ("utf-16", -1, 0, True),
        ("utf-8", 1, 0, False),
        ("utf-8", 2, 1, True),
        ("utf-8", 5, 1, False),
        ("utf-8", 6, 2, True),
        ("utf-8", 99, 3, True),
        ("utf-32", 2, 2, True),
        ("utf-32", 99, 3, True),
    ],
)
def test_columns(encoding: Encoding, units: int, offset: int, exact: bool) -> None:
    assert column("é🎉x", units, encoding) == (offset, exact)


def test_a_lone_surrogate_is_one_unit() -> None:
    assert column("\ud83cx", 1, "utf-16") == (1, True)
    assert column("x\udf89y", 2, "utf-16") == (2, True)
    assert width("\ud83c", "utf-16") == 1


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 7), ("utf-16", 4), ("utf-32", 3)])
def test_width(encoding: Encoding, units: int) -> None:
    assert width("é🎉x", encoding) == units


def test_halves_of_a_pair_are_joined_and_nothing_else() -> None:
    assert joined_surrogates("\ud83c\udf89") == "🎉"
    assert joined_surrogates("\udf89\ud83c") == "\udf89\ud83c"
    assert joined_surrogates("é🎉") == "é🎉"
