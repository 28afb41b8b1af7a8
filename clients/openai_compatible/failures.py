"""What a server refuses becomes one of our errors. Its own words are not quoted: they may echo what it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import (
    AnswerDeclined,
    AnswerGarbled,
    KeyRefused,
    ModelBusy,
    ModelError,
    ModelLoading,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from ..remote import retry_after

_TOO_LONG = ("exceed_context_size", "context length", "context size", "context window", "too long", "maximum context")
_FILTERED = ("content_filter", "content_policy", "contentpolicy")


class PromptTooLong(RequestRefused):
    """The prompt does not fit into the model's window."""


def from_status(status: int, body: Any, headers: Mapping[str, str], host: str) -> ModelError:
    """Map a status other than 200; `body` is the parsed JSON, or None where there was none."""
    said = said_in(body)
    if status in (401, 403):
        return KeyRefused(
            f"{host} does not accept the key (status {status}): set TWOLANE_TEAM_KEY to one that it knows."
        )
    if status == 404:
        return ModelRefused(f"{host} does not know what it was asked for: check team.url and team.model.")
    if status == 501:
        return ModelRefused(f"The model at {host} cannot do what it was asked for: choose another in team.model.")
    if status == 503 and "loading" in said:
        return ModelLoading(f"The model at {host} is being loaded.")
    if status in (429, 503, 529):
        return ModelBusy(f"{host} has too much to do (status {status}); try again later.", retry_after.seconds(headers))
    if status in (408, 504):
        return ModelTimeout(f"{host} did not answer in time (status {status}); try again.")
    if status < 400:
        return ModelUnavailable(f"{host} sends us elsewhere (status {status}): check team.url.")
    if status >= 500 and body is None:
        return ModelUnavailable(f"{host} has trouble of its own (status {status}); its log says more.")
    if status == 413 or any(words in said for words in _TOO_LONG):
        return PromptTooLong(f"The request is longer than the model at {host} can read.")
    if any(words in said for words in _FILTERED):
        return AnswerDeclined(f"{host} declines to answer this.")
    if status >= 500:
        return ModelUnavailable(f"{host} has trouble of its own (status {status}); its log says more.")
    return RequestRefused(f"{host} does not accept the request (status {status}).")


def from_event(error: Any, host: str) -> ModelError:
    """Map an error that came in the stream, after status 200."""
    code = error.get("code") if isinstance(error, Mapping) else None
    if isinstance(code, str) and code.isdigit():
        code = int(code)
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    return from_status(status, {"error": error}, {}, host)


def garbled(host: str, what: str) -> AnswerGarbled:
    """The answer is not what the protocol says."""
    return AnswerGarbled(f"The answer of {host} is not what its protocol says ({what}); check that team.url is right.")


def said_in(body: Any) -> str:
    """The words of an error in any of the usual forms, in lower case, for recognising and never for showing."""
    if not isinstance(body, Mapping):
        return ""
    error = body.get("error", body)
    parts = [error.get(key) for key in ("type", "code", "message", "detail")] if isinstance(error, Mapping) else [error]
    return " ".join(str(part) for part in parts if part is not None).lower()
