"""What the analysis thread knows about the names in a suggestion.

Only the definition around the cursor is read again, with the suggestion in it; the rest is as the index has it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ..context.document import Snapshot
from . import languages
from .analysis import Analysis
from .checks.names import Finding
from .languages import Shape

if TYPE_CHECKING:
    from ..context.facts import Definition, FileFacts, Import, Local, Reference
    from ..context.index import ContextIndex

_MOST_CHARS = 4_500
"""Of the definition around the cursor; a longer one takes too long to read."""

MOST_SECONDS = 0.03
_TOP_LINE = re.compile(r"^(?=[^\s)\]}#*/.,:;|&])(?!(?:end|fi|done|esac|else|elif|except|finally)\b)", re.MULTILINE)

T = TypeVar("T", "Definition", "Import", "Reference", "Local")


class WorkspaceJudge:
    """A `checks.names.Judge` over the index of the workspace."""

    def __init__(self, analysis: Analysis, most_seconds: float = MOST_SECONDS) -> None:
        """What begins later than `most_seconds` after it was asked for is left: nobody waits for it any more."""
        self._analysis = analysis
        self._most_seconds = most_seconds

    async def findings(self, snapshot: Snapshot, offset: int, text: str) -> tuple[Finding, ...] | None:
        """What cannot be right where `text` is put in; None where there is no index, or too much would be to read."""
        index, shape = self._analysis.index(snapshot.root), languages.shape(snapshot.language)
        if index is None or shape is None:
            return None
        part = _around(snapshot.text, offset, shape)
        if part.end - part.start > _MOST_CHARS:
            return None
        late = time.monotonic() + self._most_seconds
        return await self._analysis.ask(lambda: _judge(index, snapshot, offset, text, part, late))


class _Part(NamedTuple):
    start: int
    end: int


def _around(text: str, offset: int, shape: Shape) -> _Part:
    """The outermost definition around an offset, or the lines at the margin that it stands among."""
    begins = [found.start() for found in _TOP_LINE.finditer(text, max(0, offset - 2 * _MOST_CHARS), offset)]
    start = begins[-1] if begins else 0
    for at in reversed(begins):
        line = text[at : text.find("\n", at)]
        if shape.starts_definition(line):
            start = at
        elif not line.startswith("@"):
            break
    line_end = text.find("\n", offset)
    after = _TOP_LINE.search(text, line_end + 1) if line_end >= 0 else None
    return _Part(start, after.start() if after is not None else len(text))


def _judge(
    index: ContextIndex, snapshot: Snapshot, offset: int, text: str, part: _Part, late: float
) -> tuple[Finding, ...] | None:
    from ..context.knowledge import findings
    from ..context.languages.reading import read_text
    from ..context.parsing import Refused

    workspace, resolver = index.workspace, index.resolver
    before = workspace.facts(snapshot.path) if workspace is not None else None
    if workspace is None or resolver is None or before is None or time.monotonic() > late:
        return None
    head = snapshot.text[part.start : offset]
    read = read_text(snapshot.language, head + text + snapshot.text[offset : part.end])
    if isinstance(read, Refused):
        return None
    above = snapshot.text.count("\n", 0, part.start)
    below = snapshot.text.count("\n", 0, part.end)
    after = _laid_over(before, read, above, below, text.count("\n"))
    at = above + 1 + head.count("\n"), len(head) - head.rfind("\n") - 1
    end = (at[0], at[1] + len(text)) if "\n" not in text else (at[0] + text.count("\n"), len(text.rpartition("\n")[2]))
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    return tuple(
        Finding(one.problem, one.column - at[1] if one.line == at[0] else lines[one.line - at[0]] + one.column)
        for one in findings(workspace, resolver, snapshot.path, before, after, at, end)
    )


def _laid_over(before: FileFacts, part: FileFacts, above: int, below: int, more: int) -> FileFacts:
    """The facts of a file of which a part was read anew: what stood between `above` and `below` lines before.

    What stands behind it has moved by `more` lines.
    """

    place = above, below, more
    return replace(
        before,
        definitions=_whole(before.definitions, part.definitions, *place),
        imports=_whole(before.imports, part.imports, *place),
        references=tuple(_moved(one, above) for one in part.references),
        locals=_whole(before.locals, part.locals, *place),
        broken=part.broken,
    )


def _whole(old: Iterable[T], new: Iterable[T], above: int, below: int, more: int) -> tuple[T, ...]:
    found = list(old)
    kept = [one for one in found if _line(one) <= above]
    moved = [_moved(one, more) for one in found if _line(one) > below]
    return tuple(kept + [_moved(one, above) for one in new] + moved)


def _line(fact: Definition | Import | Reference | Local) -> int:
    return fact.line if hasattr(fact, "line") else fact.start_line


def _moved(fact: T, lines: int) -> T:
    """The same fact so many lines further down."""
    names = ("line", "start_line", "end_line", "last_line", "doc_line")
    found = {name: getattr(fact, name) for name in names if hasattr(fact, name)}
    return replace(fact, **{name: line + lines for name, line in found.items() if line}) if lines else fact
