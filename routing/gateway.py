"""The one door to models elsewhere: privacy, secrets, policy, price, budget, health, and only then the network.

    async with gateway.ask(request) as answer:
        async for piece in answer: ...        shown as it comes; or
        text = await answer.whole()           nothing is shown before all of it is there

In this order: the tier of every source, secrets replaced, candidates by policy, worst case and reservation, breaker
and retries and fallbacks, the stream with the secrets put back, settlement and record. A fallback is one of the
policy's candidates, so it never lowers the privacy tier. No two models are asked at once. Used from one event loop.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace

from .answer import Answer
from .ask import AskRecord, AskRequest, Quote, Seat, Terms
from .course import Course, Means
from .decision import Decision, LaneState, Question
from .errors import GatewayError, LedgerClosed, NoCandidate, PrivacyRefused
from .forecast import with_cap
from .health.breaker import Board
from .health.pace import Pace
from .health.retry import Retries
from .money.amount import MICRO
from .money.budget import Standing
from .money.days import local_day
from .money.ledger import Ledger
from .preparation import Prepared, prepare
from .privacy.privacy import Privacy
from .privacy.sources import Dropped
from .secrets.veil import Veil


class Gateway:
    """Everything that stands between a task and a model elsewhere.

    `seats`, `terms` and `privacy` may be replaced when the settings change; an ask keeps those it began with.
    `privacy` is asked on the gateway's own thread only. `on_record` hears of every ask when it is over, on the
    event loop. `clock` tells Unix seconds. The ledger belongs to the caller, who closes it after the gateway.
    """

    def __init__(
        self,
        *,
        seats: Sequence[Seat],
        terms: Terms,
        privacy: Privacy,
        ledger: Ledger,
        board: Board | None = None,
        retries: Retries | None = None,
        on_record: Callable[[AskRecord], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.seats = tuple(seats)
        self.terms = terms
        self.privacy = privacy
        self.ledger = ledger
        self._board = board if board is not None else Board()
        self._retries = retries if retries is not None else Retries()
        self._on_record = on_record
        self._clock = clock
        self._pace = Pace()
        self._veil = Veil()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gateway")

    async def quote(self, asked: AskRequest) -> Quote:
        """Say which model would answer and what it would cost; nothing is reserved, nothing leaves."""
        terms = self.terms
        prepared = await self._prepared(asked)
        priced = any(state.price_usd for state in prepared.states)
        decision = self._decide(asked, prepared, terms, await self._standing(asked.project) if priced else None)
        chosen = decision.chosen
        if chosen is None:
            return Quote(decision, _dropped(prepared))
        key = (chosen.lane, chosen.model)
        estimate = prepared.offers[key].estimate
        return Quote(
            decision,
            prepared.seen[key].dropped,
            chosen.lane,
            chosen.model,
            estimate.likely / MICRO,
            estimate.worst / MICRO,
        )

    @asynccontextmanager
    async def ask(
        self, asked: AskRequest, heard: Callable[[AskRecord], None] = lambda _: None
    ) -> AsyncIterator[Answer]:
        """Ask, and give the answer to be read; raise `Refused` or `AskFailed`.

        Leaving the context early hangs up at once, charges what was reported and frees the rest. `heard` gets the
        record when all is over, whatever the outcome was: what a failed ask cost stands nowhere else.
        """
        began = time.perf_counter()
        record = AskRecord(uuid.uuid4().hex, self._clock(), asked.task, asked.path, asked.root, asked.language)
        course: Course | None = None
        try:
            course = await self._course(asked, record, began)
            await course.begin()
            record.stages["begin"] = _since(began) - sum(record.stages.values())
            yield Answer(course, record, self._veil)
        except GatewayError as error:
            record.reason = str(error)
            raise
        except asyncio.CancelledError:
            record.reason = "cancelled"
            raise
        finally:
            try:
                if course is not None:
                    await course.leave()
            finally:
                record.ms = _since(began)
                heard(record)
                if self._on_record is not None:
                    self._on_record(record)

    async def close(self) -> None:
        """Let the gateway's thread go; asks under way are their callers' to end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _course(self, asked: AskRequest, record: AskRecord, began: float) -> Course:
        terms = self.terms
        prepared = await self._prepared(asked)
        record.stages["prepare"] = _since(began)
        decision = self._decide(asked, prepared, terms)
        record.stages["decide"] = _since(began) - record.stages["prepare"]
        record.steps += decision.steps
        record.dropped = _dropped(prepared)
        if not decision.candidates:
            raise _refusal(decision, prepared)
        keys = [(state.lane, state.model) for state in decision.candidates]
        record.dropped = prepared.seen[keys[0]].dropped
        record.sources = prepared.seen[keys[0]].sources
        limit = asked.deadlines.total_s
        if decision.deadline_s is not None:
            limit = min(limit, decision.deadline_s)
        means = Means(self.ledger, terms.caps, self._board, self._retries, self._pace)
        deadline = asyncio.get_running_loop().time() + limit - _since(began) / 1000
        return Course(asked, [prepared.offers[key] for key in keys], means, record, deadline)

    async def _prepared(self, asked: AskRequest) -> Prepared:
        today = local_day(self._clock())
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, prepare, asked, self.seats, self.terms.prices, self.privacy, self._veil, today
        )

    async def _standing(self, project: str) -> Standing | LedgerClosed:
        """What is spent, for a forecast; what a reservation finds is what counts."""
        if not self.ledger.exists:
            return Standing(local_day(self._clock()), 0, 0, 0)
        try:
            return await self.ledger.standing(project)
        except LedgerClosed as closed:
            return closed

    def _decide(
        self, asked: AskRequest, prepared: Prepared, terms: Terms, standing: Standing | LedgerClosed | None = None
    ) -> Decision:
        """Let the policy choose; with `standing`, what the caps would refuse is no candidate."""
        question = Question(asked.task, asked.path, asked.language, asked.size_bytes, prepared.verdict)
        states = [self._as_it_is(asked, prepared, state) for state in prepared.states]
        if standing is not None:
            states = [
                with_cap(state, prepared.seats[state.lane, state.model].client.provider, terms.caps, standing)
                for state in states
            ]
        decision = terms.policy.decide(question, states)
        can = tuple(
            state
            for state in decision.candidates
            if (state.lane, state.model) in prepared.offers and (asked.lanes is None or state.lane in asked.lanes)
        )
        return decision if can == decision.candidates else replace(decision, candidates=can)

    def _as_it_is(self, asked: AskRequest, prepared: Prepared, state: LaneState) -> LaneState:
        """Add how the model is just now; a key that was refused is looked at again when it is its turn."""
        provider = prepared.seats[state.lane, state.model].client.provider
        breaker = self._board.breaker(provider, state.model)
        obstacle = state.reason or ("" if breaker.waits_for_key else breaker.obstacle)
        return replace(
            state,
            available=not obstacle,
            reason=obstacle,
            expected_ms=self._pace.expected((provider, state.model, asked.task)),
        )


def _dropped(prepared: Prepared) -> tuple[Dropped, ...]:
    return next((checked.dropped for checked in prepared.seen.values() if checked.dropped), ())


def _refusal(decision: Decision, prepared: Prepared) -> GatewayError:
    """Why nothing may be asked, as the error that says it best."""
    refusals = [checked.refusal for checked in prepared.seen.values() if checked.refusal]
    if refusals:
        return PrivacyRefused(f"{refusals[0]}.")
    if prepared.unpriced and len(prepared.unpriced) == len(prepared.states):
        return prepared.unpriced[0]
    missing = [f"{state.name}: {state.missing or state.reason}" for state in prepared.states if state.missing]
    reason = decision.reason or "; ".join(["no model may answer", *missing])
    return NoCandidate(f"{reason[:1].upper()}{reason[1:]}.", tuple(map(str, decision.steps)))


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
