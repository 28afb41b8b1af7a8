"""Which server is asked, and for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """A server by its base URL.

    `model` and `family` are found out where they are empty. `plain_http` allows http to another machine. `guesses`
    says whether requests that nobody waits for yet (`InfillRequest.priority` below "live") are sent.
    """

    url: str
    model: str = ""
    family: str = ""
    plain_http: bool = False
    guesses: bool = False
