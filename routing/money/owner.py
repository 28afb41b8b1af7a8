"""Which process made a reservation, and whether it still lives."""

from __future__ import annotations

import os
from dataclasses import dataclass

_SAME_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: its id, and when it started in Unix seconds, because ids are given out again."""

    pid: int
    started: float

    @property
    def alive(self) -> bool:
        """Whether this very process is still there."""
        import psutil

        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) <= _SAME_SECONDS
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:
            return True


def this_process() -> Owner:
    """The process that asks."""
    import psutil

    return Owner(os.getpid(), psutil.Process().create_time())
