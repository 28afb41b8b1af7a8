"""Where an answer does not hold: other settings, another language, another file; and that every request ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from twolane.completion.completer import Completer
from twolane.completion.question import pose, typed_since
from twolane.context.document import Snapshot

from .fakes import ScriptedClient
from .test_typing_on import LINE, NOTHING_AHEAD, Make, editor

__all__ = ["editor"]

BLOCK = "a + b\n    c = 1\n    return c"


async def test_an_edit_before_the_model_has_begun_ends_the_request(editor: Make) -> None:
    typist = editor([LINE])
    await typist.ask()
    typist.before = "other = "
    asking = typist.asking()
    await asyncio.sleep(0)
    typist.erase(2)
    completion = await asyncio.wait_for(asking, 5)
    assert completion.text == ""
    assert completion.trace.reason == "The document changed while the model wrote."


async def test_closing_before_the_model_has_begun_ends_the_request(editor: Make) -> None:
    typist = editor([LINE])
    await typist.ask()
    typist.before = "other = "
    asking = typist.asking()
    await asyncio.sleep(0)
    typist.completer.closed(typist.snapshot())
    assert (await asyncio.wait_for(asking, 5)).trace.reason == "The document was closed."


async def test_an_answer_written_under_other_settings_is_not_shown(editor: Make) -> None:
    typist = editor([BLOCK], before="def add(a, b):\n    result = ", after="\n")
    typist.options = replace(NOTHING_AHEAD, multiline="always")
    assert (await typist.ask()).text == BLOCK
    typist.options = replace(NOTHING_AHEAD, multiline="never")
    assert (await typist.ask()).text == "a + b"


def test_another_language_is_another_question() -> None:
    python, typescript = (
        pose(Snapshot("file:///w", "w", None, language, 1, "total = "), 8, (100, 100), "auto")
        for language in ("python", "typescript")
    )
    assert typed_since(python, python) == ""
    assert typed_since(python, typescript) is None


async def test_files_of_one_name_outside_any_workspace_do_not_end_each_others_work() -> None:
    pause = asyncio.Event()
    client = ScriptedClient(["value", " + 1"], pause=pause)
    completer = Completer(client)
    one, two = (Snapshot(f"file:///{folder}/x.py", "x.py", None, "python", 1, "total = ") for folder in ("a", "b"))
    asking = asyncio.create_task(completer.complete(one, 8, NOTHING_AHEAD))
    await client.started.wait()
    client.started.clear()
    other = asyncio.create_task(completer.complete(replace(two, text="money = "), 8, NOTHING_AHEAD))
    await client.started.wait()
    completer.closed(two)
    assert (await other).text == ""
    pause.set()
    assert (await asking).text == "value + 1"
    await completer.close()
