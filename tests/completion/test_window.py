import pytest
from hypothesis import given
from hypothesis import strategies as st

from twolane.completion import window

LINES = "".join(f"line number {number:05}\n" for number in range(5_000))


def check(
    text: str, offset: int, before: str, after: str, eol: str = "\n", size: tuple[int, int] = (1000, 1000)
) -> None:
    cut = window.cut(text, offset, *size)
    assert (cut.before, cut.after, cut.eol) == (before, after, eol)


def test_a_small_document_is_shown_whole() -> None:
    check("ab\ncd\n", 4, "ab\nc", "d\n")
    check("", 0, "", "")


def test_line_ends_are_plain_and_remembered() -> None:
    check("a\r\nb\r\nc", 4, "a\nb", "\nc", "\r\n")
    check("a\rb\rc", 3, "a\nb", "\nc", "\r")
    check("a", 1, "a", "")


def test_half_characters_become_replacement_characters() -> None:
    check("a\ud800", 2, "a\N{REPLACEMENT CHARACTER}", "")


def test_a_large_document_is_cut_at_line_ends() -> None:
    cut = window.cut(LINES, 50_000, 1000, 400)
    assert cut.begins_inside
    assert cut.before.startswith("line number ")
    assert cut.after.endswith("\n")
    assert 700 <= len(cut.before) <= 1000
    assert 250 <= len(cut.after) <= 400


def test_typing_moves_the_start_only_in_large_steps_and_the_end_never() -> None:
    typed = "x" * 40 + "\n"
    starts, ends = [], []
    for count in range(2_000):
        text = LINES[:50_000] + (typed * 50)[:count] + LINES[50_000:]
        cut = window.cut(text, 50_000 + count, 1000, 400)
        starts.append(50_000 + count - len(cut.before))
        ends.append(cut.after)
    assert len(set(ends)) == 1
    assert len(set(starts)) <= 2_000 // 250 + 2
    assert starts == sorted(starts)


def test_a_state_that_may_follow_is_seen_from_where_the_cursor_s_is() -> None:
    for offset in range(40_000, 41_000, 10):
        text = LINES[:offset] + "x" * 60 + LINES[offset:]
        now, later = window.cut(LINES, offset, 1000, 400), window.cut(text, offset + 60, 1000, 400, offset)
        assert later.before == now.before + "x" * 60
        assert later.after == now.after


def test_what_is_too_far_from_the_cursor_has_a_window_of_its_own() -> None:
    assert window.cut(LINES, 40_000, 1000, 400, 39_000) == window.cut(LINES, 40_000, 1000, 400)


@pytest.mark.parametrize("offset", [0, 1, 1_500, 3_000])
def test_one_endless_line_is_cut_anywhere(offset: int) -> None:
    cut = window.cut("x" * 3_000, offset, 1000, 400)
    assert len(cut.before) == min(offset, len(cut.before)) <= 1000
    assert len(cut.after) <= 400


@given(st.text(alphabet="ab\n", max_size=400), st.data())
def test_the_window_is_a_part_around_the_cursor(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    cut = window.cut(text, offset, 40, 20)
    assert text[:offset].endswith(cut.before)
    assert text[offset:].startswith(cut.after)
    assert len(cut.before) <= 40
    assert len(cut.after) <= 20


@pytest.mark.parametrize("tokens", [0, 100, 512, 2048, 32_768])
def test_the_budget_fits_into_the_window_of_the_model(tokens: int) -> None:
    before, after = window.budget(tokens, 64, 1024)
    assert before >= after > 0
    if tokens > 1000:
        assert (before + after) / window.CHARS_PER_TOKEN + 64 + min(1024, tokens // 2) <= tokens
