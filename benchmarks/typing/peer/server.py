"""llama.cpp's own server, from a prebuilt wheel: `python -m benchmarks.typing.peer.server MODEL PORT THREADS`."""

from __future__ import annotations

import os
import sys
import threading

import xllamacpp


def main() -> None:
    """Serve until standard input ends; print one line once it listens."""
    model, port, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.n_ctx = 0
    parameters.n_parallel = 1
    parameters.n_batch = parameters.n_ubatch = 1024
    parameters.n_cache_reuse = 256
    parameters.port = port
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(parameters)
    print("listening", server.listening_address, flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
