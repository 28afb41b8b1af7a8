"""A changed file as a review takes it: its regions, the code that belongs to them, the team's own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from ..review.regions import Region, regions
from ..review.reviewing import MOST_FINDINGS, ReviewOptions
from ..review.subject import GUIDELINES, MOST_GUIDELINES, Neighbour, Subject, lines
from . import refactoring
from .changed import Changed
from .config.settings import Settings

MOST_CALLERS, MOST_CALLEES = 4, 6
"""Of each region."""
AROUND_A_CALL = 6
"""Lines on either side of a caller's line that are shown."""
MOST_CHARACTERS = 12_000
"""Of other files' code with one file."""


def options(settings: Settings, most: int = MOST_FINDINGS) -> ReviewOptions:
    """The settings' part of a review."""
    timeout = settings.far.timeout_s
    return ReviewOptions(most=most, deadlines=Deadlines(first_s=min(60.0, timeout), total_s=timeout))


def subject(root: Path, changed: Changed, workspace: Workspace | None, guidelines: str) -> Subject:
    """Everything that may be shown about one file; reads other files. On a thread that may wait."""
    language = language_of(changed.path) or "plaintext"
    facts = _facts(language, changed.text)
    found = regions(changed.text, facts, changed.lines)
    near = tuple(_neighbours(root, changed.path, found, workspace)) if workspace is not None else ()
    return Subject(root, Reviewed(changed.path, changed.text, found, facts), language, near, guidelines)


def guidelines(root: Path) -> str:
    """The team's own rules, cut to their bound; '' without any."""
    found = refactoring.read(root, GUIDELINES)
    return found.plain[:MOST_GUIDELINES] if found is not None else ""


def lock(name: str) -> Path:
    """The file that keeps two writers of dismissals apart."""
    return platformdirs.user_state_path("twolane", appauthor=False) / f"{name}.lock"


def dismissed(root: Path, *more: Path) -> Callable[[Finding], bool]:
    """Whether a finding was dismissed by this person, for everybody, or in one of the files `more`."""
    own = platformdirs.user_data_path("twolane", appauthor=False) / "dismissed.json"
    lists = [Dismissals(own), Dismissals(root / SHARED), *(Dismissals(path) for path in more)]
    return lambda finding: any(finding in one for one in lists)


def _facts(language: str, text: str) -> FileFacts | None:
    read = read_text(language, text)
    return None if isinstance(read, Refused) else read


def _neighbours(root: Path, path: str, found: Sequence[Region], workspace: Workspace) -> Iterator[Neighbour]:
    """Signatures of what the regions call, then callers from other files, until there is no room."""
    relations = Relations(workspace, Resolver(workspace))
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
