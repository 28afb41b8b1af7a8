from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twolane.server.text.changes import end_of_change

FEW = st.text("ab\n", max_size=12)


@pytest.mark.parametrize(
    ("old", "new", "offset"),
    [
        ("x = \n", "x = 1\n", 5),
        ("x = 12\n", "x = 1\n", 5),
        ("aaa", "aaaa", 4),
        ("one", "", 0),
        ("", "one", 3),
        ("one\ntwo\n", "ONE\nTWO\n", 7),
        ("same", "same", None),
    ],
)
def test_a_whole_text_tells_where_it_differs(old: str, new: str, offset: int | None) -> None:
    assert end_of_change(old, new) == offset


@given(FEW, FEW, FEW)
def test_what_stands_behind_the_change_is_the_same(head: str, tail: str, typed: str) -> None:
    old, new = head + tail, head + typed + tail
    offset = end_of_change(old, new)
    if offset is None:
        assert not typed
    else:
        assert old.endswith(new[offset:])
        assert offset >= len(head) + len(typed)
