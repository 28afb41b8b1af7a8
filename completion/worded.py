"""What became of a request, as `explain` tells it, in words for people beside the short names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .checks import meaning as checks
from .filters import meaning as filters


def worded(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request of `explain` with `words`: what its filters and its checks did, one phrase each."""
    found = (checks.told(check, request["reason"]) for check in request["checks"])
    return {**request, "words": {"filters": list(map(filters.told, request["filters"])), "checks": list(found)}}
