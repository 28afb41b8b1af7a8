"""Which process is the engine of an endpoint, noted so that one that hangs can be sent away by whoever needs it."""

from __future__ import annotations

import contextlib
import os

from .endpoint import Endpoint

_PATIENCE_SECONDS = 5.0


def note(endpoint: Endpoint) -> None:
    """Note this process. Only the holder of the endpoint's lock may call this."""
    with contextlib.suppress(OSError):
        endpoint.process_file.write_text(str(os.getpid()), "ascii")


def forget(endpoint: Endpoint) -> None:
    """The noted process leaves."""
    with contextlib.suppress(OSError):
        endpoint.process_file.unlink()


def evict(endpoint: Endpoint) -> bool:
    """Kill the noted process, if it is an engine still, and wait for its end; tell whether it is gone. Blocks.

    Only for one that does not answer: what others asked of it is lost with it.
    """
    import psutil  # not needed where nothing hangs

    try:
        process = psutil.Process(int(endpoint.process_file.read_text("ascii")))
        if (__package__ or "") not in process.cmdline():
            return False
        process.kill()
        process.wait(_PATIENCE_SECONDS)
    except (OSError, ValueError, psutil.Error):
        return False
    return True
