"""Text that goes round in circles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..languages import indent
from .brackets import scan
from .data import LONGEST_ROW, is_data
from .overlap import ONLY_CLOSERS
from .scene import Scene

LONGEST_ROUND = 40
MIN_ROUNDS = 4
_MIN_LOOP_CHARS = 24
_JOINTS = " \t,+-*/%|&=.:<"
"""What joins one round to the next: behind the last one there is none."""

_ROUND = r"(?:,\s*(?P=name)(?![\w.(\[{<:=*&-]))"
_SAME_NAMES = re.compile(
    rf"(?<![\w.$@&*>])(?:(?P<name>(?:self\.|this\.|\$this->|@)\w+){_ROUND}{{2,}}"
    rf"|(?P<plain>\$?[a-z_]\w{{2,}}){_ROUND.replace('name', 'plain')}{{3,}})"
)
"""A name that a list says four times and more, one of the object itself three times."""

_VALUES_AND_TYPES = frozenset(
    {
        "any",
        "bool",
        "boolean",
        "byte",
        "char",
        "double",
        "false",
        "float",
        "int",
        "isize",
        "long",
        "never",
        "nil",
        "none",
    }
    | {"null", "number", "object", "short", "str", "string", "true", "undefined", "unknown", "usize", "void"}
    | {f"{kind}{bits}" for kind in ("i", "u", "f", "int", "uint", "float") for bits in ("8", "16", "32", "64", "128")}
)
_ABOVE = 6


def repetition(scene: Scene, text: str) -> str:
    """Cut a text that was going round in circles when it was cut short, after its first round."""
    if not scene.cut_short:
        return text
    if again := _again(text.rpartition("\n")[2]):
        return first_round(text[:-again])
    lines = text.split("\n")
    own = [number for number, line in enumerate(lines) if line.strip()]
    again = circling_lines([lines[number] for number in own], certain=False)
    return "\n".join(lines[: own[-again]]) if again else text


def same_names(scene: Scene, text: str) -> str:
    """Cut a list that says one name over and over behind the first, where no list above does."""
    begun = len(scene.head)
    whole = scene.head + text
    for found in _SAME_NAMES.finditer(whole):
        name = found["name"] or found["plain"]
        first = found.start() + len(name)
        if found.end() <= begun or whole.find(name, first, begun) >= 0 or name in _VALUES_AND_TYPES:
            continue
        if any(map(_SAME_NAMES.search, scene.above(_ABOVE))):
            return text
        if scene.shape is None or not scan(scene.before + text[: max(0, first - begun)], scene.shape).inside:
            return text[: max(0, first - begun)]
    return text


def first_round(text: str) -> str:
    """A text that was cut behind the first round of a circle, without what led on to the second."""
    return text.rstrip(_JOINTS) or text


def _again(line: str) -> int:
    """How many of a line's last characters say again what stands before them, round after round; 0 for none."""
    for period in range(1, LONGEST_ROUND + 1):
        again = 0
        while again + period < len(line) and line[-1 - again] == line[-1 - again - period]:
            again += 1
        circle = line[len(line) - again - period :]
        first = circle[:period]
        if len(circle) < max(_MIN_LOOP_CHARS, MIN_ROUNDS * period) or not any(map(str.isalnum, first)):
            continue
        if len(circle) >= LONGEST_ROW or not is_data(first):
            return again
    return 0


def circling_lines(lines: Sequence[str], *, certain: bool) -> int:
    """How many of the last lines, none of them blank, say again what stands before them; 0 where that may be meant.

    Three equal statements may be, rows of values and closing brackets always. `certain` asks for more rounds, as long
    as the text goes on and may end by itself.
    """
    for period in (1, 2, 3, 4):
        again, least = 0, 3 * period + 3 if certain else 2 * period + 2
        while again + period < len(lines) and _is_same(lines, len(lines) - 1 - again, period):
            again += 1
        if again + period >= least and not all(map(_may_repeat, lines[-period:])):
            return again
    return 0


def _is_same(lines: Sequence[str], number: int, period: int) -> bool:
    """Whether a line is what the one `period` before is; the first begins at the cursor, wherever that is."""
    line, before = lines[number], lines[number - period]
    return line.strip() == before.strip() and (number == period or indent(line) == indent(before))


def _may_repeat(line: str) -> bool:
    return len(line.strip()) <= 3 or ONLY_CLOSERS.fullmatch(line) is not None or is_data(line.strip())
