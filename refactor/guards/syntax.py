"""The file parses as well as before: no error node that was not there."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

from tree_sitter import Node

from ...context.parsing import Parsed
from ..faults import Fault
from ..original import Change

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Errors:
    """The lines (from 1) of a tree's error nodes and of what is missing in it; `unread` says why there is no tree."""

    lines: tuple[int, ...] = ()
    unread: str = ""


def faults(change: Change, before: Errors, after: Errors) -> list[Fault]:
    """Name the first error that is new; a file that could be parsed must stay one."""
    path = change.path
    if before.unread:
        return []
    if after.unread:
        return [Fault("syntax", f"{path} could not be parsed any more: {after.unread}.", path)]
    if len(after.lines) <= len(before.lines):
        return []
    line = next((line for line in after.lines if line not in before.lines), after.lines[0])
    lines = change.plain.split("\n")[max(0, line - 3) : line + 2]
    return [Fault("syntax", f"{path} would no longer parse at line {line}.", path, max(1, line - 2), "\n".join(lines))]


def python_faults(change: Change, before: str, after: str) -> list[Fault]:
    """What Python itself says of the code around the edits; grammars let more pass than it does."""
    if not _parses(before) or _parses(after):
        return []
    return [Fault("syntax", f"{change.path} would no longer be Python where it is edited.", change.path)]


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def error_lines(parsed: Parsed) -> tuple[int, ...]:
    """The lines of what is wrong in a tree, in order; without recursion, because trees are deep."""
    found: list[int] = []
    waiting: list[Node] = [parsed.root]
    while waiting and len(found) < _MOST:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            found.append(node.start_point.row + 1)
        if node.has_error:
            waiting += reversed(node.children)
    return tuple(sorted(found))
