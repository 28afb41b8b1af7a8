"""How near an answer comes to what stood there, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tree_sitter import Parser

from twolane.completion.checks.trees import errors
from twolane.context import grammars
from twolane.evaluation.holes import Hole
from twolane.evaluation.scoring import is_exact, similarity

_CONTROL = re.compile(
    r"<\|[a-z_]{3,}\|?>?|<｜[^｜]*｜>|</?(?:fim_\w+|PRE|SUF|MID|EOT)>|\[(?:PREFIX|SUFFIX|MIDDLE)\]|<\[fim-\w+\]>"
)

_MOST_LINES = 40

Lines = tuple[str, int, int]
"""A path, and the first and the last line (from 1) of a piece of that file."""


@dataclass(frozen=True, slots=True)
class Score:
    """One answer: its `text`. `more_errors` counts the syntax errors it adds to the file with the hole.

    `filters_ms` is our own account of filters and checks, 0 for others; `sources` is what we showed the model of other
    files, in the order of the prompt.
    """

    text: str
    shown: bool
    exact: bool
    similarity: float
    valid: bool
    more_errors: int
    repeats: bool
    leaks: bool
    ms: float
    filters_ms: float = 0.0
    checks: tuple[str, ...] = ()
    reason: str = ""
    filters: tuple[str, ...] = ()
    sources: tuple[Lines, ...] = ()


def score(
    hole: Hole,
    text: str,
    ms: float,
    filters_ms: float = 0.0,
    checks: tuple[str, ...] = (),
    reason: str = "",
    filters: tuple[str, ...] = (),
    sources: tuple[Lines, ...] = (),
) -> Score:
    """Judge one answer."""
    with_hole = _errors(hole.language, hole.without)
    with_answer = _errors(hole.language, hole.before + text + hole.after) if text else with_hole
    return Score(
        text=text,
        shown=bool(text),
        exact=is_exact(hole, text),
        similarity=similarity(hole, text),
        valid=bool(text) and with_answer == 0,
        more_errors=with_answer - with_hole,
        repeats=bool(text) and repeats(hole, text),
        leaks=_CONTROL.search(text) is not None and _CONTROL.search(hole.text) is None,
        ms=ms,
        filters_ms=filters_ms,
        checks=checks,
        reason=reason,
        filters=filters,
        sources=sources,
    )


def repeats(hole: Hole, text: str) -> bool:
    """Whether an answer ends in what stands behind the cursor already, where the hidden text does not."""
    return _repeats(hole, text) and not _repeats(hole, hole.text)


def _repeats(hole: Hole, text: str) -> bool:
    """Whether a text ends as the rest of its line reads, or its last lines are the next ones below.

    Blanks and the kind of quotes are no difference. Lines of brackets alone are not enough: they follow one another.
    """
    rest, _, below = hole.after.partition("\n")
    behind = _bare(rest)
    if len(behind) > 1 and _bare(text).endswith(behind):
        return True
    head = hole.before.rpartition("\n")[2]
    said = [bare for line in f"{head}{text}{rest}".split("\n") if (bare := _bare(line))]
    there = [bare for line in below.split("\n", _MOST_LINES)[:_MOST_LINES] if (bare := _bare(line))]
    return any(
        said[-count:] == there[:count] and any(len(line) > 3 for line in there[:count])
        for count in range(1, min(len(said), len(there)) + 1)
    )


def _bare(line: str) -> str:
    return "".join(line.split()).replace("'", '"')


def found(score: Score, finding: str, check: str = "") -> bool:
    """Whether a check, or any of them, came to this about an answer."""
    return any(f": {finding}" in one and one.startswith(check) for one in score.checks)


@cache
def _parser(language: str) -> Parser:
    grammar = grammars.language(language)
    if grammar is None:
        raise ValueError(f"no grammar for {language}")
    return Parser(grammar)


def _errors(language: str, text: str) -> int:
    return len(errors(_parser(language).parse(text.encode()).root_node))
