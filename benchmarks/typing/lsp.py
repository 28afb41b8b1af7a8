"""A connection to the real `twolane serve`, for a client that goes on typing while it waits."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ..editor import TWOLANE

Answered = Callable[[dict[str, Any]], None]


class Connection:
    """A server process; answers to `ask` go to their callback the moment they are read."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._number = 0
        self._waiting: dict[int, Answered] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, env: Mapping[str, str]) -> Connection:
        """Start a server."""
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(TWOLANE, "serve", env=dict(env), stdin=pipe, stdout=pipe))

    def ask(self, method: str, params: object, answered: Answered) -> int:
        """Send a request; `answered` gets the whole response, an error too. Return the request's number."""
        self._number += 1
        self._waiting[self._number] = answered
        self._send({"id": self._number, "method": method, "params": params})
        return self._number

    async def request(self, method: str, params: object) -> Any:
        """Send a request and wait for its result; raise RuntimeError where it is an error."""
        came = asyncio.Event()
        answers: list[dict[str, Any]] = []

        def answered(message: dict[str, Any]) -> None:
            answers.append(message)
            came.set()

        self.ask(method, params, answered)
        coming = asyncio.create_task(came.wait())
        try:
            await asyncio.wait([coming, self._reading], return_when=asyncio.FIRST_COMPLETED)
        finally:
            coming.cancel()
        if not answers:
            raise RuntimeError(f"{method}: the server left; its last words are above")
        answer = answers[0]
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer.get("result")

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def close(self) -> None:
        """Shut the server down and wait until it is gone."""
        with contextlib.suppress(RuntimeError):
            await self.request("shutdown", None)
            self.notify("exit", None)
        await self._process.wait()
        await self._reading

    def _send(self, message: Mapping[str, object]) -> None:
        if self._process.stdin is None:
            raise RuntimeError("the server was started without pipes")
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def _read(self) -> None:
        stream = self._process.stdout
        if stream is None:
            raise RuntimeError("the server was started without pipes")
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                header = await stream.readuntil(b"\r\n\r\n")
                length = int(header.lower().split(b"content-length:")[1].split()[0])
                self._take(json.loads(await stream.readexactly(length)))

    def _take(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        if "method" in message:
            if number is not None:
                self._send({"id": number, "result": None})
        elif isinstance(number, int) and number in self._waiting:
            self._waiting.pop(number)(message)
