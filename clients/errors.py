"""What can go wrong behind the model seam.

ModelError                the base; `str(error)` is one line for the person who can act
├── ModelUnavailable      nothing answers just now: not started, backing off, shutting down (retryable)
│   ├── ModelLoading      it is on its way; `progress` is 0.0 to 1.0 (retryable)
│   └── ModelCrashed      it died in mid-answer (retryable)
├── ModelTimeout          it is there and did not answer in time (retryable)
├── ModelRefused          the file, the setting or the machine cannot do it; a person must change something
│   └── TooLarge          it does not fit into the memory that is free
└── RequestRefused        this one request cannot be served (bad arguments, unknown model family feature)
"""

from __future__ import annotations

from typing import ClassVar


class ModelError(Exception):
    """A failure of a model client; `kind` is stable and may be shown, logged and sent over the wire."""

    kind: ClassVar[str] = "model-error"
    retryable: ClassVar[bool] = False


class ModelUnavailable(ModelError):
    """Nothing answers just now; asking again later may help."""

    kind = "unavailable"
    retryable = True


class ModelLoading(ModelUnavailable):
    """The model is being loaded; `progress` runs from 0.0 to 1.0."""

    kind = "loading"

    def __init__(self, message: str, progress: float = 0.0) -> None:
        super().__init__(message)
        self.progress = progress


class ModelCrashed(ModelUnavailable):
    """The model's process died while it answered."""

    kind = "crashed"


class ModelTimeout(ModelError):
    """The model is there but did not answer within the deadline."""

    kind = "timeout"
    retryable = True


class ModelRefused(ModelError):
    """A person must change a file, a setting or the machine before this model can answer."""

    kind = "refused"


class TooLarge(ModelRefused):
    """The model does not fit into the memory that is free now."""


class RequestRefused(ModelError):
    """This request cannot be served as it was asked."""

    kind = "bad-request"
