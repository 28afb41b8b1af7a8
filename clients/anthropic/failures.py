"""What the SDK raises becomes one of our errors: what happened, at which host, what to do.

Nothing of a body is quoted, because providers echo what they were sent; what can be told is its error type and the
request's number.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..errors import (
    AnswerCut,
    AnswerGarbled,
    KeyRefused,
    ModelBusy,
    ModelError,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from ..remote import retry_after, transport

if TYPE_CHECKING:
    import anthropic

_SPENT = ("spend_limit_reached", "credit balance", "billing")
_TOO_LONG = ("prompt is too long", "context window", "context size", "too many tokens", "exceed_context_size")
_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def from_sdk(error: Exception, host: str, *, answering: bool = False) -> ModelError:
    """Map what was raised while an answer was awaited, or while one that had begun was read (`answering`)."""
    import anthropic

    if isinstance(error, ModelError):
        return error
    if isinstance(error, anthropic.APIStatusError):
        return _from_status(error, host)
    if isinstance(error, anthropic.APIConnectionError):
        return transport.not_reached(error, host)
    if isinstance(error, anthropic.APIResponseValidationError | json.JSONDecodeError | UnicodeError):
        return _garbled(error, host)
    if isinstance(error, anthropic.AnthropicError):
        return ModelRefused(f"The request to {host} could not be made ({type(error).__name__}).")
    if _of_transport(error):
        return transport.cut(error, host) if answering else transport.not_reached(error, host)
    if answering:
        return _garbled(error, host)
    return RequestRefused(f"The request to {host} could not be made ({type(error).__name__}).")


def cut(host: str) -> AnswerCut:
    """The stream ended without its end."""
    return transport.cut(None, host)


def _of_transport(error: Exception) -> bool:
    import httpx2

    return isinstance(error, httpx2.TransportError | httpx2.StreamError | OSError)


def _garbled(error: Exception, host: str) -> AnswerGarbled:
    return AnswerGarbled(
        f"The answer of {host} is not what the Messages API says ({type(error).__name__}); ask again, and check the "
        "address where it happens every time."
    )


def _from_status(error: anthropic.APIStatusError, host: str) -> ModelError:
    kind = error.type if error.type in _STATUS_OF_TYPE else None
    status = error.status_code if error.status_code >= 300 else _STATUS_OF_TYPE.get(str(kind), 500)
    said = f"{error.error_code or ''} {error.api_message or ''}".lower()
    mark = _mark(error, kind)
    if status == 402 or any(word in said for word in _SPENT):
        return ModelRefused(f"The account at {host} may spend no more{mark}: see its limits and its credit.")
    if status in (401, 403):
        return _key_refused(host, mark, kind is not None)
    if status == 404:
        return ModelRefused(f"{host} knows no such model or address{mark}: check far.model and ANTHROPIC_BASE_URL.")
    if status in (429, 503, 529) or kind in ("rate_limit_error", "overloaded_error"):
        wait = retry_after.seconds(error.response.headers)
        why = "limits how often this key may ask" if status == 429 else "has too much to do"
        when = "later" if wait is None else f"in {wait:.0f} s"
        return ModelBusy(f"{host} {why}{mark}; try again {when}.", wait)
    if status in (408, 504):
        return ModelTimeout(f"{host} did not answer in time{mark}; try again.")
    if status == 409 or status >= 500:
        return ModelUnavailable(f"{host} has trouble of its own{mark}; try again.")
    if status < 400:
        return ModelUnavailable(f"{host} sends us elsewhere{mark}: sign in to the network, or check the address.")
    if status == 413 or any(words in said for words in _TOO_LONG):
        return RequestRefused(f"The request is longer than the model at {host} can read{mark}: ask about less.")
    return RequestRefused(f"{host} does not accept the request{mark}.")


def _key_refused(host: str, mark: str, ours: bool) -> ModelError:
    if not ours:
        return KeyRefused(f"{host} lets nobody in{mark}: check the key, and whether a proxy stands in the way.")
    return KeyRefused(f"{host} does not accept the key{mark}: set ANTHROPIC_API_KEY to one that may use this model.")


def _mark(error: anthropic.APIStatusError, kind: str | None) -> str:
    """Status, error type and request number, cleaned of anything else."""
    number = re.sub(r"[^\w-]", "", error.request_id or "")[:64]
    parts = [kind or f"status {error.status_code}", *([f"request {number}"] if number else [])]
    return f" ({', '.join(parts)})"
