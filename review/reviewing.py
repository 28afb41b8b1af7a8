"""A review from beginning to end: ask, prove, have each finding attacked, keep what holds.

    review = await Reviewer(gateway, options).review(subject, dismissed)

Whatever goes wrong ends in a review that says so: what was found before must stay where it is then.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from ..clients.chat import ChatRequest, Deadlines
from ..clients.model import Lane
from ..routing.ask import AskRecord, AskRequest
from ..routing.errors import GatewayError
from ..routing.gateway import Gateway
from ..routing.money.amount import MICRO
from ..routing.privacy.sources import Source
from . import answer, prompts
from .finding import Finding
from .proof import most_severe, prove
from .subject import Subject

MOST_FINDINGS = 5
_CLAIMS_ASKED_FOR = 8


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """How much is said: `most` findings of a file; `refute` asks a second time about each before it is shown.

    `fence` sets code apart from words in a question (`prompts.first`); keep it, and the provider's cache is of use.
    """

    most: int = MOST_FINDINGS
    refute: bool = True
    deadlines: Deadlines = field(default_factory=Deadlines)
    fence: str = field(default_factory=lambda: secrets.token_hex(4))


@dataclass(frozen=True, slots=True)
class Review:
    """What became of one file's review.

    `dropped` counts what is not shown, by reason. `incomplete` says why this is not the whole answer, '' where it is;
    then `findings` is empty, and what an earlier review found still stands. `trouble` is the gateway's error behind it.
    `lane` and `model` answered, None where nobody did. `cost_usd` is what it took in all.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    incomplete: str = ""
    trouble: GatewayError | None = None
    lane: Lane | None = None
    model: str | None = None
    cost_usd: float = 0.0


def together(reviews: Sequence[Review], most: int = MOST_FINDINGS) -> Review:
    """The reviews of one file's parts as one; where a part is incomplete, all of it is, and what others found stays."""
    if len(reviews) == 1:
        return reviews[0]
    dropped: Counter[str] = Counter()
    for one in reviews:
        dropped.update(one.dropped)
    shown, left_out = most_severe([finding for one in reviews for finding in one.findings], most)
    if left_out:
        dropped["beyond the most severe"] += left_out
    broken = next((one for one in reviews if one.incomplete), None)
    last = broken or reviews[-1]
    return replace(
        last,
        findings=shown,
        dropped=dict(dropped),
        cost_usd=sum(one.cost_usd for one in reviews),
    )


class Reviewer:
    """Reviews one file at a time through the gateway, which decides who is asked and what that one may see."""

    def __init__(
        self, gateway: Gateway, options: ReviewOptions, heard: Callable[[AskRecord], None] = lambda _: None
    ) -> None:
        """`heard` gets the record of every ask, that of one which was given up too."""
        self._gateway = gateway
        self._options = options
        self._heard = heard

    async def review(self, subject: Subject, dismissed: Callable[[Finding], bool]) -> Review:
        """Review one file; raises nothing but a cancel, which hangs up and charges what was reported."""
        if not subject.file.regions:
            return Review(subject.file.path)
        spent: list[AskRecord] = []
        try:
            said, veiled = await self._ask(subject, partial(_first, subject, self._options.fence), spent)
            claims = answer.claims(said, veiled)
            proved = prove(claims.claims, [subject.file], dismissed)
            dropped = Counter(proved.dropped)
            if claims.malformed:
                dropped["malformed"] += claims.malformed
            findings: Sequence[Finding] = proved.findings
            if findings and self._options.refute:
                said, _ = await self._ask(subject, partial(_second, subject, findings, self._options.fence), spent)
                refuted = answer.refuted(said, len(findings))
                findings = [one for number, one in enumerate(findings, 1) if number not in refuted]
                if refuted:
                    dropped["refuted"] += len(refuted)
        except GatewayError as error:
            return _incomplete(subject, spent, str(error), error)
        except answer.AnswerUnusable as error:
            return _incomplete(subject, spent, f"The answer cannot be used: {error}.")
        shown, left_out = most_severe(findings, self._options.most)
        if left_out:
            dropped["beyond the most severe"] += left_out
        last = spent[-1]
        return Review(subject.file.path, shown, dict(dropped), "", None, last.lane, last.model, _cost(spent))

    async def _ask(
        self, subject: Subject, build: Callable[[str, tuple[Source, ...]], ChatRequest], spent: list[AskRecord]
    ) -> tuple[str, str]:
        """One answer, and the same with placeholders for secrets."""
        asked = AskRequest(
            task="review",
            root=subject.root,
            path=subject.file.path,
            sources=subject.sources(),
            build=build,
            language=subject.language,
            size_bytes=len(subject.file.text.encode("utf-8", "surrogatepass")),
            deadlines=self._options.deadlines,
        )

        def paid(record: AskRecord) -> None:
            spent.append(record)
            self._heard(record)

        async with self._gateway.ask(asked, paid) as said:
            text = await said.whole()
            if said.finish == "length":
                raise answer.AnswerUnusable("it was cut off at the longest answer that was allowed")
            return text, said.veiled


def _first(subject: Subject, fence: str, model: str, sources: tuple[Source, ...]) -> ChatRequest:
    return prompts.first(subject, model, sources, _CLAIMS_ASKED_FOR, fence)


def _second(
    subject: Subject, findings: Sequence[Finding], fence: str, model: str, sources: tuple[Source, ...]
) -> ChatRequest:
    return prompts.second(subject, model, sources, findings, fence)


def _incomplete(
    subject: Subject, spent: Sequence[AskRecord], reason: str, trouble: GatewayError | None = None
) -> Review:
    last = spent[-1] if spent else None
    return Review(
        subject.file.path,
        incomplete=reason,
        trouble=trouble,
        lane=last.lane if last else None,
        model=last.model if last else None,
        cost_usd=_cost(spent),
    )


def _cost(spent: Sequence[AskRecord]) -> float:
    return sum(record.cost for record in spent) / MICRO
