"""Which models may answer a request, in which order, and why: pure, and under a millisecond with 200 rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..clients.model import Lane
from .decision import Decision, LaneState, Question, Step
from .rules import Rule
from .task import DEFAULT_LANES, REMOTE

_ABSENT: dict[Lane, str] = {"near": "near only fills in the middle; it is not asked in words"}
_NOT_AT_KEYS: dict[Lane, str] = {"far": "far is asked in words; it does not complete"}


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in order. `fault` says what of them could not be used: then nothing leaves this machine.

    With `team_completes` keystrokes go to the team's server first where no rule says otherwise. `absent` has a lane and
    a sentence for each lane that the settings leave out.
    """

    rules: tuple[Rule, ...] = ()
    fault: str = ""
    team_completes: bool = False
    absent: tuple[tuple[Lane, str], ...] = ()

    def decide(self, question: Question, states: Sequence[LaneState]) -> Decision:
        """Order the candidates that may answer.

        `states` holds every model that is set up, the preferred one of a lane first.
        """
        own = self._first("user", question)
        extra = self._first("workspace", question)
        table = _Table(states, _ABSENT | dict(self.absent) | (_NOT_AT_KEYS if question.task == "completion" else {}))
        if own is not None and own.lanes is not None:
            table.order(own.name, own.lanes)
        else:
            ahead: tuple[Lane, ...] = ("team",) if self.team_completes and question.task == "completion" else ()
            table.order("default", (*ahead, *DEFAULT_LANES[question.task]))
        table.privacy(question)
        if self.fault:
            table.remove("policy", lambda state: f"the policy is broken: {self.fault}" if state.lane in REMOTE else "")
        table.remove("set-up", lambda state: state.missing)
        max_price, deadline_s = None, None
        for rule in (own, extra):
            if rule is None:
                continue
            table.apply(rule, lanes=rule is extra)
            max_price = _lower(max_price, rule.max_price)
            deadline_s = _lower(deadline_s, rule.deadline_s)
        table.remove("price", _unpriced)
        table.remove("budget", lambda state: state.over)
        if own is None or any(rule is not None and rule.health == "available" for rule in (own, extra)):
            table.remove("health", lambda state: "" if state.available else state.reason or "it does not answer")
        return table.decision(max_price, deadline_s)

    def _first(self, origin: str, question: Question) -> Rule | None:
        task, path, size, tier = question.task, question.path, question.size_bytes, question.privacy.tier
        language = question.language.lower()
        for rule in self.rules:
            if rule.origin == origin and rule.fits(task, path, language, size, tier):
                return rule
        return None


class _Table:
    """The candidates that are left, and each step that brought it to that."""

    def __init__(self, states: Sequence[LaneState], absent: Mapping[Lane, str]) -> None:
        self._all = states
        self._absent = absent
        self._left: list[LaneState] = []
        self._steps: list[Step] = []

    def order(self, by: str, lanes: Sequence[Lane]) -> None:
        """Begin with the lanes in this order."""
        self._left = [state for lane in lanes for state in self._all if state.lane == lane]
        self._steps.append(Step(by, f"candidates are {', '.join(lanes)}, in this order" if lanes else "no lane at all"))
        present = {state.lane for state in self._all}
        self._steps += [
            Step("set-up", self._absent.get(lane, f"{lane} is not set up")) for lane in lanes if lane not in present
        ]

    def privacy(self, question: Question) -> None:
        """Take away the lanes that may not see the text."""
        verdict = question.privacy
        self.remove("privacy", lambda state: "" if verdict.allows(state.lane) else _why(verdict.tier, verdict.reason))

    def apply(self, rule: Rule, *, lanes: bool) -> None:
        """Take away what the rule does not allow, and put its models first things first."""
        if lanes and rule.lanes is not None:
            allowed = rule.lanes
            self.remove(rule.name, lambda state: "" if state.lane in allowed else f"only {_listed(allowed)} allowed")
        if rule.models:
            self.remove(
                rule.name,
                lambda state: (
                    ""
                    if state.lane not in REMOTE or state.model in rule.models
                    else f"only {_listed(rule.models)} allowed"
                ),
            )
            rank = {model: index for index, model in enumerate(rule.models)}
            lane_rank = {lane: index for index, lane in enumerate(dict.fromkeys(state.lane for state in self._left))}
            if rule.origin == "user":
                self._left.sort(key=lambda state: (lane_rank[state.lane], rank.get(state.model, 0)))
        if (most := rule.max_price) is not None:
            self.remove(
                rule.name,
                lambda state: (
                    f"it may cost {_dollars(state.price_usd)}, and max_price is {_dollars(most)}"
                    if state.price_usd is not None and state.price_usd > most
                    else ""
                ),
            )
        if (limit := rule.deadline_s) is not None:
            self.remove(
                rule.name,
                lambda state: (
                    f"its answer is expected after {state.expected_ms / 1000:.1f} s, and deadline_s is {limit:g}"
                    if state.expected_ms is not None and state.expected_ms > limit * 1000
                    else ""
                ),
            )

    def remove(self, by: str, why: Callable[[LaneState], str]) -> None:
        """Take away each candidate for which there is a reason, one step for each reason and lane."""
        left = []
        for state in self._left:
            reason = why(state)
            if reason:
                step = Step(by, f"{state.name} removed: {reason}")
                if step not in self._steps:
                    self._steps.append(step)
            else:
                left.append(state)
        self._left = left

    def decision(self, max_price: float | None, deadline_s: float | None) -> Decision:
        """What is left, with a reason where that is nothing."""
        reason = ""
        if not self._left:
            told = [step for step in self._steps if "removed: " in step.effect or step.by == "set-up"]
            removals = [str(step) for step in sorted(told, key=_weight)]
            reason = "no model may answer: " + ("; ".join(removals) if removals else str(self._steps[0]))
        else:
            self._steps.append(Step("decision", f"{', then '.join(state.name for state in self._left)}"))
        return Decision(tuple(self._left), tuple(self._steps), max_price, deadline_s, reason)


def _weight(step: Step) -> int:
    """What a person can act on comes first: what was taken away, what lacks something, what was never there."""
    return 0 if step.by != "set-up" else 1 if "removed: " in step.effect and not step.effect.startswith("near") else 2


def _unpriced(state: LaneState) -> str:
    return "the model has no price: give it one in budget.prices" if state.price_usd is None else ""


def _why(tier: str, reason: str) -> str:
    what = "no model may see it" if tier == "blocked" else "the text may not leave this machine"
    return f"{what}: {reason}" if reason else what


def _lower(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else min(one, other)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) + (" is" if len(words) == 1 else " are") if words else "nothing is"


def _dollars(amount: float | None) -> str:
    return f"${amount:.4f}".rstrip("0").rstrip(".") if amount else "$0"
