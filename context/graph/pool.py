"""Worker processes of the build: each lives on a pipe, dies with this process, and may crash at any file."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO

from . import frames

BATCH = 24
_AHEAD = BATCH // 2
"""A worker that has so many files left is told of the next ones, so that it need not wait for them."""

_MOST_PATHS = 10_000
"""Characters of a batch's paths: as JSON they surely fit into a pipe while nobody reads it."""

_PIPE = 1 << 16
_START_S = 30.0
"""So much longer a worker may be silent before its first word, on a machine that has much else to do."""
PATIENCE_S = 30.0
"""How long a worker may be silent over one file before it is ended."""

CRASHED = "crashes the parser"
TOO_SLOW = "takes too long to parse"
_COMMAND = (sys.executable, "-P", "-m", f"{__package__}.worker")


_Batches = deque[list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Result:
    """What a worker found in a file. `symbols` is -1 where the facts under `digest` were known already."""

    path: str
    reason: str
    digest: bytes = b""
    symbols: int = 0
    names: bytes = b""
    body: bytes = b""


def workers_here() -> int:
    """How many processes a build takes: one for each core, four at most."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    return max(1, min(4, cores))


class Pool:
    """Hands files to workers and gives back what they found, in any order.

    A file at which a worker dies or goes silent is given up with its reason; the worker is replaced. `stop` ends it all
    from any thread.
    """

    def __init__(
        self,
        root: str,
        store: str | None,
        count: int,
        *,
        command: Sequence[str] = _COMMAND,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._hello = {"root": root, "store": store}
        self._count = count
        self._command = command
        self._patience_s = patience_s
        self._stopped = threading.Event()
        self._workers: set[_Worker] = set()
        self._lock = threading.Lock()

    def run(self, files: Sequence[tuple[str, str]]) -> Iterator[Result]:
        """Read and parse these files (path and language)."""
        batches = deque(_cut(files))
        results: SimpleQueue[list[Result] | None] = SimpleQueue()
        count = min(self._count, len(batches))
        over = threading.Event()
        threading.Thread(target=self._watch, args=(over,), daemon=True).start()
        threads = [threading.Thread(target=self._feed, args=(batches, results), daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        left = count
        while left:
            some = results.get()
            if some is None:
                left -= 1
            else:
                yield from some
        over.set()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """End every worker; `run` ends soon after."""
        self._stopped.set()
        with self._lock:
            for worker in self._workers:
                worker.kill()

    def _watch(self, over: threading.Event) -> None:
        """End workers that are silent for too long."""
        while not over.wait(min(1.0, self._patience_s / 4)):
            with self._lock:
                for worker in self._workers:
                    worker.end_if_silent()

    def _feed(self, batches: _Batches, results: SimpleQueue[list[Result] | None]) -> None:
        worker: _Worker | None = None
        try:
            while not self._stopped.is_set():
                waiting = deque(_next(batches))
                if not waiting:
                    return
                while waiting and not self._stopped.is_set():
                    worker = worker or self._start()
                    worker.read(waiting, batches, results)
                    if waiting:
                        reason = worker.end()
                        self._forget(worker)
                        worker = None
                        if not self._stopped.is_set():
                            results.put([Result(waiting.popleft()[0], reason)])
        except OSError as error:
            self._stopped.set()
            results.put([Result("", f"no process can be started ({error.strerror or error})")])
        finally:
            if worker is not None:
                worker.end()
                self._forget(worker)
            results.put(None)

    def _start(self) -> _Worker:
        process = subprocess.Popen(
            self._command,
            bufsize=_PIPE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        worker = _Worker(process, self._patience_s)
        with self._lock:
            self._workers.add(worker)
        if not worker.greet(self._hello):
            worker.end()
            self._forget(worker)
            raise OSError("a process of the index ended as soon as it was started")
        return worker

    def _forget(self, worker: _Worker) -> None:
        with self._lock:
            self._workers.discard(worker)


def _cut(files: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """The files in batches."""
    batch: list[tuple[str, str]] = []
    length = 0
    for file in files:
        length += len(file[0])
        if batch and (len(batch) == BATCH or length > _MOST_PATHS):
            yield batch
            batch, length = [], len(file[0])
        batch.append(file)
    if batch:
        yield batch


def _next(batches: _Batches) -> list[tuple[str, str]]:
    """The next batch; none where there is none."""
    try:
        return batches.popleft()
    except IndexError:
        return []


class _Worker:
    """One process and the thread's end of its pipes."""

    def __init__(self, process: subprocess.Popen[bytes], patience_s: float) -> None:
        self._process = process
        self._patience_s = patience_s
        self._since = time.monotonic() + _START_S
        self._silent = False
        self._incoming: IO[bytes] = process.stdout  # type: ignore[assignment] # it was asked for
        self._outgoing: IO[bytes] = process.stdin  # type: ignore[assignment] # it was asked for

    def greet(self, hello: dict[str, str | None]) -> bool:
        """Tell it what it is for; whether it is there."""
        try:
            frames.send(self._outgoing, hello)
            return frames.receive(self._incoming) is not None
        except (OSError, frames.BrokenFrame):
            return False

    def read(
        self, waiting: deque[tuple[str, str]], batches: _Batches, results: SimpleQueue[list[Result] | None]
    ) -> None:
        """Have the files read, and those of the next batches.

        Those that are still in `waiting` afterwards were not, the first one being to blame.
        """
        found: list[Result] = []
        try:
            frames.send(self._outgoing, list(waiting))
            while waiting:
                self._since = time.monotonic()
                frame = frames.receive(self._incoming)
                if frame is None:
                    return
                (path, reason, digest, symbols), (names, body) = frame
                found.append(Result(path, reason, bytes.fromhex(digest), symbols, names, body))
                waiting.popleft()
                if len(waiting) == _AHEAD and (more := _next(batches)):
                    waiting.extend(more)
                    frames.send(self._outgoing, more)
                if len(found) == BATCH:
                    results.put(found)
                    found = []
        except (OSError, frames.BrokenFrame, ValueError, TypeError):
            return
        finally:
            if found:
                results.put(found)
            self._since = math.inf

    def kill(self) -> None:
        """End the process at once."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def end_if_silent(self) -> None:
        """End the process where it has said nothing for too long."""
        if time.monotonic() - self._since > self._patience_s:
            self._silent = True
            self.kill()

    def end(self) -> str:
        """End the process; why it could not go on."""
        for pipe in (self._outgoing, self._incoming):
            with contextlib.suppress(OSError):
                pipe.close()
        try:
            self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        return TOO_SLOW if self._silent else CRASHED
