"""Commits as keystrokes: rhythm, thinking, slips, indentation that the editor adds, accepted suggestions, jumps.

Everything is decided here, by the seed, before anybody is asked: where a suggestion is accepted does not depend on
what anybody suggests. At such a place the next word, the rest of the line or the next lines come at once, exactly as
the commit has them, as if a suggestion had held just that. So both sides of a comparison get the same keys.

The rhythm: gaps between keys are log-normal around 170 ms. People who typed sentences had 239 ms on average, fast
ones 120 ms (Dhakal and others, Observations on Typing from 136 Million Keystrokes, CHI 2018). Three keys of a
hundred follow a thought, as does every new line; a look at another place takes seconds.
"""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterable, Iterator

from .edits import Edit, Hunk, hunks
from .event import Event, Kind
from .history import Change, Commit, History

_NEXT_WORD = re.compile(r"[^\S\n]*\S+")
_NEIGHBOURS = dict(zip("abcdefghijklmnopqrstuvwxyz", "svdfrgjkuklzmoipwaeditycxg", strict=False))
_OPENERS = (":", "(", "[", "{")
_UNIT = 4

_MOST_BACKSPACES = 12
_MOST_TYPED = 6_000
"""Characters; a file into which a commit brings more is brought in by a pull, nobody writes that in one sitting."""

_ACCEPTS, _SLIPS, _THINKS, _UNDOES, _SAVES, _TOP_LAST = 0.07, 0.02, 0.03, 0.04, 0.8, 0.4


def session(history: History, keys: int, seed: int) -> list[Event]:
    """Write the commits one after the other until about `keys` strokes are made; the same for the same arguments."""
    typist = Typist(history.files, random.Random(seed))
    events: list[Event] = []
    for commit in history.commits:
        for event in typist.write(commit):
            events.append(event)
            keys -= event.is_stroke
            if not keys:
                return events
    return events


def pieces(events: Iterable[Event], strokes: int) -> list[list[Event]]:
    """Cut a session into pieces of about so many strokes, where the cursor jumps if that is near."""
    found: list[list[Event]] = [[]]
    made = 0
    for event in events:
        if made >= 1.5 * strokes or (made >= strokes and event.kind == "jump"):
            found.append([])
            made = 0
        found[-1].append(event)
        made += event.is_stroke
    return [piece for piece in found if any(event.is_stroke for event in piece)]


class Typist:
    """Somebody at the keyboard, and the texts as they stand."""

    def __init__(self, files: dict[str, str], chance: random.Random) -> None:
        self.texts = dict(files)
        self._chance = chance
        self._cursor = ("", -1)
        self._moved: dict[str, list[tuple[int, int]]] = {}
        self._rest = 0.0

    def write(self, commit: Commit) -> Iterator[Event]:
        """Write a commit: from file to file, a few places at a time; the first place, imports often, may come last."""
        self._moved = {}
        runs: dict[str, list[list[Hunk]]] = {}
        for change in commit.changes:
            if not change.language or not change.after or _size(change) > _MOST_TYPED or "\r" in change.after:
                yield self._do(0.0, "pull", change.path, 0, len(self.texts.get(change.path, "")), change.after)
                continue
            self.texts.setdefault(change.path, change.before)
            found = hunks(change.before, change.after)
            if len(found) > 1 and self._chance.random() < _TOP_LAST:
                found.append(found.pop(0))
            if found:
                runs[change.path] = list(self._runs(found))
        while runs:
            path = self._chance.choice(sorted(runs))
            yield from self._visit(path, runs[path].pop(0))
            if not runs[path]:
                del runs[path]

    def _runs(self, found: list[Hunk]) -> Iterator[list[Hunk]]:
        at = 0
        while at < len(found):
            count = self._chance.randint(1, 4)
            yield found[at : at + count]
            at += count

    def _visit(self, path: str, run: list[Hunk]) -> Iterator[Event]:
        for hunk in run:
            for edit in hunk:
                yield from self._make(path, edit)
        if self._chance.random() < _SAVES:
            yield self._do(self._wait(0.5), "save", path, self._cursor[1], self._cursor[1], "")

    def _make(self, path: str, edit: Edit) -> Iterator[Event]:
        start = edit.start + sum(grown for place, grown in self._moved.get(path, ()) if place < edit.start)
        gone = self.texts[path][start : start + edit.end - edit.start]
        if 0 < len(gone) <= _MOST_BACKSPACES and "\n" not in gone:
            yield from self._go(path, start + len(gone))
            for end in range(start + len(gone), start, -1):
                yield self._do(self._wait(0.11), "erase", path, end - 1, end, "")
        else:
            yield from self._go(path, start)
            if gone:
                yield self._do(self._wait(1.0), "delete", path, start, start + len(gone), "")
        yield from self._type(path, start, edit.text)
        self._moved.setdefault(path, []).append((edit.start, len(edit.text) - len(gone)))
        if edit.text.strip() and self._chance.random() < _UNDOES:
            tail = edit.text[edit.text.rfind("\n") + 1 :]
            at = start + len(edit.text) - len(tail)
            if tail:
                yield self._do(self._wait(0.8), "undo", path, at, at + len(tail), "")
                yield self._do(self._wait(1.2), "redo", path, at, at, tail)

    def _go(self, path: str, place: int) -> Iterator[Event]:
        if self._cursor != (path, place):
            yield self._do(self._wait(1.8 if self._cursor[0] == path else 2.5), "jump", path, place, place, "")

    def _type(self, path: str, at: int, text: str) -> Iterator[Event]:
        done = 0
        while done < len(text):
            here, rest = at + done, text[done:]
            if rest[0] == "\n":
                lines = len(rest) - len(rest.lstrip("\n"))
                wanted = _indent(rest[lines:])
                yield from self._enter(path, here, lines, wanted)
                done += lines + len(wanted)
            elif taken := self._accepted(text, done):
                yield self._do(self._wait(0.7), "accept", path, here, here, taken)
                done += len(taken)
            else:
                if rest[0] in _NEIGHBOURS and self._chance.random() < _SLIPS:
                    yield from self._slip(path, here, rest)
                yield self._do(self._gap(), "key", path, here, here, rest[0])
                done += 1

    def _accepted(self, text: str, done: int) -> str:
        """What of the text to come is accepted here: at the beginning of a word, seldom."""
        if (done and (text[done - 1].isalnum() or text[done - 1] == "_")) or self._chance.random() >= _ACCEPTS:
            return ""
        rest = text[done:]
        how = self._chance.random()
        if how < 0.4:
            word = _NEXT_WORD.match(rest)
            taken = word.group() if word else ""
        elif how < 0.85:
            taken = rest.split("\n", 1)[0]
        else:
            taken = "\n".join(rest.split("\n", 3)[:3]).rstrip()
        return taken if len(taken.strip()) > 2 else ""

    def _slip(self, path: str, here: int, rest: str) -> Iterator[Event]:
        """A wrong letter, seen at once or up to three letters later, and taken back."""
        more = self._chance.choice((0, 0, 0, 1, 2, 3))
        wrong = _NEIGHBOURS[rest[0]] + "".join(itertools.takewhile(str.isalnum, rest[1 : 1 + more]))
        for number, letter in enumerate(wrong):
            yield self._do(self._gap(), "key", path, here + number, here + number, letter)
        for number in range(len(wrong), 0, -1):
            wait = self._wait(0.35) if number == len(wrong) else self._wait(0.11)
            yield self._do(wait, "erase", path, here + number - 1, here + number, "")

    def _enter(self, path: str, here: int, lines: int, wanted: str) -> Iterator[Event]:
        """Press Enter so often; the editor indents as it knows how, and what is wrong with that is mended."""
        line = self.texts[path][self.texts[path].rfind("\n", 0, here) + 1 : here]
        given = _indent(line)
        if line.rstrip().endswith(_OPENERS):
            given += "\t" if "\t" in given or wanted.startswith("\t") else " " * _UNIT
        for number in range(lines):
            start = here + number
            stale = len(given) if number else 0
            yield self._do(self._gap(), "key", path, start, start + stale, "\n" + given)
        start = here + lines
        while given and not wanted.startswith(given):
            fewer = given[: max(len(wanted), len(given) - _UNIT)] if given.startswith(wanted) else ""
            yield self._do(self._wait(0.15), "erase", path, start + len(fewer), start + len(given), "")
            given = fewer
        while given != wanted:
            more = wanted[: len(given) + _UNIT]
            yield self._do(self._gap(), "key", path, start + len(given), start + len(given), more[len(given) :])
            given = more
        self._rest = self._wait(0.5)

    def _gap(self) -> float:
        rest, self._rest = self._rest, 0.0
        thought = self._wait(0.9) if self._chance.random() < _THINKS else 0.0
        return min(8.0, self._chance.lognormvariate(math.log(0.17), 0.4) + thought + rest)

    def _wait(self, median_s: float) -> float:
        return min(8.0, self._chance.lognormvariate(math.log(median_s), 0.4))

    def _do(self, wait_s: float, kind: Kind, path: str, start: int, end: int, text: str) -> Event:
        event = Event(wait_s, kind, path, start, end, text)
        self.texts[path] = event.apply(self.texts.get(path, ""))
        if kind != "pull":
            self._cursor = (path, event.cursor)
        return event


def _size(change: Change) -> int:
    return sum(len(edit.text) for hunk in hunks(change.before, change.after) for edit in hunk)


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" \t"))]
