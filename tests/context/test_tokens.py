import pytest
from hypothesis import given
from hypothesis import strategies as st

from twolane.context import tokens


def check(text: str, expected: int) -> None:
    assert tokens.count(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("\n", 1),
        ("a", 2),
        ("a\n", 2),
        ("a\n\n", 3),
        ("return x", 3),
        ("return  x", 4),
        ("    return x", 4),
        ("abcdefg", 2),
        ("abcdefgh", 3),
        ("getUserName", 4),
        ("HTTPServer", 3),
        ("ABCDEFGHIJk", 4),
        ("snake_case", 4),
        ("x1 = 2048", 8),
        ("a == b", 4),
        ("f(...)", 5),
        ("\tx", 3),
        ("größe", 2),
        ("straßenbahn", 3),
        ("名前", 2),
        ("x = 'ü'", 6),
        ("def verify(self, token: str) -> bool:", 13),
        ("def verify(self, token: str) -> bool:\n    ...", 17),
    ],
)
def test_golden(text: str, expected: int) -> None:
    check(text, expected)


def test_header_counts_its_line() -> None:
    assert tokens.count_header("src/pkg/signer.py") == tokens.count("# src/pkg/signer.py")


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\n\r"), max_size=30), min_size=1, max_size=6))
def test_lines_add_up(lines: list[str]) -> None:
    whole = "".join(f"{line}\n" for line in lines)
    assert tokens.count(whole) == sum(tokens.count(f"{line}\n") for line in lines)


@given(st.text(alphabet="aAzZ09_.( \t\n", max_size=60))
def test_other_scripts_do_not_change_the_rules_for_ascii(text: str) -> None:
    assert tokens.count(text + "\né") == tokens.count(text + "\ne")
