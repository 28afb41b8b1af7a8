"""Twolane as an editor meets it: the real server over stdio, a request at every key, the older one cancelled."""

from __future__ import annotations

import asyncio
import os
import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from twolane.clients.engine import control
from twolane.clients.engine.endpoint import Endpoint

from .event import Event
from .history import Change
from .lsp import Connection
from .player import Stage
from .score import Clock, Key, Score, Totals, Work
from .sleeper import Sleeper

_KEPT_TRACES = 100
_NEAR_LINES = 12
_PING_S = 0.05
_CLOCKS_DIFFER_S = 0.002
_DOWN_S = 5.0
_CALM_S = 600.0
"""More than any work that goes on when nobody types."""


@dataclass(slots=True)
class _Asked:
    """A completion request: when it was sent (both clocks), how long it took, or had taken when it was withdrawn, and
    whose keys it answered.

    It is `near` where the one before it was in the same turn and file, and at most so many lines away.
    """

    at_s: float
    began_s: float
    near: bool = False
    took_ms: float = -1.0
    withdrawn_ms: float = -1.0
    served: list[Key] = field(default_factory=list)


class Twolane:
    """A server process, the documents that it was told of, and the engine behind it.

    With `watch` the server is asked for a document's state twenty times a second beside the session, and the round
    trips are noted: the pipe both ways, JSON on both sides, the hash of the text, and every wait for the main loop;
    and how late a process is woken meanwhile that only sleeps.
    """

    def __init__(self, connection: Connection, engine: Endpoint, stage: Stage, clock: Clock, score: Score) -> None:
        self._connection = connection
        self._engine = engine
        self._stage = stage
        self._clock = clock
        self._score = score
        self._told: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._path = ""
        self._cursor = 0
        self._live: dict[int, _Asked] = {}
        self._asked: list[_Asked] = []
        self._known: set[tuple[float, str, float]] = set()
        self._seen: set[tuple[float, ...]] = set()
        self._totals_before = Totals()
        self._seen_ms = 0.0
        self._asked_at = ("", 0)
        self._pinging: asyncio.Task[None] | None = None
        self._sleeper: Sleeper | None = None
        self.watch = False

    @classmethod
    async def start(cls, env: Mapping[str, str], engine: Endpoint, stage: Stage, clock: Clock, score: Score) -> Twolane:
        """Start a server in the stage's folder and wait until the model answers."""
        connection = await Connection.open(env)
        folder = {"uri": stage.folder.as_uri(), "name": stage.folder.name}
        capabilities = {"general": {"positionEncodings": ["utf-16"]}, "textDocument": {"inlineCompletion": {}}}
        about = {"processId": os.getpid(), "rootUri": None, "workspaceFolders": [folder], "capabilities": capabilities}
        await connection.request("initialize", about)
        connection.notify("initialized", {})
        try:
            await _ready(connection)
        except RuntimeError:
            await connection.close()
            raise
        side = cls(connection, engine, stage, clock, score)
        side._totals_before = await side._totals()
        return side

    async def begin(self) -> None:
        """A turn begins; what the other side has typed meanwhile comes as one change. Ping, where that is wanted."""
        self._asked_at = ("", 0)
        if self.watch:
            self._sleeper = await Sleeper.start()
            self._pinging = asyncio.create_task(self._ping())

    def happened(self, event: Event) -> None:
        """Tell the server."""
        text = self._stage.texts[event.path]
        told = self._told.get(event.path)
        if event.kind == "pull" and told is None:
            return
        if told is None:
            self._open(event.path, text)
        elif text != told:
            self._change(event, told)
        self._told[event.path] = text
        if event.kind == "save":
            self._connection.notify(
                "textDocument/didSave", {"textDocument": {"uri": self._uri(event.path)}, "text": text}
            )
        if event.kind in ("save", "pull"):
            return
        self._path, self._cursor = event.path, event.cursor
        for number, asked in list(self._live.items()):
            if asked.withdrawn_ms < 0:
                asked.withdrawn_ms = (time.perf_counter() - asked.began_s) * 1000
            self._connection.notify("$/cancelRequest", {"id": number})
        if event.kind == "jump":
            place = {"textDocument": {"uri": self._uri(event.path)}, "position": _position(text, event.cursor)}
            self._connection.notify("twolane/cursor", place)

    def ask(self, state: int) -> None:
        """Ask for ghost text at the cursor."""
        place = _position(self._stage.texts[self._path], self._cursor)
        path, line = self._asked_at
        asked = _Asked(
            time.time(), time.perf_counter(), path == self._path and abs(line - place["line"]) <= _NEAR_LINES
        )
        self._asked_at = self._path, place["line"]
        params = {
            "textDocument": {"uri": self._uri(self._path)},
            "position": place,
            "context": {"triggerKind": 2},
        }

        def answered(message: dict[str, Any]) -> None:
            self._live.pop(number, None)
            if "result" in message:
                asked.took_ms = (time.perf_counter() - asked.began_s) * 1000
                asked.served = self._clock.answered(state, "", text=bool(message["result"]))

        number = self._connection.ask("textDocument/inlineCompletion", params, answered)
        self._live[number] = asked
        self._asked.append(asked)

    async def settle(self) -> None:
        """Wait until the engine is idle, then collect what the server tells of its requests."""
        if self._pinging is not None:
            self._pinging.cancel()
            await asyncio.wait([self._pinging])
            self._pinging = None
        if self._sleeper is not None:
            self._score.naps_late_ms += await self._sleeper.late_ms()
            self._sleeper = None
        calm = 0
        async with asyncio.timeout(_CALM_S):
            while calm < 3:
                await asyncio.sleep(0.05)
                calm = 0 if await self._busy() else calm + 1
        self._collect((await _command(self._connection, "twolane.explain"))["requests"])
        now, before = await self._totals(), self._totals_before
        self._score.totals = Totals(
            now.evaluated - before.evaluated,
            now.generated - before.generated,
            now.model_ms - before.model_ms,
            max(0.0, now.unseen_ms - before.unseen_ms - self._seen_ms),
        )

    async def finish(self) -> None:
        """Let the server go."""
        await self._connection.close()

    def _open(self, path: str, text: str) -> None:
        self._versions[path] = 1
        document = {"uri": self._uri(path), "languageId": Change(path, "", "").language, "version": 1, "text": text}
        self._connection.notify("textDocument/didOpen", {"textDocument": document})

    def _change(self, event: Event, before: str) -> None:
        self._versions[event.path] += 1
        span = {"start": _position(before, event.start), "end": _position(before, event.end)}
        document = {"uri": self._uri(event.path), "version": self._versions[event.path]}
        changes = [{"range": span, "text": event.text}]
        self._connection.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def _uri(self, path: str) -> str:
        return (self._stage.folder / path).as_uri()

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(_PING_S)
            if self._path:
                began = time.perf_counter()
                await self._connection.request("twolane/documentState", {"uri": self._uri(self._path)})
                self._score.round_trips_ms.append((time.perf_counter() - began) * 1000)

    async def _busy(self) -> bool:
        status = await control.status(self._engine)
        slots = [slot for model in status.get("models", []) for slot in model.get("slots", [])]
        return bool(self._live) or bool(status.get("queue")) or any(slot["busy"] for slot in slots)

    async def _totals(self) -> Totals:
        """What the engine has computed so far; `unseen_ms` is all but the reading ahead."""
        totals = Totals()
        for model in (await control.status(self._engine)).get("models", []):
            if "slots" in model:
                totals.evaluated += model["evaluated_tokens"]
                totals.generated += model["generated_tokens"]
                totals.model_ms += sum(model["model_ms"].values())
                totals.unseen_ms += sum(spent for kind, spent in model["model_ms"].items() if kind != "warm")
        return totals

    def _collect(self, traces: list[dict[str, Any]]) -> None:
        """Take in the traces that are new, and tell the keys where their answers came from."""
        fresh = [trace for trace in traces if self._name(trace) not in self._known]
        self._score.lost_traces += len(traces) == len(fresh) == _KEPT_TRACES
        self._known = {self._name(trace) for trace in traces}
        for trace in fresh:
            self._count(trace)
            self._score.goal_ms = max(self._score.goal_ms, trace["pace"].get("goal_ms", 0))
        told = [trace for trace in fresh if trace["stages"]]
        self._score.near_tokens += _read_near(self._asked, fresh)
        for asked in self._asked:
            if not asked.served:
                if asked.withdrawn_ms > self._score.goal_ms > 0:
                    self._score.asked_ms.append(asked.withdrawn_ms)
                continue
            until = asked.at_s + asked.took_ms / 1000
            mine = [one for one in told if asked.at_s - _CLOCKS_DIFFER_S <= one["at"] <= until]
            trace = mine[-1] if mine else {}
            origin = trace.get("origin", "")
            for key in asked.served:
                key.origin = origin or "rule"
            if origin in ("model", "adopted"):
                self._score.asked_ms.append(asked.took_ms)
            if origin == "model" and trace["prompt_tokens"]:
                stages = trace["stages"]
                model_ms = sum(stages.get(one, 0.0) for one in ("model", "queue", "prefill", "decode"))
                self._score.around_ms.append(asked.took_ms - model_ms)
                self._score.packing_ms.append(stages["context"])
                self._score.settling_ms.append(stages["filters"] + stages["checks"])
        self._asked = []

    def _count(self, trace: dict[str, Any]) -> None:
        if trace["prompt_tokens"]:
            stages = trace["stages"]
            self._score.works.append(
                Work(
                    piece=self._clock.piece,
                    evaluated=trace["evaluated_tokens"],
                    prompt=trace["prompt_tokens"],
                    generated=trace["generated_tokens"],
                    model_ms=stages["prefill"] + stages["decode"],
                    seen=trace["shown"],
                )
            )
        work: dict[str, Any] = trace["work"]
        if trace["shown"] and work:
            name = (work["queue_ms"], work["prefill_ms"], work["decode_ms"], work["prompt_tokens"])
            if name not in self._seen:
                self._seen.add(name)
                self._seen_ms += work["model_ms"]

    @staticmethod
    def _name(trace: dict[str, Any]) -> tuple[float, str, float]:
        return trace["at"], trace["path"], trace["ms"]


def _read_near(asked: Sequence[_Asked], traces: Sequence[Mapping[str, Any]]) -> list[int]:
    """For each request near the one before it what was read for it, 0 where its answer was known."""
    starts = [one.at_s for one in asked]
    read = [0] * len(asked)
    for trace in traces:
        if (at := bisect_right(starts, trace["at"] + _CLOCKS_DIFFER_S)) and trace["origin"] in ("", "model"):
            read[at - 1] += trace["evaluated_tokens"]
    return [count for one, count in zip(asked, read, strict=True) if one.near]


async def _ready(connection: Connection) -> None:
    """Wait until the model answers; raise RuntimeError where it does not come."""
    down_since = time.perf_counter()
    while (status := await _command(connection, "twolane.status"))["state"] != "ready":
        if status["state"] not in ("down", "refused"):
            down_since = time.perf_counter()
        elif time.perf_counter() - down_since > _DOWN_S:
            raise RuntimeError(f"the model does not come: {status['message']}")
        await asyncio.sleep(0.05)


async def _command(connection: Connection, name: str) -> dict[str, Any]:
    return dict(await connection.request("workspace/executeCommand", {"command": name, "arguments": []}))


def _position(text: str, offset: int) -> dict[str, int]:
    start = text.rfind("\n", 0, offset) + 1
    units = len(text[start:offset].encode("utf-16-le", "surrogatepass")) // 2
    return {"line": text.count("\n", 0, offset), "character": units}
