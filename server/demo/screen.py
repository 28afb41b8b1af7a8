"""The demo as a picture in the terminal: what is typed in full, what is suggested in grey."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TextIO

from ...clients.model import ModelInfo
from ..commands.outcome import printable
from .places import LICENCE, PLACES, PROJECT, Place
from .replay import Keystroke, Replay, Typist

_RESET, _BOLD, _DIM, _GREEN, _RED = "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m"
_CLEAR = "\r\x1b[K"


class Screen:
    """Draws on `stream`; colour and movement only on a terminal, and no colour where NO_COLOR is set."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._moves = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._moves and not os.environ.get("NO_COLOR")
        self._width = shutil.get_terminal_size().columns

    def title(self, info: ModelInfo, milliseconds: float) -> None:
        """Say what is about to be seen."""
        self._line(self._paint(_BOLD, "Twolane: a model on this machine suggests while you type"))
        self._line(f"project  {PROJECT} ({LICENCE}), a copy that is thrown away afterwards")
        self._line(f"model    {info.name} on {info.device}, ready after {milliseconds:.0f} ms")

    def scene(self, number: int, typist: Typist) -> None:
        """Show the lines above the one that is typed."""
        place = typist.place
        self._line()
        head = f"{number}/{len(PLACES)}  {place.path}, line {place.line}"
        self._line(self._paint(_BOLD, head) + f"  needs {_and(place)}")
        for offset, text in enumerate(typist.before):
            self._line(self._paint(_DIM, self._numbered(place.line - len(typist.before) + offset, text)))

    def keystroke(self, typist: Typist, key: Keystroke) -> None:
        """Redraw the line that is being typed."""
        if self._moves:
            self._stream.write(_CLEAR + self._typed(typist.place.line, typist.indent, key, self._width))
            self._stream.flush()

    def result(self, replay: Replay) -> None:
        """Say what was suggested, from where, how right it was and how long it took."""
        if self._moves:
            self._stream.write(_CLEAR)
        key = replay.accepted or replay.shown
        if key is None:
            self._line(self._numbered(replay.place.line, replay.indent + replay.line))
            self._line(f"  nothing was suggested: {replay.keystrokes[-1].completion.trace.reason}")
            return
        self._line(self._typed(replay.place.line, replay.indent, key, 0))
        if replay.shown is not None:
            self._line(f"  first suggestion {_after(replay.shown)}: {self._judged(replay.shown)}")
        if replay.accepted is not None:
            saved = f"{len(key.suggested)} of {len(replay.line)} characters not typed"
            self._line(f"  right to the end of the line {_after(replay.accepted)}: {saved}")
        else:
            self._line(f"  never right to the end; the line is: {replay.line}")
        for line in self._sources(replay.place, key):
            self._line(line)
        timing = f"  first answer {replay.first_ms:.0f} ms"
        if replay.warm_ms:
            timing += f", then {replay.warm_ms:.0f} ms a keystroke, {replay.reused:.0%} of the prompt reused"
        self._line(timing)

    def text(self, lines: str) -> None:
        """Write plain text."""
        self._line(lines)

    def _sources(self, place: Place, key: Keystroke) -> Iterator[str]:
        """The sources that the line needs, in full; of the others how many and where."""
        sources = key.completion.trace.sources
        needed = [source for source in sources if source.symbol.partition(".")[0] in place.needs]
        for source in needed:
            lines = f"{source.start_line}-{source.end_line}"
            yield f"  from {source.path}:{lines} {source.symbol} ({source.why})"
        others = [source for source in sources if source not in needed]
        if others:
            files = dict.fromkeys(source.path.rpartition("/")[2] for source in others)
            yield f"  from {len(others)} more places in {', '.join(files)}"
        if not sources:
            yield "  from this file alone"

    def _typed(self, number: int, indent: str, key: Keystroke, width: int) -> str:
        left = self._numbered(number, indent + key.typed)
        ghost = printable(key.suggested.split("\n", 1)[0])
        if width:  # a line that wrapped could not be drawn over
            left = left if len(left) < width else f"  …{left[-max(1, width - 4) :]}"
            ghost = ghost[: max(0, width - len(left) - 2)]
        return left + (self._paint(_DIM, ghost) if self._colour else f"[{ghost}]" if ghost else "")

    def _judged(self, key: Keystroke) -> str:
        right, wrong = key.suggested[: key.right], printable(key.suggested[key.right :].split("\n", 1)[0])
        verdict = f"{key.right} of {len(key.suggested)} characters right"
        return f"{self._paint(_GREEN, right)}{self._paint(_RED, wrong)} ({verdict})"

    def _numbered(self, number: int, text: str) -> str:
        return f"  {number:4} │ {text}"

    def _paint(self, style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if self._colour and text else text

    def _line(self, text: str = "") -> None:
        self._stream.write(text + "\n")
        self._stream.flush()


def _after(key: Keystroke) -> str:
    count = len(key.typed)
    return f"after {count} character{'' if count == 1 else 's'}" if count else "before the first character"


def _and(place: Place) -> str:
    return " and ".join(place.needs) + " from another file"
