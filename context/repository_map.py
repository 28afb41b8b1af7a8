"""The workspace on a page, for a model that reads words: the files that matter and their most telling signatures.

Files refer to files by the names they use; a rare name that few files define says most. Personalised PageRank over
that graph (Page et al., 1999; restarts at the files and names that are asked about) gives each file its worth, each
edge hands its part of it to the definition it leads to, and the best definitions are shown until the budget is spent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import tokens
from .conventions import is_test
from .facts import Definition, FileFacts
from .view import Workspace

DAMPING = 0.85
MAX_DEFINERS = 12
MAX_ROUNDS = 40
TOLERANCE = 1e-4
IMPORTED = 3.0
"""How much more an edge weighs where the file imports the one it leads to."""
PERSONAL_NAME = 8.0
TEST_WEIGHT = 0.4
PRIVATE_WEIGHT = 0.2
MAX_LINE = 200
_MISSES = 40

Counting = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class RepositoryMap:
    """The map as text, what it costs by the counter that was given, and the files that are on it in their order."""

    text: str
    tokens: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    """What the map needs of one file: the names it uses, as numbers with weights, and those it defines.

    Members have a dot in front of their names, so that a bare name never leads to one.
    """

    revision: object
    used: NDArray[np.int32]
    weights: NDArray[np.float32]
    defined: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Graph:
    """Edges between files, each for one name: `slots` numbers (name, defining file) pairs.

    `spelled` are the names by number, `open` weighs each slot by whether its name is meant for others.
    """

    paths: tuple[str, ...]
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    slots: NDArray[np.int32]
    weights: NDArray[np.float64]
    slot_names: NDArray[np.int32]
    slot_files: NDArray[np.int32]
    spelled: tuple[str, ...]
    open: NDArray[np.float64]


class Mapper:
    """Draws maps of one workspace; keeps what it read of each file for as long as its revision is the same.

    `revision` gives a token that changes with what a file says; without it every file is asked for again. Not for
    several threads at once.
    """

    def __init__(self, workspace: Workspace, revision: Callable[[str], object] | None = None) -> None:
        self._workspace = workspace
        self._revision = revision
        self._numbers: dict[str, int] = {}
        self._pages: dict[str, _Page] = {}
        self._graph: _Graph | None = None

    def draw(
        self,
        budget: int,
        *,
        paths: Iterable[str] = (),
        names: Iterable[str] = (),
        leave_out: Collection[str] = (),
        count: Counting = tokens.count,
    ) -> RepositoryMap:
        """The map within `budget` tokens, seen from `paths` and `names`; files in `leave_out` are not shown.

        Files stand in the order of their paths and signatures in that of their lines, so that a small change of what
        is asked changes little of the text. The same workspace and question give the same text.
        """
        graph = self.refresh()
        if not graph.paths or budget <= 0:
            return RepositoryMap("", 0, ())
        wanted = frozenset(names)
        worth, slots = self._worth(graph, frozenset(paths), wanted)
        return self._fill(graph, worth, slots, budget, frozenset(leave_out), count)

    def refresh(self) -> _Graph:
        """Take in what changed; cheap where nothing did."""
        changed = False
        here = tuple(self._workspace.paths())
        for path in here:
            page = self._pages.get(path)
            revision = self._revision(path) if self._revision is not None else None
            if page is not None and revision is not None and page.revision == revision:
                continue
            facts = self._workspace.facts(path)
            if page is not None and revision is None and page.revision is facts:
                continue
            self._pages[path] = self._page(facts, facts if revision is None else revision)
            changed = True
        if len(self._pages) != len(here):
            self._pages = {path: self._pages[path] for path in here}
            changed = True
        if changed or self._graph is None or self._graph.paths != here:
            self._graph = self._link(here)
        return self._graph

    def _page(self, facts: FileFacts | None, revision: object) -> _Page:
        if facts is None:
            empty = np.empty(0, np.int32)
            return _Page(revision, empty, np.empty(0, np.float32), empty)
        numbers = self._numbers
        counts: Counter[str] = Counter()
        for item in facts.references:
            if item.receiver or item.use == "member":
                counts["." + item.name] += 1
            counts[item.name] += 1
        used = np.fromiter((numbers.setdefault(name, len(numbers)) for name in counts), np.int32, len(counts))
        weights = np.sqrt(np.fromiter(counts.values(), np.float32, len(counts)))
        names = {f".{item.name}" if item.owner else item.name for item in facts.definitions}
        defined = np.fromiter((numbers.setdefault(name, len(numbers)) for name in sorted(names)), np.int32, len(names))
        return _Page(revision, used, weights, defined)

    def _link(self, paths: tuple[str, ...]) -> _Graph:
        """Join the names that are used with those that are defined, in whole columns."""
        pages = [self._pages[path] for path in paths]
        count, vocabulary = len(paths), max(1, len(self._numbers))
        files = np.arange(count, dtype=np.int32)
        slot_names = np.concatenate([page.defined for page in pages]) if pages else np.empty(0, np.int32)
        slot_files = np.repeat(files, [len(page.defined) for page in pages]) if pages else np.empty(0, np.int32)
        order = np.argsort(slot_names, kind="stable")
        slot_names, slot_files = slot_names[order], slot_files[order]
        definers = np.bincount(slot_names, minlength=vocabulary)
        begins = np.concatenate(([0], np.cumsum(definers)[:-1]))
        used = np.concatenate([page.used for page in pages]) if pages else np.empty(0, np.int32)
        weights = np.concatenate([page.weights for page in pages]) if pages else np.empty(0, np.float32)
        source = np.repeat(files, [len(page.used) for page in pages]) if pages else np.empty(0, np.int32)
        users = np.bincount(used, minlength=vocabulary)
        keep = (definers[used] > 0) & (definers[used] <= MAX_DEFINERS)
        used, weights, source = used[keep], weights[keep], source[keep]
        many = definers[used]
        rarity = np.log1p(count / np.maximum(1, users[used]))
        weight = weights * rarity / np.maximum(1, many)
        starts = np.cumsum(many) - many
        slots = (np.repeat(begins[used] - starts, many) + np.arange(int(many.sum()))).astype(np.int32)
        source, weight = np.repeat(source, many), np.repeat(weight, many).astype(np.float64)
        target = slot_files[slots]
        other = source != target
        source, target, slots, weight = source[other], target[other], slots[other], weight[other]
        weight = weight * np.where(self._imports(paths, source, target), IMPORTED, 1.0)
        tests = np.fromiter((is_test(path) for path in paths), bool, count)
        weight = weight * np.where(tests[target], TEST_WEIGHT, 1.0) * np.where(tests[source], TEST_WEIGHT, 1.0)
        spelled = tuple(self._numbers)
        private = np.fromiter((name.startswith(("_", "._")) for name in spelled), bool, len(spelled))
        is_open = np.where(private[slot_names], PRIVATE_WEIGHT, 1.0).astype(np.float64)
        return _Graph(paths, source, target, slots, weight, slot_names, slot_files, spelled, is_open)

    def _imports(
        self, paths: tuple[str, ...], source: NDArray[np.int32], target: NDArray[np.int32]
    ) -> NDArray[np.bool_]:
        numbers = {path: number for number, path in enumerate(paths)}
        pairs = [
            number * len(paths) + numbers[imported]
            for path, number in numbers.items()
            for imported in self._workspace.imports(path)
            if imported in numbers
        ]
        return np.isin(source.astype(np.int64) * len(paths) + target, np.array(pairs, np.int64))

    def _worth(
        self, graph: _Graph, paths: frozenset[str], names: frozenset[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What each file and each (name, file) slot is worth, seen from the files and names asked about."""
        count = len(graph.paths)
        weights = graph.weights
        restart = np.full(count, 0.1 / count)
        both = (form for name in names for form in (name, "." + name))
        numbers = [self._numbers[name] for name in both if name in self._numbers]
        asked = np.isin(graph.slot_names, np.array(numbers, np.int32))
        if numbers:
            weights = weights * np.where(asked[graph.slots], PERSONAL_NAME, 1.0)
            restart[graph.slot_files[asked]] += 0.5 / max(1, int(asked.sum()))
        here = [number for number, path in enumerate(graph.paths) if path in paths]
        if here:
            restart[here] += 1.0 / len(here)
        restart /= restart.sum()
        out = np.bincount(graph.source, weights, count)
        share = weights / out[graph.source]
        worth = restart.copy()
        for _ in range(MAX_ROUNDS):
            flow = np.bincount(graph.target, share * worth[graph.source], count)
            following = (1 - DAMPING) * restart + DAMPING * flow
            following += DAMPING * worth[out == 0].sum() * restart
            settled = float(np.abs(following - worth).sum()) < TOLERANCE
            worth = following
            if settled:
                break
        slots = np.bincount(graph.slots, share * worth[graph.source], len(graph.slot_names))
        return worth, (slots + np.where(asked, worth[graph.slot_files], 0.0)).astype(np.float64)

    def _fill(
        self,
        graph: _Graph,
        worth: NDArray[np.float64],
        slots: NDArray[np.float64],
        budget: int,
        leave_out: frozenset[str],
        count: Counting,
    ) -> RepositoryMap:
        """Take definitions in the order of their worth while they fit; then those of files nobody refers to."""
        chosen: dict[str, dict[Definition, str]] = {}
        left, misses = budget, 0

        def take(path: str, definitions: Sequence[Definition]) -> None:
            nonlocal left, misses
            shown = chosen.get(path, {})
            for definition in definitions:
                if definition in shown:
                    continue
                lines = {item: _line(item) for item in self._above(path, definition) if item not in shown}
                lines[definition] = _line(definition)
                cost = sum(count(line) for line in lines.values()) + (0 if shown else count(path + ":"))
                if cost > left:
                    misses += 1
                    continue
                left, misses = left - cost, 0
                shown = chosen.setdefault(path, {})
                shown.update(lines)

        for slot in np.argsort(-(slots * graph.open), kind="stable"):
            if misses > _MISSES or slots[slot] <= 0:
                break
            path = graph.paths[graph.slot_files[slot]]
            if path not in leave_out:
                take(path, self._defining(path, graph.spelled[int(graph.slot_names[slot])]))
        for number in np.argsort(-worth, kind="stable"):
            if misses > _MISSES or left < 8:
                break
            path = graph.paths[number]
            if path not in leave_out and not is_test(path):
                facts = self._workspace.facts(path)
                tops = [item for item in facts.definitions if not item.owner and item.exported] if facts else []
                take(path, tops[:8])
        return _written(chosen, count)

    def _defining(self, path: str, name: str) -> list[Definition]:
        facts = self._workspace.facts(path)
        if facts is None:
            return []
        bare = name.removeprefix(".")
        return [item for item in facts.definitions if item.name == bare and bool(item.owner) == (bare != name)][:3]

    def _above(self, path: str, definition: Definition) -> list[Definition]:
        """The definitions that own this one, outermost first, so that a member stands below its type."""
        facts = self._workspace.facts(path)
        if facts is None or not definition.owner:
            return []
        parts = definition.owner.split(".")
        owners = {".".join(parts[:size]) for size in range(1, len(parts) + 1)}
        return [item for item in facts.definitions if item.symbol in owners and item.start_line < definition.start_line]


def _line(definition: Definition) -> str:
    """A signature on one line, indented as it stands."""
    first = definition.text.partition("\n")[0]
    indent = first[: len(first) - len(first.lstrip())].expandtabs(4)
    line = indent + " ".join(definition.text.split())
    return line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…"


def _written(chosen: dict[str, dict[Definition, str]], count: Counting) -> RepositoryMap:
    parts = []
    for path in sorted(chosen):
        lines = sorted(chosen[path].items(), key=lambda entry: (entry[0].start_line, entry[0].end_line, entry[0].name))
        parts.append("\n".join([f"{path}:", *dict.fromkeys(line for _, line in lines)]))
    text = "\n".join(parts)
    return RepositoryMap(text, count(text), tuple(sorted(chosen)))
