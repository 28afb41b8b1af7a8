"""Typing a line again, asking at every keystroke as an editor does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from statistics import median

from ...completion.trace import Completion, Trace
from ..commands.answers import Answers
from ..commands.files import offset_of, read_snapshot
from .places import Place


@dataclass(frozen=True, slots=True)
class Keystroke:
    """What was suggested after `typed` (without the indentation), where `rest` is what was really written."""

    typed: str
    rest: str
    suggested: str
    completion: Completion

    @property
    def right(self) -> int:
        """How many characters of the suggestion stand in the real line."""
        pairs = zip(self.suggested, self.rest, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    @property
    def exact(self) -> bool:
        """Whether accepting it writes exactly what was really written."""
        return bool(self.rest) and self.suggested == self.rest


@dataclass(frozen=True, slots=True)
class Replay:
    """One line, typed until a suggestion was right to its end, or to the end without one."""

    place: Place
    before: tuple[str, ...]
    indent: str
    line: str
    keystrokes: tuple[Keystroke, ...]

    @property
    def shown(self) -> Keystroke | None:
        """The first suggestion that anybody would have seen."""
        return next((key for key in self.keystrokes if key.suggested), None)

    @property
    def accepted(self) -> Keystroke | None:
        """The suggestion that was right to the end of the line."""
        last = self.keystrokes[-1]
        return last if last.exact else None

    @property
    def first_ms(self) -> float:
        """Milliseconds of the first answer of the model; 0 where it never answered."""
        return self._asked[0].ms if self._asked else 0.0

    @property
    def warm_ms(self) -> float:
        """The median of the answers of the model after the first; 0 where there was none."""
        return median(trace.ms for trace in self._asked[1:]) if len(self._asked) > 1 else 0.0

    @property
    def reused(self) -> float:
        """The share of the prompt that was not computed again, after the first answer; 0 to 1."""
        prompt = sum(trace.prompt_tokens for trace in self._asked[1:])
        return sum(trace.reused_tokens for trace in self._asked[1:]) / prompt if prompt else 0.0

    @property
    def _asked(self) -> list[Trace]:
        return [key.completion.trace for key in self.keystrokes if key.completion.trace.prompt_tokens]


class Typist:
    """Types one place of the project; `keystrokes` yields each answer as it comes, `replay` tells it all."""

    def __init__(self, root: Path, place: Place) -> None:
        self._opened = read_snapshot(root / place.path, root)
        text = self._opened.text
        start = offset_of(text, place.line, 1, place.path)
        end = text.find("\n", start)
        content = text[start:end]
        self.place = place
        self.line = content.strip()
        self.indent = content[: len(content) - len(content.lstrip())]
        self.before = tuple(text[:start].splitlines()[-3:])
        self._head, self._tail = text[:start] + self.indent, text[end:]
        self._done: list[Keystroke] = []

    async def keystrokes(self, answers: Answers) -> AsyncIterator[Keystroke]:
        """Type the line character by character until a suggestion is right to its end."""
        for count in range(len(self.line)):
            typed, rest = self.line[:count], self.line[count:]
            snapshot = replace(self._opened, version=count + 2, text=self._head + typed + self._tail)
            cursor = len(self._head) + count
            completion = await answers.keystroke(snapshot, cursor, first=count == 0)
            key = Keystroke(typed, rest, _beyond(completion, cursor), completion)
            self._done.append(key)
            yield key
            if key.exact:
                return

    def replay(self) -> Replay:
        """What has been typed and answered."""
        return Replay(self.place, self.before, self.indent, self.line, tuple(self._done))


def _beyond(completion: Completion, cursor: int) -> str:
    """What the suggestion would add behind the cursor."""
    return completion.text[cursor - completion.start :] if completion.start <= cursor else ""
