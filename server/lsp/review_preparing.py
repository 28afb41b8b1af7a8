"""From a saved text to what is asked about it, in one go on the thread that parses: each change of threads costs a save
as much as all of this.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...review import prompts
from ...review.changes import between
from ...review.finding import Finding
from ...review.memory import Memory, MemoryUnusable, key
from ...review.regions import Region
from ...review.subject import Subject
from .. import changed, reviewing

if TYPE_CHECKING:
    from ...context.graph.live import LiveWorkspace
    from ...context.resolution.resolver import Resolver

FRESH_S = 5.0
"""Other files, the team's rules and what other windows have reviewed are looked at again after so long."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it stood when its review began."""

    uri: str
    root: Path
    path: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """`keys` names each region of the file, `known` were reviewed before, with what was found, `wanted` are to be.

    `passed_over` counts regions whose last answer could not be used. `trouble` says why nothing is remembered.
    """

    keys: Mapping[Region, str]
    known: Mapping[Region, tuple[Finding, ...]]
    wanted: tuple[Region, ...]
    subjects: tuple[Subject, ...]
    passed_over: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be prepared: what differs in `file` from `base`. `others` are other tools' messages by line.

    `unusable` are the keys of regions whose last answer could not be used. With `again` neither these nor what was
    reviewed before is passed over.
    """

    file: File
    base: str
    others: Mapping[int, Sequence[str]]
    unusable: frozenset[str]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is prepared before it is asked for, since `began` (monotonic seconds)."""

    wish: Wish
    began: float
    task: asyncio.Task[Prepared]

    def serves(self, wish: Wish) -> bool:
        """Whether it is what is wished for, and no older than what it was read from may be."""
        return time.monotonic() - self.began <= FRESH_S and self.wish == wish


def prepare(wish: Wish, index: Callable[[], tuple[LiveWorkspace | None, Resolver | None]], memory: Memory) -> Prepared:
    """Cut out what differs, leave out what is known, and gather what belongs to the rest."""
    file, again, unusable, others = wish.file, wish.again, wish.unusable, wish.others
    workspace, resolver = index()
    read = workspace.as_read(file.path) if workspace is not None else None
    looked = reviewing.look(changed.Changed(file.path, file.text, between(wish.base, file.text)), read)
    team = reviewing.guidelines(file.root)
    rules = f"{prompts.RULES}{team}"
    keys = {region: key(region, rules) for region in looked.regions}
    known: Mapping[Region, tuple[Finding, ...]] = {}
    trouble = ""
    if keys and not again:
        try:
            known = memory.known(file.path, keys.items())
        except MemoryUnusable as error:
            trouble = str(error)
    unknown = [region for region in looked.regions if region not in known]
    wanted = tuple(region for region in unknown if again or keys[region] not in unusable)
    subjects = reviewing.subjects(file.root, looked, wanted, workspace, team, others, resolver)
    return Prepared(keys, known, wanted, subjects, len(unknown) - len(wanted), trouble)
