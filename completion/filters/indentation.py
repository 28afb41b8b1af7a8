"""How far in the lines of a text stand: in the document's own unit and steps, whatever the model indents with."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from ..languages import Shape, indent
from ..window import Window
from .brackets import inside
from .scene import Scene

_LEADING = re.compile(r"[ \t]*")
_LEADINGS = re.compile(r"^([ \t]*)(?=\S)", re.MULTILINE)
_FURTHER_IN = re.compile(r"\n[ \t]+\S")
_ALIGNED = re.compile(r"\t+ +")
_GOES_ON = ("(", "[", "&&", "||", "=>", "->", "\\")
"""Ends of lines that open no block: what follows may be as far in as it likes."""

_TAB = 4
_STEPS = (4, 2, 8, 3)
_ABOVE, _BELOW = 20, 10
"""So many lines around the cursor tell how it is indented there."""

_ENOUGH_STEPS = 3

_Place = Literal["stands", "hangs", "follows", "is said"]
_DOCUMENTS = ('"""', "'''", "--[[")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a text and its column.

    It `stands` in a block, `hangs` in a bracket that ends its line, `follows` the line before it, or is part of what
    `is said` in a string. `opens` says that it opens a block.
    """

    number: int
    column: int
    place: _Place
    opens: bool


@dataclass(frozen=True, slots=True)
class _Steps:
    """A text whose first line stands at column `base` and whose blocks are further in by `step` columns each."""

    base: int
    step: int


@dataclass(frozen=True, slots=True)
class _Fit:
    """Whether a block of the text's own has `shown` its steps, and how many lines stand elsewhere for no reason."""

    shown: bool
    strays: int


def unit(text: str) -> str | None:
    """The indentation unit of `text`: a tab, or the spaces most lines step by; None if nothing is indented.

    It is empty where tabs and spaces are mixed.
    """
    whites = [white for white in _LEADINGS.findall(text) if white.startswith("\t") or len(white) > 1]
    tabs = sum(white.startswith("\t") for white in whites)
    spaces = len(whites) - tabs
    if not whites:
        return None
    if 8 * min(tabs, spaces) > max(tabs, spaces):
        return ""
    return "\t" if tabs > spaces else " " * (max(steps, key=steps.__getitem__) if (steps := _steps(text)) else 4)


def _steps(text: str) -> Counter[int]:
    """How often a line of `text` is so many spaces further in than the one above it."""
    widths = [len(white) for white in _LEADINGS.findall(text) if not white.startswith("\t")]
    return Counter(width - last for last, width in zip([0, *widths], widths, strict=False) if width - last in _STEPS)


def indentation(scene: Scene, text: str) -> str:
    """Indent with what the document indents with around the cursor, where the text uses another kind or another step.

    What begins within a string stays as it is, and so does all of it where the document mixes tabs and spaces.
    """
    if scene.head and _FURTHER_IN.search(text) is None:
        return text
    near = "\n".join([*scene.above(_ABOVE), f"{scene.head}|", *scene.below(_BELOW)])
    found = unit(near)
    if found == "" or (found and scene.head and _is_at_home(scene, text, found)):
        return text
    own, others = _unit_here(scene, near, found)
    if not own or (own != "\t" and "\n\t" in text and "\n\t" in f"\n{scene.before}|{scene.after}"):
        return text
    lines = _read(scene, text, _width(own))
    here = _Steps(lines[0].column, _width(own))
    indented = scene.shape is not None and scene.shape.indented
    written = _written_by(lines, here, others, indented=indented) or here
    result = _written(scene, text, own, _moved(lines, written, here))
    if result == text or scene.shape is None:
        return result
    view = Window(scene.before, scene.after, "\n", scene.begins_inside)
    return text if inside(view, scene.shape) == "string" else result


def _unit_here(scene: Scene, near: str, found: str | None) -> tuple[str, frozenset[int] | None]:
    """What the document indents with, '' where that is unclear, and which other steps it has.

    None for those says that it has too many for its own to be known. `near` are the lines around the cursor, `found`
    their unit.
    """
    if found == "\t":
        return found, frozenset()
    whole = f"{scene.before}|{scene.after}"
    all_over = unit(whole)
    if not all_over or (found is not None and all_over == "\t"):
        return "", None
    if all_over == "\t":
        return all_over, frozenset()
    everywhere = _steps(whole)
    steps = near_by if sum((near_by := _steps(near)).values()) >= _ENOUGH_STEPS else everywhere
    step, count = steps.most_common(1)[0] if steps else (len(all_over), 0)
    is_clear = 5 * count >= 4 * sum(steps.values()) > 0
    return " " * step, frozenset(everywhere) - {step} if is_clear else None


def _width(own: str) -> int:
    return _TAB if own == "\t" else len(own)


def _is_at_home(scene: Scene, text: str, own: str) -> bool:
    """Whether a text is at first sight indented as the document is: most are, and need no closer look."""
    shape, width = scene.shape, _width(own)
    first, *lines = [line for line in f"{scene.head}{text}".split("\n") if line.strip()] or [""]
    last, column = first, indent(first, width)
    for line in lines:
        further = indent(line, width) - column
        if line[: len(line) - len(line.lstrip())].strip(own[0]) or further > width or further % width:
            return False
        if shape is not None and shape.indented and (further > 0) != shape.opens_block(last):
            return False
        last, column = line, column + further
    return True


def _read(scene: Scene, text: str, tab: int) -> list[_Line]:
    """The lines of a text that are not blank, and the cursor's, with their columns."""
    shape, whole = scene.shape, scene.head + text
    opened = _opened(whole, shape) if shape is not None else []
    found: list[_Line] = []
    last = ""
    for number, line in enumerate(whole.split("\n")):
        if line.strip() or number == 0:
            place: _Place = "stands"
            if shape is not None and number:
                place = "follows" if last.endswith("\\") else _place(whole, opened[number - 1], line, shape)
            last = line.rstrip()
            opens = shape is not None and shape.opens_block(line) and not last.endswith(_GOES_ON)
            found.append(_Line(number, indent(line, tab), place, opens))
    return found


def _opened(text: str, shape: Shape) -> list[int | _Place]:
    """Where the innermost bracket stands that is open as each line but the first begins, -1 for none.

    For a line that begins within a string or a comment, what decides how far in that is.
    """
    found: list[int | _Place] = []
    opened = [-1]
    at = 0
    for match in shape.tokens.finditer(text):
        found += opened[-1:] * text.count("\n", at, match.start())
        bracket, at = match["bracket"], match.end()
        if bracket is None:
            found += [_within(text, match.start())] * text.count("\n", match.start(), at)
        elif bracket in "([{":
            opened.append(match.start())
        elif len(opened) > 1:
            opened.pop()
    return found + opened[-1:] * text.count("\n", at)


def _within(text: str, start: int) -> _Place:
    """What decides how far in the lines of a string or a comment are: comments and documentation move with the code."""
    alone = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    return "follows" if text.startswith("/*", start) or (alone and text.startswith(_DOCUMENTS, start)) else "is said"


def _place(text: str, bracket: int | _Place, line: str, shape: Shape) -> _Place:
    """What decides how far in a line is: its block, a `bracket` that ends its line, or the line before it."""
    if isinstance(bracket, str):
        return bracket
    if bracket > 0 and text.startswith("[[", bracket - 1):
        return "is said"
    if bracket >= 0 and (shape.indented or text[bracket] != "{"):
        return "follows" if text[bracket + 1 : text.find("\n", bracket)].strip() else "hangs"
    return "hangs" if shape.is_comment(line) else "stands"


def _written_by(lines: list[_Line], here: _Steps, others: frozenset[int] | None, *, indented: bool) -> _Steps | None:
    """The steps that a text is written with, where its lines tell them; None for those of the document.

    `others` are steps that the document has, too: a text that begins where the cursor is may mean one of them.
    """
    if others is None or _fit(lines, here, indented) is not None:
        return None
    deep, uneven = divmod(here.base, here.step)
    best: tuple[int, _Steps] | None = None
    for step in _STEPS:
        begins_here = [_Steps(here.base, step)] if step not in others or step % here.step == 0 else []
        for steps in begins_here if uneven else [*begins_here, _Steps(deep * step, step)]:
            fit = _fit(lines, steps, indented)
            if fit is not None and fit.shown and (best is None or fit.strays < best[0]):
                best = fit.strays, steps
    return best[1] if best is not None else None


def _fit(lines: list[_Line], steps: _Steps, indented: bool) -> _Fit | None:
    """How a text fits the steps that it may be written with; None where it does not.

    `indented` says that indentation makes the blocks.
    """
    last, opened, shown, strays = steps.base, lines[0].opens, False, 0
    for line in lines[1:]:
        if line.place != "stands":
            opened = opened or line.opens
            continue
        further = line.column - last
        if opened and (further > 0 or indented):
            if further != steps.step:
                return None
            shown = True
        elif further and (indented if further > 0 else opened or (line.column - steps.base) % steps.step):
            return None
        else:
            strays += further > 0 or line.column < steps.base
        last, opened = line.column, line.opens
    return _Fit(shown or (indented and steps.base != lines[0].column), strays)


def _moved(lines: list[_Line], written: _Steps, here: _Steps) -> list[tuple[_Line, int, bool]]:
    """Each line but the first with its new column, and whether it is aligned with others and in no block of its own."""
    found: list[tuple[_Line, int, bool]] = []
    last, opened, moved = written.base, lines[0].opens, here.base - written.base
    for line in lines[1:]:
        steps, uneven = divmod(line.column - written.base, written.step)
        aligned = line.place != "stands" or (line.column > last and not opened)
        if line.place == "is said":
            continue
        if line.place == "follows" or uneven or (line.column == 0 and line.place == "hangs"):
            column = line.column + (moved if line.column else 0)
        else:
            column = here.base + steps * here.step
        found.append((line, max(column, 0), aligned))
        if line.place == "stands":
            last, moved, opened = line.column, column - line.column, line.opens
        else:
            opened = opened or line.opens
    return found


def _written(scene: Scene, text: str, own: str, moved: list[tuple[_Line, int, bool]]) -> str:
    """The text with lines at their new columns, in tabs or spaces as `own` says; as it is where that says the same."""
    lines = text.split("\n")
    first = [] if scene.head else [(0, indent(text, _TAB if own == "\t" else len(own)), False)]
    for number, column, aligned in [*first, *((line.number, column, aligned) for line, column, aligned in moved)]:
        line = lines[number]
        lead = line[: len(line) - len(line.lstrip(" \t"))]
        same = indent(line, _TAB if own == "\t" else len(own)) == column
        if same and (lead.strip(own[0]) == "" or (aligned and own == "\t" and _ALIGNED.fullmatch(lead))):
            continue
        white = "\t" * (column // _TAB) + " " * (column % _TAB) if own == "\t" else " " * column
        lines[number] = white + line[len(lead) :]
    return "\n".join(lines)
