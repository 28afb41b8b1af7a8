"""Only what was meant has changed: no other definition is gone, doubled or altered, and imports stay imports."""

from __future__ import annotations

from collections import Counter

from ...context.facts import Definition
from ..faults import Fault
from ..original import Change, Original
from ..outline import Outline
from ..scope import Scope


def faults(change: Change, scope: Scope, before: Outline, after: Outline) -> list[Fault]:
    """Compare the definitions of both texts."""
    original = change.original
    if original is None:
        return []
    had, has = before.symbols, after.symbols
    found = [*_gone(change, scope, original, before, had - has), *_doubled(change, after, had, has)]
    return found or [
        *_strayed(change, scope, original, before, after),
        *_mixed(change, scope, original, before, after),
        *_loose(change, scope, original, before, after),
    ]


def _gone(change: Change, scope: Scope, original: Original, before: Outline, missing: Counter[str]) -> list[Fault]:
    """Definitions that are no more and were not within reach; those within are told by `promises.py`."""
    if not missing:
        return []
    return [
        Fault("symbols", f"{one.symbol} of {change.path} would be gone.", change.path, one.start_line, one.text)
        for one in before.facts.definitions
        if one.symbol in missing
        and not scope.lets_vanish(change.path, one.symbol)
        and not _in_reach(original, scope, one.start_line, one.last_line)
    ]


def _doubled(change: Change, after: Outline, had: Counter[str], has: Counter[str]) -> list[Fault]:
    """New definitions that take a name which another one has."""
    if all(count <= max(1, had[symbol]) for symbol, count in has.items()):
        return []
    has = Counter(one.symbol for one in after.facts.definitions if one.kind not in ("variable", "field"))
    return [
        Fault("symbols", f"{symbol} would be defined {count} times in {change.path}; take another name.", change.path)
        for symbol, count in has.items()
        if count > max(1, had[symbol])
    ]


def _strayed(change: Change, scope: Scope, original: Original, before: Outline, after: Outline) -> list[Fault]:
    """Definitions out of reach whose text is not the same any more, such as one that another has swallowed.

    What ends before the first edit or begins after the last one has the same text where it stands at the same lines,
    those after moved by what came in; only of the others are the texts compared.
    """
    first = original.line_of(original.to_plain(change.edits[0].start))
    last = original.line_of(original.to_plain(change.edits[-1].end))
    grown = change.plain.count("\n") - original.plain.count("\n")
    places = {(one.name, one.owner, one.start_line, one.last_line) for one in after.facts.definitions}
    doubtful = [
        one
        for one in before.facts.definitions
        if not (
            (one.last_line < first and (one.name, one.owner, one.start_line, one.last_line) in places)
            or (
                one.start_line > last and (one.name, one.owner, one.start_line + grown, one.last_line + grown) in places
            )
        )
        and not _touches(original, scope, one.start_line, one.last_line)
    ]
    if not doubtful:
        return []
    lines = change.plain.split("\n")
    texts = {
        (one.symbol, "\n".join(lines[one.start_line - 1 : one.last_line]).rstrip()) for one in after.facts.definitions
    }
    return [
        Fault("symbols", f"{one.symbol} of {change.path} would change too.", change.path, one.start_line, one.text)
        for one in doubtful
        if (one.symbol, original.lines(one.start_line, one.last_line).rstrip()) not in texts
    ]


def _mixed(change: Change, scope: Scope, original: Original, before: Outline, after: Outline) -> list[Fault]:
    """Lines among the imports that import nothing, and lines between definitions that define nothing."""
    old, imports = before.importing(), after.importing()
    defined: set[int] | None = None
    grown = 0
    found: list[Fault] = []
    for edit in change.edits:
        start, end = original.to_plain(edit.start), original.to_plain(edit.end)
        text = edit.text.replace("\r\n", "\n")
        first = original.line_of(start) + grown
        removed = original.plain[start:end]
        grown += text.count("\n") - removed.count("\n")
        span = scope.allows(change.path, start, end)
        if span is None or span.reach == "code" or (span.reach == "gap" and scope.new_files is not None):
            continue
        if span.reach == "gap" and defined is None:
            defined = {
                line
                for one in after.facts.definitions
                if one.kind not in ("variable", "constant") or not _calls(after, one)
                for line in _range(after.whole(one))
            } | imports
        allowed = imports if span.reach == "imports" else defined or imports
        rows = list(enumerate(text.split("\n"), first))
        strange = [line for line, words in rows if _says(words) and line not in allowed]
        if span.reach == "imports":
            strange += [line for line, words in rows if ";" in words.rstrip().rstrip(";")]
        low = original.line_of(start)
        strange += [line for line, words in enumerate(removed.split("\n"), low) if _says(words) and line not in old]
        if strange:
            what = "Among the imports of" if span.reach == "imports" else "Between the definitions of"
            only = "imports" if span.reach == "imports" else "definitions"
            said = f"{what} {change.path} only {only} may come in (line {strange[0]})."
            found.append(Fault("imports" if span.reach == "imports" else "scope", said, change.path, strange[0]))
    return found


def _loose(change: Change, scope: Scope, original: Original, before: Outline, after: Outline) -> list[Fault]:
    """Statements in the place of a definition that stand in none: they would run by themselves."""
    found: list[Fault] = []
    lines = change.plain.split("\n")
    for span in scope.spans.get(change.path, ()):
        if span.reach != "code" or not before.facts.definitions:
            continue
        low, high = original.line_of(span.start), original.line_of(max(span.start, span.end - 1))
        if _uncovered(before, original.plain.split("\n"), low, high):
            continue
        ahead = _grown(change, original, 0, span.start - 1)
        high += ahead + _grown(change, original, span.start, span.end)
        if strange := _uncovered(after, lines, low + ahead, high):
            said = f"Line {strange[0]} of {change.path} would stand in no definition; only {span.why} may change there."
            found.append(Fault("scope", said, change.path, strange[0]))
    return found


def _uncovered(outline: Outline, lines: list[str], low: int, high: int) -> list[int]:
    """Lines from `low` to `high` that say something and belong to no definition that lies within."""
    covered: set[int] = set()
    for one in outline.facts.definitions:
        if one.start_line <= high and low <= one.last_line:
            first, last = outline.whole(one)
            if low <= first and last <= high:
                covered.update(range(first, last + 1))
    return [number for number in range(low, high + 1) if number not in covered and _says(lines[number - 1])]


def _grown(change: Change, original: Original, start: int, end: int) -> int:
    """How many lines the edits that begin between two plain offsets, both included, bring in."""
    return sum(
        edit.text.count("\n") - original.text.count("\n", edit.start, edit.end)
        for edit in change.edits
        if start <= original.to_plain(edit.start) <= end
    )


def _in_reach(original: Original, scope: Scope, first: int, last: int) -> bool:
    return scope.allows(original.path, original.line_start(first), original.line_start(last + 1)) is not None


def _touches(original: Original, scope: Scope, first: int, last: int) -> bool:
    start, end = original.line_start(first), original.line_start(last + 1)
    return any(
        span.reach == "code" and span.start < end and start < span.end for span in scope.spans.get(original.path, ())
    )


def _calls(outline: Outline, one: Definition) -> bool:
    """Whether a value is made by a call, which would run as soon as the file does."""
    return "(" in outline.text(one.start_line, one.last_line).partition("=")[2]


def _says(words: str) -> bool:
    """Whether a line is more than blank or a comment."""
    stripped = words.strip()
    return bool(stripped) and not stripped.startswith(("#", "//", "/*", "*", "--"))


def _range(lines: tuple[int, int]) -> range:
    return range(lines[0], lines[1] + 1)
