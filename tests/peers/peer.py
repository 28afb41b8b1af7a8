"""A server that takes its time to start, in the environment that PEER names."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def folder() -> Path:
    """Where the peer is installed; `make test-litellm` and `make test-vllm` say so."""
    return Path(os.environ["PEER"]).expanduser()


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: list[str], ready: str, log: Path, *, env: Mapping[str, str], patience_s: float) -> Iterator[None]:
    """Run a server until the block ends; it has started once `ready` (a URL) answers 200."""
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, env=os.environ | env, stdout=output, stderr=output, start_new_session=True
        ) as process,
    ):
        try:
            end = time.monotonic() + patience_s
            while not _answers(ready):
                assert process.poll() is None, log.read_text()[-2000:]
                assert time.monotonic() < end, f"it did not start: {log.read_text()[-2000:]}"
                time.sleep(0.5)
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
