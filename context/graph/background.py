"""The server's end of the process that indexes: started, listened to on a thread, ended with the workspace."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from . import frames

_log = logging.getLogger(__name__)
COMMAND = (sys.executable, "-P", "-m", f"{__package__}.child")

MOST_DEATHS = 3
"""A process that dies so often is not started again before somebody asks."""

_PAUSE_S = 1.0
"""Before it is started again for the first time; twice as long each time after that."""

_LONG_LIFE_S = 300.0
"""After so long a death counts as the first."""


class Listener(Protocol):
    """Hears of the process, on its thread."""

    def progress(self, what: str, done: int, total: int) -> None:
        """So much of `total` is done."""

    def published(self) -> None:
        """The index's file has something new."""

    def built(self, figures: Mapping[str, Any], trouble: str, memory: bytes | None) -> None:
        """The index is as the disk is; `memory` holds it where the disk took none, and `trouble` says why."""

    def changed(self, paths: Sequence[str]) -> None:
        """These files changed on disk."""

    def ended(self) -> None:
        """The process is gone; without `watch` that is as it should be after `built`."""

    def gave_up(self) -> None:
        """It died again and again: what changes on disk is not followed any more."""


class Background:
    """Starts the process when it is asked to, and again when it is gone or has died. All of it returns at once."""

    def __init__(
        self,
        root: Path,
        listener: Listener,
        *,
        command: Sequence[str] = COMMAND,
        rules: Mapping[str, Any] | None = None,
        watch: bool = False,
        store: Path | None = None,
        pause_s: float = _PAUSE_S,
    ) -> None:
        """`rules` goes to the process with its first frame. Without `watch` it leaves once it has built."""
        self._hello = {**(rules or {}), "root": str(root), "store": str(store) if store else "", "watch": watch}
        self._listener = listener
        self._command = command
        self._watch = watch
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._again = False
        self._closed = False
        self._pause_s = pause_s
        self._deaths = 0
        self._began = 0.0

    def sync(self) -> bool:
        """Have the disk compared with the index soon; False where no process can be had for it."""
        with self._lock:
            if self._closed:
                return False
            if self._process is not None:
                self._again = True
                self._send("sync")
                return True
            try:
                self._start()
            except OSError as error:
                _log.warning("no index is built: %s", error.strerror or error)
                return False
            return True

    def close(self) -> None:
        """End the process; what it has read stays in the index."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            _hang_up(process)

    def _start(self) -> None:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._process, self._again = process, False
        self._began = time.monotonic()
        threading.Thread(target=self._listen, args=(process,), name="index", daemon=True).start()
        self._send(self._hello)

    def _send(self, message: Any) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                frames.send(self._process.stdin, message)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        incoming: IO[bytes] = process.stdout  # type: ignore[assignment] # it was asked for
        try:
            while (frame := frames.receive(incoming)) is not None:
                self._take(frame[0], frame[1])
                if frame[0][0] == "built" and not self._watch:
                    self._leave(process)
        except (frames.BrokenFrame, OSError, ValueError, TypeError, IndexError) as error:
            _log.info("the index's process ended in the middle (%s)", type(error).__name__)
        _hang_up(process)
        with self._lock:
            died = self._process is process
            if died:
                self._process = None
                long_ago = time.monotonic() - self._began > _LONG_LIFE_S
                self._deaths = 1 if long_ago else self._deaths + 1
            closed = self._closed
        if closed:
            return
        if died and self._deaths <= MOST_DEATHS:
            self._start_later(self._pause_s * 2 ** (self._deaths - 1))
            return
        self._listener.ended()
        if died:
            self._listener.gave_up()

    def _start_later(self, seconds: float) -> None:
        """A process that died is replaced after a pause."""
        _log.warning("the index's process died; it is started again in %.0f s", seconds)
        timer = threading.Timer(seconds, self.sync)
        timer.daemon = True
        timer.start()

    def _leave(self, process: subprocess.Popen[bytes]) -> None:
        """Let the process go, unless it was asked for more meanwhile."""
        with self._lock:
            if self._again:
                self._again = False
            elif self._process is process and process.stdin is not None:
                self._process = None
                with contextlib.suppress(OSError):
                    process.stdin.close()

    def _take(self, message: Any, pieces: Sequence[bytes]) -> None:
        match message:
            case ["progress", str(what), int(done), int(total)]:
                self._listener.progress(what, done, total)
            case ["published"]:
                self._listener.published()
            case ["built", dict(figures), str(trouble)]:
                self._listener.built(figures, trouble, pieces[0] if pieces else None)
            case ["changed", list(paths)]:
                self._listener.changed(paths)


def _hang_up(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes: the process ends by itself, and is ended where it does not."""

    def reap() -> None:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()
        try:
            process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    threading.Thread(target=reap, name="index-reaper", daemon=True).start()
