"""When a provider wants to be asked again."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_LONGEST = 1e9
"""What is longer means for ever, and is shown as a number that people can read."""


def seconds(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Read `Retry-After` (RFC 9110: seconds or a date; `retry-after-ms` in milliseconds); None where it says nothing.

    `now` is the time of the clock in seconds since 1970. A date that has passed is 0; a negative number and anything
    else that makes no sense is as if it were not there.
    """
    if (exact := _number(headers.get("retry-after-ms"))) is not None:
        return exact / 1000
    value = headers.get("retry-after")
    if value is None:
        return None
    if (number := _number(value)) is not None:
        return number
    try:
        date = parsedate_to_datetime(value)
        return max(0.0, date.timestamp() - (time.time() if now is None else now))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return min(number, _LONGEST) if math.isfinite(number) and number >= 0 else None
