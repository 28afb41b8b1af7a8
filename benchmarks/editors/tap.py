"""Stand between an editor and the server and write down when suggestions were asked for and answered.

    python -m benchmarks.editors.tap FILE PROGRAM [WORD …]

Every message passes at once and unchanged. FILE gets one JSON object a line: `asked` and `answered`, in seconds since
1970 as each message passed, and `items`, how many suggestions there were.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

_METHOD = "textDocument/inlineCompletion"


def main(arguments: list[str]) -> int:
    """Pass everything on until the editor hangs up."""
    file, *command = arguments
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    asked: dict[Any, float] = {}

    def from_editor(message: Any) -> None:
        if message.get("method") == _METHOD:
            asked[message["id"]] = time.time()

    def from_server(message: Any) -> None:
        if "method" not in message and (at := asked.pop(message.get("id"), None)) is not None:
            line = {"asked": at, "answered": time.time(), "items": len(message.get("result") or ())}
            with Path(file).open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")

    back = threading.Thread(target=_pass_on, args=(server.stdout, sys.stdout.buffer, from_server), daemon=True)
    back.start()
    _pass_on(sys.stdin.buffer, server.stdin, from_editor)
    server.stdin.close()
    return server.wait()


def _pass_on(source: IO[bytes], target: IO[bytes], look: Callable[[Any], None]) -> None:
    while True:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = source.readline()
            if not line:
                return
            head += line
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n") if b":" in line)
        body = source.read(int(fields[b"content-length"]))
        message = json.loads(body)
        target.write(head + body)
        target.flush()
        look(message)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
