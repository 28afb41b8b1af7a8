"""One line that is being typed hides little of the file around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.context.facts import FileFacts
from twolane.context.languages.reading import read
from twolane.context.parsing import Parsed, TreeParser

HERE = Path(__file__).parent
BAR = "=" * 40
TYPED = {
    "python": "self.",
    "typescript": "this.",
    "javascript": "this.",
    "go": "s.left.",
    "rust": "self.url.",
    "java": "this.",
    "c": "node->",
    "cpp": "this->",
    "csharp": "this.",
    "ruby": "@client.",
    "php": "$this->",
    "lua": "self.",
}
LEAST = 0.9
LINES = ["{}", "x = {}", "call({}", "if ({}"]


def names(facts: FileFacts) -> set[str]:
    return {item.symbol for item in facts.definitions if item.kind not in ("field", "constant", "variable")}


@pytest.mark.parametrize("language", TYPED)
def test_a_half_written_line_keeps_most_definitions(language: str) -> None:
    parser = TreeParser(language)

    def facts(source: str) -> FileFacts:
        parsed = parser.parse(source, seconds=20)
        assert isinstance(parsed, Parsed)
        return read(language, parsed)

    text = (HERE / language / "idioms.txt").read_text(encoding="utf-8").partition(BAR)[0]
    lines = text.split("\n")
    whole = facts(text)
    kept = total = 0
    for item in whole.definitions:
        if item.kind not in ("function", "method") or item.last_line < item.end_line + 2:
            continue
        for form in LINES:
            row = item.last_line - 1
            indent = lines[row - 1][: len(lines[row - 1]) - len(lines[row - 1].lstrip())]
            typed = [*lines[:row], indent + form.format(TYPED[language]), *lines[row:]]
            kept += len(names(whole) & names(facts("\n".join(typed))))
            total += len(names(whole))
    assert total
    assert kept / total >= LEAST
