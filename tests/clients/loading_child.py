"""Loads each model named on standard input in a process of its own, and says how that process ended.

One line in, one line out: 0, or the number of the signal that ended it. Not a test: `test_impossible_models` asks it.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

from twolane.clients.engine.gguf_check import read_header
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import DecodeFailed, Model, NoRoom, Sequences
from twolane.clients.errors import ModelRefused

_MOST_MEMORY = 4 << 30


def load(library: Library, path: Path) -> None:
    """Do with a model what an engine does, up to the first token."""
    try:
        header = read_header(path)
        model = Model(library, path, 0, lambda _: None)
        context = min(256, header.context_trained or 256)
        sequences = Sequences(
            model, context_tokens=context, slots=1, threads=1, batch_tokens=min(64, context), movable=True
        )
        tokens = model.tokenize("def f(x):")[: sequences.room] or [0]
        last = sequences.add(0, 0, tokens, outputs=1)
        sequences.decode()
        sequences.likeliest(last.start)
    except (ModelRefused, DecodeFailed, NoRoom):
        pass


def main() -> None:
    """Answer until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["GGML_NO_BACKTRACE"] = "1"
    library = Library()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)
            load(library, Path(line.rstrip("\n")))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
