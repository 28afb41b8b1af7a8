"""Logging that the event loop never waits for: an editor that does not drain stderr costs log lines, no more."""

from __future__ import annotations

import logging
from contextlib import suppress
from logging.handlers import QueueHandler, QueueListener
from queue import Full, Queue

_WAITING_RECORDS = 1000


class _Dropping(QueueHandler):
    """Leaves a record out where too many wait already."""

    def enqueue(self, record: logging.LogRecord) -> None:
        """Queue a record."""
        with suppress(Full):
            self.queue.put_nowait(record)


def detach() -> QueueListener:
    """Let a thread write what the root logger's handlers wrote so far; return it, running, to be stopped.

    pygls falls silent: it logs the messages that it handles, and they hold the user's text.
    """
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    root = logging.getLogger()
    queue: Queue[logging.LogRecord] = Queue(_WAITING_RECORDS)
    listener = QueueListener(queue, *(root.handlers or [logging.StreamHandler()]), respect_handler_level=True)
    root.handlers[:] = [_Dropping(queue)]
    listener.start()
    return listener
