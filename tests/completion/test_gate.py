"""No suggestions inside strings or comments for those who set so, in every language."""

from __future__ import annotations

import pytest

from twolane.completion import gate, languages
from twolane.completion.asking import CompletionOptions
from twolane.completion.question import pose
from twolane.completion.window import Window
from twolane.context.document import Snapshot

QUIET = CompletionOptions(in_strings=False, in_comments=False)
COMMENTS = {"python": "# a ", "ruby": "# a ", "shellscript": "# a ", "lua": "-- a "}
STRINGS = {"rust": 'let a = "b ', "shellscript": 'a="b ', "lua": 'local a = "b ', "php": '$a = "b '}


@pytest.mark.parametrize("language", languages.known())
def test_inside_and_outside(language: str) -> None:
    shape = languages.shape(language)
    comment, string = COMMENTS.get(language, "// a "), STRINGS.get(language, 'x = "b ')

    def refused(before: str, options: CompletionOptions = QUIET) -> str:
        return gate.inside(Window(before, "\n", "\n"), shape, options)

    assert "in_comments" in refused(f"x = 1\n{comment}")
    assert "in_strings" in refused(f"x = 1\n{string}")
    assert not refused(f"x = 1\n{comment}\ny")
    assert not refused(f'x = 1\n{string}" + ')
    assert not refused("x = 1\ny = ")
    assert not refused(f"x = 1\n{comment}", CompletionOptions())
    assert not refused(f"x = 1\n{string}", CompletionOptions())
    assert not refused(f"x = 1\n{comment}", CompletionOptions(in_strings=False))


def test_an_unknown_language_has_neither() -> None:
    assert not gate.inside(Window('x = "a', "", "\n"), None, QUIET)


@pytest.mark.parametrize(
    ("language", "before", "inside"),
    [
        ("javascript", "x = `a ${b.", False),
        ("javascript", "x = `a ${b} ", True),
        ("typescript", 'x = "a ${b.', True),
        ("python", 'x = f"a {b.', False),
        ("python", 'x = (rf"a {b', False),
        ("python", 'x = f"a {b} ', True),
        ("python", 'x = f"a {{b ', True),
        ("python", 'x = "a {b', True),
        ("python", 'x = self"a {b', True),
        ("csharp", 'x = $"a {b.', False),
        ("ruby", 'x = "a #{b.', False),
        ("php", '$x = "a {$b->', False),
        ("shellscript", 'x="a $(b ', False),
        ("shellscript", 'x="a $(b) ', True),
    ],
)
def test_an_expression_within_a_string_is_code(language: str, before: str, inside: bool) -> None:
    refused = gate.inside(Window(before, "\n", "\n"), languages.shape(language), QUIET)
    assert bool(refused) == inside


@pytest.mark.parametrize(
    ("line", "follows"),
    [
        ("total = ‸ + 1", True),
        ("print(‸width, height)", True),
        ("print(‸)", False),
        ('names = ["a", "‸"]', False),
        ("if ready:‸", False),
        ("total = ‸", False),
        ("total = ‸   ", False),
    ],
)
def test_the_middle_of_a_line_can_be_left_alone(line: str, follows: bool) -> None:
    before, _, after = line.partition("‸")
    document = Snapshot("file:///x", "x", None, "python", 1, f"{before}{after}\nprint(total)\n")
    question = pose(document, len(before), (4_000, 4_000), "auto")
    refused = gate.unwanted(question, CompletionOptions(in_middle_of_line=False))
    assert ("completion.in_middle_of_line" in refused) == follows
    assert not gate.unwanted(question, CompletionOptions())
