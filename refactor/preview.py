"""What a person sees of an answer while it comes: file, kind of edit, last line. Never used for the edit."""

from __future__ import annotations

import json

_LONGEST = 90
_VERBS = {"replace_text": "editing", "replace_symbol": "rewriting", "create_file": "writing"}


class Preview:
    """Fed with pieces of the answer's JSON; `line` is one line for people, without anything unprintable."""

    def __init__(self) -> None:
        self._begin()

    def feed(self, piece: str | None) -> None:
        """Take the next piece; None: it begins anew."""
        if piece is None:
            self._begin()
            return
        for char in piece:
            self._take(char)

    @property
    def line(self) -> str:
        """What is being written now; '' before the first edit."""
        if not self._path:
            return ""
        target = f" {self._target}" if self._target else ""
        head = f"{_VERBS.get(self._action, 'editing')} {self._path}{target}"
        count = f", {self._lines + 1} lines" if self._lines else ""
        last = self._last.strip()
        return printable(f"{head}{count}" + (f": {last}" if last else ""))[: 2 * _LONGEST]

    def _begin(self) -> None:
        self._string = False
        self._escape = ""
        self._key = True
        self._name = ""
        self._word: list[str] = []
        self._action = self._path = self._target = self._last = ""
        self._lines = 0

    def _take(self, char: str) -> None:
        if not self._string:
            if char == '"':
                self._string, self._word, self._escape = True, [], ""
                if not self._key and self._name == "text":
                    self._lines, self._last = 0, ""
            elif char == ":":
                self._key = False
            elif char in ",{":
                self._key = True
            return
        if self._escape:
            self._escape += char
            wanted = 6 if self._escape[1] == "u" else 2
            if len(self._escape) < wanted:
                return
            try:
                char = str(json.loads(f'"{self._escape}"'))
            except ValueError:
                char = "?"
            self._escape = ""
        elif char == "\\":
            self._escape = char
            return
        elif char == '"':
            self._string = False
            self._ended()
            return
        self._grown(char)

    def _grown(self, char: str) -> None:
        if not self._key and self._name == "text":
            if char == "\n":
                self._lines += 1
                self._last = ""
            elif len(self._last) < _LONGEST:
                self._last += char
        elif len(self._word) < 300:
            self._word.append(char)

    def _ended(self) -> None:
        word = "".join(self._word)
        if self._key:
            self._name = word
        elif self._name == "action":
            self._action, self._path, self._target, self._last, self._lines = word, "", "", "", 0
        elif self._name == "path":
            self._path = word
        elif self._name == "target" and self._action == "replace_symbol":
            self._target = word


def printable(text: str) -> str:
    """Without control characters and what turns text round, and without links: editors make some of them commands."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return shown.replace("](", "] (")
