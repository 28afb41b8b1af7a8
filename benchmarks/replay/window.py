"""An editor window of which several documents are asked about at once: the real server, spoken to without waiting."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ..editor import TWOLANE


class Window:
    """Sends, and hands each answer to whoever waits for it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())

    async def request(self, method: str, params: object) -> Any:
        """The result of a request; RuntimeError where the server answers with an error, or leaves."""
        self._number += 1
        number = self._number
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return await answer

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def open(self, path: Path, text: str, language: str) -> None:
        """Open a file with this text."""
        document = {"uri": path.as_uri(), "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def close(self, path: Path) -> None:
        """Close a file."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    async def complete(self, path: Path, line: int, column: int) -> tuple[float, str]:
        """Ask for ghost text: milliseconds until the answer, its text or ''."""
        params = {
            "textDocument": {"uri": path.as_uri()},
            "position": {"line": line, "character": column},
            "context": {"triggerKind": 2},
        }
        asked = time.perf_counter()
        result = await self.request("textDocument/inlineCompletion", params)
        took = (time.perf_counter() - asked) * 1000
        items = result["items"] if isinstance(result, dict) else result or []
        return took, str(items[0]["insertText"]) if items else ""

    async def told(self, path: str, count: int) -> dict[str, Any]:
        """What the server tells of its last request for a path, among the last `count`."""
        result = await self.request("workspace/executeCommand", {"command": "twolane.explain", "arguments": [count]})
        return next(dict(one) for one in reversed(result["requests"]) if one["path"] == path)

    async def leave(self) -> None:
        """End the session, and the server's process."""
        with contextlib.suppress(RuntimeError, TimeoutError, OSError):
            await asyncio.wait_for(self.request("shutdown", None), 10)
            self.notify("exit", None)
            await asyncio.wait_for(self._process.wait(), 10)
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        self._reading.cancel()

    def _send(self, message: Mapping[str, object]) -> None:
        assert self._process.stdin is not None
        body = json.dumps(message).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        try:
            while True:
                length = 0
                while line := (await stream.readline()).strip():
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if not length:
                    raise RuntimeError("the server left; its last words are above")
                self._take(json.loads(await stream.readexactly(length)))
        except (RuntimeError, OSError, asyncio.IncompleteReadError) as error:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(RuntimeError(str(error)))

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message and "id" in message:
            result = [None] if message["method"] == "workspace/configuration" else None
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        elif (answer := self._waiting.pop(message.get("id", -1), None)) is not None and not answer.done():
            if "error" in message:
                answer.set_exception(RuntimeError(str(message["error"])))
            else:
                answer.set_result(message["result"])


@asynccontextmanager
async def opened(env: Mapping[str, str], folder: Path, settings: Mapping[str, object]) -> AsyncIterator[Window]:
    """Start a server on a workspace, with settings of the editor's own."""
    process = await asyncio.create_subprocess_exec(
        TWOLANE,
        "serve",
        "--stdio",
        env=dict(env),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    window = Window(process)
    try:
        params = {
            "processId": os.getpid(),
            "rootUri": None,
            "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
            "initializationOptions": dict(settings),
            "capabilities": {
                "general": {"positionEncodings": ["utf-16"]},
                "textDocument": {"inlineCompletion": {}},
                "window": {"workDoneProgress": True},
            },
        }
        await window.request("initialize", params)
        window.notify("initialized", {})
        await window.request("workspace/executeCommand", {"command": "twolane.status", "arguments": []})
        yield window
    finally:
        await window.leave()
