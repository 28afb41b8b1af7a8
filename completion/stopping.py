"""Where a completion ends, found while it streams."""

from __future__ import annotations

import re
from collections.abc import Callable

from .filters import brackets
from .filters.repetition import LONGEST_ROUND, MIN_ROUNDS, circling_lines, first_round
from .languages import Shape, indent
from .mode import Mode, Place, in_middle

MAX_CHARS = 4_000
MAX_HEAD_CHARS = 1_000
_MIN_LOOP_CHARS = 120
"""Less than that fits on a line and may end by itself: a circle is what goes on."""
_BRACKETS = frozenset("()[]{}<>")
_LONGEST_RUN = 100
_LONGEST_BRACKETS = 24
_DECORATOR = re.compile(r"\s*(?:@|#\[|\[\w)")
_HEAD = re.compile(
    r"\s*[})]*\s*(?:(?:else\s+)?(?:if|for|foreach|while|switch|using|lock|fixed|catch)\s*\(.*\)|else|try|finally|do)\s*$"
)
"""A line that ends with the head of a block: its bracket may stand on the next."""

_LEADS = re.compile(r"\s*(?:@[\w.]+(?:\(.*\))?|#!?\[.*\]|\[[A-Z]\w*(?:\(.*\))?\])\s*")
"""A line that belongs to the definition below it."""

_MOST_PARTS = 12
"""So many lines of one statement are tried for its end by the parser."""

_ELSE = re.compile(r"\s*}\s*(?:else|catch|finally)\b.*\{\s*$")
"""What ends a block and opens the next part of the same statement, which the bracket below will close."""

_OTHER_HALF = re.compile(r"\s*(?:else|catch|finally)\b")
"""What goes on with a statement whose bracket was closed on the line above."""

_CLOSER = re.compile(r"[\])}]|(?P<word>\b(?:end|fi|done|esac|until)\b)")
_WORD = re.compile(r"\w")
_FIRST_WORD = re.compile(r"\s*(?:\w+(?=\W)|[^\w\s])")


class StopRule:
    """Reads a stream character by character; `text` is what to keep of it so far.

    The outcome depends on the characters only, never on how they were cut into pieces. A line is "\\n"
    ended; "\\r" is dropped.
    """

    def __init__(
        self,
        mode: Mode,
        place: Place,
        shape: Shape | None,
        max_lines: int = 24,
        closed: Callable[[str], int | None] | None = None,
        fits: Callable[[str], bool] | None = None,
    ) -> None:
        """What the syntax tree tells, where there is one: `closed` counts what a text closes of all that is open at the
        cursor (None unknown), `fits` says whether a text is code there.
        """
        self._mode = mode
        self._closed = closed
        self._fits = fits
        self._closed_so_far = 0
        self._shape = shape
        self._below = place.below
        self._max_lines = max_lines
        self._until = place.rest.strip() if in_middle(place) else ""
        self._base = _base(mode.opener, place, shape) if mode.opener is not None else None
        self._level: int | None = None
        self._kept: list[str] = []
        self._before = place.head
        self._line = place.head[:MAX_HEAD_CHARS]
        self._head = len(self._line)
        self._chars = 0
        self._judged = False
        self._deeper = self._defined = False
        self._ending, self._apart = False, place.apart or place.above.strip() == "{"
        self._loops = [0] * (LONGEST_ROUND + 1)
        self._opening = False
        self.reason = ""

    @property
    def stopped(self) -> bool:
        """Whether the end has been found."""
        return bool(self.reason)

    @property
    def text(self) -> str:
        """What to keep: everything before the end, without the blank lines that led to it."""
        if not self.stopped:
            return "\n".join((*self._kept, self._line[self._head :]))
        kept = self._kept
        while kept and not kept[-1].strip() and len(kept) > 1:
            kept = kept[:-1]
        return "\n".join(kept)

    def feed(self, piece: str) -> bool:
        """Take in the next piece; True as soon as the end is found, and ever after."""
        for character in piece:
            if self.stopped:
                return True
            if character == "\n":
                self._end_line()
            elif character != "\r":
                self._add(character)
        return self.stopped

    def finish(self) -> None:
        """The stream has ended by itself: judge the last line as a whole one."""
        if self.stopped or self._mode.kind == "line":
            return
        line = self._line
        if line.strip() and (reason := self._judge(line, whole=True) or self._repeated(line)):
            self._stop(reason)

    def _stop(self, reason: str) -> None:
        self.reason = reason

    def _keep(self) -> None:
        self._kept.append(self._line[self._head :])
        self._line, self._head, self._judged = "", 0, False
        self._loops = [0] * (LONGEST_ROUND + 1)

    def _add(self, character: str) -> None:
        self._line += character
        self._chars += 1
        if self._chars > MAX_CHARS:
            self._keep()
            return self._stop("too long")
        if self._until and self._line.endswith(self._until, self._head) and self._begins_word():
            self._line = self._line[: len(self._line) - len(self._until)]
            self._keep()
            return self._stop("the text after the cursor is reached")
        if (start := self._loop()) is not None:
            self._line = self._line[: self._head] + first_round(self._line[self._head : start])
            self._keep()
            return self._stop("repetition")
        if self._mode.kind == "block" and not self._judged and _FIRST_WORD.match(self._line):
            self._judged = True
            if reason := self._judge(self._line, whole=False):
                self._stop(reason)
        return None

    def _begins_word(self) -> bool:
        """Whether the line's end is the text after the cursor, and not the end of a longer word."""
        before = self._line[self._head : len(self._line) - len(self._until)]
        return _WORD.match(before[-1:]) is None or _WORD.match(self._until) is None

    def _end_line(self) -> None:
        line = self._line
        if self._mode.kind == "line" and self._kept and line.strip() and line.rstrip() in self._below[:1]:
            return self._stop("the text below is reached")
        if self._mode.kind == "line" and not self._opens(line):
            self._keep()
            return None if self._mode.may_open and self._is_part(line) else self._stop("the line is complete")
        if not line.strip():
            if self._ending:
                return self._stop("the block is closed")
            blank_before = bool(self._kept) and not self._kept[-1].strip()
            starting = all(not kept.strip() for kept in self._kept)
            if (blank_before and len(self._kept) > 1) or (starting and len(self._kept) > 2):
                return self._stop("blank lines")
            if self._base is None and not starting and not self._deeper and not blank_before:
                return self._stop("the paragraph ends")
            self._keep()
            return None
        if reason := self._judge(line, whole=True) or self._repeated(line):
            return self._stop(reason)
        closes = self._closes(line)
        self._opening = False
        self._learn(line)
        self._keep()
        self._apart = self._apart or line.strip() == "{"
        self._ending = closes and self._apart and line.strip() == "}"
        if closes and not self._ending:
            return self._stop("the block is closed")
        if len(self._kept) >= self._max_lines:
            return self._stop("enough lines")
        return None

    def _opens(self, line: str) -> bool:
        """Whether the line opens a block: its body is wanted, too, from now on."""
        shape = self._shape
        if not self._mode.may_open or shape is None:
            return False
        if not shape.opens_block(line) and not self._is_head(line, shape):
            return False
        self._mode = Mode("block", "the line opens a block", line)
        self._opening = True
        self._base = indent(line)
        return True

    def _is_head(self, line: str, shape: Shape) -> bool:
        """Whether a line is the whole head of a block whose bracket stands on the next."""
        if shape.indented or line.rstrip().endswith((";", "}")):
            return False
        return shape.starts_definition(line) or _HEAD.match(line) is not None

    def _is_part(self, line: str) -> bool:
        """Whether the lines kept so far are not all of it: the last one belongs to the next, or a bracket is open."""
        if len(self._kept) >= self._max_lines:
            return False
        if _LEADS.fullmatch(line) is not None or self._within():
            return True
        if self._fits is None or not line.strip() or len(self._kept) > _MOST_PARTS:
            return False
        return not self._fits("\n".join(self._kept))

    def _learn(self, line: str) -> None:
        depth = indent(line)
        if self._level is None:
            if self._base is None or depth > self._base:
                self._level = depth
        elif depth > self._level:
            self._deeper = True
        if self._shape is not None and depth == self._level and self._shape.starts_definition(line):
            self._defined = True

    def _is_first(self) -> bool:
        """Whether the line is the one the cursor stands in, already opening the block."""
        return bool(not self._kept and self._line[: self._head].strip()) or self._opening

    def _closes(self, line: str) -> bool:
        if self._shape is None:
            return False
        if self._base is not None and (closed := self._closed_by_tree(line)) is not None:
            more, opens_anew = closed > self._closed_so_far, self._shape.opens_block(line)
            self._closed_so_far = closed
            return more and not opens_anew
        if self._is_first() or not self._shape.closes_block(line):
            return False
        outer = self._base if self._base is not None else self._level
        ended = indent(line) == outer and not self._shape.opens_block(line)
        return ended and (self._base is not None or self._deeper) and not self._within()

    def _closed_by_tree(self, line: str) -> int | None:
        """How many of the blocks that are open at the cursor the text closes with this line; None where unknown."""
        if self._closed is None or self._shape is None or (closer := _CLOSER.search(line)) is None:
            return None
        text = "\n".join((*self._kept, line[self._head :]))
        if not closer["word"] and not brackets.scan(text, self._shape, self._before).closed:
            return None
        return self._closed(text)

    def _judge(self, line: str, *, whole: bool) -> str:
        """Why the completion ends before this line, '' if it goes on; a part of a line holds one word.

        Nothing ends within a string or within parentheses that the text itself has opened, however it is indented.
        """
        if self._ending and _OTHER_HALF.match(line) is None:
            return "the block is closed"
        self._ending = False
        reason = self._by_indent(line, whole=whole)
        return "" if reason and self._within() else reason

    def _within(self) -> bool:
        """Whether the lines kept so far leave a string, a comment or a parenthesis open."""
        if self._shape is None or not self._kept:
            return False
        found = brackets.scan("\n".join(self._kept) + "\n", self._shape, self._before)
        return found.inside or any(bracket in "([" for bracket, _ in found.opened)

    def _by_indent(self, line: str, *, whole: bool) -> str:
        if whole and line.rstrip() in self._below[:1] and not self._is_first():
            return "the text below is reached"
        if self._is_first():
            return ""
        depth, shape = indent(line), self._shape
        closer = shape is not None and shape.closes_block(line)
        goes_on = shape is not None and (shape.continues(line) or self._is_half(line))
        if self._base is not None:
            if depth < self._base:
                return "the block ends"
            if depth == self._base and self._level is not None and not closer and not goes_on:
                return "the block ends"
            if whole and depth == self._base and self._is_next_case(line):
                return "the block ends"
            if whole and depth == self._base and closer and self._closed_below(line):
                return "the text below is reached"
            if depth == self._base and self._level is None and not closer and shape and shape.indented:
                return "the block stays empty"
        if self._level is not None:
            if self._base is None and depth < self._level:
                return "the block ends"
            if depth == self._level and not closer and not goes_on and self._deeper:
                if self._base is None:
                    return "a sibling begins"
                if whole and self._defined and self._starts_sibling(line):
                    return "a sibling begins"
        return ""

    def _is_half(self, line: str) -> bool:
        """Whether the line is the bracket of the other half of a statement, whose head is the line before it."""
        return line.strip() == "{" and bool(self._kept) and _OTHER_HALF.match(self._kept[-1]) is not None

    def _is_next_case(self, line: str) -> bool:
        """Whether the block is one case of a choice, and the line the next one."""
        shape, opener = self._shape, self._mode.opener
        return shape is not None and opener is not None and shape.is_label(opener) and shape.is_label(line)

    def _starts_sibling(self, line: str) -> bool:
        shape = self._shape
        if shape is None:
            return False
        if shape.is_comment(line):
            return bool(self._kept) and not self._kept[-1].strip()
        return shape.starts_definition(line) or _DECORATOR.match(line) is not None

    def _closed_below(self, line: str) -> bool:
        """Whether the bracket or word that this line begins with stands below already, as deep, for the same block."""
        if not self._below or indent(self._below[0]) != indent(line):
            return False
        if self._below[0].lstrip()[:1] != line.lstrip()[:1] or self._shape is None:
            return False
        if _ELSE.match(line) is not None and _ELSE.match(self._below[0]) is None:
            return False
        found = brackets.scan("\n".join(self._kept), self._shape, self._before)
        return len(found.opened) <= len(found.closed)

    def _repeated(self, line: str) -> str:
        lines = [kept for kept in self._kept if kept.strip()]
        if (again := circling_lines([*lines, line], certain=True)) == 0:
            return ""
        self._drop(again - 1)
        return "repetition"

    def _drop(self, count: int) -> None:
        """Take back the last `count` lines that are not blank."""
        while count and self._kept:
            count -= bool(self._kept.pop().strip())

    def _loop(self) -> int | None:
        """Where to cut a line that goes round in circles: after the first round."""
        line = self._line
        last, end = line[-1], len(line)
        for period in range(1, min(LONGEST_ROUND, end - self._head - 1) + 1):
            if line[end - 1 - period] != last:
                self._loops[period] = 0
                continue
            run = self._loops[period] = self._loops[period] + 1
            if run >= self._least(period):
                start = end - run - period
                if period == 1 or any(map(str.isalnum, line[start : start + period])):
                    return start + period
        return None

    def _least(self, period: int) -> int:
        """How many characters must repeat before it is a circle."""
        if period > 1:
            return max(_MIN_LOOP_CHARS, MIN_ROUNDS * period) - period
        return _LONGEST_BRACKETS if self._line[-1] in _BRACKETS else _LONGEST_RUN


def _base(opener: str, place: Place, shape: Shape | None) -> int:
    """The indentation of a block's opener; the last line of a long one may stand deeper than the block itself."""
    base, within = indent(opener), indent(place.head)
    if place.head.strip() or not 0 < within < base:
        return base
    below = place.below[0] if place.below else ""
    closer = shape is not None and not shape.indented and shape.closes_block(below) and indent(below) < within
    return indent(below) if closer else within - 1
