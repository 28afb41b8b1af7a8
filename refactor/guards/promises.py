"""What other code relies on: that a definition is there, is called as before, and is awaited or not as before."""

from __future__ import annotations

import ast
import textwrap
from typing import Final

from ...context.facts import TYPES, Definition
from ..original import Change, Original
from ..outline import Outline
from ..scope import Scope

_CALLED: Final = ("function", "method")
_WAITED_FOR: Final = frozenset({"python", "javascript", "javascriptreact", "typescript", "typescriptreact", "rust"})
"""Languages in which a caller has to know whether a function is asynchronous."""


def broken(change: Change, scope: Scope, before: Outline, after: Outline) -> list[tuple[Definition, str]]:
    """Public definitions within reach that are gone, or that could no longer be used as before; each with a sentence.

    A private one is its file's own affair, as is one that is defined more than once.
    """
    original = change.original
    if original is None:
        return []
    touched = [one for one in before.facts.definitions if _is_public(one) and _touches(original, scope, one)]
    if not touched:
        return []
    now = {one.symbol: one for one in after.facts.definitions}
    found: list[tuple[Definition, str]] = []
    for one in touched:
        symbol = one.symbol
        if before.symbols[symbol] > after.symbols[symbol]:
            if not scope.lets_vanish(change.path, symbol):
                found.append((one, f"{symbol} of {change.path} would be gone; other code may use it."))
        elif scope.keeps != "names" and before.symbols[symbol] == after.symbols[symbol] == 1:
            rows = change.plain.split("\n")
            old = original.lines(one.start_line, one.last_line)
            new = "\n".join(rows[now[symbol].start_line - 1 : now[symbol].last_line])
            if reason := _otherwise(one, now[symbol], old, new, before.language):
                found.append((one, f"{symbol} of {change.path} {reason}; other code may rely on that."))
    return found


def _otherwise(old: Definition, new: Definition, before: str, after: str, language: str) -> str:
    """How using it would be another thing than before; '' where it would not."""
    if (old.kind in _CALLED) != (new.kind in _CALLED):
        return "would be called no more" if old.kind in _CALLED else "would have to be called"
    if old.kind not in _CALLED:
        return ""
    if language in _WAITED_FOR and _is_async(old) != _is_async(new):
        return "would be awaited no more" if _is_async(old) else "would have to be awaited"
    if old.least >= 0 and new.least > old.least:
        return "would need more arguments"
    if old.least >= 0 and new.least >= 0 and new.most >= 0 and not 0 <= old.most <= new.most:
        return "would take fewer arguments"
    return _renamed(before, after) if language == "python" else ""


def _renamed(before: str, after: str) -> str:
    """Parameters of Python's that callers may name, and no longer could, or that have changed places."""
    old, new = _parameters(before), _parameters(after)
    if old is None or new is None:
        return ""
    known = {one.arg for one in (*new.args, *new.kwonlyargs)}
    named = [*old.args, *(old.kwonlyargs if new.kwarg is None else ())]
    lost = [one for one in named if one.arg not in known]
    if lost:
        return f"would know its parameter {lost[0].arg} no more"
    places = [one.arg for one in (*old.posonlyargs, *old.args)]
    now = [one.arg for one in (*new.posonlyargs, *new.args)]
    if len(now) < len(places) and new.vararg is None:
        return "would take fewer arguments by their place"
    kept = [name for name in now if name in places]
    return "" if kept == [name for name in places if name in kept] else "would take its arguments in another order"


def _parameters(text: str) -> ast.arguments | None:
    try:
        parsed = ast.parse(textwrap.dedent(text)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    first = parsed[0] if parsed else None
    return first.args if isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef) else None


def _is_async(one: Definition) -> bool:
    return "async" in one.text.partition("(")[0].split()


def _is_public(one: Definition) -> bool:
    if one.name.startswith(("_", "#")):
        return False
    return one.kind in TYPES or one.kind in _CALLED or one.text.lstrip().startswith(("def ", "async def "))


def _touches(original: Original, scope: Scope, one: Definition) -> bool:
    start, end = original.line_start(one.start_line), original.line_start(one.last_line + 1)
    return any(
        span.reach == "code" and span.start < end and start < span.end for span in scope.spans.get(original.path, ())
    )
