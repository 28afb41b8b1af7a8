"""When Python looks for garbage: small things at any time, everything only while nobody is there."""

from __future__ import annotations

import asyncio
import gc

_SELDOM = 3000
"""So many collections of the younger objects may pass before Python looks at everything by itself, whoever waits."""

_MIDDLE = 3
"""So many collections of the newest objects go into one of those that outlived the last: it takes 1 ms, not 3."""

_WORTH = 3
"""So many collections of the younger objects make it worth looking at everything."""


class Collector:
    """Keeps Python's full collections out of the time in which a person works.

    A full collection holds every thread up for as long as it takes to visit all objects: 200 to 270 ms, measured, with
    the facts of 5,000 changed files in memory. Reference counts free nearly everything; what is left are cycles, which
    can wait until no message has come for `rest_s` seconds.
    """

    def __init__(self, rest_s: float = 30.0) -> None:
        self._rest_s = rest_s
        self._heard = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Put full collections off from now on."""
        young, _, _ = gc.get_threshold()
        gc.set_threshold(young, _MIDDLE, _SELDOM)
        self.heard()
        self._task = asyncio.get_running_loop().create_task(self._collect(), name="garbage")

    def heard(self) -> None:
        """Somebody is there."""
        self._heard = asyncio.get_running_loop().time()

    def stop(self) -> None:
        """Collect no more."""
        if self._task is not None:
            self._task.cancel()

    async def _collect(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._heard + self._rest_s - loop.time())
            if loop.time() < self._heard + self._rest_s:
                continue
            if gc.get_count()[2] >= _WORTH:
                everything()
            self._heard = loop.time()


def everything() -> None:
    """Collect, and let later collections pass over what is left."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
