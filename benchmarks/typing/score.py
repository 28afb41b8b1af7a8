"""What a session came to: a record for each key, a record for each time that the model was at work."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Key:
    """One stroke: `wait_ms` until the first answer that held for the text as it was by then, an empty one perhaps.

    Where the person went elsewhere first, it is `missed` and `wait_ms` is how long it had waited: less than it
    would have taken. It is `late` where the next stroke came first. `origin` says where the answer came from:
    "model", "adopted", "typed-through", "speculated", or "rule" for what was decided without a model. A late key
    has the origin of the answer to a later one.
    """

    piece: int
    struck_s: float
    wait_ms: float = -1.0
    late: bool = False
    missed: bool = False
    origin: str = ""
    text: bool = False


@dataclass(slots=True)
class Work:
    """One request that a model worked on; `seen` as soon as some of its text was shown.

    `ahead` is a guess at what comes next, `warm` is a prompt that was read for later and nothing written.
    """

    piece: int
    evaluated: int
    prompt: int
    generated: int
    model_ms: float
    ahead: bool = False
    warm: bool = False
    seen: bool = False


@dataclass(slots=True)
class Totals:
    """Sums over a session, whoever counts them."""

    evaluated: int = 0
    generated: int = 0
    model_ms: float = 0.0
    unseen_ms: float = 0.0


@dataclass(slots=True)
class Score:
    """Everything that is known of one side.

    `near_tokens` is what was read, while somebody waited, for each request from about where the one before it came.
    `asked_ms` is how long requests took that the model was asked for, and for how long those had waited that were
    withdrawn later than `goal_ms`, the goal that sizes are chosen for.
    `around_ms` is what requests took beyond the model; of it `packing_ms` went into choosing lines of other files,
    `settling_ms` into filters and checks.
    """

    keys: list[Key] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    around_ms: list[float] = field(default_factory=list)
    near_tokens: list[int] = field(default_factory=list)
    asked_ms: list[float] = field(default_factory=list)
    goal_ms: float = 0.0
    packing_ms: list[float] = field(default_factory=list)
    settling_ms: list[float] = field(default_factory=list)
    round_trips_ms: list[float] = field(default_factory=list)
    naps_late_ms: list[float] = field(default_factory=list)
    player_late_ms: list[float] = field(default_factory=list)
    lost_traces: int = 0


class Clock:
    """Notes when each key was struck and when the first answer for it was there."""

    def __init__(self, score: Score) -> None:
        self.piece = 0
        self.state = 0
        self._score = score
        self._open: list[Key] = []

    @property
    def waiting(self) -> bool:
        """Whether a key is still without an answer."""
        return bool(self._open)

    def struck(self) -> int:
        """A key was struck; return the number of the state that the text is now in."""
        for key in self._open:
            key.late = True
        key = Key(self.piece, time.perf_counter())
        self._open.append(key)
        self._score.keys.append(key)
        self.state += 1
        return self.state

    def answered(self, state: int, origin: str, *, text: bool) -> list[Key]:
        """There is an answer for `state`; return the keys that it serves: none if the text has moved on since."""
        if state != self.state:
            return []
        served = self._close()
        for key in served:
            key.origin, key.text = origin, text
        return served

    def left(self) -> None:
        """The person went elsewhere, or gave up waiting."""
        for key in self._close():
            key.missed = True

    def _close(self) -> list[Key]:
        served, self._open = self._open, []
        now = time.perf_counter()
        for key in served:
            key.wait_ms = (now - key.struck_s) * 1000
        return served
