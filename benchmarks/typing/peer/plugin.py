"""llama.vim's behaviour at every key, as its source of January 2026 (commit a1c8e6e) has it.

- At each move of the cursor what is shown goes, and the cache is asked: an answer for this very place, or one given
  up to 128 characters earlier that the typing agrees with. What is found is shown.
- When something is shown, what would follow its acceptance is asked for in advance (1,000 ms of writing).
- Then, whether something is shown or not, an answer for this place is asked for (250 ms of writing, 128 tokens),
  unless one is cached, or more than 8 characters stand behind the cursor in its line.
- One request is under way at a time, and none is ever stopped; who comes meanwhile tries again after 100 ms.
- An answer that comes is cached, and shown where it fits if nothing else is.
- A ring of chunks of where the person has been goes along; new ones are read in advance when the person rests.

Here every request goes over a fresh connection, as there; the start of the curl process, which each of the
plugin's requests pays for, and the work of Vim's own script are left out, in the plugin's favour.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..event import Event
from ..player import Stage
from ..score import Clock, Score, Totals, Work
from . import window
from .hint import Hint, hint
from .ring import Ring
from .window import Local, Place

_CACHED, _WALK = 250, 128
_AGAIN_S, _ENTER_S, _RING_S, _REST_S = 0.1, 0.1, 1.0, 3.0
_MOST_BEHIND = 8
_TOO_LONG = "exceed_context_size_error"
"""What that server says where the ring's warming and the model's context differ by a few tokens; it reads nothing."""
_FIRST_MS, _BEYOND_MS, _TOKENS = 250, 1000, 128
_FAR_ROWS, _SCOPE_ROWS, _HALF_CHUNK = 32, 1024, 32
_BEFORE_ROWS, _AFTER_ROWS, _CHUNK_ROWS = 256, 64, 64


@dataclass(frozen=True, slots=True)
class _Answer:
    """A text, and the work that it came from."""

    text: str
    work: Work


class LlamaVim:
    """The plugin in one editor, and the server that it asks."""

    def __init__(self, port: int, stage: Stage, clock: Clock, score: Score, seed: int) -> None:
        self._port = port
        self._stage = stage
        self._clock = clock
        self._score = score
        self._cache: OrderedDict[tuple[str, str], _Answer] = OrderedDict()
        self._ring = Ring(random.Random(seed))
        self._path = ""
        self._cursor = 0
        self._inserting = False
        self._moved_s = 0.0
        self._picked_row = -9999
        self._indent = -1
        self._hint: Hint | None = None
        self._job: asyncio.Task[None] | None = None
        self._trouble: Exception | None = None
        self._again: asyncio.TimerHandle | None = None
        self._entered: asyncio.TimerHandle | None = None
        self._over = asyncio.Event()
        self._resting: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """The other side has played meanwhile, and this person has rested: what waits for the ring is read."""
        while self._ring.update():
            await self._warm()
        self._over = asyncio.Event()
        self._resting = asyncio.create_task(self._rest())

    def happened(self, event: Event) -> None:
        """Follow the cursor."""
        if event.kind == "pull":
            return
        if event.kind == "save":
            self._pick_around()
            return
        if event.path != self._path:
            self._enter(event)
        self._cursor = event.cursor
        self._moved_s = time.perf_counter()
        self._inserting = event.is_stroke
        self._hint = None

    def ask(self, state: int) -> None:
        """Show what is known, then ask."""
        self._try_hint(None)
        if self._crowded(self._at()):
            self._clock.answered(state, "rule", text=False)
        self._fim(None, ())

    async def settle(self) -> None:
        """Wait for the job under way and for what would still be started, then sum up; raise what went wrong."""
        if self._resting is not None:
            self._over.set()
            await self._resting
            self._resting = None
        while self._job is not None or (self._again is not None and not self._again.cancelled()):
            await asyncio.sleep(0.01)
        if self._trouble is not None:
            raise self._trouble
        works = self._score.works
        self._score.totals = Totals(
            sum(work.evaluated for work in works),
            sum(work.generated for work in works),
            sum(work.model_ms for work in works),
            sum(work.model_ms for work in works if not work.seen and not work.warm),
        )

    def _at(self) -> Place:
        return window.place(self._stage.texts[self._path], self._cursor)

    def _enter(self, event: Event) -> None:
        if self._path:
            self._pick_around()
        self._path, self._cursor = event.path, event.cursor
        if self._entered is not None:
            self._entered.cancel()
        self._entered = asyncio.get_running_loop().call_later(_ENTER_S, self._pick_around)

    def _pick_around(self) -> None:
        if not self._stage.modified(self._path):
            self._ring.pick(self._path, self._at().around(_HALF_CHUNK), replace=True)

    def _try_hint(self, arrived: Work | None) -> None:
        """Show a cached answer for the cursor's place, and ask for what would follow it."""
        if not self._inserting:
            return
        at = self._at()
        local = window.here(at)
        answer, text = self._known(local)
        if answer is None:
            return
        self._hint = hint(text, at)
        exact = local.key in self._cache
        if answer.work is arrived:
            origin = "model" if exact else "adopted"
        else:
            origin = "speculated" if answer.work.ahead and exact else "typed-through"
        self._clock.answered(self._clock.state, origin, text=self._hint.acceptable)
        answer.work.seen |= self._hint.acceptable
        self._fim(at, self._hint.lines)

    def _known(self, local: Local) -> tuple[_Answer | None, str]:
        """An answer for this very place; else, of those given before, the one with most text left."""
        found = self._get(local.key)
        if found is not None:
            return found, found.text
        before, suffix = local.key
        best, left = None, ""
        for typed in range(1, min(_WALK, len(before)) + 1):
            answer = self._get((before[:-typed], suffix))
            if answer is not None and answer.text.startswith(before[-typed:]) and len(answer.text) - typed > len(left):
                best, left = answer, answer.text[typed:]
        return best, left

    def _get(self, key: tuple[str, str]) -> _Answer | None:
        answer = self._cache.get(key)
        if answer is not None:
            self._cache.move_to_end(key)
        return answer

    def _fim(self, at: Place | None, shown: tuple[str, ...]) -> None:
        """Ask for an answer at the cursor, or, with `shown`, for what follows its acceptance at a place."""
        if self._again is not None and (self._job is not None or self._again.cancelled()):
            self._again.cancel()
            self._again = None
        if self._job is not None:
            self._again = self._later(_AGAIN_S, lambda: self._fim(at, shown))
            return
        place = at or self._at()
        local = window.beyond(place, shown, self._indent) if shown else window.here(place)
        if not shown and self._crowded(place):
            return
        keys = local.keys()
        if any(self._get(key) is not None for key in keys):
            return
        self._indent = local.indent
        self._ring.drop_like(place.around(_HALF_CHUNK))
        self._job = asyncio.create_task(self._request(local, keys, ahead=bool(shown)))
        if abs(place.row - self._picked_row) > _FAR_ROWS:
            above = place.lines[max(0, place.row - _SCOPE_ROWS) : max(0, place.row - _BEFORE_ROWS) + 1]
            below = place.lines[place.row + _AFTER_ROWS : place.row + _AFTER_ROWS + _CHUNK_ROWS + 1]
            self._ring.pick(self._path, above, replace=False)
            self._ring.pick(self._path, below, replace=False)
            self._picked_row = place.row

    @staticmethod
    def _crowded(at: Place) -> bool:
        """Whether so much stands behind the cursor that nothing is asked for."""
        return len(at.behind) > _MOST_BEHIND and bool(at.line.strip())

    def _later(self, wait_s: float, then: Callable[[], None]) -> asyncio.TimerHandle:
        def now() -> None:
            self._again = None
            then()

        return asyncio.get_running_loop().call_later(wait_s, now)

    async def _request(self, local: Local, keys: list[tuple[str, str]], *, ahead: bool) -> None:
        body = {
            "id_slot": 0,
            "input_prefix": local.prefix,
            "input_suffix": local.suffix,
            "input_extra": self._ring.extra(),
            "prompt": local.middle,
            "n_predict": _TOKENS,
            "stop": [],
            "n_indent": local.indent,
            "top_k": 40,
            "top_p": 0.90,
            "samplers": ["top_k", "top_p", "infill"],
            "stream": False,
            "cache_prompt": True,
            "t_max_prompt_ms": 500,
            "t_max_predict_ms": _BEYOND_MS if ahead else _FIRST_MS,
        }
        try:
            text, work = await self._post(body)
            work.ahead = ahead
            for key in keys:
                self._cache[key] = _Answer(text, work)
                self._cache.move_to_end(key)
                if len(self._cache) > _CACHED:
                    self._cache.popitem(last=False)
            if self._hint is None or not self._hint.acceptable:
                self._try_hint(work)
        except (OSError, ValueError, RuntimeError) as error:
            self._trouble = error
        finally:
            self._job = None

    async def _rest(self) -> None:
        """Once a second, where the cursor has not moved for a while or nobody types, take in a chunk."""
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _RING_S)
            resting = not self._inserting or time.perf_counter() - self._moved_s >= _REST_S
            if resting and self._ring.update():
                await self._warm()

    async def _warm(self) -> None:
        body = {
            "id_slot": 0,
            "input_prefix": "",
            "input_suffix": "",
            "input_extra": self._ring.extra(),
            "prompt": "",
            "n_predict": 0,
            "temperature": 0.0,
            "samplers": [],
            "stream": False,
            "cache_prompt": True,
            "t_max_prompt_ms": 1,
            "t_max_predict_ms": 1,
        }
        _, work = await self._post(body)
        work.warm = True

    async def _post(self, body: dict[str, Any]) -> tuple[str, Work]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            data = json.dumps(body).encode()
            head = "POST /infill HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            head += f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + data)
            raw = await reader.read()
        finally:
            writer.close()
        answer: dict[str, Any] = json.loads(raw.partition(b"\r\n\r\n")[2])
        refused = answer.get("error")
        if refused is not None and refused.get("type") != _TOO_LONG:
            raise RuntimeError(f"llama.cpp's server refuses: {refused}")
        times = answer.get("timings", {})
        evaluated = int(times.get("prompt_n", 0))
        work = Work(
            piece=self._clock.piece,
            evaluated=evaluated,
            prompt=evaluated + int(times.get("cache_n", 0)),
            generated=int(times.get("predicted_n", 0)),
            model_ms=float(times.get("prompt_ms", 0.0)) + float(times.get("predicted_ms", 0.0)),
        )
        self._score.works.append(work)
        return str(answer.get("content", "")), work
