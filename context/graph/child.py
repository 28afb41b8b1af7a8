"""The process beside a server that builds the index and, where nobody else does, watches the disk.

Frames in: first `{"root", "store", "watch", …}` (the rest says what is left out), then `"sync"` whenever the
disk should be compared with the index again. Frames out, each `[kind, …]`: `["progress", what, done, total]`,
`["published"]` when there is something new to read, `["built", {figures}, trouble]` with the whole index as one piece
where the disk took none, `["changed", [paths]]` for single files while watching. It ends with its input.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from . import frames
from .by_name import decides_for_others, is_of_interest
from .indexing import Indexing
from .store import default_path
from .walk import LeftOut
from .watching import MOST_SINGLE, watch
from .worker import be_modest

LeftOutOf = Callable[[str, dict[str, Any]], LeftOut | None]
"""What is left out of the workspace at a root, as the first frame says."""


def main(left_out_of: LeftOutOf = lambda *_: None) -> None:
    """Serve the parent until it closes the pipe."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    be_modest(bounded=False)
    with contextlib.suppress(frames.BrokenFrame, OSError, KeyboardInterrupt):
        first = frames.receive(incoming)
        if first is not None:
            _Child(first[0], incoming, outgoing, left_out_of).run()


class _Child:
    """Does one thing after the other; two threads beside it listen to the parent and to the disk."""

    def __init__(self, hello: dict[str, Any], incoming: IO[bytes], outgoing: IO[bytes], left_out_of: LeftOutOf) -> None:
        self._root = os.path.realpath(hello["root"])
        self._watch = bool(hello["watch"])
        self._incoming = incoming
        self._outgoing = outgoing
        self._writing = threading.Lock()
        self._events: SimpleQueue[frozenset[str] | None] = SimpleQueue()
        self._ended = threading.Event()
        self._path = Path(hello["store"]) if hello["store"] else default_path(self._root)
        self._left_out_of, self._hello = left_out_of, hello
        self._indexing = Indexing(self._root, self._path, published=lambda: self._send(["published"]))

    def run(self) -> None:
        """Build once, then as the events come."""
        threading.Thread(target=self._listen, name="parent", daemon=True).start()
        if self._watch:
            threading.Thread(target=self._look, name="disk", daemon=True).start()
        self._sync()
        while not self._ended.is_set():
            paths = self._events.get()
            sync = not paths
            while not self._events.empty():
                more = self._events.get()
                sync = sync or not more
                paths = (paths or frozenset()) | (more or frozenset())
            if not sync and paths and len(paths) <= MOST_SINGLE:
                self._send(["changed", sorted(paths)])
            else:
                self._sync()

    def _sync(self) -> None:
        if self._ended.is_set():
            return
        self._indexing.left_out = self._left_out_of(self._root, self._hello)  # as it is now: answers are kept a while
        built = self._indexing.run(lambda what, done, total: self._send(["progress", what, done, total]))
        memory = self._indexing.memory
        if not self._ended.is_set():
            self._send(["built", asdict(built), self._indexing.trouble], *(() if memory is None else (memory,)))

    def _listen(self) -> None:
        with contextlib.suppress(frames.BrokenFrame, OSError):
            while frames.receive(self._incoming) is not None:
                self._events.put(frozenset())
        self._ended.set()
        self._indexing.stop()
        self._events.put(None)

    def _look(self) -> None:
        from ..languages.reading import language_of

        left_out = self._left_out_of(self._root, self._hello)
        for paths in watch(self._root, self._ended):
            told = [path for path in paths if is_of_interest(path, language_of)]
            if any(decides_for_others(path) or self._is_folder(path, left_out) for path in paths):
                self._events.put(frozenset())
                continue
            if left_out is not None:
                told = [path for path in told if not left_out(path, False)]
            if told or not paths:
                self._events.put(frozenset(told))

    def _is_folder(self, path: str, left_out: LeftOut | None) -> bool:
        """Whether a folder came, or was moved: of the files in it nothing is told."""
        here = os.path.isdir(f"{self._root}/{path}")  # noqa: PTH112 - a string in, an answer out
        return here and (left_out is None or not left_out(path, True))

    def _send(self, message: list[Any], *pieces: bytes) -> None:
        try:
            with self._writing:
                frames.send(self._outgoing, message, *pieces)
        except OSError:
            self._ended.set()
            self._indexing.stop()
            self._events.put(None)


if __name__ == "__main__":
    main()
