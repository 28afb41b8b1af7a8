"""An editor reduced to what a measurement needs: it speaks LSP to the real `twolane serve` and waits."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

TWOLANE = Path(sys.executable).with_name("twolane")
_ANSWERS_TO_SERVER = {"workspace/configuration": [None]}


class Editor:
    """One editor window: `started_s` is the moment its server's process was started (time.perf_counter)."""

    def __init__(self, env: Mapping[str, str], folder: Path | None = None) -> None:
        self._folder = folder
        self._number = 0
        self._versions: dict[str, int] = {}
        self.started_s = time.perf_counter()
        self._process = subprocess.Popen(
            [TWOLANE, "serve", "--stdio"],
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.request("shutdown", None)
                self.notify("exit", None)
                self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def initialize(self, options: Mapping[str, object] | None = None) -> float:
        """Send `initialize` with settings of the editor's own; return the milliseconds since process start."""
        folders = [{"uri": self._folder.as_uri(), "name": self._folder.name}] if self._folder else None
        params = {
            "processId": os.getpid(),
            "rootUri": None,
            "workspaceFolders": folders,
            "initializationOptions": dict(options or {}),
            "capabilities": {
                "general": {"positionEncodings": ["utf-16"]},
                "textDocument": {"inlineCompletion": {}},
                "window": {"workDoneProgress": True},
            },
        }
        self.request("initialize", params)
        took = (time.perf_counter() - self.started_s) * 1000
        self.notify("initialized", {})
        return took

    def open(self, path: Path, text: str, language: str = "python") -> None:
        """Open a file with this text, whatever the disk holds."""
        self._versions[path.as_uri()] = 1
        document = {"uri": path.as_uri(), "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def insert(self, path: Path, line: int, column: int, text: str) -> None:
        """Type `text` at a place (counted from 0)."""
        self._versions[path.as_uri()] += 1
        place = {"line": line, "character": column}
        self.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": path.as_uri(), "version": self._versions[path.as_uri()]},
                "contentChanges": [{"range": {"start": place, "end": place}, "text": text}],
            },
        )

    def close(self, path: Path) -> None:
        """Close a file."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def complete(self, path: Path, line: int, column: int) -> tuple[float, str]:
        """Ask for ghost text; return (milliseconds until the answer, its text or '')."""
        params = {
            "textDocument": {"uri": path.as_uri()},
            "position": {"line": line, "character": column},
            "context": {"triggerKind": 2},
        }
        asked = time.perf_counter()
        result = self.request("textDocument/inlineCompletion", params)
        took = (time.perf_counter() - asked) * 1000
        items = result["items"] if isinstance(result, dict) else result or []
        return took, str(items[0]["insertText"]) if items else ""

    def status(self) -> None:
        """Wait until the server has told how it is; the first time, that needs all of it to be imported."""
        self.request("workspace/executeCommand", {"command": "twolane.status", "arguments": []})

    def explain(self, count: int) -> list[dict[str, Any]]:
        """Return what the server tells of its last requests."""
        result = self.request("workspace/executeCommand", {"command": "twolane.explain", "arguments": [count]})
        return list(result["requests"])

    def request(self, method: str, params: object) -> Any:
        """Return the result of a request; raise RuntimeError where the server answers with an error."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" in message and "id" in message:
                result = _ANSWERS_TO_SERVER.get(message["method"])
                self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})
            elif message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def _send(self, message: Mapping[str, object]) -> None:
        stream = _open(self._process.stdin)
        body = json.dumps(message).encode()
        try:
            stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            stream.flush()
        except BrokenPipeError:
            raise self._left() from None

    def _receive(self) -> dict[str, Any]:
        stream = _open(self._process.stdout)
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise self._left()
        message: dict[str, Any] = json.loads(stream.read(length))
        return message

    def _left(self) -> RuntimeError:
        return RuntimeError(f"the server left with exit code {self._process.wait(10)}; its last words are above")


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("the server was started without pipes")
    return stream
