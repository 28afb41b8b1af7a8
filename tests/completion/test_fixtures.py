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

from . import kinds
from .fakes import ScriptedClient

FIXTURES = Path(__file__).parent / "fixtures"


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


@pytest.mark.parametrize("language", languages.known())
def test_every_language_has_fixtures(language: str) -> None:
    titles = {case.title for case in CASES if case.language == language}
    assert not kinds.expected(language) - titles, "every language has the same kinds of cases"
    needless = {title for title, without in kinds.NOT_IN.items() if language in without and title in titles}
    assert not needless, "what a language has is no exception"


def test_exceptions_are_of_what_exists() -> None:
    assert set(kinds.NOT_IN) <= set(kinds.EVERYWHERE)
    assert {language for without in kinds.NOT_IN.values() for language in without} <= set(languages.known())
    assert {language for family in kinds.FAMILIES for language in family} <= set(languages.known())
