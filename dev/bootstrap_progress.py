"""Long work, shown: one line that keeps itself up to date on a terminal, a line every tenth elsewhere."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TextIO, cast

PREFIX = "twolane setup: "
_NINJA = re.compile(r"^\s*\[(\d+)/(\d+)\]\s")
_TROUBLE = re.compile(r"FAILED:|CMake Error|\berror:|fatal error|\bKilled\b|^ERROR", re.MULTILINE)
_BAR = 24


class SetupError(Exception):
    """The set-up cannot go on; the text is one line that says what happened and what to do."""


def say(text: str) -> None:
    """Tell the person one thing."""
    print(f"{PREFIX}{text}", file=sys.stderr, flush=True)


def ninja_step(line: str) -> tuple[int, int] | None:
    """Return (done, total) of a line such as ` [12/140] Building …`, or None."""
    match = _NINJA.match(line)
    if match is None or int(match[2]) == 0:
        return None
    return int(match[1]), int(match[2])


def telling_lines(output: str, count: int = 12) -> list[str]:
    """Return the lines that say why a command failed: from the first trouble in its last part on."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    tail = lines[-200:]
    for number, line in enumerate(tail):
        if _TROUBLE.search(line):
            return tail[number : number + count]
    return tail[-count:]


class Progress:
    """One piece of work with a known number of steps."""

    def __init__(
        self,
        title: str,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._title = title
        self._stream = stream if stream is not None else sys.stderr
        self._live = self._stream.isatty()
        self._clock = clock
        self._start = clock()
        self._done, self._total = 0, 0
        self._tenth = -1

    def update(self, done: int, total: int) -> None:
        """Show that `done` of `total` steps lie behind us."""
        self._done, self._total = done, total
        if self._live:
            self.tick()
            return
        tenth = done * 10 // total
        if tenth > self._tenth:
            self._tenth = tenth
            self._write(f"{PREFIX}{self._title}: {tenth * 10} % after {self._seconds():.0f} s\n")

    def tick(self) -> None:
        """Let the clock of a live line go on while a step takes long."""
        if not self._live:
            return
        share = self._done / self._total if self._total else 0.0
        bar = "█" * int(share * _BAR) + "·" * (_BAR - int(share * _BAR))
        minutes, seconds = divmod(int(self._seconds()), 60)
        steps = f"{self._done}/{self._total}" if self._total else "…"
        self._write(f"\r{PREFIX}{self._title} {bar} {share:4.0%} {steps} {minutes}:{seconds:02d}\x1b[K")

    def close(self) -> None:
        """Leave the live line; what is written next starts on a fresh one."""
        if self._live:
            self._write("\r\x1b[K")

    def _seconds(self) -> float:
        return self._clock() - self._start

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a command and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)


def run_logged(
    command: Sequence[str | Path],
    log: IO[bytes],
    *,
    env: Mapping[str, str],
    on_line: Callable[[str], None] = lambda _line: None,
    on_tick: Callable[[], None] = lambda: None,
) -> tuple[int, str]:
    """Run a command without input; return (exit status, stdout and stderr together), logged as it comes.

    `on_line` sees each line, `on_tick` is called at least once a second. An exception here, Ctrl-C among them,
    ends the command and everything it started.
    """
    collected = bytearray()
    with subprocess.Popen(
        [str(part) for part in command],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        descriptor = cast(IO[bytes], process.stdout).fileno()
        pending = b""
        try:
            while True:
                ready, _, _ = select.select([descriptor], [], [], 1.0)
                on_tick()
                if not ready:
                    continue
                chunk = os.read(descriptor, 65536)
                if not chunk:
                    break
                log.write(chunk)
                log.flush()
                collected += chunk
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    on_line(line.decode(errors="replace"))
        except BaseException:
            _stop(process)
            raise
        return process.wait(), collected.decode(errors="replace")
