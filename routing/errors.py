"""Why a request to a model elsewhere was not made, or brought nothing.

GatewayError              the base; `str(error)` is one line: what happened, by which rule, what to do
├── Refused               nothing has left this machine
│   ├── PrivacyRefused    a piece of text may not go there
│   ├── NoCandidate       no model is left that may be asked and can be
│   ├── PriceUnknown      what the model costs is not known
│   ├── CapReached        it could cost more than is left
│   └── LedgerClosed      what it costs cannot be written down, so nothing may be spent
└── AskFailed             it was sent, and there is no answer that can be used; `cause` says why
"""

from __future__ import annotations

from typing import ClassVar

from ..clients.errors import ModelError


class GatewayError(Exception):
    """A request that was not made or brought nothing; `kind` is stable and may be shown and logged."""

    kind: ClassVar[str] = "gateway"


class Refused(GatewayError):
    """A rule forbids it; nothing has left this machine."""

    kind = "refused"


class PrivacyRefused(Refused):
    """A piece of text may not go where it was to go."""

    kind = "privacy"


class NoCandidate(Refused):
    """No model is left; `steps` are the sentences that say how it came to that."""

    kind = "no-candidate"

    def __init__(self, message: str, steps: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.steps = steps


class PriceUnknown(Refused):
    """The model has no price, so that what it may cost cannot be bounded."""

    kind = "price-unknown"

    def __init__(self, provider: str, model: str) -> None:
        name, key = (f"{model} ({provider})", model) if model else (f"the {provider}'s own model", f"{provider}/*")
        super().__init__(
            f"{name} has no price, and nothing is spent blindly: add it to your own settings, as "
            f'budget.prices = ["{key} input=DOLLARS output=DOLLARS"], per million tokens (0 where it is free).'
        )
        self.provider = provider
        self.model = model


class CapReached(Refused):
    """The worst case is more than what is left; `key` names the setting, amounts are micro-dollars."""

    kind = "cap"

    def __init__(self, message: str, key: str, cap: int, spent: int, worst: int) -> None:
        super().__init__(message)
        self.key = key
        self.cap = cap
        self.spent = spent
        self.worst = worst


class LedgerClosed(Refused):
    """The ledger cannot be written or cannot be trusted; the local model goes on without it."""

    kind = "ledger"


class AskFailed(GatewayError):
    """No usable answer came; `cause` is the last model's error, `shown` whether a part of it was seen."""

    kind = "failed"

    def __init__(self, message: str, cause: ModelError, *, shown: bool) -> None:
        super().__init__(message)
        self.cause = cause
        self.shown = shown
