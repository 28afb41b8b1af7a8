"""The peer does what llama.vim does: what it asks, what it shows, what it shows again."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.typing.event import Event
from benchmarks.typing.history import History
from benchmarks.typing.peer import window
from benchmarks.typing.peer.hint import Hint, hint
from benchmarks.typing.peer.plugin import LlamaVim
from benchmarks.typing.peer.ring import Ring, similarity
from benchmarks.typing.peer.window import Local
from benchmarks.typing.player import Stage, play
from benchmarks.typing.score import Clock, Score

TEXT = "".join(f"line {number}\n" for number in range(400))


def at(text: str) -> window.Place:
    """The place of ``|`` in a text."""
    return window.place(text.replace("|", ""), text.index("|"))


def test_the_window_holds_256_lines_before_and_64_behind() -> None:
    cursor = TEXT.index("line 300\n") + 4
    local = window.here(window.place(TEXT, cursor))
    assert local.prefix.split("\n")[0] == "line 44"
    assert local.middle == "line"
    assert local.suffix.startswith(" 300\nline 301\n")
    assert local.suffix.endswith("line 364\n")


def test_of_a_blank_line_nothing_is_told() -> None:
    assert window.here(at("if x:\n    |\nend\n")) == Local("if x:\n", "", "\nend\n", 0)


def test_beyond_a_suggestion_the_window_is_as_if_it_were_accepted() -> None:
    assert window.beyond(at("a\nb = |\nend\n"), ["f(", "  1", ")"], 0) == Local("a\nb = f(\n  1\n", ")", "\nend\n", 0)
    assert window.beyond(at("b = |\n"), ["2"], 0) == Local("\n", "b = 2", "\n\n", 0)


@pytest.mark.parametrize(
    ("content", "text", "expected"),
    [
        ("1)\n\n", "f(|\n", Hint(("1)",), True)),
        ("  \n", "f(|\n", Hint(("  ",), False)),
        ("", "f(|\n", Hint(("",), False)),
        ("        pass", "def f():\n    |\n", Hint(("    pass",), True)),
        (")", "f(|)\n", Hint((")",), True)),
        ("one", "|\none\n", Hint(("",), False)),
        ("one\ntwo", "|\n\none\ntwo\n", Hint(("",), False)),
        ("one\nother", "|\n\none\ntwo\n", Hint(("one", "other"), True)),
    ],
)
def test_what_stands_there_already_is_not_shown(content: str, text: str, expected: Hint) -> None:
    assert hint(content, at(text)) == expected


def test_the_ring_takes_parts_of_64_lines_at_most_and_no_twins() -> None:
    ring = Ring(random.Random(1))
    lines = [f"word{number} other{number}" for number in range(65)]
    ring.pick("a.py", lines, replace=True)
    ring.pick("b.py", lines[:40], replace=True)
    ring.pick("b.py", lines[:40], replace=True)
    ring.pick("c.py", lines[:2], replace=True)
    assert ring.extra() == []
    assert [ring.update() for _ in range(3)] == [True, True, False]
    assert [chunk["filename"] for chunk in ring.extra()] == ["a.py", "b.py"]
    assert ring.extra()[0]["text"].count("\n") == 33
    ring.drop_like(lines[:33])
    assert [chunk["filename"] for chunk in ring.extra()] != ["a.py", "b.py"]
    assert similarity(["a b"], ["a c"]) == 0.5


class Server:
    """A stand-in for llama.cpp's server: answers every request with the same text, and remembers the requests."""

    def __init__(self, content: str) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._content = content

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split()[0])
        self.bodies.append(json.loads(await reader.readexactly(length)))
        timings = {"prompt_n": 7, "cache_n": 3, "predicted_n": 2, "prompt_ms": 5.0, "predicted_ms": 1.0}
        body = json.dumps({"content": self._content, "timings": timings}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()


@pytest.fixture
async def served() -> AsyncIterator[tuple[Server, int]]:
    server = Server("rint(1)")
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    yield server, listening.sockets[0].getsockname()[1]
    listening.close()


async def test_typing_through_a_suggestion_shows_it_at_once(tmp_path: Path, served: tuple[Server, int]) -> None:
    server, port = served
    stage = Stage(History("h", {"a.py": "x = 1\n"}, ()), tmp_path)
    score = Score()
    clock = Clock(score)
    peer = LlamaVim(port, stage, clock, score, seed=1)
    keys = [Event(0.0, "jump", "a.py", 6, 6, ""), Event(0.0, "key", "a.py", 6, 6, "p")]
    await play(keys, stage, peer, clock, score, 0.0)
    await play(
        [Event(0.0, "key", "a.py", 7, 7, "r"), Event(0.0, "save", "a.py", 8, 8, "")], stage, peer, clock, score, 0
    )
    assert (tmp_path / "a.py").read_text() == "x = 1\npr"
    assert [(key.origin, key.text, key.missed) for key in score.keys] == [
        ("model", True, False),
        ("typed-through", True, False),
    ]
    first, beyond = server.bodies[0], server.bodies[1]
    assert (first["input_prefix"], first["prompt"], first["input_suffix"]) == ("x = 1\n", "p", "\n\n")
    assert (first["t_max_predict_ms"], first["n_predict"], first["id_slot"]) == (250, 128, 0)
    assert (beyond["prompt"], beyond["t_max_predict_ms"]) == ("print(1)", 1000)
    assert score.totals.evaluated == 7 * len(server.bodies)
    assert score.totals.unseen_ms == 6.0 * (len(server.bodies) - 1)


async def test_where_much_stands_behind_the_cursor_nobody_is_asked(tmp_path: Path, served: tuple[Server, int]) -> None:
    server, port = served
    stage = Stage(History("h", {"a.py": "x = longer_than_eight\n"}, ()), tmp_path)
    score = Score()
    clock = Clock(score)
    await play([Event(0.0, "key", "a.py", 4, 4, "p")], stage, LlamaVim(port, stage, clock, score, 1), clock, score, 0.0)
    assert server.bodies == []
    assert score.keys[0].origin == "rule"
