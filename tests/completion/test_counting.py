"""What other files' lines cost is what the model counts, as soon as it has counted; nothing waits for that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.completion.fakes import INFO, ScriptedClient
from tests.context.workspace import snapshot, write
from twolane.clients.errors import ModelCrashed
from twolane.clients.model import Extra, InfillRequest, ModelInfo, Usage
from twolane.completion.asking import CompletionOptions
from twolane.completion.completer import Completer
from twolane.completion.counting import Counting, TokenCounts
from twolane.context import tokens

OPTIONS = CompletionOptions()
HELPERS = "".join(f"def helper_{letter}(first, second): ...\n" for letter in "abcdef")
USER = "from helpers import " + ", ".join(f"helper_{letter}" for letter in "abcdef") + "\n\nx = 1\n"


@dataclass
class Counter(ScriptedClient):
    """Counts three tokens for each estimated one, and remembers what it was sent."""

    counted: list[str] = field(default_factory=list)
    model: ModelInfo = INFO
    dies: bool = False

    async def info(self) -> ModelInfo:
        return self.model

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if self.dies:
            raise ModelCrashed("The engine has died.")
        self.counted += texts
        return [3 * tokens.count(text) for text in texts]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.001)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, {"helpers.py": HELPERS})


def test_a_text_is_guessed_until_the_model_has_counted_it() -> None:
    counts = TokenCounts()
    text, other = "def one(first, second): ...", "def another(third): ..."
    assert counts(text) == tokens.count(text)
    assert counts.next(10) == [text]
    counts.learn([text], [100])
    assert counts(text) == 100
    assert counts.waiting == 0
    assert counts(other) > tokens.count(other)


def test_what_waits_is_bounded_and_what_was_met_first_goes_first() -> None:
    counts = TokenCounts()
    counts.want(f"line {number}" for number in range(100_000))
    assert counts.waiting < 10_000
    assert counts.next(2) == ["line 0", "line 1"]


async def test_what_may_be_shown_is_counted_when_a_document_is_opened(root: Path) -> None:
    client = Counter()
    completer = Completer(client)
    document, offset = snapshot(root, "user.py", USER)
    await completer.complete(document, offset, OPTIONS, wait_for_context=True)
    await until(lambda: any("helper_b" in text for text in client.counted))
    counting = completer._counting
    await until(lambda: not counting.counts.waiting and counting._task is not None and counting._task.done())
    client.counted.clear()
    other, _ = snapshot(root, "other.py", USER.replace("helper_a, ", "").replace("from helpers", "from more"))
    write(root, {"more.py": HELPERS.replace("helper", "further")})
    other = replace(other, text=other.text.replace("helper", "further"))
    completer.changed(other)
    await until(lambda: any("further_b" in text for text in client.counted))
    assert not any("helper_b" in text for text in client.counted), "what is known is not counted again"
    await completer.close()


@pytest.mark.parametrize("trouble", ["dies", "elsewhere"])
async def test_a_model_that_cannot_be_asked_is_sent_nothing_and_completes(root: Path, trouble: str) -> None:
    model = replace(INFO, host="models.example", lane="team") if trouble == "elsewhere" else INFO
    client = Counter(["helper_a(1, 2)"], dies=trouble == "dies", model=model)
    completer = Completer(client)
    document, offset = snapshot(root, "user.py", USER + "y = ")
    answer = await completer.complete(document, offset, OPTIONS, wait_for_context=True)
    assert answer.text == "helper_a(1, 2)"
    assert answer.trace.sources
    assert client.counted == []
    await completer.close()


def test_the_prompts_that_a_model_elsewhere_was_asked_to_fill_tell_what_text_costs_it() -> None:
    counting = Counting(Counter(), lambda: False)
    prefix = "value = 1\n" * 200
    request = InfillRequest(prefix, "", "a.py", "", "", extras=(Extra("b.py", "def one(): ..."),))
    read = Usage(2 * tokens.count(prefix), 0, 0, 0, 0, 0, 0, "end")
    counting.answered(request, read)
    assert counting.counts("def two(first, second): ...") == pytest.approx(
        2 * tokens.count("def two(first, second): ..."), abs=2
    )
