"""Where the likeliest line is blamed, one that a search found beside it is shown, if that is sound."""

from __future__ import annotations

from dataclasses import replace

import pytest

from twolane.completion.asking import CompletionOptions
from twolane.completion.completer import Completer
from twolane.completion.trace import Completion
from twolane.context.document import Snapshot

from .fakes import ScriptedClient

BEFORE, AFTER = "def total(items):\n    count = 0\n    ", "\n    return count\n"
BROKEN = "count count = items"

pytestmark = pytest.mark.asyncio


@pytest.fixture
def client() -> ScriptedClient:
    return ScriptedClient([BROKEN])


async def shown(client: ScriptedClient, before: str = BEFORE, after: str = AFTER, *, check: bool = True) -> Completion:
    completer = Completer(client)
    document = Snapshot("file:///user.py", "user.py", None, "python", 1, before + after)
    options = replace(CompletionOptions(), check=check)
    try:
        return await completer.complete(document, len(before), options, wait_for_context=True)
    finally:
        await completer.close()


async def test_a_sound_line_stands_in_for_one_that_brings_errors(client: ScriptedClient) -> None:
    client.others = ("count = len(items)",)
    completion = await shown(client)
    assert completion.text == "count = len(items)"
    assert completion.trace.reason == ""
    assert completion.trace.filters[0] == "line 2 of the search"
    assert not any("withheld" in check for check in completion.trace.checks)


async def test_lines_are_looked_at_in_their_order_until_one_is_sound(client: ScriptedClient) -> None:
    client.others = ("count = = len", "count = sum(items)", "count = len(items)")
    completion = await shown(client)
    assert completion.text == "count = sum(items)"
    assert completion.trace.filters[0] == "line 3 of the search"


async def test_where_none_is_sound_the_first_line_says_why(client: ScriptedClient) -> None:
    client.others = ("count = = len", "sum + + = 1")
    alone = await shown(ScriptedClient([BROKEN]))
    completion = await shown(client)
    assert completion.text == alone.text
    assert (completion.trace.reason, completion.trace.checks) == (alone.trace.reason, alone.trace.checks)


async def test_a_sound_first_line_stays(client: ScriptedClient) -> None:
    client.pieces, client.others = ["count = len(items)"], ("count = sum(items)",)
    assert (await shown(client)).text == "count = len(items)"


async def test_a_model_that_has_nothing_to_add_is_not_asked_twice(client: ScriptedClient) -> None:
    client.pieces, client.others = [""], ("count = len(items)",)
    assert (await shown(client)).text == ""


async def test_what_stands_behind_the_cursor_is_not_said_again_by_another_line(client: ScriptedClient) -> None:
    client.pieces, client.others = ["3 = = 4"], ("len(items))",)
    completion = await shown(client, "def total(items):\n    count = abs(1, ", ")\n    return count\n")
    assert completion.text == "len(items)"


async def test_without_checks_nothing_is_blamed(client: ScriptedClient) -> None:
    client.others = ("count = len(items)",)
    assert (await shown(client, check=False)).text == BROKEN


async def test_explain_tells_no_line_that_was_not_shown(client: ScriptedClient) -> None:
    client.others = ("count = = secret", "count = len(items)")
    document = (await shown(client)).trace.document()
    assert "secret" not in repr(document)
    assert document["work"]["generated_tokens"] == 1
