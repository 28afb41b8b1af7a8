"""How much to ask for, so that answers come in time: sizes follow the speed that this machine shows.

A goal is stated for nine answers of ten (p90). Reading and writing speeds are learnt from every answer; from them
follow how long a prompt may be, how much may be written, and whether there is time to work ahead. Where the
measured p90 still misses the goal, all of it shrinks step by step; where there is time to spare it grows back.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from ..clients.model import ModelInfo, Usage

GOAL_MS = {"gpu": 250, "cpu": 600}
"""The goal where a person states none, by the device that computes."""

_COLD_GOALS = 4
"""Reading a whole prompt is seldom and may take so many times the goal: a first answer in a file, a jump."""

_OTHER_FILES = 0.25
"""What other files say is worth so much of the goal where it has to be read: it decides one answer in five."""

_LEVELS = (192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384)
_FEWEST_TOKENS = 12
_LEAST_TIME_MS = 100
_OWN_MS = 15
"""What all but the model's own time may take."""

_LONGEST_AHEAD_MS = 2000
_LEARN = 0.3
_WORTH_READING, _WORTH_WRITING = 48, 4
"""An answer that reads or writes fewer tokens than this says nothing about the speed."""

_RECENT, _REVIEW = 64, 16
_SHRINK, _GROW, _LEAST = 0.8, 1.15, 0.25
_TIME_TO_SPARE, _TIME_TO_GROW = 0.6, 0.8


@dataclass(frozen=True, slots=True)
class Plan:
    """What was chosen for one request, and from what; speeds are tokens a second, 0 while unknown, `usual_ms` is what
    every second answer took at most.

    `prompt_tokens` bounds window and other files together, `context_tokens` other files alone; 0 where the model's own
    window and what a person set are the only bounds. A line is searched for among so many `hypotheses`, one
    while answers come late, and text copied with `copies`, where the model can.
    """

    goal_ms: int
    p90_ms: float
    reads_per_s: float
    writes_per_s: float
    prompt_tokens: int
    max_tokens: int
    time_limit_ms: int
    ahead: bool
    usual_ms: float = 0.0
    context_tokens: int = 0
    hypotheses: int = 1
    copies: bool = False


class Pace:
    """Learns from answers, and plans requests.

    What the engine measured when it loaded the model is a guess, perhaps made while the machine was busy: the first
    prompt that is read replaces it, and while answers come early it is raised.
    """

    def __init__(self) -> None:
        self._reads = self._writes = 0.0
        self._rereads_ms: deque[float] = deque(maxlen=_RECENT)
        self._waits_ms: deque[float] = deque(maxlen=_RECENT)
        self._since_review = 0
        self._factor = 1.0
        self._level = self._context_level = 0
        self._guessed = False
        self._planned: tuple[tuple[object, ...], Plan] | None = None

    def met(self, info: ModelInfo) -> None:
        """Begin with what the engine measured when it loaded the model."""
        self._planned = None
        if not self._reads:
            self._reads, self._writes = info.reads_per_s, info.writes_per_s
            self._guessed = True

    def plan(
        self,
        info: ModelInfo | None,
        max_tokens: int,
        time_limit_ms: int,
        goal_ms: int,
        *,
        ahead: bool,
        hypotheses: int = 1,
        copies: bool = False,
    ) -> Plan:
        """Choose for the next request; all but `info` and `goal_ms` is the most that a person wants."""
        wanted = (info, max_tokens, time_limit_ms, goal_ms, ahead, hypotheses, copies)
        if self._planned is None or self._planned[0] != wanted:
            plan = self._plan(info, max_tokens, time_limit_ms, goal_ms, ahead=ahead)
            hypotheses = hypotheses if self._factor >= 1 else 1
            self._planned = wanted, replace(plan, hypotheses=hypotheses, copies=copies)
        return self._planned[1]

    def _plan(self, info: ModelInfo | None, max_tokens: int, time_limit_ms: int, goal_ms: int, *, ahead: bool) -> Plan:
        goal = goal_ms or GOAL_MS.get(info.device if info else "", GOAL_MS["cpu"])
        self._level = self._step(self._level, _COLD_GOALS * goal)
        self._context_level = self._step(self._context_level, _OTHER_FILES * goal)
        writing_ms = max(_LEAST_TIME_MS, goal * self._factor - _OWN_MS - _quantile(self._rereads_ms, 0.75))
        tokens = max_tokens
        if self._writes:
            tokens = max(min(_FEWEST_TOKENS, max_tokens), min(max_tokens, int(writing_ms * self._writes / 1000)))
        writes_ms = 1000 * tokens / self._writes if self._writes else 0.0
        return Plan(
            goal_ms=goal,
            p90_ms=round(_quantile(self._waits_ms, 0.9), 1),
            reads_per_s=round(self._reads, 1),
            writes_per_s=round(self._writes, 1),
            prompt_tokens=_tokens(self._level),
            max_tokens=tokens,
            time_limit_ms=min(time_limit_ms, int(writing_ms)),
            ahead=ahead and writes_ms <= _LONGEST_AHEAD_MS,
            usual_ms=round(_quantile(self._waits_ms, 0.5), 1),
            context_tokens=_tokens(self._context_level),
        )

    def answered(self, wait_ms: float, usage: Usage | None, goal_ms: int) -> None:
        """Learn from an answer that somebody waited for `wait_ms`."""
        self._planned = None
        if usage is not None:
            self._learn(usage)
        self._waited(wait_ms, goal_ms)

    def gave_up(self, wait_ms: float, goal_ms: int) -> None:
        """Learn from a request that was withdrawn after `wait_ms`: it counts where it was late by then."""
        if wait_ms > goal_ms:
            self._planned = None
            self._waited(wait_ms, goal_ms)

    def _learn(self, usage: Usage) -> None:
        if usage.evaluated_tokens >= _WORTH_READING and usage.prefill_ms > 0:
            known = 0.0 if self._guessed else self._reads
            self._reads, self._guessed = _blend(known, 1000 * usage.evaluated_tokens / usage.prefill_ms), False
        else:
            self._rereads_ms.append(usage.prefill_ms)
        if usage.generated_tokens >= _WORTH_WRITING and usage.decode_ms > 0 and not usage.searched_tokens:
            self._writes = _blend(self._writes, 1000 * (usage.generated_tokens - 1) / usage.decode_ms)

    def _waited(self, wait_ms: float, goal_ms: int) -> None:
        self._waits_ms.append(wait_ms)
        self._since_review += 1
        if self._since_review < _REVIEW:
            return
        self._since_review = 0
        p90 = _quantile(self._waits_ms, 0.9)
        if p90 > goal_ms:
            self._factor = max(_LEAST, self._factor * _SHRINK)
            self._waits_ms.clear()
        elif p90 < goal_ms * _TIME_TO_GROW:
            if self._guessed and p90 < goal_ms * _TIME_TO_SPARE:
                self._reads, self._guessed = 2 * self._reads, self._level < len(_LEVELS)
            if self._factor < 1:
                self._factor = min(1.0, self._factor * _GROW)
                self._waits_ms.clear()

    def _step(self, now: int, most_ms: float) -> int:
        """How many of the levels can be read in `most_ms`; 0 while no speed is known.

        It keeps still while the speed wavers: another length makes the whole prompt be read again.
        """
        if not self._reads:
            return 0
        room = most_ms * self._factor * self._reads / 1000
        level = now or len(_LEVELS)
        while level > 1 and _LEVELS[level - 1] > room:
            level -= 1
        while now and level < len(_LEVELS) and _LEVELS[level] * 1.3 <= room:
            level += 1
        return level


def _tokens(level: int) -> int:
    """The tokens of a level; 0 where there is no bound."""
    return _LEVELS[level - 1] if 0 < level < len(_LEVELS) else 0


def _blend(known: float, new: float) -> float:
    return new if not known else known + _LEARN * (new - known)


def _quantile(values: deque[float], share: float) -> float:
    """The value that `share` of the values do not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
