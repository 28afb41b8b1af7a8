"""How a model that is loaded shares the worker thread with those that are at work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

_T = TypeVar("_T")


class Turns(Protocol):
    """What loads calls this, on the worker thread; `scheduler.Scheduler` is the real one."""

    def beside(self, work: Callable[[], _T]) -> _T:
        """Run `work` on another thread while the models at work go on; return its result."""
        ...

    def let_others(self) -> None:
        """Have them do first what is asked of them."""
        ...


class Alone:
    """Nobody else is at work."""

    def beside(self, work: Callable[[], _T]) -> _T:
        """Run `work`."""
        return work()

    def let_others(self) -> None:
        """Nothing to do."""
