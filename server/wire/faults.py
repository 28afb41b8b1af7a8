"""How a fault of our own is logged: where it happened, never the values, which may be the user's text."""

from __future__ import annotations

import logging
import traceback

_log = logging.getLogger(__name__)


def log_fault(what: str, error: BaseException) -> str:
    """Log an exception nobody expected, and return the one line that a client may be told."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s failed with %s\n%s", what, type(error).__name__, where)
    return f"a fault of Twolane's own ({type(error).__name__}); the server's log says where"
