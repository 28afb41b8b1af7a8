"""Where a person asks for more, the same place gets several answers, each text once, the likeliest first."""

from __future__ import annotations

import pytest

from twolane.clients.model import InfillRequest
from twolane.completion.asking import CompletionOptions
from twolane.completion.completer import Completer
from twolane.context.document import Snapshot

from .fakes import ScriptedClient

OPTIONS = CompletionOptions()
TEXT = "def f(a, b):\n    return "


async def ask(texts: list[str]) -> tuple[ScriptedClient, list[str]]:
    def pieces(request: InfillRequest) -> list[str]:
        return [texts[request.alternative]]

    client = ScriptedClient(pieces)
    completer = Completer(client)
    snapshot = Snapshot("file:///x.py", "x.py", None, "python", 1, TEXT)
    found = await completer.complete(snapshot, len(TEXT), OPTIONS, anew=True, alternatives=len(texts) - 1)
    typed = await completer.complete(
        Snapshot("file:///x.py", "x.py", None, "python", 2, TEXT + "b"), len(TEXT) + 1, OPTIONS
    )
    await completer.close()
    assert found.trace.shown == bool(found.text)
    return client, [found.text, *(text for text, _ in found.others), typed.text]


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["a + b", "b - a", "a * b"], ["a + b", "b - a", "a * b", " - a"]),
        (["a + b", "a + b", "b - a"], ["a + b", "b - a", " - a"]),
        (["", "b - a", "a * b"], ["b - a", "a * b", " - a"]),
        (["a + b", "<|endoftext|>", "b)) ]"], ["a + b", "b", ""]),
    ],
)
async def test_alternatives(texts: list[str], shown: list[str]) -> None:
    client, found = await ask(texts)
    assert found[: len(shown) - 1] == shown[:-1]
    asked = [(request.alternative, request.hypotheses > 1) for request in client.requests[: len(texts) + 1]]
    assert asked == [(0, True), *((number, False) for number in range(len(texts)))]
    if shown[-1]:
        assert found[-1] == shown[-1], "what is typed may lead on to another of them"
        assert len(client.requests) == len(texts) + 1


async def test_beside_a_line_that_was_searched_for_stands_what_the_model_says_word_by_word() -> None:
    def pieces(request: InfillRequest) -> list[str]:
        return [{(4, 0): "a + b", (1, 0): "b - a", (1, 1): "a * b"}[request.hypotheses, request.alternative]]

    client = ScriptedClient(pieces)
    snapshot = Snapshot("file:///x.py", "x.py", None, "python", 1, TEXT)
    found = await Completer(client).complete(snapshot, len(TEXT), OPTIONS, anew=True, alternatives=1)
    assert [found.text, *(text for text, _ in found.others)] == ["a + b", "b - a"]


async def test_where_the_likeliest_is_withheld_the_trace_tells_of_what_is_shown() -> None:
    def pieces(request: InfillRequest) -> list[str]:
        return ["def ("] if request.hypotheses > 1 else ["b - a"]

    client = ScriptedClient(pieces)
    snapshot = Snapshot("file:///x.py", "x.py", None, "python", 1, TEXT)
    found = await Completer(client).complete(snapshot, len(TEXT), OPTIONS, anew=True, alternatives=1)
    assert (found.text, found.trace.shown) == ("b - a", True)
    assert not any("withheld" in check for check in found.trace.checks)


async def test_without_a_wish_there_is_one() -> None:
    client, _ = await ask(["a + b"])
    assert next(request.alternative for request in client.requests) == 0
