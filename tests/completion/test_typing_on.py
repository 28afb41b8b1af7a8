"""What was asked once serves on: while it is typed through, while it is still being written, and ahead of time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from twolane.clients.errors import ModelCrashed
from twolane.clients.model import InfillRequest
from twolane.completion.asking import CompletionOptions
from twolane.completion.completer import Completer
from twolane.completion.trace import Completion
from twolane.context.document import Snapshot

from .fakes import ScriptedClient

NOTHING_AHEAD = CompletionOptions(ahead=False)
AHEAD = CompletionOptions()
LINE = "total = add(first, second)"


class Editor:
    """A document with a cursor, at a completer: types, asks, accepts."""

    def __init__(self, client: ScriptedClient, before: str = "", after: str = "\n", language: str = "python") -> None:
        self.client = client
        self.completer = Completer(client)
        self.before, self.after = before, after
        self.options = NOTHING_AHEAD
        self._language = language
        self._version = 0

    def snapshot(self) -> Snapshot:
        self._version += 1
        return Snapshot("file:///w.py", "w.py", Path("/w"), self._language, self._version, self.before + self.after)

    def type(self, text: str, *, closes: str = "") -> None:
        self.before += text
        self.after = closes + self.after
        self.completer.edited(self.snapshot(), len(self.before), self.options)

    def erase(self, count: int) -> None:
        self.before = self.before[:-count]
        self.completer.edited(self.snapshot(), len(self.before), self.options)

    def asking(self) -> asyncio.Task[Completion]:
        return asyncio.create_task(self.completer.complete(self.snapshot(), len(self.before), self.options))

    async def ask(self, *, anew: bool = False) -> Completion:
        snapshot, offset = self.snapshot(), len(self.before)
        completion = await self.completer.complete(snapshot, offset, self.options, anew=anew)
        if completion.text and completion.answer is not None and self.options.ahead:
            self.completer.shown(snapshot, offset, completion.text, completion.answer, self.options)
        return completion

    async def check(self, text: str, origin: str, asked: int) -> Completion:
        """What is shown, where it comes from, and how often the model has been asked so far."""
        completion = await self.ask()
        assert (completion.text, completion.trace.origin) == (text, origin)
        assert len(self.client.requests) == asked
        return completion


@pytest.fixture
async def editor() -> AsyncIterator[Callable[..., Editor]]:
    made: list[Editor] = []

    def make(pieces: Sequence[str] | Callable[[InfillRequest], Sequence[str]], **place: str) -> Editor:
        made.append(Editor(ScriptedClient(pieces), **place))
        return made[-1]

    yield make
    for one in made:
        await one.completer.close()


Make = Callable[..., Editor]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.001)


async def test_typing_through_an_answer_asks_no_model(editor: Make) -> None:
    typist = editor([LINE])
    await typist.check(LINE, "model", 1)
    for typed, letter in enumerate(LINE[:-1], 1):
        typist.type(letter)
        completion = await typist.check(LINE[typed:], "typed-through", 1)
        assert completion.trace.shown
        assert completion.trace.evaluated_tokens == 0
    typist.type(LINE[-1])
    assert (await typist.ask()).trace.origin == "model"


async def test_what_the_filters_did_is_told_at_every_key(editor: Make) -> None:
    typist = editor([f"{LINE}<|fim_pad|>"])
    cut = f"control tokens (-{len('<|fim_pad|>')})"
    assert (await typist.check(LINE, "model", 1)).trace.filters == [cut]
    typist.type(LINE[0])
    assert (await typist.check(LINE[1:], "typed-through", 1)).trace.filters == [cut]


async def test_a_key_that_disagrees_asks_again(editor: Make) -> None:
    typist = editor(lambda request: ["x" if request.prefix.endswith("z") else LINE])
    await typist.check(LINE, "model", 1)
    typist.type("z")
    await typist.check("x", "model", 2)
    typist.erase(1)
    await typist.check(LINE, "typed-through", 2)


async def test_an_answer_holds_only_before_the_same_text(editor: Make) -> None:
    typist = editor([LINE])
    await typist.check(LINE, "model", 1)
    typist.after = "\n# something else was put here\n"
    await typist.check(LINE, "model", 2)


async def test_brackets_that_the_editor_closes_are_no_disagreement(editor: Make) -> None:
    typist = editor(["print(a, b)"], before="def f(a, b):\n    ")
    await typist.check("print(a, b)", "model", 1)
    typist.type("print(", closes=")")
    await typist.check("a, b", "typed-through", 1)


async def test_what_was_sound_stays_so_while_it_is_typed(editor: Make) -> None:
    """Without the syntax tree a bracket in a pattern looks like one too many."""
    text = '.replace(/\\)/g, "");'
    typist = editor([text], before="function f(s) {\n  return s", after="\n}\n", language="javascript")
    await typist.completer.complete(typist.snapshot(), len(typist.before), NOTHING_AHEAD, wait_for_context=True)
    typist.type(".rep")
    await typist.check(text.removeprefix(".rep"), "typed-through", 1)


@pytest.mark.parametrize(
    ("text", "typed", "closes", "left"),
    [
        ("ab + ab + 1", "ab + ", "", "ab + 1"),
        ("max(max(a, b), c)", "max(", "", "max(a, b), c)"),
        ("max(max(a, b), c)", "max(", ")", "max(a, b), c"),
        ("say(1)\n    say(1)", "say(1)\n    ", "", "say(1)"),
    ],
)
async def test_what_is_left_says_again_what_was_typed_where_the_answer_does(
    editor: Make, text: str, typed: str, closes: str, left: str
) -> None:
    typist = editor([text], before="def f(ab, a, b, c):\n    # what it does\n    ")
    await typist.check(text, "model", 1)
    typist.type(typed, closes=closes)
    await typist.check(left, "typed-through", 1)


async def test_asking_anew_asks_the_model(editor: Make) -> None:
    typist = editor([LINE])
    await typist.check(LINE, "model", 1)
    assert (await typist.ask(anew=True)).trace.origin == "model"
    assert len(typist.client.requests) == 2


async def test_line_ends_of_the_document_stay_while_typing_through(editor: Make) -> None:
    typist = editor(["\n    a = 1\n    return a\n"], before="import a\r\ndef f():", after="")
    await typist.check("\r\n    a = 1\r\n    return a", "model", 1)
    typist.type("\r\n    a")
    await typist.check(" = 1\r\n    return a", "typed-through", 1)


async def test_what_is_being_written_is_joined_while_the_typing_agrees(editor: Make) -> None:
    typist = editor(["total", " = 1"])
    typist.client.pause = asyncio.Event()
    first = typist.asking()
    await typist.client.started.wait()
    typist.type("to")
    second = typist.asking()
    first.cancel()
    await asyncio.wait([first])
    await asyncio.sleep(0.05)
    typist.client.pause.set()
    completion = await second
    assert (completion.text, completion.trace.origin) == ("tal = 1", "adopted")
    assert completion.trace.generated_tokens == 2
    assert len(typist.client.requests) == 1


async def test_an_editor_that_cancels_types_and_asks_finds_its_work_still_running(editor: Make) -> None:
    typist = editor(["total", " = 1"])
    typist.client.pause = asyncio.Event()
    first = typist.asking()
    await typist.client.started.wait()
    first.cancel()
    await asyncio.wait([first])
    typist.type("tot")
    await asyncio.sleep(0.1)
    second = typist.asking()
    await asyncio.sleep(0.02)
    typist.client.pause.set()
    completion = await second
    assert (completion.text, completion.trace.origin) == ("al = 1", "adopted")


@pytest.mark.parametrize("edit", ["x", "\n", "tox"])
async def test_an_edit_that_disagrees_stops_the_model_at_once(editor: Make, edit: str) -> None:
    typist = editor(["total", " = 1"])
    typist.client.pause = asyncio.Event()
    first = typist.asking()
    await until(lambda: bool(typist.client.streams) and typist.client.streams[0].given == 1)
    typist.type(edit)
    completion = await first
    assert completion.text == ""
    assert completion.trace.reason == "The document changed while the model wrote."
    await until(lambda: typist.client.left_early == [True])


async def test_text_that_comes_out_otherwise_is_not_waited_for(editor: Make) -> None:
    typist = editor(lambda request: ["t", "rue"] if not request.prefix else ["tal"])
    typist.client.pause = asyncio.Event()
    first = typist.asking()
    await typist.client.started.wait()
    typist.type("to")
    second = typist.asking()
    await asyncio.sleep(0.01)
    typist.client.pause.set()
    completion = await second
    assert (completion.text, completion.trace.origin) == ("tal", "model")
    await first


async def test_nobody_waits_and_nobody_types_so_the_model_stops(editor: Make) -> None:
    typist = editor(["total", " = 1"])
    typist.client.pause = asyncio.Event()
    first = typist.asking()
    await typist.client.started.wait()
    first.cancel()
    await until(lambda: typist.client.left_early == [True])


async def test_an_answer_whose_asker_left_is_remembered(editor: Make) -> None:
    typist = editor(["total", " = 1"])
    typist.client.pause = asyncio.Event()
    first = typist.asking()
    await typist.client.started.wait()
    first.cancel()
    typist.type("t")
    typist.client.pause.set()
    await until(lambda: not typist.completer.works_on("file:///w.py", "w.py", Path("/w")))
    assert typist.client.left_early == [False]
    await typist.check("otal = 1", "typed-through", 1)


def story(request: InfillRequest) -> list[str]:
    """Three lines, one after the other; nothing at a line's end."""
    lines = ["first = 1", "second = 2", "third = 3"]
    begun = request.prefix.rpartition("\n")[2]
    if begun.strip():
        return [""]
    return [lines[min(2, request.prefix.count("\n"))]]


async def test_what_follows_acceptance_is_there_before_it_is_asked_for(editor: Make) -> None:
    typist = editor(story)
    typist.options = AHEAD
    await typist.check("first = 1", "model", 1)
    await until(lambda: len(typist.client.requests) == 3 and len(typist.client.left_early) == 3)
    assert [request.priority for request in typist.client.requests] == ["live", "speculative", "speculative"]
    typist.type("first = 1")
    silence = await typist.ask()
    assert (silence.text, silence.trace.origin) == ("", "speculated")
    assert silence.trace.reason
    typist.type("\n")
    await typist.check("second = 2", "speculated", 3)


async def test_after_work_ahead_for_nobody_a_suggestion_stands_longer_before_the_next(editor: Make) -> None:
    typist = editor(story)
    typist.options = AHEAD
    first = await typist.check("first = 1", "model", 1)
    await until(lambda: len(typist.client.requests) > 1)
    typist.type("other\n")
    second = await typist.ask(anew=True)
    await until(lambda: typist.client.requests[-1].priority == "speculative")
    typist.type("second = 2")
    assert (await typist.ask()).trace.origin == "speculated"
    third = await typist.ask(anew=True)
    pauses = [asked.trace.pace["ahead_after_ms"] for asked in (first, second, third)]
    assert pauses[0] < pauses[1] > pauses[2]


async def test_what_follows_the_first_of_several_lines_is_the_rest_and_nobody_is_asked(editor: Make) -> None:
    typist = editor(["if ready:\n    first()\n    second()"])
    await typist.check("if ready:\n    first()\n    second()", "model", 1)
    typist.type("if ready:")
    await typist.check("\n    first()\n    second()", "typed-through", 1)
    typist.type("\n    ")
    await typist.check("first()\n    second()", "typed-through", 1)
    typist.type("first()")
    await typist.check("\n    second()", "typed-through", 1)


async def test_work_ahead_is_dropped_at_the_first_key_that_disagrees(editor: Make) -> None:
    typist = editor(lambda request: ["first = 1"] if request.priority == "live" else ["a", "b"])
    typist.options = AHEAD
    await typist.ask()
    typist.client.pause = asyncio.Event()
    await until(lambda: len(typist.client.requests) == 2)
    typist.type("fir")
    await asyncio.sleep(0.02)
    assert typist.client.left_early == [False]
    typist.type("e")
    await until(lambda: typist.client.left_early == [False, True])


async def test_acceptance_joins_the_work_ahead_that_still_runs(editor: Make) -> None:
    typist = editor(lambda request: ["value"] if request.priority == "live" else [".upper", "()"], before="x = ")
    typist.options = AHEAD
    await typist.ask()
    typist.client.pause = asyncio.Event()
    await until(lambda: len(typist.client.requests) == 2)
    typist.type("value")
    asked = typist.asking()
    await asyncio.sleep(0.02)
    typist.client.pause.set()
    completion = await asked
    assert (completion.text, completion.trace.origin) == (".upper()", "speculated")
    assert len(typist.client.requests) == 2


async def test_nothing_is_written_ahead_where_a_person_does_not_want_it(editor: Make) -> None:
    typist = editor(story)
    await typist.check("first = 1", "model", 1)
    await asyncio.sleep(0.02)
    assert len(typist.client.requests) == 1


async def test_the_prompt_is_read_while_the_person_types(editor: Make) -> None:
    typist = editor(story)
    typist.options = AHEAD
    await typist.ask(anew=True)
    await until(lambda: len(typist.client.left_early) == 3)
    typist.type("z")
    typist.completer.expect(typist.snapshot(), len(typist.before), typist.options)
    await until(lambda: len(typist.client.requests) == 4)
    warm = typist.client.requests[-1]
    assert (warm.priority, warm.max_tokens, warm.prefix) == ("warm", 0, "z")
    await typist.ask()
    assert typist.client.requests[-1] == replace(warm, priority="live", max_tokens=64)


async def test_what_is_known_already_is_not_read_again(editor: Make) -> None:
    typist = editor([LINE])
    typist.options = AHEAD
    await typist.ask()
    await until(lambda: len(typist.client.left_early) == 3)
    asked = len(typist.client.requests)
    typist.type(LINE[:4])
    typist.completer.expect(typist.snapshot(), len(typist.before), typist.options)
    await asyncio.sleep(0.02)
    assert len(typist.client.requests) == asked


async def test_nothing_is_read_for_a_place_where_nobody_will_be_answered(editor: Make) -> None:
    typist = editor([LINE])
    typist.options = replace(AHEAD, in_comments=False)
    await typist.ask()
    await until(lambda: len(typist.client.left_early) == 3)
    asked = len(typist.client.requests)
    typist.type("# why")
    typist.completer.expect(typist.snapshot(), len(typist.before), typist.options)
    await asyncio.sleep(0.02)
    assert len(typist.client.requests) == asked
    typist.options = AHEAD
    typist.completer.expect(typist.snapshot(), len(typist.before), typist.options)
    await until(lambda: len(typist.client.requests) == asked + 1)


async def test_a_model_that_fails_ahead_of_time_is_no_trouble(editor: Make) -> None:
    typist = editor(story)
    typist.options = AHEAD
    await typist.ask()
    typist.client.failure = ModelCrashed("The engine died; it is started again.")
    await until(lambda: len(typist.client.requests) >= 2)
    typist.client.failure = None
    typist.type("q")
    assert (await typist.ask()).trouble is None


async def test_a_closed_document_is_forgotten(editor: Make) -> None:
    typist = editor([LINE])
    await typist.check(LINE, "model", 1)
    typist.completer.closed(typist.snapshot())
    await typist.check(LINE, "model", 2)
