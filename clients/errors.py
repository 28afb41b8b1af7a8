"""What can go wrong behind the model seam.

ModelError                the base; `str(error)` is one line for the person who can act
├── ModelUnavailable      nothing answers just now: not started, backing off, shutting down (retryable)
│   ├── ModelLoading      it is on its way; `progress` is 0.0 to 1.0 (retryable)
│   ├── ModelCrashed      it died in mid-answer (retryable)
│   ├── ModelBusy         it asks us to come back later: rate limit, overload; `retry_after_s` (retryable)
│   └── AnswerCut         the connection or the stream broke before the answer was whole (retryable)
├── ModelTimeout          it is there and did not answer in time (retryable)
├── ModelRefused          the file, the setting or the machine cannot do it; a person must change something
│   ├── TooLarge          it does not fit into the memory that is free
│   └── KeyRefused        no key, a wrong key, or one that may not use this model
├── RequestRefused        this one request cannot be served (bad arguments, unknown model family feature)
└── AnswerRefused         there is an answer and it cannot be used
    ├── AnswerGarbled     it is not what the protocol or the asked-for schema says
    └── AnswerDeclined    the model declines to answer
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


class ModelBusy(ModelUnavailable):
    """The provider asks us to come back later; `retry_after_s` is when, None where it does not say."""

    kind = "busy"

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class AnswerCut(ModelUnavailable):
    """The connection or the stream broke before the answer was whole; what came of it is not to be used."""

    kind = "cut"


class ModelTimeout(ModelError):
    """The model is there but did not answer within the deadline."""

    kind = "timeout"
    retryable = True


class ModelRefused(ModelError):
    """A person must change a file, a setting or the machine before this model can answer."""

    kind = "refused"


class TooLarge(ModelRefused):
    """The model does not fit into the memory that is free now."""


class KeyRefused(ModelRefused):
    """There is no key, it is wrong, or it may not use this model."""

    kind = "key"


class RequestRefused(ModelError):
    """This request cannot be served as it was asked."""

    kind = "bad-request"


class AnswerRefused(ModelError):
    """There is an answer and it cannot be used."""

    kind = "bad-answer"


class AnswerGarbled(AnswerRefused):
    """The answer is not what the protocol or the asked-for schema says."""

    kind = "garbled"


class AnswerDeclined(AnswerRefused):
    """The model declines to answer."""

    kind = "declined"
