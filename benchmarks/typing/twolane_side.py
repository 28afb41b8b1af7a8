"""Twolane as an editor meets it: the real server over stdio, a request at every key, the older one cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..editor import TWOLANE
from .player import Clock, Score
from .trace import Event


class Twolane:
    """A server process and the documents that it was told of."""

    def __init__(self, folder: Path, files: dict[str, str], clock: Clock, score: Score) -> None:
        self._folder = folder
        self._files = dict(files)
        self._versions: dict[str, int] = {}
        self._clock = clock
        self._score = score
        self._number = 0
        self._states: dict[int, int] = {}
        self._results: dict[int, asyncio.Future[Any]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self, env: Mapping[str, str]) -> None:
        """Start the server and wait until the model answers."""
        self._process = await asyncio.create_subprocess_exec(
            TWOLANE, "serve", env=dict(env), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        self._reading = asyncio.create_task(self._read())
        folders = [{"uri": self._folder.as_uri(), "name": self._folder.name}]
        capabilities = {"general": {"positionEncodings": ["utf-32"]}, "textDocument": {"inlineCompletion": {}}}
        await self.request(
            "initialize",
            {"processId": os.getpid(), "rootUri": None, "workspaceFolders": folders, "capabilities": capabilities},
        )
        self._notify("initialized", {})
        for path, text in self._files.items():
            self._versions[path] = 1
            document = {"uri": self._uri(path), "languageId": "python", "version": 1, "text": text}
            self._notify("textDocument/didOpen", {"textDocument": document})
        while (await self._status()).get("state") != "ready":
            await asyncio.sleep(0.05)

    async def _status(self) -> dict[str, Any]:
        return dict(await self.request("workspace/executeCommand", {"command": "twolane.status", "arguments": []}))

    async def tell(self, state: int, event: Event, before: str, after: str) -> None:
        """Send the edit and ask."""
        old = self._files[event.path]
        self._files[event.path] = before + after
        self._versions[event.path] += 1
        change = {"range": {"start": _place(old, event.start), "end": _place(old, event.end)}, "text": event.text}
        uri = self._uri(event.path)
        document = {"uri": uri, "version": self._versions[event.path]}
        self._notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        for number in list(self._states):
            self._notify("$/cancelRequest", {"id": number})
        self._number += 1
        self._states[self._number] = state
        self._score.requests += 1
        place = _place(before, len(before))
        params = {"textDocument": {"uri": uri}, "position": place, "context": {"triggerKind": 2}}
        self._send({"id": self._number, "method": "textDocument/inlineCompletion", "params": params})

    async def finish(self) -> None:
        """Collect what the server tells of its requests, and let it go."""
        explained = await self.request("workspace/executeCommand", {"command": "twolane.explain", "arguments": [1000]})
        for request in explained["requests"]:
            self._score.evaluated.append(request["evaluated_tokens"])
            self._score.prompts.append(request["prompt_tokens"])
            self._score.generated.append(request["generated_tokens"])
        await self.request("shutdown", None)
        self._notify("exit", None)
        if self._process:
            await self._process.wait()
        if self._reading:
            await self._reading

    async def request(self, method: str, params: object) -> Any:
        """Ask and wait for the result."""
        self._number += 1
        future = self._results[self._number] = asyncio.get_running_loop().create_future()
        self._send({"id": self._number, "method": method, "params": params})
        return await future

    def _uri(self, path: str) -> str:
        return (self._folder / path).as_uri()

    def _notify(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, object]) -> None:
        if self._process and self._process.stdin:
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def _read(self) -> None:
        stream = self._process.stdout if self._process else None
        if stream is None:
            return
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                header = await stream.readuntil(b"\r\n\r\n")
                length = int(header.lower().split(b"content-length:")[1].split()[0])
                self._take(json.loads(await stream.readexactly(length)))

    def _take(self, message: dict[str, Any]) -> None:
        number = message.get("id", 0)
        if "method" in message:
            if "id" in message:
                self._send({"id": number, "result": None})
        elif number in self._results:
            self._results.pop(number).set_result(message.get("result"))
        elif (state := self._states.pop(number, None)) is not None and "result" in message:
            self._clock.answered(state)
            self._score.shown += bool(message["result"])


def _place(text: str, offset: int) -> dict[str, int]:
    start = text.rfind("\n", 0, offset) + 1
    return {"line": text.count("\n", 0, offset), "character": offset - start}
