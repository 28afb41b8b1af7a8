"""An explicit command becomes an edit that applies exactly, or not at all."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Executor
from dataclasses import dataclass

from ..clients.model import Lane
from ..routing.ask import AskRequest, Quote
from ..routing.errors import GatewayError, NoCandidate
from ..routing.gateway import Gateway
from ..routing.privacy.sources import Source
from . import prompts
from .checks.trial import Trial
from .command import Command, check
from .conversation import Attempt, Bill, Conversation, Say
from .gathering import Gathered, Gatherer, ReadFile
from .known import Known
from .options import Options
from .outcome import Outcome
from .scope import Scope

_TEMPERATURES = (0.2, 0.6, 1.0, 0.4, 0.8)
_BYTES_PER_TOKEN = 4
_NEAR = "near: the model on this machine fills in the middle; it is not asked in words"


@dataclass(frozen=True, slots=True)
class _Plan:
    """How many answers of the team's model are tried first, and why so many."""

    tries: int
    said: str


class Refactoring:
    """Carries out commands over one gateway.

    `analysis` is the thread on which text is parsed and the workspace's index is asked; used from one event loop.
    """

    def __init__(self, gateway: Gateway, analysis: Executor, options: Options) -> None:
        self._gateway = gateway
        self._analysis = analysis
        self._options = options

    async def gather(self, command: Command, known: Known | None, read: ReadFile) -> Gathered:
        """What may change and what would be sent; raise `CannotRefactor`. Nothing leaves this machine."""
        check(command)
        gatherer = Gatherer(command, known, read, self._options.context_tokens)
        return await asyncio.get_running_loop().run_in_executor(self._analysis, gatherer.gather)

    def gather_for_price(self, command: Command) -> Gathered:
        """A stand-in for `gather` that looks at nothing but the file: good enough to name a model and a price."""
        original = command.original
        text = original.plain[: self._options.context_tokens * _BYTES_PER_TOKEN]
        source = Source("file", text, original.path, 1, text.count("\n") + 1, required=True)
        scope = Scope(original.path, {original.path: original}, {})
        return Gathered(command, scope, (source,), (), None)

    async def quote(self, gathered: Gathered) -> Quote:
        """Which model would be asked and what one answer would cost; nothing leaves this machine."""
        command = gathered.command
        return await self._gateway.quote(
            AskRequest(
                command.task.task,
                command.root,
                command.original.path,
                gathered.sources,
                lambda model, sources: prompts.request(gathered, model, sources),
                language=command.original.language,
                size_bytes=len(command.original.text.encode("utf-8", "surrogatepass")),
            )
        )

    async def run(
        self, gathered: Gathered, known: Known | None, say: Say = lambda _: None, bill: Bill | None = None
    ) -> Outcome:
        """Ask until there is an edit that may be offered, or a reason why there is none; raise `GatewayError`.

        Nothing is written anywhere but in a copy. A cancel hangs up at once; `bill` then has what it cost.
        """
        began = time.perf_counter()
        bill = bill if bill is not None else Bill()
        command = gathered.command
        plan = self._options.plan
        trial = Trial(command.root, plan, say) if plan and command.root is not None else None
        try:
            attempt, steps = await self._attempts(gathered, known, say, bill, trial)
        finally:
            if trial is not None:
                await trial.close()
        guarded = attempt.guarded if attempt.good else None
        reason = "" if guarded is not None else attempt.reason or _why(attempt)
        return Outcome(
            changes=guarded.changes if guarded is not None else (),
            summary=guarded.summary if guarded is not None else "",
            reason=reason,
            notes=(*(guarded.notes if guarded is not None else ()), *gathered.left_out),
            faults=attempt.faults,
            checks=attempt.verdicts,
            steps=steps,
            lane=bill.lane,
            model=bill.model,
            cost_usd=bill.dollars,
            asks=bill.asks,
            ms=(time.perf_counter() - began) * 1000,
            shown=gathered.shown,
            sent=bill.sent,
        )

    async def _attempts(
        self, gathered: Gathered, known: Known | None, say: Say, bill: Bill, trial: Trial | None
    ) -> tuple[Attempt, tuple[str, ...]]:
        """The first good one of: some answers of the team's model, where a check decides; then whoever is first."""

        def candidate(lanes: frozenset[Lane] | None, temperature: float | None) -> Conversation:
            return Conversation(
                self._gateway, self._analysis, gathered, known, self._options, bill, say, trial, lanes, temperature
            )

        plan = await self._first_tries(gathered)
        steps = [_NEAR, plan.said]
        last: Attempt | None = None
        for number in range(plan.tries):
            say(f"team: try {number + 1} of {plan.tries}")
            try:
                last = await candidate(frozenset({"team"}), _TEMPERATURES[number % len(_TEMPERATURES)]).run()
            except GatewayError as error:
                steps.append(f"team, try {number + 1}: {error}")
                break
            steps.append(f"team, try {number + 1}: {'passed' if last.good else last.reason or _why(last)}")
            if last.good:
                return last, tuple(steps)
        if plan.tries == 0:
            return await candidate(None, None).run(), tuple(steps)
        try:
            attempt = await candidate(frozenset({"far"}), None).run()
        except NoCandidate as error:
            if last is None:
                raise
            steps.append(f"far: {error}")
            return last, tuple(steps)
        steps.append(f"far: {'passed' if attempt.good else attempt.reason or _why(attempt)}")
        return attempt, tuple(steps)

    async def _first_tries(self, gathered: Gathered) -> _Plan:
        task, options = gathered.command.task, self._options
        if options.tries < 2 or task.name not in options.tries_for:
            return _Plan(0, f"team: no tries before others for `{task.name}` (refactor.tries, refactor.tries_for)")
        if not any(options.plan.command(name) for name in task.decided_by):
            wanted = " or ".join(f"checks.{name}" for name in task.decided_by) or "no check"
            return _Plan(0, f"team: no tries before others, because nothing decides about `{task.name}` ({wanted})")
        quote = await self.quote(gathered)
        if not any(state.lane == "team" for state in quote.decision.candidates):
            return _Plan(0, "team: no tries before others, because it may not or cannot be asked")
        return _Plan(options.tries, f"team: {options.tries} tries before the far lane, because a check decides")


def _why(attempt: Attempt) -> str:
    if (verdict := attempt.failed) is not None:
        return f"The project's {verdict.name} refuses the answer ({verdict.detail})."
    return "; ".join(fault.said for fault in attempt.faults[:2]) or "There is no edit."
