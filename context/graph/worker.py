"""A process of the build's own that reads and parses files, so that a crash or a bomb costs one file only.

On its stdin come frames: first `{"root", "store"}`, which it answers with `"ready"`, then batches
`[[path, language], …]`. For each file of a batch one frame goes out, in order: `[path, reason, digest in hexadecimal,
symbols]` with two pieces, the names and the facts; both are empty where there is a reason, or where the facts are in
the store already. It ends with its input.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import IO, Any

from . import frames
from .coding import encode
from .naming import names_of, pack
from .reading import Left, as_text, digest_of, made_by_machine, read_bytes

SECONDS_PER_FILE = 5.0
MAX_MEMORY = 1_000_000_000
NICE = 10


def main() -> None:
    """Serve the parent until it closes the pipe."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    be_modest()
    gc.disable()
    with contextlib.suppress(frames.BrokenFrame, OSError, KeyboardInterrupt):
        _serve(incoming, outgoing)


def be_modest(*, bounded: bool = True) -> None:
    """Let everything else on this machine go first; where `bounded`, take no more memory than a file can need."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(max(0, NICE - os.nice(0)))
    if sys.platform == "win32":
        import psutil

        with contextlib.suppress(psutil.Error):
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    elif bounded:
        import resource

        with contextlib.suppress(OSError, ValueError):
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            limit = MAX_MEMORY if hard == resource.RLIM_INFINITY else min(MAX_MEMORY, hard)
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _serve(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    first = frames.receive(incoming)
    if first is None:
        return
    root, known = first[0]["root"], _known(first[0]["store"])
    frames.send(outgoing, "ready")
    while (frame := frames.receive(incoming)) is not None:
        for path, language in frame[0]:
            message, pieces = digest_file(root, path, language, known)
            frames.send(outgoing, message, *pieces)
        gc.collect(1)


def _known(store: str | None) -> Any:
    """A function that tells whether the store has facts under a digest."""
    if store is None:
        return lambda _: False
    from .store import Store

    reader = Store.reading(Path(store))
    return lambda digest: reader is not None and reader.fact(digest) is not None


def digest_file(root: str, path: str, language: str, known: Any) -> tuple[list[Any], tuple[bytes, bytes]]:
    """Read and parse one file; the frame about it."""
    nothing = (b"", b"")
    data = read_bytes(root, path)
    if isinstance(data, Left):
        return [path, data.reason, "", 0], nothing
    digest = digest_of(language, data)
    if known(digest):
        return [path, "", digest.hex(), -1], nothing
    text = as_text(data)
    if isinstance(text, Left):
        return [path, text.reason, "", 0], nothing
    if reason := made_by_machine(text):
        return [path, reason, "", 0], nothing
    from ..languages import reading
    from ..parsing import Refused

    try:
        facts = reading.read_text(language, text, seconds=SECONDS_PER_FILE, alone=True)
    except MemoryError:
        return [path, "takes too much memory", "", 0], nothing
    except Exception as error:
        return [path, f"cannot be parsed ({type(error).__name__})", "", 0], nothing
    if isinstance(facts, Refused):
        return [path, facts.reason, "", 0], nothing
    return [path, "", digest.hex(), len(facts.definitions)], (pack(names_of(facts)), encode(facts))


if __name__ == "__main__":
    main()
