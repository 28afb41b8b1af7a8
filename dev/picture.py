"""Draw what a command prints on a terminal as an SVG: the picture in the README is real output.

.venv/bin/python dev/picture.py --until Neovim docs/demo.svg .venv/bin/twolane demo
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from html import escape
from pathlib import Path

COLUMNS = 112
_CELL, _LINE, _MARGIN = 8.4, 19, 18
_STYLES = {"1": "b", "2": "d", "31": "r", "32": "g", "33": "y"}
_CONTROL = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")
_SHEET = (
    "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d8dee9;"
    "white-space:pre}.b{font-weight:700;fill:#fff}.d{fill:#7b8797}.g{fill:#8fc97a}.r{fill:#e5707a}.y{fill:#e3c06f}"
)


class Screen:
    """The lines a terminal would show at the end; each cell is a character and the class of its style."""

    def __init__(self) -> None:
        self.lines: list[list[tuple[str, str]]] = [[]]
        self._column = 0
        self._style = ""

    def feed(self, text: str) -> None:
        """Take output: text, line ends, carriage returns, "erase to the end of the line" and colours."""
        position = 0
        while position < len(text):
            control = _CONTROL.match(text, position)
            if control:
                self._control(control[1], control[2])
                position = control.end()
                continue
            self._put(text[position])
            position += 1

    def _control(self, arguments: str, kind: str) -> None:
        if kind == "K":
            del self.lines[-1][self._column :]
        elif kind == "m":
            for code in arguments.split(";"):
                self._style = _STYLES.get(code, "")

    def _put(self, character: str) -> None:
        if character == "\n":
            self.lines.append([])
            self._column = 0
        elif character == "\r":
            self._column = 0
        elif character >= " ":
            line = self.lines[-1]
            line[self._column : self._column + 1] = [(character, self._style)]
            self._column += 1


def recorded(command: Sequence[str]) -> str:
    """Return all that a command writes to a terminal of its own; raise CalledProcessError where it fails."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(command, env=env | {"TERM": "xterm-256color"}, stdin=its, stdout=its)
    os.close(its)
    output = bytearray()
    with contextlib.closing(os.fdopen(ours, "rb", buffering=0)) as terminal:
        while True:
            try:
                chunk = terminal.read(65536)
            except OSError as error:
                if error.errno != errno.EIO:  # how Linux says that the other end has closed
                    raise
                break
            if not chunk:
                break
            output += chunk
    if process.wait() != 0:
        raise subprocess.CalledProcessError(process.returncode, list(command))
    return output.decode()


def drawn(command: str, screen: Screen) -> str:
    """Return the SVG."""
    lines = screen.lines
    while lines and not lines[-1]:
        lines.pop()
    width = round(COLUMNS * _CELL + 2 * _MARGIN)
    height = (len(lines) + 2) * _LINE + 2 * _MARGIN
    rows = [f'<tspan class="g">$</tspan> <tspan class="b">{escape(command)}</tspan>', "", *map(_row, lines)]
    texts = [
        f'<text x="{_MARGIN}" y="{_MARGIN + (number + 1) * _LINE - 5}" xml:space="preserve">{row}</text>'
        for number, row in enumerate(rows)
        if row
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    frame = f'<rect width="{width}" height="{height}" rx="10" fill="#1d2128"/>'
    return "\n".join([head, f"<title>{escape(command)}</title><style>{_SHEET}</style>", frame, *texts, "</svg>", ""])


def _row(line: Sequence[tuple[str, str]]) -> str:
    spans: list[tuple[str, str]] = []
    for character, style in line:
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + character, style)
        else:
            spans.append((character, style))
    return "".join(
        f'<tspan class="{style}">{escape(text)}</tspan>' if style else escape(text) for text, style in spans
    ).rstrip()


def main(arguments: Sequence[str]) -> None:
    """Run the command, draw its screen."""
    parser = argparse.ArgumentParser(description="Draw what a command prints on a terminal as an SVG.")
    parser.add_argument("target", type=Path, help="the SVG to write")
    parser.add_argument("--until", metavar="TEXT", help="end before the first line that begins with TEXT")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    output = recorded(given.command)
    if given.until:
        output = output.split(f"\n{given.until}", 1)[0]
    screen = Screen()
    screen.feed(output)
    shown = " ".join([Path(given.command[0]).name, *given.command[1:]])
    given.target.write_text(drawn(shown, screen), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
