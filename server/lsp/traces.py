"""The last requests, for `explain`."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict
from typing import Any

from ...completion.trace import Trace

KEPT = 100


class Traces:
    """A ring of the last hundred traces, in the order in which their requests ended."""

    def __init__(self) -> None:
        self._ring: deque[Trace] = deque(maxlen=KEPT)

    def add(self, trace: Trace) -> None:
        """Remember one request."""
        self._ring.append(trace)

    def silence(self, path: str, reason: str) -> None:
        """Remember a request that no model was asked about."""
        self.add(Trace(at=time.time(), kind="completion", path=path, reason=reason))

    def document(self, count: int = KEPT) -> dict[str, Any]:
        """Return the contract document of `explain`: the last `count`, newest last."""
        newest = list(self._ring)[-count:] if count > 0 else []
        return {"requests": [asdict(trace) for trace in newest]}
