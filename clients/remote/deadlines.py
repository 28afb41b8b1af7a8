"""The three deadlines of an answer, held against what carries content only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ..chat import Deadlines
from ..errors import ModelTimeout

_T = TypeVar("_T")


class Watch:
    """Measures one answer from the moment it is made, on the running loop's clock."""

    def __init__(self, deadlines: Deadlines, host: str) -> None:
        self._deadlines = deadlines
        self._host = host
        self._began = asyncio.get_running_loop().time()
        self._heard: float | None = None

    def elapsed_ms(self) -> float:
        """Milliseconds since the beginning."""
        return (asyncio.get_running_loop().time() - self._began) * 1000

    def content(self) -> None:
        """Something that carries content has come."""
        self._heard = asyncio.get_running_loop().time()

    async def wait(self, awaitable: Awaitable[_T]) -> _T:
        """Wait for the next sign of the provider; raise `ModelTimeout`, which says how long it was silent."""
        limits = self._deadlines
        end = self._began + limits.total_s
        if self._heard is None:
            silent = self._began + limits.first_s
            words = f"{self._host} sent nothing within {limits.first_s:g} s"
        else:
            silent = self._heard + limits.idle_s
            words = f"{self._host} fell silent for {limits.idle_s:g} s in the middle of its answer"
        if end < silent:
            words = f"{self._host} had not finished its answer after {limits.total_s:g} s"
        scope = asyncio.timeout_at(min(end, silent))
        try:
            async with scope:
                return await awaitable
        except TimeoutError:
            if not scope.expired():
                raise
            raise ModelTimeout(f"{words}; what had come of it is not used.") from None
