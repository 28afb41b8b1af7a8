"""Text that stands in the document already: left, right, above or below."""

from __future__ import annotations

import re

from .scene import Scene

_ONLY_BRACKETS = re.compile(r"[\])};,\s]*")
ONLY_CLOSERS = re.compile(
    r"\s*(?:[\])}]|end(?:if|for|foreach|while|switch)?\b|fi|done|esac|</[\w.:-]*>|/>)*[\])};,]*"
    r"\s*|\s*(?:else:?|\{|#\s*(?:else|endif))\s*"
)
"""A line that only closes what stands above it, or goes on with its other half: such lines follow one another."""

_MIN_HEAD = 4


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
    return line


def _is_own_bracket(line: str, piece: str) -> bool:
    """Whether an angle bracket closes one that the line itself has opened."""
    return piece.startswith(">") and line.count("<") >= line.count(">")


def _begins_word(line: str, length: int) -> bool:
    """Whether the last characters of a line are not the end of a word that begins before them."""
    return re.match(r"\w\w", line[-length - 1 :]) is None or length == len(line)


def lines_below(scene: Scene, text: str) -> str:
    """Drop the last lines of the text where they are the lines below the cursor."""
    lines = text.split("\n")
    below = [line.strip() for line in scene.below(8)]
    if not below:
        return text
    own = [(number, line.strip()) for number, line in enumerate(lines) if line.strip()]
    for size in range(min(len(own), len(below)), 0, -1):
        tail = own[-size:]
        if [line for _, line in tail] != below[:size]:
            continue
        first, start = tail[0]
        if first == 0 and scene.head.strip():
            continue
        if size == 1 and ONLY_CLOSERS.fullmatch(start) and not _same_indent(scene, lines[first], first):
            continue
        return "\n".join(lines[:first])
    return text


def _same_indent(scene: Scene, line: str, number: int) -> bool:
    whole = scene.head + line if number == 0 else line
    return whole.rstrip() == scene.below(1)[0]


def lines_above(scene: Scene, text: str) -> str:
    """Drop a text that only says again what stands directly above."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines or scene.head.strip() or ONLY_CLOSERS.fullmatch(lines[0]):
        return text
    above = [line.strip() for line in scene.above(len(lines))]
    return "" if above == lines else text


def line_below(scene: Scene, text: str) -> str:
    """Drop a text that would make the cursor's line the same as the line below it."""
    first = (scene.head + text.partition("\n")[0] + scene.rest).strip()
    below = scene.below(1)
    if below and first == below[0].strip() and not ONLY_CLOSERS.fullmatch(first):
        return ""
    return text
