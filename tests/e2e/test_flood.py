"""Somebody holds keys down: two hundred edits a second for half a minute, with a request behind each."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from typing import Any

import psutil

from tests.e2e.conftest import PROJECT, Machine
from tests.e2e.test_ghost_text import ready
from tests.lsp_client import LspClient

FILE = "shop/cart.py"
EDITS, EDITS_A_SECOND = 6_000, 200
SETTLED = 2_000
"""So many edits in, whatever is kept for later has been filled."""

WORDS = "total = self.total()\n        "


class Typist:
    """Types `WORDS` over and over at one place, and takes them back when the line is long."""

    def __init__(self, editor: LspClient, uri: str) -> None:
        self.editor = editor
        self.uri = uri
        self.text = PROJECT[FILE]
        lines = self.text.splitlines()
        self.line = lines.index("        self.items = items")
        self.column = len(lines[self.line])
        self.at = sum(len(line) + 1 for line in lines[: self.line]) + self.column
        self.typed = ""
        self.version = 1

    def strike(self) -> int:
        """One edit, the cancel of what was asked for before it, and a request; return its id."""
        self.version += 1
        start = self._place(len(self.typed))
        if len(self.typed) < 20 * len(WORDS):
            key = WORDS[len(self.typed) % len(WORDS)]
            self.editor.change(self.uri, self.version, {"range": {"start": start, "end": start}, "text": key})
            self.typed += key
        else:
            span = {"start": self._place(0), "end": start}
            self.editor.change(self.uri, self.version, {"range": span, "text": ""})
            self.typed = ""
        now = self._place(len(self.typed))
        return self.editor.ask_completion(self.uri, now["line"], now["character"])

    def _place(self, length: int) -> dict[str, int]:
        """Where the cursor stands behind the first so many characters that were typed."""
        typed = self.typed[:length]
        lines = typed.count("\n")
        column = len(typed) - typed.rfind("\n") - 1 if lines else self.column + len(typed)
        return {"line": self.line + lines, "character": column}

    @property
    def whole(self) -> str:
        return self.text[: self.at] + self.typed + self.text[self.at :]


def every_answer(editor: LspClient, calls: set[int]) -> list[dict[str, Any]]:
    """Wait until each of these requests has an answer; return all that came."""
    deadline = time.monotonic() + 60
    while True:
        answers = [said for said in list(editor.messages) if "method" not in said and said.get("id") in calls]
        if len(answers) >= len(calls) or time.monotonic() > deadline:
            return answers
        time.sleep(0.1)


def test_every_request_of_a_flood_is_answered_once_and_memory_stays_flat(machine: Machine) -> None:
    editor = machine.editor()
    uri = machine.uri(FILE)
    editor.open(uri, PROJECT[FILE])
    ready(editor)
    typist = Typist(editor, uri)
    processes = [psutil.Process(editor.process.pid), psutil.Process(machine.engine()["pid"])]
    asked: list[int] = []
    settled: list[int] = []
    began = time.monotonic()
    for number in range(EDITS):
        if asked and number % 3:  # some editors cancel, others leave what they asked for before
            editor.notify("$/cancelRequest", {"id": asked[-1]})
        asked.append(typist.strike())
        if number == SETTLED:
            settled = [process.memory_info().rss for process in processes]
        time.sleep(max(0.0, began + number / EDITS_A_SECOND - time.monotonic()))
    answers = every_answer(editor, set(asked))
    assert Counter(answer["id"] for answer in answers) == Counter(asked)
    assert all(isinstance(one.get("result"), list) or one["error"]["code"] == -32800 for one in answers)
    assert editor.state(uri)["sha256"] == hashlib.sha256(typist.whole.encode()).hexdigest()
    grown = [process.memory_info().rss - before for process, before in zip(processes, settled, strict=True)]
    assert max(grown) < 12 << 20, grown
    calm = editor.ask_completion(uri, typist.line, typist.column)
    assert isinstance(editor.answer(calm)["result"], list)
    assert editor.command("twolane.status")["state"] == "ready"
    assert machine.engine()["pid"] == processes[1].pid
