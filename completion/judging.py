"""What the analysis thread knows about the names in a suggestion.

Only the lines around the cursor are read again, in the tree that the syntax check has made; the rest is as the index
has it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..context.document import Snapshot
from .analysis import Analysis
from .checks import unheard
from .checks.names import Finding, Silent
from .checks.sight import Sight
from .checks.trial import Trial

if TYPE_CHECKING:
    from ..context.index import ContextIndex
    from .checks.trees import Parsed

MOST_SECONDS = 0.03
_NAME = re.compile(r"[^\W\d]\w+")


class WorkspaceJudge:
    """A `checks.names.Judge` over the index of the workspace."""

    def __init__(
        self,
        analysis: Analysis,
        most_seconds: float = MOST_SECONDS,
        knows_all: Callable[[Path | None], bool] | None = None,
    ) -> None:
        """What begins later than `most_seconds` after it was asked for is left: nobody waits for it any more.

        `knows_all` tells whether all of a workspace has been read; the analysis where it is not given.
        """
        self._analysis = analysis
        self._knows_all = knows_all or analysis.knows_all
        self._most_seconds = most_seconds
        self._prepared: set[str] = set()
        analysis.follow(self._prepare)

    async def findings(
        self, snapshot: Snapshot, offset: int, text: str, trial: Trial | None
    ) -> tuple[Finding, ...] | Silent:
        """What cannot be right where `text` is put in at `offset`, in order; or why nobody can tell."""
        if _NAME.search(text) is None:
            return ()
        index = self._analysis.index(snapshot.root)
        if index is None:
            return Silent("the file belongs to no workspace, or its index is not loaded yet")
        if trial is None or (part := _part(snapshot, offset, text, trial)) is None:
            return Silent("there is no syntax tree of this place")
        late = time.monotonic() + self._most_seconds
        knows_all = self._knows_all(snapshot.root)
        return await self._analysis.ask(lambda: _judge(index, snapshot, text, part, late, knows_all=knows_all))

    def _prepare(self, _index: ContextIndex, snapshot: Snapshot) -> None:
        """On the analysis thread: have what judges a language loaded before somebody waits for it."""
        if snapshot.language in self._prepared:
            return
        from ..context import knowledge, splicing  # noqa: F401 - loaded is all that is wanted

        knowledge.prepare(snapshot.language)
        self._prepared.add(snapshot.language)


class _Part(NamedTuple):
    """A tree with the text in it, made on the event loop. Bytes `start` to `end` are the text, its first row is `row`.

    `cursor` is the text's place in the document: line from 1, column in code points.
    """

    parsed: Parsed
    within: bool
    start: int
    end: int
    row: int
    cursor: tuple[int, int]
    offset: int


def _part(snapshot: Snapshot, offset: int, text: str, trial: Trial) -> _Part | None:
    parsed = trial.parsed(text)
    if parsed is None or trial.question.view.eol == "\r":
        return None
    before = snapshot.text[:offset]
    row = before.count("\n")
    cursor = row + 1, offset - before.rfind("\n") - 1
    start = len(trial.before)
    end = start + len(text.encode("utf-8", "replace"))
    return _Part(parsed, trial.within, start, end, row - trial.before.count(b"\n"), cursor, offset)


def _judge(
    index: ContextIndex, snapshot: Snapshot, text: str, part: _Part, late: float, *, knows_all: bool
) -> tuple[Finding, ...] | Silent:
    from ..context.knowledge import findings
    from ..context.languages.reading import read
    from ..context.parsing import Parsed as Tree
    from ..context.splicing import Place, spliced

    workspace, resolver = index.workspace, index.resolver
    if time.monotonic() > late:
        return Silent("the answer could not wait for it any longer")
    before = workspace.facts(snapshot.path) if workspace is not None else None
    if workspace is None or resolver is None or before is None:
        return Silent("this file has not been read yet, or cannot be")
    source = part.parsed.source
    first = source.rfind(b"\n", 0, part.start) + 1
    last = source.find(b"\n", part.end)
    last = last if last >= 0 else len(source)
    seen = read(snapshot.language, Tree(part.parsed.tree, source), (first, last), (part.start, max(part.end, 1)))
    rows = part.row + source.count(b"\n", 0, first) + 1, part.row + source.count(b"\n", 0, last) + 1
    at, more = part.cursor, text.count("\n")
    after = spliced(before, seen, Place(rows[0], rows[1], at[0], more, part.row), within=part.within)
    end = (at[0], at[1] + len(text)) if not more else (at[0] + more, len(text.rpartition("\n")[2]))
    lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(line: int, column: int) -> int:
        return column - at[1] if line == at[0] else lines[line - at[0]] + column

    whole = f"{snapshot.text[: part.offset]}{text}{snapshot.text[part.offset :]}"
    found = [
        Finding(one.problem, place(one.line, one.column))
        for one in findings(workspace, resolver, snapshot.path, before, after, at, end, whole)
    ]
    if knows_all and snapshot.language in unheard.LANGUAGES:
        document = f"{snapshot.text[: part.offset]}\n{snapshot.text[part.offset :]}"
        sight = Sight(workspace, resolver, snapshot.path, document, tuple(whole.split("\n")), after)
        found += [
            Finding("unknown name", place(one.line, one.column))
            for one in after.references
            if at <= (one.line, one.column) < end and unheard.unheard(sight, text, one)
        ]
    return tuple(sorted(found, key=lambda one: one.at))
