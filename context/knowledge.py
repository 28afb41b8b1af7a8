"""What cannot be right in a suggestion, known before it is shown: names, members, the number of arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from .facts import FileFacts
from .resolution.resolver import Resolver
from .types.judgement import Finding, Fit, Judgement, Knowledge, Problem
from .types.prelude import imported_by_editors, prelude
from .view import Workspace

__all__ = ["Finding", "Fit", "Judgement", "Knowledge", "Problem", "findings", "prepare"]

_SCRIPT: Final = re.compile(r"\s*(?:export\s+)?(?:const|let|var)\s+(?P<name>[\w$]+)\s*(?::[^=]+)?=(?!=)")
_BEGINS: Final = MappingProxyType(
    {
        "python": re.compile(r"\s*(?P<name>\w+)\s*(?::[^=]+)?=(?!=)"),
        "javascript": _SCRIPT,
        "javascriptreact": _SCRIPT,
        "typescript": _SCRIPT,
        "typescriptreact": _SCRIPT,
    }
)
"""How a statement begins that gives a name its first value."""

_LATER: Final = re.compile(r"\bTypeAlias\b|\blambda\b|\bfor\b|\bfunc(?:tion)?\b|=>|[({\[]\s*$")
"""What says that the name may be read later, or means another one."""

_GOES_ON: Final = re.compile(r"[,(\[\\]\s*\Z")
_QUOTED: Final = re.compile(r"""(["'`])(?:\\.|(?!\1).)*\1|(?:#|//).*""")

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
    if text is not None and not after.broken:
        told = {(one.line, one.column) for one in found}
        found += [one for one in _own_values(after, text, first, last) if (one.line, one.column) not in told]
    return tuple(sorted(found, key=lambda one: (one.line, one.column)))


def _own_values(facts: FileFacts, text: str, first: tuple[int, int], last: tuple[int, int]) -> Iterator[Finding]:
    """Names that are read in the statement that first gives them a value: `PORT = PORT`."""
    begins = _BEGINS.get(facts.language)
    if begins is None or any(item.bound == "*" for item in facts.imports):
        return
    rows = text.split("\n", last[0])
    for line in range(first[0], min(last[0], len(rows)) + 1):
        row = rows[line - 1]
        head = begins.match(row)
        if head is None or _LATER.search(row, head.end("name")) or head["name"] in (prelude(facts.language) or ()):
            continue
        above = "\n".join(rows[: line - 1])
        name = re.escape(head["name"])
        if _GOES_ON.search(above) or re.search(rf"(?<!\w){name}\b", above):
            continue
        value = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), row)[head.end() :]
        reads = rf"(?<![\w.$]){name}(?![\w$])(?!\s*(?:=(?!=)|:))"
        for used in re.finditer(reads if facts.language == "python" else rf"\A\s*{reads}", value):
            place = line, head.end() + used.end() - len(head["name"])
            if first <= place < last:
                yield Finding("unknown name", head["name"], "", *place, f"'{head['name']}' gets its first value here")


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
