"""What cannot be right in a suggestion, known before it is shown: names, members, the number of arguments."""

from __future__ import annotations

import re

from .facts import FileFacts
from .resolution.resolver import Resolver
from .types.judgement import Finding, Fit, Judgement, Knowledge, Problem
from .types.prelude import imported_by_editors, prelude
from .view import Workspace

__all__ = ["Finding", "Fit", "Judgement", "Knowledge", "Problem", "findings", "prepare"]

MAX_JUDGED = 200
"""References of one suggestion that are looked at."""


def prepare(language: str) -> None:
    """Load the names that a language knows by itself, so that the first `findings` need not."""
    prelude(language)
    imported_by_editors(language)


def findings(
    workspace: Workspace,
    resolver: Resolver,
    path: str,
    before: FileFacts | None,
    after: FileFacts,
    first: tuple[int, int],
    last: tuple[int, int],
    text: str | None = None,
) -> tuple[Finding, ...]:
    """What cannot be right in a suggestion, in order of the text; a few ms.

    `after` are the facts of the text with the suggestion in it, `before` those without (None: not at hand); `first`
    and `last` are where the suggestion begins and ends in the new text: (line from 1, column in code points from 0),
    `last` exclusive. `text` is the whole new text: where it is not at hand, less is said. What stands outside the
    suggestion is never blamed; a name of which it writes the end, is. Names that stand anywhere in the text before, but
    after a dot or in other functions that bind them, are believed; in a text with syntax errors, less is said. Nothing
    is found where the language or the type is not known well enough.
    """
    known = (workspace.read(path) or "") if before is not None else ""
    knowledge = Knowledge(workspace, resolver, path, after, text)
    found: list[Finding] = []
    judged = 0
    for reference in after.references:
        end = (reference.line, reference.column + len(reference.name))
        if end <= first or (reference.line, reference.column) >= last:
            continue
        if (judged := judged + 1) > MAX_JUDGED:
            break
        finding = knowledge.judge(reference)
        if finding is not None and not _believed(finding, known, before, broken=after.broken):
            found.append(finding)
    return tuple(found)


def _believed(finding: Finding, text: str, before: FileFacts | None, *, broken: bool) -> bool:
    """Whether a finding is better not told: the name stands in the text already, where a parser may not see it.

    Where it is another function's local it says nothing about this one.
    """
    if finding.problem == "arguments do not fit":
        return broken
    if finding.problem == "unknown member":
        return broken and re.search(rf"\b{re.escape(finding.name)}\b", text) is not None
    ranges = [
        (one.start_line, one.end_line)
        for one in (before.locals if before is not None and not broken else ())
        if one.name == finding.name
    ]
    for place in re.finditer(rf"{'' if broken else '(?<![.])'}(?<!\w){re.escape(finding.name)}\b", text):
        line = text.count("\n", 0, place.start()) + 1
        if not any(first <= line <= last for first, last in ranges):
            return True
    return False
