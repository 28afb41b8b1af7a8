"""llama.cpp's own server, asked in the way llama.vim asks it.

The way, from that plugin's documentation and source: 256 lines before the cursor and 64 behind it, other files as
a ring of 16 chunks of 64 lines, one request at a time on slot 0 (a key that comes meanwhile tries again after
100 ms), 250 ms of generation for a first answer and 1,000 ms for the one after it, 128 tokens at most; answers are
cached, and one given up to 128 characters earlier still serves while what was typed since agrees with it; once
something is shown, what would follow it is asked for in advance.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from .player import Clock, Score
from .trace import Event

_LINES_BEFORE, _LINES_AFTER = 256, 64
_RING_CHUNKS, _RING_LINES = 16, 64
_CACHED, _WALK = 250, 128
_AGAIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """The text around a cursor as the plugin cuts it: whole lines before, the line so far, all behind."""

    path: str
    before: str
    line: str
    behind: str


def place(path: str, before: str, after: str) -> Place:
    """Cut the text around the cursor."""
    head, _, line = before.rpartition("\n")
    lines = head.split("\n")[-_LINES_BEFORE:]
    rest, *following = after.split("\n")
    return Place(path, "\n".join(lines) + "\n", line, "\n".join([rest, *following[:_LINES_AFTER]]) + "\n")


class LlamaVim:
    """The plugin's state: cache, ring, the job under way."""

    def __init__(
        self, port: int, files: dict[str, str], clock: Clock, score: Score, *, ring_chars: int = 40_000
    ) -> None:
        self._port = port
        self._clock = clock
        self._score = score
        self._cache: OrderedDict[Place, str] = OrderedDict()
        self._ring = _ring(files, ring_chars)
        self._now: tuple[int, Place] | None = None
        self._job: asyncio.Task[None] | None = None
        self._again: asyncio.TimerHandle | None = None

    async def tell(self, state: int, event: Event, before: str, after: str) -> None:
        """A key: show what is known, else ask."""
        self._now = (state, place(event.path, before, after))
        if not self._show():
            self._ask()

    async def finish(self) -> None:
        """Wait for the job under way."""
        if self._again:
            self._again.cancel()
        if self._job:
            await self._job

    def _show(self) -> bool:
        """Show a cached answer for the present place, and ask for what would follow it."""
        if self._now is None:
            return False
        state, here = self._now
        text = self._known(here)
        if text is None:
            return False
        self._clock.answered(state)
        if text.strip():
            self._score.shown += 1
            self._speculate(here, text)
        return True

    def _known(self, here: Place) -> str | None:
        if here in self._cache:
            self._cache.move_to_end(here)
            return self._cache[here]
        for typed in range(1, min(_WALK, len(here.line)) + 1):
            earlier = Place(here.path, here.before, here.line[:-typed], here.behind)
            text = self._cache.get(earlier)
            if text and text.startswith(here.line[-typed:]) and len(text) > typed:
                return text[typed:]
        return None

    def _ask(self) -> None:
        if self._again:
            self._again.cancel()
            self._again = None
        if self._job and not self._job.done():
            self._again = asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._ask)
            return
        if self._now and self._known(self._now[1]) is None:
            self._job = asyncio.create_task(self._request(self._now[1], 250))

    def _speculate(self, here: Place, text: str) -> None:
        if self._job and not self._job.done():
            return
        *lines, last = (here.line + text).split("\n")
        then = Place(here.path, here.before + "".join(line + "\n" for line in lines), last, here.behind)
        if then not in self._cache:
            self._job = asyncio.create_task(self._request(then, 1000))

    async def _request(self, wanted: Place, time_ms: int) -> None:
        body = {
            "id_slot": 0,
            "input_prefix": wanted.before,
            "input_suffix": wanted.behind,
            "input_extra": [chunk for chunk in self._ring if chunk["filename"] != wanted.path],
            "prompt": wanted.line,
            "n_predict": 128,
            "n_indent": len(wanted.line) - len(wanted.line.lstrip()),
            "top_k": 40,
            "top_p": 0.90,
            "samplers": ["top_k", "top_p", "infill"],
            "stream": False,
            "cache_prompt": True,
            "t_max_prompt_ms": 500,
            "t_max_predict_ms": time_ms,
        }
        answer = await self._post(body)
        if "error" in answer:
            raise RuntimeError(f"llama.cpp's server refuses: {answer['error']}")
        self._score.requests += 1
        timings = answer.get("timings", {})
        self._score.evaluated.append(int(timings.get("prompt_n", 0)))
        self._score.prompts.append(int(timings.get("prompt_n", 0)) + int(timings.get("cache_n", 0)))
        self._score.generated.append(int(timings.get("predicted_n", 0)))
        self._cache[wanted] = str(answer.get("content", ""))
        while len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        asyncio.get_running_loop().call_soon(self._after)

    def _after(self) -> None:
        """The job is done: its answer may serve the present place, else that is asked for when its time comes."""
        self._show()

    async def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        data = json.dumps(body).encode()
        head = f"POST /infill HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + data)
        raw = await reader.read()
        writer.close()
        return dict(json.loads(raw.split(b"\r\n\r\n", 1)[1]))


def _ring(files: dict[str, str], ring_chars: int) -> list[dict[str, str]]:
    """Cut other files into chunks; as many as `ring_chars` allow, for the server refuses what exceeds its window."""
    chunks = []
    for path, text in files.items():
        lines = text.split("\n")
        chunks += [
            {"filename": path, "text": "\n".join(lines[start : start + _RING_LINES]) + "\n"}
            for start in range(0, len(lines), _RING_LINES)
        ]
    kept, room = [], ring_chars
    for chunk in chunks[:_RING_CHUNKS]:
        if len(chunk["text"]) <= room:
            kept.append(chunk)
            room -= len(chunk["text"])
    return kept
