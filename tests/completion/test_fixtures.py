"""What a model writes and what a person sees, in the format of `fixtures/*.txt`.

`=== title`, the document with the cursor as ‸, `--- model` and its text, `--- shown` and what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from twolane.completion import languages
from twolane.completion.asking import CompletionOptions
from twolane.completion.completer import Completer
from twolane.context.document import Snapshot

from .fakes import ScriptedClient

FIXTURES = Path(__file__).parent / "fixtures"


EVERYWHERE = frozenset(
    {
        "a line ends at its end",
        "brackets that are closed already stay single",
        "a quote that is closed already stays single",
        "the text below ends the block",
        "the last lines stand below already",
        "a line typed again from its start",
        "a fragment of a control token at the end",
        "a fragment of a control token at the start",
        "only control tokens",
        "another file begins",
        "a half character",
        "the same line over and over",
        "a line that goes round in circles",
        "trailing white space goes",
        "white space alone is nothing",
        "brackets in strings do not count",
        "what follows a control token is nobody's",
        "what stands to the right is not said again",
        "the line below is not said again",
        "the line above is not said again",
        "what is no code is withheld",
        "a line that opens a block brings its body along",
        "a name goes on in the middle of a word",
        "what stands behind a return is never reached",
        "the empty body of a condition, its end below",
        "the empty body of a loop, its end below",
        "a chain that repeats and ends",
        "three equal statements",
        "four spaces become the two of the document",
        "two spaces become the four of the document",
        "spaces become the tabs of a document",
        "tabs become the spaces of the document",
        "a block within a block keeps its end",
        "the line below is not said again in other blanks or quotes",
        "a text that runs into the lines below ends before them, however they are written",
        "the line above is not said again in other blanks or quotes",
        "a comment that names a file is a comment",
        "a step of three",
        "tabs and spaces in one line become tabs",
        "blanks that are not those of the document",
    }
)
"""What is tried in every language, under the same title; other cases are of what only some have."""


@dataclass(frozen=True)
class Case:
    language: str
    title: str
    before: str
    after: str
    model: str
    shown: str


def read(path: Path) -> list[Case]:
    cases = []
    for block in path.read_text(encoding="utf-8").removesuffix("\n").split("=== ")[1:]:
        title, _, body = block.removesuffix("\n").partition("\n")
        document, _, rest = body.partition("\n--- model\n")
        model, _, shown = rest.partition("\n--- shown")
        before, cursor, after = document.partition("‸")
        assert cursor, f"{path.name}: {title}: no cursor"
        cases.append(Case(path.stem, title, before, after, model, shown.removeprefix("\n")))
    return cases


CASES = [case for path in sorted(FIXTURES.glob("*.txt")) for case in read(path)]


async def check(case: Case, size: int, line_end: str = "\n", *, parsed: bool = False) -> None:
    """The scripted model streams its text in pieces of `size` characters; `parsed` where a syntax tree takes part."""
    before, after = (part.replace("\n", line_end) for part in (case.before, case.after))
    shown = case.shown.replace("\n", line_end if line_end in before + after else "\n")
    document = Snapshot("file:///x", "x", None, case.language, 1, before + after)
    client = ScriptedClient([case.model[at : at + size] for at in range(0, len(case.model), size)])
    completer = Completer(client)
    completion = await completer.complete(document, len(before), CompletionOptions(), wait_for_context=parsed)
    await completer.close()
    assert completion.text == shown
    assert (completion.start, completion.end) == (len(before), len(before))
    assert completion.trace.shown == bool(shown)
    assert bool(completion.trace.reason) != bool(shown), "silence has a reason, and only silence"


@pytest.mark.parametrize("case", CASES, ids=[f"{case.language}: {case.title}" for case in CASES])
@pytest.mark.parametrize("size", [1, 7, 4000])
async def test_fixture(case: Case, size: int) -> None:
    await check(case, size, parsed=size == 7)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.language}: {case.title}" for case in CASES])
async def test_fixture_in_a_document_with_carriage_returns(case: Case) -> None:
    await check(case, 7, "\r\n")


def test_every_language_has_the_same_fixtures() -> None:
    covered = {language: {case.title for case in CASES if case.language == language} for language in languages.known()}
    missing = {language: sorted(EVERYWHERE - titles) for language, titles in covered.items() if EVERYWHERE - titles}
    assert not missing
