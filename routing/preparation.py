"""Before anything is decided: what each lane may see of a request, made into the request it would get, and priced.

Reads the disk for the privacy tiers and scans for secrets, so it belongs on a thread; one at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..clients.model import Lane
from . import egress
from .ask import AskRequest, Seat
from .attempt import Offer
from .decision import LaneState
from .errors import PriceUnknown, PrivacyRefused
from .money.amount import MICRO
from .money.prices import PriceTable, Rate, free
from .privacy.privacy import Privacy
from .privacy.sources import Checked, Source
from .privacy.tier import ANYWHERE, Verdict
from .secrets.veil import Veil, VeilFullError

Key = tuple[Lane, str]
"""A lane and the name of a model in it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`states` has each model once, health not yet known; `offers` those that may see the text and have a price.

    `verdict` is the strictest tier of what must be seen.
    """

    states: tuple[LaneState, ...]
    offers: dict[Key, Offer]
    seats: dict[Key, Seat]
    seen: dict[Key, Checked]
    unpriced: tuple[PriceUnknown, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Seen:
    checked: Checked
    sources: tuple[Source, ...]


def prepare(
    asked: AskRequest, seats: Sequence[Seat], prices: PriceTable, privacy: Privacy, veil: Veil, today: date
) -> Prepared:
    """Make the request for each model that could be asked; raise `PrivacyRefused` where secrets cannot be replaced."""
    try:
        return _prepared(asked, seats, prices, privacy, veil, today)
    except VeilFullError as error:
        raise hidden_too_many(error) from None


def hidden_too_many(error: VeilFullError) -> PrivacyRefused:
    """What a person is told who has more secrets than can be replaced."""
    return PrivacyRefused(f"This text may not leave: there are {error}; start the editor anew.")


def _prepared(
    asked: AskRequest, seats: Sequence[Seat], prices: PriceTable, privacy: Privacy, veil: Veil, today: date
) -> Prepared:
    states: list[LaneState] = []
    offers: dict[Key, Offer] = {}
    homes: dict[Key, Seat] = {}
    seen: dict[Key, Checked] = {}
    unpriced: list[PriceUnknown] = []
    checks: dict[bool, _Seen] = {}
    verdict = ANYWHERE
    for seat in seats:
        if seat.remote not in checks:
            checks[seat.remote] = _seen(asked, seat, privacy, veil)
        checked, missing = checks[seat.remote].checked, seat.missing()
        if seat.remote or verdict == ANYWHERE:
            verdict = checked.verdict
        for model in seat.models:
            key = (seat.client.lane, model)
            homes[key], seen[key] = seat, checked
            try:
                rate = prices.rate(seat.client.provider, model, today) if seat.remote else free(model)
            except PriceUnknown as error:
                unpriced.append(error)
                states.append(LaneState(*key, price_usd=None, missing=missing))
                continue
            if checked.refusal or missing:
                states.append(LaneState(*key, missing=missing))
                continue
            offer = _offer(asked, seat, model, checks[seat.remote].sources, rate, veil)
            offers[key] = offer
            states.append(LaneState(*key, price_usd=offer.estimate.worst / MICRO))
    return Prepared(tuple(states), offers, homes, seen, tuple(unpriced), verdict)


def _seen(asked: AskRequest, seat: Seat, privacy: Privacy, veil: Veil) -> _Seen:
    checked = privacy.check(asked.root, asked.sources, seat.client.lane)
    if not seat.remote:
        return _Seen(checked, checked.sources)
    return _Seen(checked, tuple(replace(source, text=veil.cover(source.text)) for source in checked.sources))


def _offer(asked: AskRequest, seat: Seat, model: str, sources: tuple[Source, ...], rate: Rate, veil: Veil) -> Offer:
    request = asked.build(model, sources)
    if seat.remote:
        request = egress.covered(request, veil)
    request = replace(request, deadlines=asked.deadlines)
    return Offer(seat, model, request, rate, rate.estimate(request), egress.pieces(sources))
