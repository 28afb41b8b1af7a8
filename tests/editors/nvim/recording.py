"""A session as it went on: every screen with its time, as an asciicast and as frames of a picture."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass

from tests.editors.nvim.neovim import COLUMNS, LINES, Screen


@dataclass(frozen=True, slots=True)
class Frame:
    """What was on the screen from `at` on, in seconds."""

    at: float
    screen: Screen


class Recording:
    """Collects screens; equal ones in a row are one."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._began = 0.0

    def take(self, screen: Screen) -> None:
        """Note what is on the screen now, from the first call on."""
        now = time.monotonic()
        self._began = self._began or now
        last = self.frames[-1].screen if self.frames else None
        if last is None or (last.cells, last.cursor) != (screen.cells, screen.cursor):
            frame = copy.copy(screen)
            frame.cells = [list(line) for line in screen.cells]
            self.frames.append(Frame(round(now - self._began, 3), frame))

    def cast(self, title: str) -> str:
        """Return an asciicast, version 2: a header, then one event for each frame that shows what changed."""
        head = {"version": 2, "width": COLUMNS, "height": LINES, "title": title, "env": {"TERM": "xterm-256color"}}
        events = [json.dumps(head)]
        shown: list[list[tuple[str, int]]] = []
        for frame in self.frames:
            text = "" if shown else "\x1b[2J"
            for row, line in enumerate(frame.screen.cells):
                if not shown or shown[row] != line:
                    text += f"\x1b[{row + 1};1H{_coloured(frame.screen, line)}"
            row, column = frame.screen.cursor
            text += f"\x1b[0m\x1b[{row + 1};{column + 1}H"
            shown = frame.screen.cells
            events.append(json.dumps([frame.at, "o", text], ensure_ascii=False))
        return "\n".join([*events, ""])


def _coloured(screen: Screen, line: list[tuple[str, int]]) -> str:
    """Return a line with the escapes that give it its colours."""
    text, last = "", -1
    for char, look in line:
        if look != last:
            attributes = screen.looks.get(look, {})
            ink = attributes.get("foreground", screen.colours["foreground"])
            paper = attributes.get("background", screen.colours["background"])
            if attributes.get("reverse"):
                ink, paper = paper, ink
            bold = "1;" if attributes.get("bold") else ""
            text += f"\x1b[0;{bold}38;2;{_parts(ink)};48;2;{_parts(paper)}m"
            last = look
        text += char
    return text


def _parts(colour: int) -> str:
    return f"{colour >> 16 & 255};{colour >> 8 & 255};{colour & 255}"
