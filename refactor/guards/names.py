"""What an edit newly uses is defined or imported, as far as that can be known."""

from __future__ import annotations

import builtins
import sys
from typing import Final

from ...context.facts import FileFacts
from ...context.knowledge import findings
from ..faults import Fault
from ..known import Known
from ..original import Change
from ..outline import Outline

_BUILTINS: Final = frozenset({*dir(builtins), "__file__", "__name__", "__doc__", "__path__", "__class__", "__all__"})


def faults(change: Change, before: Outline | None, after: Outline, known: Known | None) -> list[Fault]:
    """Name what the new lines use and nobody defines.

    In Python from the file alone; elsewhere, and for the members of types, from the workspace where it is `known`.
    """
    spans = new_lines(change)
    old = before.facts if before is not None else FileFacts(after.facts.language)
    found: list[Fault] = []
    if after.facts.language == "python":
        found += _undefined(change, before.believed if before is not None else frozenset(), after.facts, spans)
    if known is None or found or after.facts.broken:
        return found
    for first, last in spans:
        for one in findings(known.workspace, known.resolver, change.path, old, after.facts, (first, 0), (last + 1, 0)):
            found.append(Fault("names", f"{change.path}, line {one.line}: {one.said}.", change.path, one.line))
    return found


def strangers(before: Outline | None, after: Outline, known: Known | None) -> list[str]:
    """Packages that an edit of Python imports and nothing of the workspace or of Python itself does: worth a look."""
    if after.facts.language != "python":
        return []
    had = {one.module.partition(".")[0] for one in before.facts.imports} if before is not None else set()
    names = {one.module.partition(".")[0] for one in after.facts.imports if not one.level} - had
    fresh = sorted(name for name in names if name and name not in sys.stdlib_module_names)
    if known is None:
        return fresh
    return [
        name
        for name in fresh
        if not (
            known.workspace.named(f"{name}.py")
            or known.workspace.is_folder(name)
            or known.workspace.is_folder(f"src/{name}")
        )
        and not known.imports_package(name)
    ]


def new_lines(change: Change) -> list[tuple[int, int]]:
    """The first and last line of each stretch of the new text that an edit wrote; all of it for a new file."""
    original = change.original
    if original is None:
        return [(1, change.text.count("\n") + 1)]
    grown = 0
    spans: list[tuple[int, int]] = []
    for edit in change.edits:
        start, end = original.to_plain(edit.start), original.to_plain(edit.end)
        height = edit.text.count("\n")
        first = original.line_of(start) + grown
        grown += height - original.plain.count("\n", start, end)
        if edit.text:
            spans.append((first, first + height - (edit.text.endswith("\n") and height > 0)))
    return spans


def _undefined(change: Change, believed: frozenset[str], after: FileFacts, spans: list[tuple[int, int]]) -> list[Fault]:
    if any(one.bound == "*" for one in after.imports):
        return []
    used = [
        one
        for one in after.references
        if any(first <= one.line <= last for first, last in spans)
        and one.use != "member"
        and not one.receiver
        and one.name not in _BUILTINS
        and one.name not in believed
    ]
    if not used:
        return []
    known = {one.name for one in after.definitions} | {one.bound.partition(".")[0] for one in after.imports}
    used = [one for one in used if one.name not in known]
    wanted = {one.name for one in used}
    bound: dict[str, list[tuple[int, int]]] = {}
    for local in after.locals if wanted else ():
        if local.name in wanted:
            bound.setdefault(local.name, []).append((local.start_line, local.end_line))
    return [
        Fault(
            "names",
            f"{change.path}, line {one.line}: {one.name} is neither defined nor imported.",
            change.path,
            one.line,
        )
        for one in used
        if not any(first <= one.line <= last for first, last in bound.get(one.name, ()))
    ]
