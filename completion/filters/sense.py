"""Text that a parser takes and a person would not: code that is never reached, comments that say nothing."""

from __future__ import annotations

import re

from ..languages import indent
from ..window import Window
from .brackets import inside, scan
from .scene import Scene

_LEAVES = re.compile(r"(?:return|raise|throw|break|continue|goto)\b(?!.*\b(?:if|unless)\b)")
_GOES_ON = re.compile(r"(?:[\[({,\\=+*/&|?:<>.-]|\b(?:and|or|not|in|is|await|new|typeof))$")
_REACHED = re.compile(
    r"(?:[\])}{.?&|+*:#]|case\b|default\b|when\b|else|elif\b|elsif\b|elseif\b|except\b|rescue\b|catch\b|finally\b|ensure\b"
    r"|yield\b|end\b|fi\b|done\b|esac\b|until\b|function\b|async function\b|\w+\s*:(?!:)|;;)"
)
_DECLARES = re.compile(
    r"(?:(?:static|async|unsafe)\s+)*(?!await\b|echo\b|in\b|new\b|not\b|print\b|raise\b|return\b|throw\b)[\w<>\[\],?.]+"
    r"\s+\w+\s*(?:<[^>]*>)?\([^;]*(?:\)\s*=>.*)?$"
)
"""A function within another, as C# has them; it may stand behind what leaves the block."""

_HERE = re.compile(r"<<\W*\w+[\"']?$")
_SAYS_NOTHING = re.compile(r"\s*(?:#|//|--|/\*)[\W_]*")
_ENDLESS = re.compile(r"(?<![\w.])\d*(\d)\1{17,}")
_IMPORTS = re.compile(
    r"\s*(?:from\s+[\w.]+\s+import\s+\(?|import\s+(?:type\s+)?(?:\w+\s*,\s*)?\{|use\s+[\w:]+::\{)"
    r"(?P<names>[\w$\s,]*)"
)
"""A line that imports several names, as far as it lists them."""

_QUOTES = frozenset({'"', "'", "`", '"""', "'''"})
_OVER_LINES = ('"""', "'''", "`")
_CLOSING = (")", "]", "}")


def unreachable(scene: Scene, text: str) -> str:
    """Cut behind a line that leaves the block, where the next line would belong to the same block."""
    shape = scene.shape
    if shape is None or ("\n" not in text and scene.head.strip()):
        return text
    lines = text.split("\n")
    before = scene.above(1)
    last = before[0] if before and not scene.head.strip() else ""
    for number, line in enumerate(lines):
        whole = scene.head + line if number == 0 else line
        if not whole.strip():
            continue
        if last and _leaves(last) and indent(whole) == indent(last) and not _is_reached(whole):
            kept = "\n".join(lines[:number])
            return text if scan(f"{scene.before}{kept}\n" if number else scene.before, shape).inside else kept
        last = whole
    return text


def _leaves(line: str) -> bool:
    said = line.strip().rstrip(";")
    if _LEAVES.match(said) is None or _GOES_ON.search(said) is not None or _HERE.search(said) is not None:
        return False
    if any(said.count(quote) % 2 for quote in _OVER_LINES):
        return False
    return sum(map(said.count, "([{")) <= sum(map(said.count, ")]}"))


def _is_reached(line: str) -> bool:
    said = line.lstrip()
    return _REACHED.match(said) is not None or _DECLARES.match(said) is not None


def empty_comment(scene: Scene, text: str) -> str:
    """Drop a line that is nothing but a comment's mark."""
    return "" if not scene.head.strip() and _SAYS_NOTHING.fullmatch(text) else text


def lone_quote(scene: Scene, text: str) -> str:
    """Drop a quote that begins a string and says nothing of it."""
    if scene.shape is None or text.strip() not in _QUOTES or scene.rest.strip():
        return text
    return text if scan(scene.before, scene.shape).inside else ""


def hanging_comma(scene: Scene, text: str) -> str:
    """Drop a comma before the bracket that stands behind the cursor, but that of a tuple of one."""
    if "\n" in text or scene.shape is None or not scene.rest.lstrip().startswith(_CLOSING):
        return text
    said = text.rstrip()
    if not said.endswith(","):
        return text
    before = scene.head + said[:-1]
    opened = scan(before, scene.shape).opened
    if not opened:
        return text
    bracket, at = opened[-1]
    alone = bracket == "(" and not re.search(r"[\w\])]$", before[:at]) and "," not in before[at:]
    return text if alone else said[:-1]


def endless_number(scene: Scene, text: str) -> str:
    """Cut a line with a number that says one digit over and over, where it is no string's."""
    for found in _ENDLESS.finditer(text):
        if scene.shape is None or not scan(scene.before + text[: found.start()], scene.shape).inside:
            return text[: max(0, text.rfind("\n", 0, found.start()))]
    return text


def imported_again(scene: Scene, text: str) -> str:
    """Cut an import at the first name that stands on its line already."""
    begun = len(scene.head)
    head = _IMPORTS.match(scene.head + text.partition("\n")[0])
    if head is None or head.end() <= begun:
        return text
    names: set[str] = set()
    at = head.start("names")
    for item in head["names"].split(","):
        if item.strip() in names and at + len(item) > begun:
            return text[: max(0, at - begun)].rstrip(", ")
        names.add(item.strip())
        at += len(item) + 1
    return text


def glued(scene: Scene, text: str) -> str:
    """Drop a text whose last word would become one with the word behind the cursor."""
    return "" if scene.begins_word and (text[-1:].isalnum() or text[-1:] == "_") else text


def blanks_again(scene: Scene, text: str) -> str:
    """Drop blanks at the start of a line that stands as far in as its place lets it already.

    Blanks that are not those of the line are dropped where a statement begins: what goes on from the line above, or
    stands in a string, may be as far in as it likes.
    """
    shape, head, first = scene.shape, scene.head, text.partition("\n")[0]
    lead = first[: len(first) - len(first.lstrip(" \t"))]
    if shape is None or not lead or not head or head.strip() or not first.strip() or not (above := scene.above(1)):
        return text
    if lead == " " and shape.indented:
        return text[1:]
    further, opens = indent(head) - indent(above[0]), shape.opens_block(above[0])
    if not (further > 0 or (further == 0 and not opens and not _GOES_ON.search(above[0]))):
        return text
    if lead in (head, " "):
        return text[len(lead) :]
    begins = opens if further > 0 else first[len(lead)].isalnum() or first[len(lead)] in "_@$\"'"
    view = Window(scene.before, scene.after, "\n", scene.begins_inside)
    return text[len(lead) :] if begins and not inside(view, shape) else text


def out_of_place(scene: Scene, text: str) -> str:
    """Drop a text that is further in than anything lets it be, where indentation makes the blocks."""
    shape = scene.shape
    if shape is None or not shape.indented or scene.head.strip():
        return text
    first = scene.head + text.partition("\n")[0]
    above = scene.above(1)
    if not first.strip() or indent(first) <= (indent(above[0]) if above else 0):
        return text
    if above and (shape.opens_block(above[0]) or _GOES_ON.search(above[0])):
        return text
    if not above and scene.begins_inside:
        return text
    found = scan(scene.before, shape)
    return text if found.opened or found.inside else ""
