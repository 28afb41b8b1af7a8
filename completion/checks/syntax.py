"""Does a text bring syntax errors that were not there before it, and where is it to be cut so that it brings none."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ..filters import brackets
from ..languages import Shape
from ..question import Question
from ..window import Window
from .region import around
from .trees import Parsed, Trees, errors
from .verdict import Verdict

CHECK = "syntax"
MOST_SECONDS = 0.005
_MOST_CUTS = 4
_CLOSER = {"(": ")", "[": "]", "{": "}"}


def check(trees: Trees, question: Question, text: str, view: Window | None = None) -> Verdict:
    """Compare the document with and without `text` at its cursor.

    The number of places that are no code must not grow. What the text opens and leaves open at its end is no error:
    whoever accepts it goes on there. `view` is the document around the cursor where it holds more than the question's.
    """
    late = time.perf_counter() + MOST_SECONDS
    region = around(view or question.view, question.shape)
    base = trees.parse(question.key, question.language, region.before + region.after)
    if base is None:
        return Verdict(CHECK, "unchecked", text, "no grammar")
    before, after = (part.encode("utf-8", "replace") for part in (region.before, region.after))
    allowed = len(errors(base.tree.root_node))

    def parsed(shown: str) -> Parsed | None:
        return trees.variant(question.language, base, before + shown.encode("utf-8", "replace") + after)

    whole = parsed(text)
    if whole is None:
        return Verdict(CHECK, "unchecked", text, "too long")
    wrong = errors(whole.tree.root_node)
    if len(wrong) <= allowed:
        return Verdict(CHECK, "fits", text)
    if question.shape is not None and (ends := _ends(question, question.shape, text)):
        closed = parsed(text + ends)
        if closed is not None and len(errors(closed.tree.root_node)) <= allowed:
            return Verdict(CHECK, "fits", text, "open at its end")
    for shorter in _shorter(text, [start - len(before) for start, _ in wrong]):
        if time.perf_counter() > late:
            return Verdict(CHECK, "withheld", "", "syntax error; no time to mend it")
        tried = parsed(shorter)
        if tried is not None and len(errors(tried.tree.root_node)) <= allowed:
            return Verdict(CHECK, "cut", shorter, "syntax error")
    return Verdict(CHECK, "withheld", "", "syntax error")


def _ends(question: Question, shape: Shape, text: str) -> str:
    """What would end all that a text opens; empty where that is nothing."""
    if question.place.rest.strip():
        return ""
    line = text[text.rfind("\n") + 1 :]
    head = "" if "\n" in text else question.place.head
    closers = "".join(_CLOSER[opener] for opener, _ in reversed(brackets.scan(text, shape).opened))
    if shape.indented and (head + line).rstrip().endswith(":"):
        white = len(head + line) - len((head + line).lstrip())
        return closers + "\n" + (head + line)[:white] + "\tpass"
    return closers


def _shorter(text: str, wrong: list[int]) -> Iterator[str]:
    """Beginnings of a text that may do: fewer of its lines, then what stands before the first error on its first."""
    lines = text.split("\n")
    for count in range(len(lines) - 1, max(0, len(lines) - 1 - _MOST_CUTS), -1):
        if (kept := "\n".join(lines[:count]).rstrip()) and lines[count - 1].strip():
            yield kept
    first = lines[0].encode("utf-8", "replace")
    for start in wrong[:2]:
        if 0 < start < len(first) and (kept := first[:start].decode("utf-8", "ignore").rstrip()):
            yield kept


def count(trees: Trees, question: Question, text: str, view: Window | None = None) -> int | None:
    """How many places are no code once `text` stands at the cursor; None where nobody can tell."""
    region = around(view or question.view, question.shape)
    base = trees.parse(question.key, question.language, region.before + region.after)
    parsed = base and trees.variant(
        question.language, base, f"{region.before}{text}{region.after}".encode("utf-8", "replace")
    )
    return len(errors(parsed.tree.root_node)) if parsed else None
