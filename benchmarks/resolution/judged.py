"""One name that an import takes in, with what an independent resolver says it means; and the judgement of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.context.memory_workspace import MemoryWorkspace
from twolane.context.facts import Import


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is defined: a file, and its 1-based line there (0: the whole file)."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Gold:
    """`name` of `module`, imported in the file at `path` on `line`, is defined in one of `places`.

    `places` has those inside the workspace only; `is_outside` says that some are not in it. Both empty and false: the
    independent resolver does not know.
    """

    path: str
    line: int
    module: str
    name: str
    places: tuple[Place, ...]
    is_outside: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.name or 'all'} of {self.module!r}"


@dataclass(slots=True)
class Tally:
    """How many imports of the workspace were judged and how; examples of each way to fail."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, verdict: str, example: str) -> None:
        """Count one."""
        self.counts[verdict] += 1
        self.examples.setdefault(verdict, []).append(example)

    @property
    def judged(self) -> int:
        """Imports that either side finds in the workspace and the independent one can tell about."""
        return sum(self.counts[verdict] for verdict in ("right", "right file", "wrong", "missed", "not ours"))

    @property
    def agreement(self) -> float:
        """The share of the judged that lead to the very definition."""
        return self.counts["right"] / self.judged if self.judged else 0.0

    @property
    def file_agreement(self) -> float:
        """The share of the judged that lead to the file, at least."""
        return (self.counts["right"] + self.counts["right file"]) / self.judged if self.judged else 0.0


def judge(workspace: MemoryWorkspace, golds: Iterable[Gold]) -> Tally:
    """Compare what `Resolver` says with the gold.

    "right": the same definition; "right file": another line of the same file; "wrong": another file; "missed": nothing;
    "not ours": it is defined outside of the workspace; "unknown": only ours has an answer.
    """
    tally = Tally()
    for gold in golds:
        ours = _ours(workspace, gold)
        shown = f"{gold}: {', '.join(f'{p}:{low}' for p, low, _ in ours) or 'nothing'}"
        wanted = ", ".join(f"{place.path}:{place.line}" for place in gold.places) or "outside"
        example = f"{shown} instead of {wanted}"
        if gold.places:
            if not ours:
                tally.add("missed", example)
            elif any(p == place.path and low <= place.line <= high for p, low, high in ours for place in gold.places):
                tally.add("right", example)
            elif {p for p, _, _ in ours} & {place.path for place in gold.places}:
                tally.add("right file", example)
            else:
                tally.add("wrong", example)
        elif ours:
            tally.add("not ours" if gold.is_outside else "unknown", example)
    return tally


def _ours(workspace: MemoryWorkspace, gold: Gold) -> list[tuple[str, int, int]]:
    """(path, first line, last line) of everything that the import means to us."""
    found: dict[tuple[str, int, int], None] = {}
    for item in _items(workspace, gold):
        for target in workspace.resolver.targets(gold.path, item):
            if not target.name:
                found[target.path, 0, 1] = None
                continue
            meant = workspace.resolver.lookup(target.path, target.name)
            found.update(((one.path, one.definition.start_line, one.definition.last_line), None) for one in meant)
            if not meant:
                found.update(((p, 0, 1), None) for p in workspace.resolver.module(target.path, target.name))
    return list(found)


def _items(workspace: MemoryWorkspace, gold: Gold) -> list[Import]:
    facts = workspace.facts(gold.path)
    return [
        item
        for item in (facts.imports if facts is not None else ())
        if item.start_line <= gold.line <= item.end_line
        and item.name == gold.name
        and "." * item.level + item.module == gold.module
    ]
