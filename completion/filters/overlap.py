"""Text that stands in the document already: left, right, above or below."""

from __future__ import annotations

import re

from ..languages import indent
from .brackets import scan
from .data import is_data
from .scene import Scene

_ONLY_BRACKETS = re.compile(r"[\])};,\s]*")
ONLY_CLOSERS = re.compile(
    r"\s*(?:[\])}]|end(?:if|for|foreach|while|switch)?\b|fi|done|esac|</[\w.:-]*>|/>)*[\])};,]*"
    r"\s*|\s*(?:else:?|\{|#\s*(?:else|endif))\s*"
)
"""A line that only closes what stands above it, or goes on with its other half: such lines follow one another."""

_LEAVES = re.compile(r"\s*(?:return|raise|throw)\b")
_MIN_HEAD = 4
_MOST_BELOW = 8
_LONGEST_PLAIN = 400
"""A longer line is data: it is compared as it is."""

_LOOSE = re.compile(r"""(?P<blank>\s+)|"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'""")


def plain(line: str) -> str:
    """A line without what a formatter may change: blanks between words and signs, and which quotes it uses."""
    line = line.strip()
    return line if len(line) > _LONGEST_PLAIN else _LOOSE.sub(_tight, line)


def _tight(found: re.Match[str]) -> str:
    if found["blank"] is None:
        return f'"{found["double"] if found["double"] is not None else found["single"]}"'
    before, after = found.string[found.start() - 1], found.string[found.end()]
    return " " if (before.isalnum() or before == "_") and (after.isalnum() or after == "_") else ""


def retyped_head(scene: Scene, text: str) -> str:
    """Drop what repeats the cursor's line up to the cursor, unless the text is code as it is and not without that."""
    head = scene.head.strip()
    start = text.lstrip(" \t")
    if len(head) < _MIN_HEAD or not re.search(r"\W", head) or not start.startswith(head):
        return text
    left = start[len(head) :]
    left = left.lstrip(" \t") if scene.head[-1:].isspace() else left
    return text if scene.errors is not None and scene.errors(text) == 0 and scene.errors(left) else left


def rest_of_line(scene: Scene, text: str) -> str:
    """Drop from the end of the first line what stands to the right of the cursor already."""
    rest = scene.rest.strip()
    if not rest:
        return text
    trailing = rest.lstrip(")]}")
    if "\n" in text and _ONLY_BRACKETS.fullmatch(rest):
        return text.rstrip().removesuffix(trailing)
    line = text.partition("\n")[0].rstrip()
    # Brackets are judged with the whole document, by their own filter, where that knows the language.
    ours = scene.shape is None
    if ours or not _ONLY_BRACKETS.fullmatch(rest):
        again = _said_again(line, rest)
        if again is not None and _begins_word(line, len(line) - again) and not _is_own_bracket(line, line[again:]):
            return line[:again]
        for length in range(min(len(rest), len(line)), 0, -1):
            piece = rest[:length]
            if not line.endswith(piece) or not _begins_word(line, length) or _is_own_bracket(line, piece):
                continue
            if ours or not _ONLY_BRACKETS.fullmatch(piece):
                return line[: len(line) - length]
        if len(rest) > 1 and (at := line.find(rest)) >= 0:
            return line[:at]
    if trailing and _ONLY_BRACKETS.fullmatch(trailing) and line.endswith(trailing):
        return line[: len(line) - len(trailing)]
    return text.partition("\n")[0]


def _said_again(line: str, rest: str) -> int | None:
    """Where what ends a line begins to say `rest`, but for blanks and quotes; None where it does not end so."""
    if len(rest) < 2 or len(rest) > _LONGEST_PLAIN:
        return None
    at = len(line)
    for wanted in reversed("".join(rest.split()).replace("'", '"')):
        at = len(line[:at].rstrip())
        if at == 0 or line[at - 1].replace("'", '"') != wanted:
            return None
        at -= 1
    return at if plain(line[at:]) == plain(rest) else None


def _is_own_bracket(line: str, piece: str) -> bool:
    """Whether an angle bracket closes one that the line itself has opened."""
    return piece.startswith(">") and line.count("<") >= line.count(">")


def _begins_word(line: str, length: int) -> bool:
    """Whether the last characters of a line are not the end of a word that begins before them."""
    return re.match(r"\w\w", line[-length - 1 :]) is None or length == len(line)


def lines_below(scene: Scene, text: str) -> str:
    """Drop the last lines of the text where they are the lines below the cursor, and as far in as those."""
    below = scene.below(_MOST_BELOW)
    if not below:
        return text
    lines = text.split("\n")
    own = [number for number, line in enumerate(lines) if line.strip()]
    said, there = [plain(lines[number]) for number in own], [plain(line) for line in below]
    for size in range(min(len(own), len(below)), 0, -1):
        if said[-size:] == there[:size] and _runs_into(scene, lines, own[-size:], below):
            return "\n".join(lines[: own[-size]])
    return text


def _runs_into(scene: Scene, lines: list[str], tail: list[int], below: list[str]) -> bool:
    """Whether last lines that say the same as those below are those, and not the end of a block of the text's own.

    Such a block is further in than what stands below, or closes what the text has opened.
    """
    first = tail[0]
    if first == 0 and (scene.head.strip() or all(map(is_data, lines))):
        return False
    whole = [scene.head + lines[number] if number == 0 else lines[number] for number in tail]
    closers = [ONLY_CLOSERS.fullmatch(line) is not None for line in whole]
    deeper = [indent(line) - indent(there) for line, there in zip(whole, below, strict=False)]
    if len(tail) == 1 and deeper[0] > 0 and _leaves_again(lines, first):
        return True
    if (first > 0 and deeper[0] > 0) or any(closes and more > 0 for closes, more in zip(closers, deeper, strict=True)):
        return False
    if len(tail) == 1 and closers[0] and deeper[0]:
        return False
    if not _closes_its_own(scene, lines, first):
        return True
    if closers[0] or any(deeper) or first == 0:
        return False
    # The text may open what has its body and its end below already; a whole block of its own would be code.
    return scene.errors is None or not (scene.errors("\n".join(lines)) == 0 and scene.errors("\n".join(lines[:first])))


def _leaves_again(lines: list[str], last: int) -> bool:
    """Whether a text ends in leaving its block as the line below does, and that is not all of the block."""
    above = next((line for line in reversed(lines[:last]) if line.strip()), "")
    return bool(above) and _LEAVES.match(lines[last]) is not None and indent(above) >= indent(lines[last])


def _closes_its_own(scene: Scene, lines: list[str], first: int) -> bool:
    """Whether the lines from `first` on close a bracket that those before them have opened."""
    if scene.shape is None or not scan("\n".join(lines[first:]), scene.shape).closed:
        return False
    return bool(scan("\n".join(lines[:first]) + "\n", scene.shape, scene.head).opened)


def lines_above(scene: Scene, text: str) -> str:
    """Drop a text that only says again what stands directly above."""
    lines = [plain(line) for line in text.split("\n") if line.strip()]
    if not lines or scene.head.strip() or ONLY_CLOSERS.fullmatch(text.strip().partition("\n")[0]):
        return text
    again = lines == [plain(line) for line in scene.above(len(lines))] and not all(map(is_data, lines))
    return "" if again else text


def line_below(scene: Scene, text: str) -> str:
    """Drop a text that would make the cursor's line the same as the line below it."""
    first = (scene.head + text.partition("\n")[0] + scene.rest).strip()
    below = scene.below(1)
    if not below or ONLY_CLOSERS.fullmatch(first) or is_data(first):
        return text
    return "" if plain(first) == plain(below[0]) else text
