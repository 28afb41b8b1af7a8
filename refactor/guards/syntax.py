"""The file parses as well as before: no error node that was not there."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
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


def python_faults(change: Change, before: str, after: str, *, is_new: bool = False) -> list[Fault]:
    """What Python itself says of the code around the edits; grammars let more pass than it does.

    Nor may a class get a statement that runs when it is defined, and binds nothing.
    """
    old, new = _parsed(before), _parsed(after)
    if old is None:
        return []
    if new is None:
        return [Fault("syntax", f"{change.path} would no longer be Python where it is edited.", change.path)]
    loose = _run_in_classes(new) - _run_in_classes(old) if not is_new else Counter()
    if loose:
        said = f"In a class of {change.path} a statement would stand that runs by itself: {next(iter(loose))[:80]}"
        return [Fault("scope", f"{said}.", change.path)]
    return []


def _run_in_classes(module: ast.Module) -> Counter[str]:
    """The expressions that stand as statements in classes, but for documentation."""
    found: Counter[str] = Counter()
    waiting: list[tuple[ast.AST, bool]] = [(module, False)]
    while waiting:
        node, in_class = waiting.pop()
        for one in ast.iter_child_nodes(node):
            if isinstance(one, ast.ClassDef):
                waiting.append((one, True))
            elif in_class and isinstance(one, ast.Expr) and not isinstance(one.value, ast.Constant):
                found[ast.unparse(one)] += 1
            elif isinstance(one, ast.If | ast.Try | ast.With | ast.For | ast.While | ast.ExceptHandler):
                waiting.append((one, in_class))
    return found


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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
