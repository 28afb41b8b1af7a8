"""llama.cpp's own server, from a prebuilt wheel, in a process of its own: `python llama_server.py MODEL SLOTS`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(model: Path, *, slots: int = 2) -> Iterator[str]:
    """Serve a model on a free port of this machine; yield the server's address."""
    command = [sys.executable, "-P", __file__, str(model), str(slots)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            word, _, url = process.stdout.readline().partition(" ")
            assert word == "listening", "llama.cpp's server did not start"
            yield url.strip()
        finally:
            process.kill()


def main() -> None:
    """Serve until standard input ends; print one line once it listens."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.model_alias = {Path(sys.argv[1]).stem}
    parameters.n_ctx = 0
    parameters.n_parallel = int(sys.argv[2])
    parameters.n_threads_http = 8
    parameters.port = 0
    parameters.endpoint_slots = True
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(parameters)
    print("listening", server.listening_address, flush=True)  # noqa: T201 -- this line is what is waited for
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
