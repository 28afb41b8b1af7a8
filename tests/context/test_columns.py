"""Facts held field by field are what they would be as objects, and are only made when somebody looks."""

from __future__ import annotations

import pytest

from twolane.context.columns import Columns, Fields, column
from twolane.context.facts import Local

FIELDS = (["x", "y"], [1, 2], [9, 9], [3, 4], ["int", ""])
SAME = (Local("x", 1, 9, 3, "int"), Local("y", 2, 9, 4))


def test_they_are_the_facts_that_their_fields_say() -> None:
    made = Columns(Local, FIELDS)
    assert made == SAME
    assert (len(made), made[0], made[1:], list(made)) == (2, SAME[0], SAME[1:], list(SAME))
    assert made == Columns(Local, FIELDS)
    assert made != Columns(Local, [one[:1] for one in FIELDS])


def test_a_field_of_facts_is_the_same_however_they_are_held() -> None:
    assert list(column(Columns(Local, FIELDS), "line")) == list(column(SAME, "line")) == [3, 4]


def test_what_comes_later_is_fetched_once_and_only_when_it_is_looked_at() -> None:
    fetched: list[int] = []

    def load() -> Fields:
        fetched.append(1)
        return FIELDS

    made = Columns.later(Local, 2, load)
    assert len(made) == 2
    assert not fetched
    assert (made[1], column(made, "name")[0]) == (SAME[1], "x")
    assert fetched == [1]


@pytest.mark.parametrize("fields", [FIELDS[:4], (*FIELDS[:4], ["int"])], ids=["missing", "short"])
def test_columns_that_do_not_fit_together_are_refused(fields: Fields) -> None:
    with pytest.raises(ValueError, match="columns"):
        Columns(Local, fields)
