"""Where the imports of every file lead: looked up by processes of the build's own, from the index alone.

Frames as in `worker`; the first piece of an answer holds the paths, joined by line breaks.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

from . import frames
from .store import Store
from .worker import be_modest

COMMAND = (sys.executable, "-P", "-m", f"{__package__}.lookup")


class ImportLookup:
    """Answers for any file of an index that has been published."""

    def __init__(self, root: str, store: Store) -> None:
        from ..resolution.resolver import Resolver
        from .live import LiveWorkspace

        self._workspace = LiveWorkspace(root, store, ask_disk=False)
        self._resolver = Resolver(self._workspace)

    def targets(self, path: str) -> str:
        """The files that the imports of `path` lead to, joined by line breaks."""
        facts = self._workspace.facts(path)
        if facts is None:
            return ""
        found: dict[str, None] = {}
        for item in facts.imports:
            for target in self._resolver.targets(path, item):
                if target.path != path:
                    found[target.path] = None
        return "\n".join(found)


def main() -> None:
    """Serve the parent until it closes the pipe."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    be_modest()
    with contextlib.suppress(frames.BrokenFrame, OSError, KeyboardInterrupt):
        _serve(incoming, outgoing)


def _serve(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    first = frames.receive(incoming)
    if first is None:
        return
    store = Store.reading(Path(first[0]["store"]))
    if store is None:
        return
    lookup = ImportLookup(first[0]["root"], store)
    frames.send(outgoing, "ready")
    while (frame := frames.receive(incoming)) is not None:
        for path, _ in frame[0]:
            try:
                answer, reason = lookup.targets(path), ""
            except Exception as error:
                answer, reason = "", type(error).__name__
            frames.send(outgoing, [path, reason, "", 0], answer.encode("utf-8", "replace"), b"")


if __name__ == "__main__":
    main()
