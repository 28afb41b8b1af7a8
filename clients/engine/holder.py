"""Which process is the engine of an endpoint: it alone has the lock, and is noted, so that whoever needs an engine can
send one away that hangs."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ..errors import ModelUnavailable
from .endpoint import Endpoint

if TYPE_CHECKING:
    import filelock

_PATIENCE_SECONDS = 5.0


def lock(endpoint: Endpoint) -> filelock.BaseFileLock | None:
    """Take the endpoint's lock, to be released; None where another engine has it.

    Raise `ModelUnavailable` where nobody could have it.
    """
    import filelock  # only engines and the doctor need it

    taken = filelock.FileLock(str(endpoint.lock), blocking=False, mode=0o600)
    try:
        taken.acquire()
    except filelock.Timeout:
        return None
    except PermissionError as error:
        raise ModelUnavailable(
            f"The engine cannot write {endpoint.lock} ({error.strerror or error}): check its permissions."
        ) from error
    except (OSError, NotImplementedError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ModelUnavailable(
            f"The engine cannot lock {endpoint.lock} ({reason}): set XDG_RUNTIME_DIR to a folder of yours on a disk of "
            "this machine."
        ) from error
    return taken


def note(endpoint: Endpoint) -> None:
    """Note this process. Only the holder of the endpoint's lock may call this."""
    with contextlib.suppress(OSError):
        endpoint.process_file.write_text(str(os.getpid()), "ascii")


def noted(endpoint: Endpoint) -> bool:
    """Whether it is this process that is noted: not so where its folder was removed, and another has made it anew."""
    try:
        return endpoint.process_file.read_text("ascii") == str(os.getpid())
    except (OSError, ValueError):
        return False


def forget(endpoint: Endpoint) -> None:
    """This process leaves."""
    if noted(endpoint):
        with contextlib.suppress(OSError):
            endpoint.process_file.unlink()


def evict(endpoint: Endpoint) -> bool:
    """Kill the noted process, if it is an engine still, and wait for its end; tell whether it is gone. Blocks.

    Only for one that does not answer: what others asked of it is lost with it.
    """
    try:
        return kill(int(endpoint.process_file.read_text("ascii")))
    except (OSError, ValueError):
        return False


def kill(number: int) -> bool:
    """Kill the process of this number if it is an engine, and wait for its end; tell whether it is gone. Blocks.

    A number that an engine told may be another process's here: the socket reaches into containers, numbers do not.
    """
    import psutil  # not needed where nothing hangs

    try:
        process = psutil.Process(number)
        if (__package__ or "") not in process.cmdline():
            return False
        process.kill()
        process.wait(_PATIENCE_SECONDS)
    except (OSError, ValueError, psutil.Error):
        return False
    return True
