"""The process of llama.cpp's own server, for as long as a block lasts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from ...report import free_port


class ModelServer:
    """A server with one model; it listens on loopback at `port` once the block is entered."""

    def __init__(self, model: Path, threads: int) -> None:
        self.port = free_port()
        command = [
            sys.executable,
            "-m",
            "benchmarks.typing.peer.server",
            str(model.resolve()),
            str(self.port),
            str(threads),
        ]
        self._process = subprocess.Popen(
            command,
            cwd=Path(__file__).resolve().parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        if self._process.stdout is None:
            raise RuntimeError("llama.cpp's server has no output")
        for line in self._process.stdout:
            if line.startswith("listening"):
                return self
        raise RuntimeError(f"llama.cpp's server did not start (exit code {self._process.wait(10)})")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
