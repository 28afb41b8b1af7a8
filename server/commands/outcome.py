"""How a command tells its outcome: one JSON document or text on stdout, one line of error on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

DONE, FAILED, MISUSED = 0, 1, 2
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""


class CommandError(Exception):
    """The command cannot do what was asked; `str(error)` is one line with what to do about it."""

    def __init__(self, message: str, *, kind: str = "failed", code: int = FAILED) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code


class MisuseError(CommandError):
    """The command was called with arguments that make no sense."""

    def __init__(self, message: str) -> None:
        super().__init__(message, kind="misused", code=MISUSED)


class UnwritableError(Exception):
    """Stdout takes nothing more, as on a full disk; one line. A reader that has left is a `BrokenPipeError`."""


def error_document(kind: str, message: str) -> dict[str, Any]:
    """What stands in the place of an answer under `--json`."""
    return {"error": {"kind": kind, "message": message}}


def emit(document: Mapping[str, Any]) -> None:
    """Write one JSON document on one line; plain ASCII, so that any locale and any character will do."""
    say(json.dumps(document))


def say(line: str = "") -> None:
    """Write one line of text to stdout, at once; raise `UnwritableError`."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnwritableError(f"the answer cannot be written: {error.strerror or error}") from error


def warn(line: str) -> None:
    """Write one line to stderr; what it quotes may be a stranger's, as a file's name is."""
    sys.stderr.write(f"twolane: {printable(' '.join(line.splitlines()))}\n")
    sys.stderr.flush()


def printable(text: str) -> str:
    """Make text safe to show in a terminal: a model's answer may hold anything, escape sequences included."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


class Bar:
    """One line on stderr that says how far it is."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def show(self, what: str, done: int, total: int) -> None:
        """So many of all are done."""
        if self._shown:
            sys.stderr.write(f"\r\x1b[K{what} {done:,} of {total:,}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave nothing of it."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
