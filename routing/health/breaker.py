"""Leaves a model alone that keeps failing: a circuit breaker for each provider and model.

    closed ──failures──▶ open ──time──▶ half-open ──the one probe answers──▶ closed
                          ▲                 │
                          └──it fails───────┘

A wrong key opens it until the key changes; a provider that is busy opens it for as long as it asked, up to a
limit. A cancel proves nothing and changes nothing. Used from one event loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ...clients.errors import (
    AnswerDeclined,
    KeyRefused,
    ModelBusy,
    ModelError,
    ModelRefused,
    RequestRefused,
)

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class Limits:
    """After how many failures in a row it opens, and for how many seconds: doubling from the first to the last."""

    failures: int = 3
    first_s: float = 15.0
    longest_s: float = 300.0


class Permit:
    """The right to make one call; exactly one of its methods is called when the call has ended."""

    def __init__(self, breaker: Breaker, *, probe: bool) -> None:
        self._breaker = breaker
        self._probe = probe

    def answered(self) -> None:
        """The model answered, whatever it said."""
        self._breaker.close()

    def failed(self, error: ModelError, key: str = "") -> None:
        """The call failed; `key` marks the key that was used."""
        self._breaker.count(error, key, probe=self._probe)

    def dropped(self) -> None:
        """The call was given up by whoever made it."""
        self._breaker.forget(probe=self._probe)


class Breaker:
    """Says whether one model of one provider may be asked now. `clock` tells seconds that only grow."""

    def __init__(self, name: str, limits: Limits = Limits(), clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._limits = limits
        self._clock = clock
        self._failures = 0
        self._openings = 0
        self._until = 0.0
        self._refused_key: str | None = None
        self._why = ""
        self._probing = False

    @property
    def state(self) -> State:
        """How it stands now."""
        if self._refused_key is not None or self._until > self._clock():
            return "open"
        return "half-open" if self._why else "closed"

    @property
    def waits_for_key(self) -> bool:
        """Whether only another key can help."""
        return self._refused_key is not None

    def renew(self, key: str) -> None:
        """Say which key is in use now; the way is free again where it is not the refused one."""
        if self._refused_key is not None and self._refused_key != key:
            self.close()

    @property
    def obstacle(self) -> str:
        """Why it may not be asked now, for people; empty where it may."""
        if self._refused_key is not None:
            return f"{self._name} waits for another key: {self._why}"
        if (wait := self._until - self._clock()) > 0:
            return f"{self._name} is left alone for {wait:.0f} s: {self._why}"
        return f"{self._name} is being tried again by another request" if self._why and self._probing else ""

    def enter(self) -> Permit | None:
        """Give the right to one call, None where there is an obstacle."""
        if self.obstacle:
            return None
        probe = self.state == "half-open"
        self._probing = self._probing or probe
        return Permit(self, probe=probe)

    def close(self) -> None:
        """All is well."""
        self._failures = self._openings = 0
        self._until = 0.0
        self._refused_key = None
        self._why = ""
        self._probing = False

    def count(self, error: ModelError, key: str, *, probe: bool) -> None:
        """Take a failure into account, each kind in its own way."""
        if isinstance(error, RequestRefused | AnswerDeclined):
            self.close()
            return
        self.forget(probe=probe)
        if isinstance(error, KeyRefused):
            self._refused_key, self._why = key, str(error)
            return
        asked = error.retry_after_s if isinstance(error, ModelBusy) else None
        if asked is not None and asked > 0:
            self._open(min(asked, self._limits.longest_s), error)
            return
        self._failures += 1
        if probe or self._failures >= self._limits.failures or isinstance(error, ModelRefused):
            seconds = min(self._limits.longest_s, self._limits.first_s * 2.0 ** min(self._openings, 30))
            self._openings += 1
            self._open(seconds, error)

    def forget(self, *, probe: bool) -> None:
        """A call is over that proved nothing."""
        if probe:
            self._probing = False

    def _open(self, seconds: float, error: ModelError) -> None:
        self._failures = 0
        self._until = max(self._until, self._clock() + seconds)
        self._why = str(error)


class Board:
    """The breakers of all providers and models that were asked so far."""

    def __init__(self, limits: Limits = Limits(), clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._breakers: dict[tuple[str, str], Breaker] = {}

    def breaker(self, provider: str, model: str) -> Breaker:
        """The breaker of one model of one provider."""
        key = (provider, model)
        if key not in self._breakers:
            self._breakers[key] = Breaker(f"{model} ({provider})", self._limits, self._clock)
        return self._breakers[key]
