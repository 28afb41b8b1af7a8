"""How much to ask for, so that answers come in time: sizes follow the speed that this machine shows.

A goal is stated for nine answers of ten (p90). Reading and writing speeds are learnt from every answer, and what an
answer takes beyond writing. Writing gets the time that this leaves of the goal. What would be late however little is
written, such as a prompt that is read from its beginning, makes no other answer shorter; where it is not seldom,
prompts become so short that they can be read in time, and grow back when that is over. Where most answers are such, the
machine is busy, and as little is asked of it as makes sense.
"""

from __future__ import annotations

import math
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

_AIM = 0.95
"""So much of the goal is planned for: nothing takes exactly what it took before."""

_LONGEST_AHEAD_MS = 2000
_PAUSE_MS, _LONGEST_PAUSE_MS = 150, 600
"""What follows a suggestion is written once that has stood for so long: nobody takes one sooner after a key, and most
are typed over by then. The longer, the more seldom such work came true."""

_WASTED, _CAME_TRUE = 0.95, 0.15
"""Where one piece of such work in three comes true the pause is the shortest, where none does the longest after 27."""

_LEARN = 0.3
_WORTH_READING, _WORTH_WRITING = 48, 4
"""An answer that reads or writes fewer tokens than this says nothing about the speed."""

_RECENT, _LATEST, _REVIEW = 64, 32, 16
"""Answers that `p90_ms` is of, that the time for writing follows, and after which the length of prompts may change."""

_LATE, _ROUNDED = 0.1, 0.7
"""So many of all answers may be late; of few one, of the first two none."""

_ONCE_LATE = 2
_LEAST, _GROW = 0.1, 1.3
_TIME_TO_SPARE, _TIME_TO_GROW, _TIME_TO_READ = 0.6, 0.4, 0.6


@dataclass(frozen=True, slots=True)
class Plan:
    """What was chosen for one request, and from what; speeds are tokens a second, 0 while unknown, `usual_ms` is what
    every second answer took at most.

    `prompt_tokens` bounds window and other files together, `context_tokens` other files alone; 0 where the model's own
    window and what a person set are the only bounds. A line is searched for among so many `hypotheses`, one
    where little time is left for writing, and text copied with `copies`, where the model can. `ahead_after_ms` is how
    long a suggestion must stand before what follows it is written, 0 where that is not done.
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
    ahead_after_ms: int = 0


class Pace:
    """Learns from answers, and plans requests.

    What the engine measured when it loaded the model is a guess, perhaps made while the machine was busy: the first
    prompt that is read replaces it, and while answers come early it is raised.
    """

    def __init__(self) -> None:
        self._reads = self._writes = 0.0
        self._waits_ms: deque[float] = deque(maxlen=_RECENT)
        self._beyond_ms: deque[float] = deque(maxlen=_LATEST)
        self._unchanged_ms: deque[float] = deque(maxlen=_RECENT)
        self._since_review = 0
        self._for_writing_ms = 0.0
        self._factor = 1.0
        self._level = self._context_level = 0
        self._guessed = False
        self._luck = 1.0
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
            hypotheses = hypotheses if self._for_writing_ms >= plan.goal_ms / 2 else 1
            self._planned = wanted, replace(plan, hypotheses=hypotheses, copies=copies)
        return self._planned[1]

    def _plan(self, info: ModelInfo | None, max_tokens: int, time_limit_ms: int, goal_ms: int, *, ahead: bool) -> Plan:
        goal = goal_ms or GOAL_MS.get(info.device if info else "", GOAL_MS["cpu"])
        self._level = self._step(self._level, _COLD_GOALS * goal)
        self._context_level = self._step(self._context_level, _OTHER_FILES * goal)
        self._for_writing_ms = writing_ms = self._writing_ms(goal)
        tokens = max_tokens
        if self._writes:
            tokens = max(min(_FEWEST_TOKENS, max_tokens), min(max_tokens, int(writing_ms * self._writes / 1000)))
        token_ms = 1000 / self._writes if self._writes else 0.0
        ahead = ahead and tokens * token_ms <= _LONGEST_AHEAD_MS
        return Plan(
            goal_ms=goal,
            p90_ms=round(_quantile(self._waits_ms, 0.9), 1),
            reads_per_s=round(self._reads, 1),
            writes_per_s=round(self._writes, 1),
            prompt_tokens=_tokens(self._level),
            max_tokens=tokens,
            time_limit_ms=min(time_limit_ms, int(max(_LEAST_TIME_MS, writing_ms - token_ms))),
            ahead=ahead,
            usual_ms=round(_quantile(self._waits_ms, 0.5), 1),
            context_tokens=_tokens(self._context_level),
            ahead_after_ms=int(min(_LONGEST_PAUSE_MS, _PAUSE_MS / self._luck)) if ahead else 0,
        )

    def answered(self, wait_ms: float, usage: Usage | None, goal_ms: int) -> None:
        """Learn from an answer that somebody waited for `wait_ms`."""
        self._planned = None
        written_ms = self._for_writing_ms
        if usage is not None:
            self._learn(usage)
            written_ms = min(usage.decode_ms, written_ms)
        self._waited(wait_ms, max(0.0, wait_ms - written_ms), goal_ms)

    def gave_up(self, wait_ms: float, goal_ms: int, *, reading: bool = False) -> None:
        """Learn from a request that was withdrawn after `wait_ms`, perhaps while `reading`: late ones count."""
        if wait_ms > goal_ms:
            self._planned = None
            beyond_ms = wait_ms if reading else max(0.0, wait_ms - self._for_writing_ms)
            self._waited(wait_ms, beyond_ms, goal_ms)

    def works_ahead(self) -> None:
        """Learn that what follows a suggestion begins to be written."""
        self._planned = None
        self._luck *= _WASTED

    def came_true(self) -> None:
        """Learn that somebody came to where something was written ahead."""
        self._planned = None
        self._luck = min(1.0, self._luck + _CAME_TRUE)

    def _learn(self, usage: Usage) -> None:
        if usage.evaluated_tokens >= _WORTH_READING and usage.prefill_ms > 0:
            known = 0.0 if self._guessed else self._reads
            self._reads, self._guessed = _blend(known, 1000 * usage.evaluated_tokens / usage.prefill_ms), False
        if usage.generated_tokens >= _WORTH_WRITING and usage.decode_ms > 0 and not usage.searched_tokens:
            self._writes = _blend(self._writes, 1000 * (usage.generated_tokens - 1) / usage.decode_ms)

    def _waited(self, wait_ms: float, beyond_ms: float, goal_ms: int) -> None:
        """Note a wait, and what of it lay beyond the time for writing."""
        self._waits_ms.append(wait_ms)
        self._beyond_ms.append(beyond_ms)
        self._unchanged_ms.append(beyond_ms)
        self._since_review += 1
        if self._since_review >= _REVIEW:
            self._since_review = 0
            self._review(goal_ms)

    def _review(self, goal_ms: int) -> None:
        """Shorten prompts where surely more than one answer of ten is late before it is written, else lengthen them."""
        if self._guessed and _quantile(self._waits_ms, 0.9) < goal_ms * _TIME_TO_SPARE:
            self._reads, self._guessed = 2 * self._reads, self._level < len(_LEVELS)
        p90, count = _quantile(self._unchanged_ms, 0.9), len(self._unchanged_ms)
        late = sum(beyond > _most_beyond_ms(goal_ms) for beyond in self._unchanged_ms)
        if late > _LATE * count + math.sqrt(_LATE * (1 - _LATE) * count):
            self._factor = max(_LEAST, self._factor * min(1.0, goal_ms * _TIME_TO_READ / p90))
        elif self._factor < 1 and p90 < goal_ms * _TIME_TO_GROW:
            self._factor = min(1.0, self._factor * _GROW)
        else:
            return
        self._unchanged_ms.clear()

    def _writing_ms(self, goal_ms: int) -> float:
        """What is left of the goal for writing.

        Answers that would be late anyway are among those of ten that may be; where they are more than that, to write
        less would not reach the goal.
        """
        hopeful = sorted(beyond for beyond in self._beyond_ms if beyond <= _most_beyond_ms(goal_ms))
        count = len(self._beyond_ms)
        late = count - len(hopeful)
        if late > max(_ONCE_LATE, count / 2):
            return _LEAST_TIME_MS
        if not hopeful:
            return _AIM * goal_ms - _OWN_MS
        may_be_late = int(_LATE * count + _ROUNDED) - late
        if may_be_late < 0:
            may_be_late = int(_LATE * len(hopeful) + _ROUNDED)
        usual = hopeful[max(0, len(hopeful) - 1 - may_be_late)]
        return max(_LEAST_TIME_MS, _AIM * goal_ms - max(_OWN_MS, usual))

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


def _most_beyond_ms(goal_ms: int) -> float:
    """What an answer may take before it is written and be in time."""
    return max(goal_ms - _LEAST_TIME_MS, goal_ms / 2)


def _tokens(level: int) -> int:
    """The tokens of a level; 0 where there is no bound."""
    return _LEVELS[level - 1] if 0 < level < len(_LEVELS) else 0


def _blend(known: float, new: float) -> float:
    return new if not known else known + _LEARN * (new - known)


def _quantile(values: deque[float], share: float) -> float:
    """The value that `share` of the values do not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
