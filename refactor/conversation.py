"""One candidate: asked, looked at, asked once more about what was wrong, tried by the project's checks, mended once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from ..clients.chat import ChatRequest
from ..clients.model import Lane
from ..context.parsing import MAX_BYTES
from ..routing.ask import AskRecord, AskRequest, Sent
from ..routing.gateway import Gateway
from ..routing.money.amount import MICRO
from ..routing.privacy.sources import Source
from . import answer, prompts
from .applying import rewritten
from .checks.trial import Trial, Verdict
from .faults import AnswerUnusable, Fault
from .gathering import Gathered
from .guarding import Guarded, guard, inspect
from .known import Known
from .options import Options
from .original import Change
from .preview import Preview

Say = Callable[[str], None]
"""Hears what is going on, one line for people each time."""


@dataclass(slots=True)
class Bill:
    """What all asks of one command took so far; right also after a cancel."""

    asks: int = 0
    cost: int = 0
    sent: tuple[Sent, ...] = ()
    lane: Lane | None = None
    model: str | None = None

    @property
    def dollars(self) -> float:
        """The cost of all of them."""
        return self.cost / MICRO

    def add(self, record: AskRecord) -> None:
        """An ask is over, whatever came of it; one that was refused before anybody was asked counts for nothing."""
        if not record.sent and not record.shown:
            return
        self.asks += 1
        self.cost += record.cost
        self.sent = (*self.sent, *record.sent)
        self.lane, self.model = record.lane, record.model


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where one candidate ended: with changes that may be offered, or with why not."""

    guarded: Guarded | None = None
    verdicts: tuple[Verdict, ...] = ()
    faults: tuple[Fault, ...] = ()
    reason: str = ""

    @property
    def good(self) -> bool:
        """Whether it may be offered."""
        return self.guarded is not None and bool(self.guarded.changes) and not self.failed

    @property
    def failed(self) -> Verdict | None:
        """The check that refused it."""
        return next((one for one in self.verdicts if one.state == "failed"), None)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """An answer as the model wrote it, and what is wrong with it, or the check that refused it.

    `sources` are the pieces of files in that: they are asked about anew before they go out once more.
    """

    said: str
    faults: tuple[Fault, ...] = ()
    sources: tuple[Source, ...] = ()
    check: str = ""


class Conversation:
    """One candidate for a command. `run` it once; a cancel hangs up, and `bill` has what it cost."""

    def __init__(
        self,
        gateway: Gateway,
        analysis: Executor,
        gathered: Gathered,
        known: Known | None,
        options: Options,
        bill: Bill,
        say: Say,
        trial: Trial | None,
        lanes: frozenset[Lane] | None = None,
        temperature: float | None = None,
    ) -> None:
        self._gateway = gateway
        self._analysis = analysis
        self._gathered = gathered
        self._known = known
        self._options = options
        self._bill = bill
        self._say = say
        self._trial = trial
        self._lanes = lanes
        self._temperature = temperature
        self._exchanges: list[_Exchange] = []
        self._said = ""
        self._scope = gathered.scope

    async def run(self) -> Attempt:
        """Ask until it is good or there is nothing left to ask; raise `GatewayError` where nobody answers."""
        first = await self._looked_at()
        if not first.good or self._trial is None:
            return first
        tried = await self._tried(first)
        verdict = tried.failed
        if verdict is None:
            return tried
        self._say(f"{verdict.name} failed; asking once more")
        self._exchanges.append(_Exchange(self._said, sources=(self._as_source(verdict),), check=verdict.name))
        again = await self._looked_at(may_ask_again=False)
        if not again.good:
            return replace(tried, guarded=None, faults=again.faults, reason=again.reason or _refused(verdict))
        return await self._tried(again)

    async def _looked_at(self, *, may_ask_again: bool = True) -> Attempt:
        """Ask; where the answer cannot be used, say so to the model and ask once more."""
        said, finish = await self._ask()
        try:
            if finish == "length":
                raise AnswerUnusable((Fault("cut off", "The answer was longer than it may be; select less."),))
            return await self._guarded(said)
        except AnswerUnusable as error:
            if not may_ask_again or error.faults[0].kind == "cut off":
                return Attempt(faults=error.faults, reason=str(error))
            self._say("the answer does not fit the files; asking once more")
            nearest = tuple(
                Source("snippet", one.nearest, one.path, one.line, one.line + one.nearest.count("\n"))
                for one in error.faults
                if one.nearest and one.path in self._scope.originals
            )
            self._exchanges.append(_Exchange(self._said, error.faults, nearest))
            return await self._looked_at(may_ask_again=False)

    async def _guarded(self, said: str) -> Attempt:
        proposal = answer.read(said, self._said)
        if not proposal.edits:
            return Attempt(reason=proposal.summary or "The model proposes no change.")
        guarded = await asyncio.get_running_loop().run_in_executor(
            self._analysis, guard, proposal, self._gathered, self._scope, self._known
        )
        if not guarded.changes:
            return Attempt(reason="The answer changes nothing.")
        return Attempt(guarded)

    async def _tried(self, attempt: Attempt) -> Attempt:
        """Format, and let the project's checks speak."""
        guarded, trial = attempt.guarded, self._trial
        if guarded is None or trial is None:
            return attempt
        guarded = await self._formatted(guarded, trial)
        return replace(attempt, guarded=guarded, verdicts=await trial.verdicts(guarded.changes))

    async def _formatted(self, guarded: Guarded, trial: Trial) -> Guarded:
        """With the formatter's work, where that stays within the scope."""
        tidy = await trial.formatted(guarded.changes)
        changes = tuple(self._tidied(change, tidy.get(change.path)) for change in guarded.changes)
        if changes == guarded.changes:
            return guarded
        try:
            notes = await asyncio.get_running_loop().run_in_executor(
                self._analysis, inspect, changes, self._gathered, self._scope, self._known
            )
        except AnswerUnusable:
            return guarded
        return Guarded(changes, guarded.summary, notes)

    def _tidied(self, change: Change, text: str | None) -> Change:
        if text is None or text == change.text or len(text) > MAX_BYTES:
            return change
        if change.original is None:
            return replace(change, text=text)
        return rewritten(change.original, text.replace("\r\n", "\n"), self._scope) or change

    async def _ask(self) -> tuple[str, str]:
        """One answer with all that was said before; the scope is what its model was shown."""
        command = self._gathered.command
        original = command.original
        asked = AskRequest(
            command.task.task,
            command.root,
            original.path,
            self._gathered.sources + tuple(source for one in self._exchanges for source in one.sources),
            self._build,
            language=original.language,
            size_bytes=len(original.text.encode("utf-8", "surrogatepass")),
            deadlines=self._options.deadlines,
            lanes=self._lanes,
        )
        async with self._gateway.ask(asked, self._bill.add) as told:
            self._say(f"asking {told.model or told.lane}")
            self._analysis.submit(self._gathered.complete)
            said = await told.whole(_Teller(self._say).heard)
            self._said = told.veiled
            seen = frozenset(one.path for one in told.record.sources if one.kind in ("file", "snippet"))
            self._scope = self._gathered.scope.only(seen)
            return said, told.finish or "end"

    def _build(self, model: str, sources: tuple[Source, ...]) -> ChatRequest:
        outputs = [one.text for one in sources if one.kind == "diagnostics" and not one.start_line]
        seen = {one.path for one in sources if one.kind in ("file", "snippet")}
        exchanges = [
            (
                one.said,
                prompts.failed(one.check, outputs[-1] if outputs else "")
                if one.check
                else prompts.wrong(
                    [fault if fault.path in seen else replace(fault, nearest="") for fault in one.faults]
                ),
            )
            for one in self._exchanges
        ]
        return prompts.request(self._gathered, model, sources, self._temperature, exchanges)

    def _as_source(self, verdict: Verdict) -> Source:
        """A check's output as text that the gateway judges by every file that is named in it."""
        subject = self._gathered.command.original.path
        return Source("diagnostics", verdict.output, subject, mentions=self._named_in(verdict.output))

    def _named_in(self, output: str) -> tuple[str, ...]:
        if self._known is None:
            return ()
        words = {word.strip("\"'`()[]:,") for word in output.replace(":", " ").split()}
        return tuple(sorted(word for word in words if "." in word and self._known.workspace.is_file(word)))


_MOST_PREVIEWED = 100_000
"""Characters of an answer that are looked at while they come."""

_LONGEST_PIECE = 4_000
"""No model writes more at once, so what comes in such pieces is not looked at any more."""


class _Teller:
    """Turns an answer that comes in pieces into lines for people."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._preview = Preview()
        self._told = ""
        self._fed = 0

    def heard(self, piece: str | None) -> None:
        size = len(piece or "")
        self._fed = 0 if piece is None else self._fed + size + (_MOST_PREVIEWED if size > _LONGEST_PIECE else 0)
        if self._fed > _MOST_PREVIEWED:
            return
        self._preview.feed(piece)
        line = self._preview.line
        if line and line != self._told:
            self._told = line
            self._say(line)


def _refused(verdict: Verdict) -> str:
    return f"The project's {verdict.name} refuses it ({verdict.detail})."
