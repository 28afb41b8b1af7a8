"""A command that spends money or writes files ends in order, whoever asks it to: Ctrl-C, a closed terminal, a CI."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from .outcome import warn

_WISHES = ("SIGTERM", "SIGHUP")

_T = TypeVar("_T")


def to_its_end(work: Coroutine[Any, Any, _T]) -> _T:
    """Run `work`; a signal that would end the process cancels it, as Ctrl-C does: answers hang up and are settled.

    Raise `SystemExit` then, with the code that a shell expects. A signal that is ignored stays so.
    """
    told: list[signal.Signals] = []

    async def carried_out() -> _T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def end(number: signal.Signals) -> None:
            if not told and task is not None:
                task.cancel()
            told.append(number)

        for name in _WISHES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):  # not on the main thread
                    loop.add_signal_handler(number, end, number)
        return await work

    try:
        return asyncio.run(carried_out())
    except asyncio.CancelledError:
        if not told:
            raise
        warn(f"ended by {told[0].name}")
        raise SystemExit(128 + told[0]) from None
