"""Changes of a workspace's files as the operating system tells them, where the editor does not."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator

from .by_name import of_no_interest

MOST_SINGLE = 64
"""Changed files that are looked at one by one; beyond that the whole workspace is compared with the index."""

_log = logging.getLogger(__name__)
_DEBOUNCE_MS = 400
_STEP_MS = 50
_FIRST_MS = 500


def watch(root: str, ended: threading.Event, *, interrupted: bool = False) -> Iterator[frozenset[str]]:
    """Sets of paths below `root` ('/' separated) that were written, made or removed, until `ended`.

    The first set is empty and comes soon: from then on nothing is missed, and whoever looked before looks again.

    Where the disk cannot be watched there are none, and the log says why. At Ctrl-C they end, or with `interrupted`
    raise `KeyboardInterrupt`.
    """
    import watchfiles

    first = True
    try:
        for changes in watchfiles.watch(
            root,
            watch_filter=lambda change, path: not _means_nothing(change == watchfiles.Change.modified, path, root),
            stop_event=ended,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            raise_interrupt=interrupted,
            ignore_permission_denied=True,
            yield_on_timeout=True,
            rust_timeout=_FIRST_MS,
        ):
            if first:
                first = False
                yield frozenset()
            if changes:
                yield frozenset(_relative(path, root) for _, path in changes)
    except (OSError, RuntimeError) as error:
        _log.warning("changes on disk are not noticed (%s): the editor does not tell them either", error)


def _means_nothing(modified: bool, path: str, root: str) -> bool:
    """Whether a change does not matter: in a folder left out, or of a folder that was there and is."""
    return of_no_interest(_relative(path, root)) or (modified and os.path.isdir(path))  # noqa: PTH112 - a string in


def _relative(path: str, root: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")
