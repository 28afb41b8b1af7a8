"""The outline of an edited text from that of the text before: only the top-level code around the edits is read anew."""

from __future__ import annotations

from dataclasses import fields, replace
from operator import attrgetter

from ..context.facts import Definition, FileFacts, Import, Local, Reference
from ..context.languages.reading import read
from ..context.parsing import LiveTree, Parsed, Refused, TreeParser
from .original import Change, Original
from .outline import SECONDS, Outline

Range = tuple[int, int]
"""First and last line."""

_FIELDS = [field.name for field in fields(Definition)]
_values = attrgetter(*_FIELDS)
_LINES = [_FIELDS.index(name) for name in ("start_line", "end_line", "last_line")]
_DOC_LINE = _FIELDS.index("doc_line")

_MOST_ANEW = 0.6
"""Share of the lines beyond which all of it is read."""


def after(before: Outline, change: Change, *, uses: bool = True) -> Outline:
    """What the new text says. Where parts cannot be told apart for certain, all of it is read.

    Without `uses` what is used and bound in code below the edits may be left out: guards over the edits do not ask.
    """
    if before.errors.unread:
        return Outline(change.path, change.language, change.plain)
    whole = LiveTree(change.language, before.parsed).update(change.plain, seconds=SECONDS)
    if isinstance(whole, Parsed):
        facts = _patched(before, change, whole, uses=uses)
        return Outline(change.path, change.language, change.plain, whole, facts)
    return Outline(change.path, change.language, change.plain)


def parts(before: Outline, change: Change, new: Outline) -> tuple[str, str]:
    """The top-level code around the edits, as it was and as it would be."""
    original = change.original
    if original is None or before.parsed is None or new.parsed is None or not change.edits:
        return "", change.plain
    low, high, grown = _region(before.parsed, new.parsed, change, original)
    return original.lines(low, high), "\n".join(change.plain.split("\n")[low - 1 : high + grown]) + "\n"


def _patched(before: Outline, change: Change, whole: Parsed, *, uses: bool) -> FileFacts | None:
    """The facts put together; None where they must be read from the whole text."""
    old, original = before.parsed, change.original
    if old is None or original is None or old.root.has_error or whole.root.has_error:
        return None
    if before.facts.exports is not None or not change.edits:
        return None
    low, high, grown = _region(old, whole, change, original)
    if high - low > _MOST_ANEW * original.line_count:
        return None
    text = "\n".join(change.plain.split("\n")[low - 1 : high + grown]) + "\n"
    parsed = TreeParser(change.language).parse(text, seconds=SECONDS)
    if isinstance(parsed, Refused) or parsed.root.has_error:
        return None
    part = read(change.language, parsed)
    if part.exports is not None:
        return None
    roots = _lines(old), _lines(parsed), _lines(whole)
    return _joined(before.facts, part, low, high, grown, roots, uses=uses or not grown)


def _region(old: Parsed, new: Parsed, change: Change, original: Original) -> tuple[int, int, int]:
    """First and last line (of the text before) of whole top-level nodes in both texts, and how many lines came in."""
    first = original.line_of(original.to_plain(change.edits[0].start))
    last = original.line_of(original.to_plain(change.edits[-1].end))
    grown = change.plain.count("\n") - original.plain.count("\n")
    first, last = max(1, first - 1), last + 1
    while True:
        low, high = _widened(old, first, last)
        new_low, new_high = _widened(new, low, high + grown)
        if (new_low, new_high - grown) == (low, high):
            return low, high, grown
        first, last = min(low, new_low), max(high, new_high - grown)


def _lines(parsed: Parsed) -> Range:
    return parsed.root.start_point.row + 1, parsed.root.end_point.row + 1


def _widened(parsed: Parsed, first: int, last: int) -> tuple[int, int]:
    """The lines, with all of the top-level nodes that have a part of them."""
    for node in parsed.root.children:
        start, end = node.start_point.row + 1, node.end_point.row + 1
        if start <= last and first <= end:
            first, last = min(first, start), max(last, end)
        elif start > last:
            break
    return first, last


def _joined(
    before: FileFacts,
    part: FileFacts,
    low: int,
    high: int,
    grown: int,
    roots: tuple[Range, Range, Range],
    *,
    uses: bool,
) -> FileFacts:
    """Lines before `low` as they were, the part from there, lines after `high` further down.

    What is bound in all of a text (`roots`: the old one, the part, the new one) is bound in all of the new one.
    """
    down = low - 1
    old, own, new = roots
    definitions = (
        *(one for one in before.definitions if one.start_line < low),
        *(_moved(one, down) for one in part.definitions),
        *(_moved(one, grown) for one in before.definitions if one.start_line > high),
    )
    imports = (
        *(one for one in before.imports if one.start_line < low),
        *(_moved_import(one, down) for one in part.imports),
        *(_moved_import(one, grown) for one in before.imports if one.start_line > high),
    )
    references = (
        *(one for one in before.references if one.line < low),
        *(_moved_use(one, down) for one in part.references),
        *(_moved_use(one, grown) for one in before.references if uses and one.line > high),
    )
    locals_ = (
        *(_moved_local(one, 0, old, new) for one in before.locals if one.line < low),
        *(_moved_local(one, down, own, new) for one in part.locals),
        *(
            _moved_local(one, grown, old, new)
            for one in before.locals
            if one.line > high and (uses or (one.start_line, one.end_line) == old)
        ),
    )
    return FileFacts(before.language, definitions, imports, references, locals_, None, before.package, False)


def _moved(one: Definition, lines: int) -> Definition:
    if not lines:
        return one
    values = list(_values(one))
    for index in _LINES:
        values[index] += lines
    if one.doc_line:
        values[_DOC_LINE] += lines
    return Definition(*values)


def _moved_import(one: Import, lines: int) -> Import:
    return replace(one, start_line=one.start_line + lines, end_line=one.end_line + lines) if lines else one


def _moved_use(one: Reference, lines: int) -> Reference:
    return Reference(one.name, one.line + lines, one.column, one.use, one.receiver, one.arguments) if lines else one


def _moved_local(one: Local, lines: int, all_of_it: Range, new: Range) -> Local:
    if (one.start_line, one.end_line) == all_of_it:
        return Local(one.name, *new, one.line + lines, one.type)
    if not lines:
        return one
    return Local(one.name, one.start_line + lines, one.end_line + lines, one.line + lines, one.type)
