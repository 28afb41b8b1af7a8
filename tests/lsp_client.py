"""A raw LSP client for tests: a real server process, every byte in both directions under the test's control."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

PATIENCE_S = 20.0
"""How long a test waits for what must come; generous, because machines are busy."""


def frame(body: bytes) -> bytes:
    """Put a header before a body."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def message(**fields: Any) -> bytes:
    """Frame one JSON-RPC message."""
    return frame(json.dumps({"jsonrpc": "2.0", **fields}).encode())


def private_environment(folder: Path) -> dict[str, str]:
    """Return an environment whose settings, state and sockets lie in `folder`, away from the user's own."""
    environment = dict(os.environ)
    for name in ("RUNTIME_DIR", "CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME"):
        place = folder / name.lower()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        environment[f"XDG_{name}"] = str(place)
    return environment


def console_script() -> Path:
    """Return the `twolane` command that belongs to this Python."""
    return Path(sys.executable).with_name("twolane")


class LspClient:
    """Starts a server and keeps everything it says; `messages` holds them in order of arrival."""

    def __init__(
        self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, *, drain: bool = True
    ) -> None:
        """`drain=False` leaves what the server writes to stderr unread, as some editors do."""
        self._errors = (folder / "stderr.txt").open("w+b")
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors if drain else subprocess.PIPE,
            env=dict(environment),
            cwd=folder,
        )
        self.messages: list[dict[str, Any]] = []
        self.rubbish = b""
        self.ended = False
        self.answers_to: dict[str, Any] = {}
        self._arrived = threading.Condition()
        self._number = 0
        self._reading = threading.Event()
        self._reading.set()
        self._deaf = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    # What the test says.

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, **fields: Any) -> None:
        self.send_bytes(message(**fields))

    def notify(self, method: str, params: Any = None) -> None:
        self.send(method=method, params=params)

    def ask(self, method: str, params: Any = None) -> int:
        """Send a request and return its id; do not wait."""
        self._number += 1
        self.send(id=self._number, method=method, params=params)
        return self._number

    def request(self, method: str, params: Any = None) -> dict[str, Any]:
        """Send a request and wait for its whole answer."""
        return self.answer(self.ask(method, params))

    def result(self, method: str, params: Any = None) -> Any:
        """Send a request that must succeed, and return its result."""
        answer = self.request(method, params)
        assert "error" not in answer, answer
        return answer["result"]

    def initialize(self, options: Any = None, **params: Any) -> dict[str, Any]:
        """Greet the server as an editor does; return its `InitializeResult`."""
        params = {"processId": None, "rootUri": None, "capabilities": {}, **params}
        if options is not None:
            params["initializationOptions"] = options
        result: dict[str, Any] = self.result("initialize", params)
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, language: str = "python", version: int = 1) -> None:
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: Mapping[str, Any]) -> None:
        identity = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": identity, "contentChanges": list(changes)})

    def ask_completion(self, uri: str, line: int, character: int) -> int:
        return self.ask(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": uri},
                "position": {"line": line, "character": character},
                "context": {"triggerKind": 2},
            },
        )

    def complete(self, uri: str, line: int, character: int) -> list[dict[str, Any]]:
        """Ask for a completion, which is never an error, and return the items without their commands."""
        answer = self.answer(self.ask_completion(uri, line, character))
        assert isinstance(answer.get("result"), list), answer
        return [{name: value for name, value in item.items() if name != "command"} for item in answer["result"]]

    def state(self, uri: str) -> dict[str, Any]:
        state: dict[str, Any] = self.result("twolane/documentState", {"uri": uri})
        return state

    def command(self, name: str, *arguments: Any) -> Any:
        return self.result("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    def last_trace(self) -> dict[str, Any]:
        trace: dict[str, Any] = self.command("twolane.explain", 1)["requests"][-1]
        return trace

    # What the server says.

    def wait(self, met: Callable[[], bool], what: str) -> None:
        """Wait until a condition on what arrived holds."""
        with self._arrived:
            assert self._arrived.wait_for(met, PATIENCE_S), f"{what} did not come; so far: {self.messages}"

    def hears(self, met: Callable[[], object], timeout: float) -> bool:
        """Tell whether a condition on what arrived holds within so many seconds."""
        with self._arrived:
            return bool(self._arrived.wait_for(lambda: bool(met()), timeout))

    def answers(self, call_id: Any) -> list[dict[str, Any]]:
        """Return all answers to one id so far."""
        return [said for said in self.messages if "method" not in said and said.get("id") == call_id]

    def answer(self, call_id: Any) -> dict[str, Any]:
        """Wait for the answer to one id."""
        self.wait(lambda: bool(self.answers(call_id)), f"an answer to {call_id!r}")
        return self.answers(call_id)[0]

    def nth_answer(self, call_id: Any, count: int) -> dict[str, Any]:
        """Wait for the `count`-th answer to one id (None: messages that could not be read)."""
        self.wait(lambda: len(self.answers(call_id)) >= count, f"answer {count} to {call_id!r}")
        return self.answers(call_id)[count - 1]

    def told(self, method: str) -> list[Any]:
        """Return the params of all notifications of a method so far."""
        return [said.get("params") for said in self.messages if said.get("method") == method]

    def wait_told(self, method: str) -> Any:
        """Wait for a notification and return its params."""
        self.wait(lambda: bool(self.told(method)), method)
        return self.told(method)[0]

    def stop_listening(self) -> None:
        """Close the server's output after its next message."""
        self._deaf.set()

    def stop_reading(self) -> None:
        """Read nothing more from the server."""
        self._reading.clear()

    # The end.

    def shut_down(self) -> int:
        """Leave as an editor does, and return the exit code."""
        self.request("shutdown")
        self.notify("exit")
        return self.exit_code()

    def exit_code(self, timeout: float = PATIENCE_S) -> int:
        return self.process.wait(timeout)

    def hang_up(self) -> None:
        """Close the server's input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def log(self) -> str:
        """Return what the server wrote to stderr so far."""
        self._errors.flush()
        return Path(self._errors.name).read_text(errors="replace")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reading.set()
        self._thread.join(PATIENCE_S)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr, self._errors):
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        stream = self.process.stdout
        while line := stream.readline():
            if not line.endswith(b"\n"):
                break
            name, _, value = line.partition(b":")
            if name.lower() != b"content-length":
                self.rubbish += line
                continue
            while stream.readline().strip():
                continue
            body = stream.read(int(value))
            if len(body) < int(value):
                break
            said = json.loads(body)
            with self._arrived:
                self.messages.append(said)
                self._arrived.notify_all()
            if said.get("method") in self.answers_to:
                with contextlib.suppress(BrokenPipeError):
                    self.send(id=said["id"], result=self.answers_to[said["method"]])
            self._reading.wait()
            if self._deaf.is_set():
                stream.close()
                break
        with self._arrived:
            self.ended = True
            self._arrived.notify_all()
