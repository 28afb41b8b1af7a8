"""The look of the text: indentation unit, repetition, an unfinished line, white space, an impossible start."""

from __future__ import annotations

import re
from collections import Counter

from ..languages import indent
from .brackets import lines_in_strings, scan
from .data import LONGEST_ROW, is_data
from .overlap import ONLY_CLOSERS
from .scene import Scene

_LEADING = re.compile(r"[ \t]*")
_LEADINGS = re.compile(r"^([ \t]*)(?=\S)", re.MULTILINE)
_FURTHER_IN = re.compile(r"\n[ \t]+\S")
_LOOP = re.compile(r"(?P<long>[^\n]{12,40}?)(?P=long){2,}|(?P<short>[^\n]{2,11}?)(?P=short){3,}")
_MIN_LOOP_CHARS = 24


def unit(text: str) -> str | None:
    """The indentation unit of `text`: a tab, or the spaces most lines step by; None if nothing is indented."""
    tabs = spaces = 0
    steps: Counter[int] = Counter()
    last = 0
    for white in _LEADINGS.findall(text):
        if white.startswith("\t"):
            tabs += 1
            continue
        width = len(white)
        if width > 1:
            spaces += 1
        if width - last in (2, 3, 4, 8):
            steps[width - last] += 1
        last = width
    if not tabs and not spaces:
        return None
    if tabs > spaces:
        return "\t"
    return " " * (steps.most_common(1)[0][0] if steps else 4)


def indentation(scene: Scene, text: str) -> str:
    """Indent with what the document indents with, where the text uses the other kind."""
    if scene.head and _FURTHER_IN.search(text) is None:
        return text
    own = unit(f"{scene.before}\n{scene.after}")
    if own is None:
        return text
    step = unit(text) if own == "\t" else None
    lines = text.split("\n")
    kept = lines_in_strings(text, scene.shape) if scene.shape is not None else frozenset[int]()
    for number, line in enumerate(lines):
        lead = _LEADING.match(line)
        white = lead[0] if lead is not None else ""
        if not white or (number == 0 and scene.head) or number in kept:
            continue
        if own == "\t" and " " in white:
            width = len(step) if step is not None and step != "\t" else 4
            columns = len(white.expandtabs(width))
            lines[number] = "\t" * (columns // width) + " " * (columns % width) + line[len(white) :]
        elif own != "\t" and "\t" in white:
            lines[number] = white.expandtabs(len(own)) + line[len(white) :]
    return "\n".join(lines)


def repetition(_scene: Scene, text: str) -> str:
    """Cut a text that goes round in circles after its first round."""
    for loop in _LOOP.finditer(text):
        first = loop["long"] or loop["short"]
        if loop.end() - loop.start() < LONGEST_ROW and is_data(first):
            continue
        if loop.end() - loop.start() >= _MIN_LOOP_CHARS and any(map(str.isalnum, first)):
            return text[: loop.start() + len(first)]
    lines = text.split("\n")
    for number in range(2, len(lines)):
        line = lines[number].strip()
        if len(line) <= 3 or ONLY_CLOSERS.fullmatch(line) or is_data(line):
            continue
        before, first = lines[number - 1], lines[number - 2]
        if line == before.strip() == first.strip() and indent(before) == indent(lines[number]):
            return "\n".join(lines[: number - 1])
    return text


def impossible_start(scene: Scene, text: str) -> str:
    """Drop a text that begins a line with what can only continue one, where indentation makes the blocks."""
    if scene.shape is None or not scene.shape.indented or scene.head.strip():
        return text
    if not text.lstrip().startswith((":", ",", "=", ";")):
        return text
    return text if scan(scene.before, scene.shape).inside else ""


def unfinished_line(scene: Scene, text: str) -> str:
    """Drop the last of several lines where the model ran out of tokens or time within it."""
    if not scene.cut_short or "\n" not in text:
        return text
    kept = text[: text.rfind("\n")]
    return kept if kept.strip() else text


def trailing_space(_scene: Scene, text: str) -> str:
    """Drop white space at line ends and blank lines at the end."""
    return "\n".join(line.rstrip(" \t") for line in text.split("\n")).rstrip()
