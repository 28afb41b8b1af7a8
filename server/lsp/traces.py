"""The last requests, for `explain`."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import Any

from ...completion.trace import Trace
from ...completion.worded import worded
from ..history.keeper import Keeper

KEPT = 100


class Traces:
    """A ring of the last hundred traces, in the order in which their requests ended; the keeper gets each of them."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._ring: deque[Trace] = deque(maxlen=KEPT)

    def add(self, trace: Trace, root: Path | None) -> None:
        """Remember one request in the workspace `root`; the trace is not to change any more."""
        self._ring.append(trace)
        self._keeper.keep(root, trace)

    def silence(
        self,
        path: str,
        reason: str,
        language: str = "",
        root: Path | None = None,
        place: tuple[int, int] = (0, 0),
    ) -> None:
        """Remember a request that no model was asked about; `place` is its line and column, from 1."""
        trace = Trace(at=time.time(), kind="completion", path=path, language=language, reason=reason)
        trace.line, trace.column = place
        self.add(trace, root)

    def document(self, count: int = KEPT) -> dict[str, Any]:
        """Return the contract document of `explain`: the last `count`, newest last."""
        newest = list(self._ring)[-count:] if count > 0 else []
        return {"requests": [worded(trace.document()) for trace in newest]}

    @property
    def problems(self) -> list[str]:
        """Why nothing is kept beyond this process, or what became of what was kept; empty where all is well."""
        return [self._keeper.problem] if self._keeper.problem else []
