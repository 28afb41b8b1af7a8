"""The end of the process: the client it belongs to, and the moment after which nothing holds it back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable

_POLL_S = 0.5


class Deadline:
    """Ends the process for certain: once armed, `seconds` are left for an orderly end.

    Safe to arm from any thread, and more than once; the first time counts.
    """

    def __init__(self, seconds: float, end: Callable[[int], object] = os._exit) -> None:
        self._seconds = seconds
        self._end = end
        self._lock = threading.Lock()
        self._armed = False

    def arm(self, code: int) -> None:
        """Let the process live no longer than the deadline; `code` is its exit code then."""
        with self._lock:
            if self._armed:
                return
            self._armed = True
        threading.Thread(target=self._wait, args=(code,), name="deadline", daemon=True).start()

    def _wait(self, code: int) -> None:
        time.sleep(self._seconds)
        self._end(code)


class ParentWatch:
    """Calls `gone` on the event loop once the process that the client named as its own is dead."""

    def __init__(self, process_id: int, gone: Callable[[], None]) -> None:
        self._process_id = process_id
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._descriptor: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to watch; a process that is dead already is noticed at once."""
        try:
            self._descriptor = os.pidfd_open(self._process_id)
        except ProcessLookupError:
            self._loop.call_soon(self._gone)
        except (AttributeError, OSError):
            self._poll(_identity(self._process_id))
        else:
            self._loop.add_reader(self._descriptor, self._died)

    def stop(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _died(self) -> None:
        self.stop()
        self._gone()

    def _poll(self, identity: float | None) -> None:
        """Look again and again, where the system cannot tell us (no pidfd)."""
        if identity is None or _identity(self._process_id) != identity:
            self._gone()
            return
        self._timer = self._loop.call_later(_POLL_S, self._poll, identity)


def _identity(process_id: int) -> float | None:
    """When a living process was born; None for a dead one. A number used again has another birth."""
    import psutil

    try:
        process = psutil.Process(process_id)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.AccessDenied:
        return 0.0
    except (psutil.NoSuchProcess, ValueError):
        return None
