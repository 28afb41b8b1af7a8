"""A changed file as a review takes it: its regions, the code that belongs to them, the team's own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from ..clients.chat import Deadlines
from ..context.facts import FileFacts
from ..context.languages.reading import language_of, read_text
from ..context.parsing import Refused
from ..context.relations import Relations, Site
from ..context.resolution.resolver import Resolver
from ..context.view import Workspace
from ..review.dismissals import SHARED, Dismissals
from ..review.finding import Finding
from ..review.proof import Reviewed
from ..review.regions import AROUND, Region, regions
from ..review.reviewing import MOST_FINDINGS, ReviewOptions
from ..review.shifting import shifted
from ..review.subject import GUIDELINES, MOST_GUIDELINES, Neighbour, Subject, lines
from . import refactoring
from .changed import Changed
from .config.settings import Settings

MOST_CALLERS, MOST_CALLEES = 4, 6
"""Of each region."""
AROUND_A_CALL = 6
"""Lines on either side of a caller's line that are shown."""
MOST_CHARACTERS = 12_000
"""Of other files' code with one question."""
MOST_LINES_AT_ONCE = 1_200
"""Lines of a file that one question holds, unless a single definition is longer."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A changed file, cut into what is to be reviewed."""

    changed: Changed
    language: str
    facts: FileFacts | None
    regions: tuple[Region, ...]


def options(settings: Settings, most: int = MOST_FINDINGS) -> ReviewOptions:
    """The settings' part of a review."""
    return with_settings(ReviewOptions(most=most), settings, most)


def with_settings(before: ReviewOptions, settings: Settings, most: int) -> ReviewOptions:
    """Options like those before, as the settings want them now."""
    timeout = settings.far.timeout_s
    return replace(before, most=most, deadlines=Deadlines(first_s=min(60.0, timeout), total_s=timeout))


def look(changed: Changed, read: tuple[str, FileFacts] | None = None) -> Looked:
    """Cut the changed lines out with the functions around them; on the thread that parses.

    `read` is a text of that file with what it says, if one was read lately: what differs little is not parsed again.
    """
    language = language_of(changed.path) or "plaintext"
    facts = _facts(language, changed, read)
    return Looked(changed, language, facts, regions(changed.text, facts, changed.lines))


def subjects(
    root: Path,
    looked: Looked,
    wanted: Sequence[Region],
    workspace: Workspace | None,
    guidelines: str,
    known: Mapping[int, Sequence[str]] | None = None,
    resolver: Resolver | None = None,
) -> tuple[Subject, ...]:
    """Everything that may be shown about the `wanted` regions of one file, in as many questions as they are long.

    `known` are other tools' messages by line; `resolver` is the workspace's, if there is one already. Reads other
    files, on the thread that keeps the index.
    """
    changed = looked.changed
    found = []
    for portion in _portions(wanted):
        near: tuple[Neighbour, ...] = ()
        if workspace is not None:
            relations = Relations(workspace, resolver or Resolver(workspace))
            near = tuple(_neighbours(root, changed.path, portion, relations))
        around = tuple((one.path, one.start_line, one.text) for one in near)
        file = Reviewed(changed.path, changed.text, portion, looked.facts, known or {}, around)
        found.append(Subject(root, file, looked.language, near, guidelines))
    return tuple(found)


def guidelines(root: Path) -> str:
    """The team's own rules, cut to their bound; '' without any."""
    found = refactoring.read(root, GUIDELINES)
    return found.plain[:MOST_GUIDELINES] if found is not None else ""


def lock(name: str) -> Path:
    """The file that keeps two writers of dismissals apart."""
    return platformdirs.user_state_path("twolane", appauthor=False) / f"{name}.lock"


def own_list(root: Path, *, everybody: bool = False) -> Dismissals:
    """What was dismissed by this person; or in a workspace, for everybody who works there."""
    if everybody:
        return Dismissals(root / SHARED, lock=lock("dismissed"), in_words=True)
    return Dismissals(platformdirs.user_data_path("twolane", appauthor=False) / "dismissed.json")


def dismissed(root: Path, *more: Path) -> Callable[[Finding], bool]:
    """Whether a finding was dismissed by this person, for everybody, or in one of the files `more`.

    All of them are read now: raises `UnreadableDismissals` before anything is asked, not when an answer is there.
    """
    lists = [own_list(root), own_list(root, everybody=True), *(Dismissals(path) for path in more)]
    for one in lists:
        one.read()
    return lambda finding: any(finding in one for one in lists)


def _facts(language: str, changed: Changed, before: tuple[str, FileFacts] | None) -> FileFacts | None:
    """What the file says, told from what a text of it said before where that is possible."""
    if before is not None:
        text, known = before
        if text == changed.text:
            return known
        rows = changed.text.split("\n")
        if (moved := shifted(known, text.split("\n"), rows, changed.lines, AROUND)) is not None:
            return moved
    read = read_text(language, changed.text)
    return None if isinstance(read, Refused) else read


def _portions(wanted: Sequence[Region]) -> Iterator[tuple[Region, ...]]:
    """Regions in order, as many together as one question may hold."""
    portion: list[Region] = []
    for region in wanted:
        lines = sum(one.last - one.first + 1 for one in portion)
        if portion and lines + region.last - region.first + 1 > MOST_LINES_AT_ONCE:
            yield tuple(portion)
            portion = []
        portion.append(region)
    if portion:
        yield tuple(portion)


def _neighbours(root: Path, path: str, found: Sequence[Region], relations: Relations) -> Iterator[Neighbour]:
    """Signatures of what the regions call, then callers from other files, until there is no room."""
    seen: set[tuple[str, int]] = set()
    room = MOST_CHARACTERS
    for region in found:
        if not region.symbol:
            continue
        sites = [(site, 0) for site in relations.callees(path, region.symbol, MOST_CALLEES)]
        sites += [(site, AROUND_A_CALL) for site in relations.callers(path, region.symbol, MOST_CALLERS)]
        for site, around in sites:
            if site.path == path or (site.path, site.start_line) in seen:
                continue
            seen.add((site.path, site.start_line))
            one = _shown(root, site, around)
            if one is not None and len(one.text) <= room:
                room -= len(one.text)
                yield one


def _shown(root: Path, site: Site, around: int) -> Neighbour | None:
    original = refactoring.read(root, site.path)
    if original is None:
        return None
    first, last = max(1, site.start_line - around), min(original.line_count, site.end_line + around)
    return Neighbour(site.path, first, last, site.why, lines(original.plain, first, last))
