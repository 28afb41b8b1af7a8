"""The way of one ask through the candidates: try, wait a little, try again, then the next, in the policy's order."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ..clients.errors import KeyRefused, ModelError, ModelTimeout
from .ask import AskRecord, AskRequest, Seat
from .attempt import Attempt, Errand, Offer
from .decision import Step
from .errors import AskFailed, CapReached, NoCandidate, Refused
from .health.breaker import Board, Permit
from .health.pace import Pace
from .health.retry import Retries
from .money.amount import shown
from .money.budget import Caps, State
from .money.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Means:
    """What an ask goes on its way with."""

    ledger: Ledger
    caps: Caps
    board: Board
    retries: Retries
    pace: Pace


class Course:
    """Holds the one attempt that is under way; `deadline` is on the running loop's clock."""

    def __init__(
        self, asked: AskRequest, offers: Sequence[Offer], means: Means, record: AskRecord, deadline: float
    ) -> None:
        self._asked = asked
        self._waiting = deque(offers)
        self._means = means
        self._record = record
        self._deadline = deadline
        self._offer: Offer | None = None
        self._tries = 0
        self._attempts = 0
        self._attempt: Attempt | None = None
        self._permit: Permit | None = None
        self._refusal: Refused | None = None
        self._failure: ModelError | None = None
        self._obstacle = "the time for it is over."
        self._begun = 0.0

    @property
    def attempt(self) -> Attempt:
        """The attempt under way."""
        if self._attempt is None:
            raise RuntimeError("nothing is under way")
        return self._attempt

    async def begin(self) -> None:
        """Open the first attempt that can be opened; raise `Refused` or `AskFailed` where none can."""
        while not await self._opened():
            pass

    async def again(self, error: ModelError) -> None:
        """The attempt under way failed and nothing of it was used: open another, or raise `AskFailed`."""
        await self.lost(error)
        await self.begin()

    async def lost(self, error: ModelError) -> None:
        """The attempt under way failed: hang up, settle, and let the model's health know."""
        attempt, permit = self._attempt, self._permit
        self._attempt = self._permit = None
        self._failure = error
        if attempt is None or permit is None:
            return
        if isinstance(error, ModelTimeout) and self._left() <= 0:
            permit.dropped()
        elif not isinstance(error, KeyRefused):
            permit.failed(error)
        try:
            await self._close(attempt, "failed", error.kind, error)
            if isinstance(error, KeyRefused):
                mark = await asyncio.to_thread(_mark, attempt.offer.seat)
                permit.failed(error, mark)
        except asyncio.CancelledError:
            if isinstance(error, KeyRefused):  # a permit that is never given back bars the way to everybody
                permit.dropped()
            raise

    async def done(self) -> None:
        """The answer is whole."""
        attempt, permit = self._attempt, self._permit
        self._attempt = self._permit = None
        if permit is not None:
            permit.answered()
        if attempt is not None:
            await self._close(attempt, "done")
            client = attempt.offer.seat.client
            key = (client.provider, attempt.offer.model, self._asked.task)
            self._means.pace.add(key, (time.perf_counter() - self._begun) * 1000)

    async def leave(self) -> None:
        """Whoever asked has gone: hang up at once, charge what was reported."""
        attempt, permit = self._attempt, self._permit
        self._attempt = self._permit = None
        if permit is not None:
            permit.dropped()
        if attempt is not None:
            await self._close(attempt, "cancelled", "left before its end")

    async def _opened(self) -> bool:
        """Open an attempt at the model at hand or at the next; False where that brought nothing."""
        if self._offer is None or not await self._may_try_again():
            self._offer, self._tries = self._next(), 0
        offer = self._offer
        if (dear := self._too_dear(offer)) is not None:
            self._refusal = dear
            self._step(offer, str(dear))
        permit = await self._permitted(offer) if dear is None else None
        if permit is None:
            self._offer = None
            return False
        self._tries += 1
        self._attempts += 1
        self._permit = permit
        errand = Errand(self._record.ask, self._asked.task, self._asked.project, self._attempts)
        means = self._means
        self._attempt = attempt = Attempt(offer, errand, means.ledger, means.caps, self._deadline)
        self._begun = time.perf_counter()
        self._record.lane, self._record.model = offer.seat.client.lane, offer.model
        try:
            await attempt.open()
        except ModelError as error:
            await self.lost(error)
        except Refused as refusal:
            self._refusal = refusal
            self._step(offer, str(refusal))
            self._offer = None
            await self.leave()
        finally:
            if attempt.sent is not None:
                self._record.sent.append(attempt.sent)
        return self._attempt is not None

    async def _may_try_again(self) -> bool:
        """Wait as long as the last failure asks for; False where the same model is not to be tried again."""
        if self._failure is None or self._offer is None:
            return False
        pause = self._means.retries.pause(self._tries, self._failure, self._left(), elsewhere=bool(self._waiting))
        self._step(self._offer, f"{self._failure.kind}: {self._failure}")
        if pause is None:
            return False
        await asyncio.sleep(pause)
        return True

    def _next(self) -> Offer:
        """Take the next candidate; where there is none, say why there is no answer."""
        if self._waiting and self._left() > 0:
            return self._waiting.popleft()
        if self._failure is not None:
            raise AskFailed(str(self._failure), self._failure, shown=False)
        if self._refusal is not None:
            raise self._refusal
        raise NoCandidate(f"No model can be asked just now: {self._obstacle}", tuple(map(str, self._record.steps)))

    def _too_dear(self, offer: Offer) -> CapReached | None:
        """Why one more attempt could cost more than what may be spent on all of them."""
        most, spent, worst = self._asked.most, self._record.cost, offer.estimate.worst
        if most is None or spent + worst <= most:
            return None
        left = shown(max(0, most - spent))
        said = f"{offer.model} could cost up to {shown(worst)}, and {left} is left of what this question may cost."
        return CapReached(said, "", most, spent, worst)

    async def _permitted(self, offer: Offer) -> Permit | None:
        breaker = self._means.board.breaker(offer.seat.client.provider, offer.model)
        if breaker.waits_for_key:
            breaker.renew(await asyncio.to_thread(_mark, offer.seat))
        permit = breaker.enter()
        if permit is None:
            self._obstacle = breaker.obstacle
            self._step(offer, self._obstacle)
        return permit

    async def _close(self, attempt: Attempt, state: State, reason: str = "", error: ModelError | None = None) -> None:
        try:
            await attempt.close(state, reason, error)
        finally:  # whoever cancels while it is written down is told too what it cost
            self._record.cost += attempt.cost
            self._record.usage = attempt.usage or self._record.usage
            if attempt.first_ms is not None:
                self._record.stages["first"] = attempt.first_ms

    def _step(self, offer: Offer, effect: str) -> None:
        self._record.steps.append(Step("attempt", f"{offer.seat.client.lane} ({offer.model}): {effect}"))

    def _left(self) -> float:
        return self._deadline - asyncio.get_running_loop().time()


def _mark(seat: Seat) -> str:
    """The mark of the key in use; one that cannot be read is as good as none."""
    try:
        return seat.key_mark()
    except ModelError:
        return ""
