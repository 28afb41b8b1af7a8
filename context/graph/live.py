"""The workspace as it is now: the index, what changed on disk since, and the open buffers before both."""

from __future__ import annotations

import math
import os
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..facts import FileFacts
from ..parsing import Refused
from . import coding, reading
from .overlay import Now, Overlay
from .places import Places
from .store import Store, default_path
from .tables import Tables
from .walk import LeftOut

if TYPE_CHECKING:
    from ..parsing import LiveTree
    from ..resolution.resolver import Resolver
    from .builder import Built

MAX_DECODED = 400_000
"""Definitions, references and locals that are kept decoded."""

MAX_TREES = 8
"""Buffers whose syntax trees are kept."""

_OWN_SECONDS = 0.1
_FOREIGN_SECONDS = 1.0
_READ_SECONDS = 1.0
_COMMON = 0.1


class LiveWorkspace:
    """`view.Workspace`, kept true. Belongs to one thread (the analysis thread); nothing here needs the event loop.

    `left_out` says which files are kept from the index: an open buffer of such a file speaks for itself only. Without
    `ask_disk` only the index speaks.
    """

    def __init__(
        self,
        root: str,
        store: Store | None,
        *,
        store_path: Path | None = None,
        left_out: LeftOut | None = None,
        ask_disk: bool = True,
    ) -> None:
        """`root` is a real path. `store_path` is looked at again by `reload`."""
        self.root = root
        self.trouble = ""
        self._store = store
        self._store_path = store_path
        self._left_out = left_out
        self._ask_disk = ask_disk
        self._now = Overlay()
        self._decoded: OrderedDict[int, tuple[int, FileFacts]] = OrderedDict()
        self._decoded_items = 0
        self._trees: dict[str, tuple[str, LiveTree]] = {}
        self._version = 0
        self._shape = 0
        self._resolver: tuple[int, Resolver] | None = None
        self._base, self._places = Tables({}), Places((), frozenset())
        self._take_in()

    @classmethod
    def open(cls, root: Path, *, store: Path | None = None, left_out: LeftOut | None = None) -> LiveWorkspace:
        """The workspace as the index of the last time knows it: well under a second, builds nothing.

        `store` is the index's file (the user's data folder where it is None). Files that no index knows yet are read
        when they are asked for by `facts`, so that answers are right, if narrow, before the first build.
        """
        real = os.path.realpath(root)
        path = store or default_path(real)
        return cls(real, Store.reading(path), store_path=path, left_out=left_out)

    @property
    def store_path(self) -> Path | None:
        """The index's file."""
        return self._store_path

    @property
    def version(self) -> int:
        """Grows with every change of anything."""
        return self._version

    @property
    def shape(self) -> int:
        """Grows when files come or go, and when another index is taken in."""
        return self._shape

    @property
    def complete(self) -> bool:
        """Whether an index of the whole workspace has been taken in."""
        return self._base.complete

    def build(self, progress: Callable[[str, int, int], None] = lambda *_: None, workers: int = 0) -> Built:
        """Bring the index up to date with the disk, in this process and its workers, and wait for it (commands).

        Where the disk takes no index it is kept in memory, and `trouble` says so.
        """
        from .indexing import Indexing

        with Indexing(self.root, self._store_path or default_path(self.root), self._left_out) as indexing:
            built = indexing.run(progress, workers=workers)
            self.trouble = indexing.trouble
            if indexing.memory is not None:
                self.take(indexing.memory)
        self.reload()
        return built

    def reload(self) -> bool:
        """Take in what another process has built meanwhile; whether there was anything new."""
        if self._store_path is not None and (self._store is None or self._store.path is not None):
            fresh = Store.reading(self._store_path)
            if self._store is not None:
                self._store.close()
            self._store = fresh
        return self._take_in()

    def take(self, data: bytes) -> bool:
        """Take in an index that no disk holds, as `Store.dump` gives it."""
        self._store = Store.in_memory(data)
        return self._take_in()

    def update(self, path: str, language: str, text: str) -> str:
        """Let a buffer speak for `path`; '' or why its facts cannot be had (then it has none). Parses: 2 to 15 ms."""
        now = self._now.get(path)
        if now is not None and now.buffer and now.text == text and self._trees.get(path, ("",))[0] == language:
            return now.reason
        facts, reason = self._read_again(path, language, text)
        told = self._left_out is None or not self._left_out(path, False)
        self._put(path, Now(facts, reason, buffer=True, told=told, text=text))
        return reason

    def close(self, path: str) -> None:
        """Let the disk speak for `path` again."""
        self._trees.pop(path, None)
        now = self._now.get(path)
        if now is not None and now.buffer:
            self._look_again(path)

    def changed(self, paths: Iterable[str]) -> None:
        """Files that were written, made or removed on disk; a folder stands for all that was in it."""
        for path in paths:
            for one in self._below(path):
                now = self._now.get(one)
                if now is None or not now.buffer:
                    self._look_again(one)

    def pending(self) -> int:
        """How many files are held here because the index does not know them as they are; open buffers not counted."""
        return sum(1 for _, now in self._now.items() if not now.buffer)

    def revision(self, path: str) -> object:
        """A token for what `path` says: equal as long as its facts are; None where it has none."""
        now = self._now.get(path)
        if now is not None:
            return now.facts
        place = self._base.ids.get(path)
        return self._base.facts[place] if place is not None else None

    def reason(self, path: str) -> str:
        """Why a buffer has no facts; '' where it has, or is none."""
        now = self._now.get(path)
        return now.reason if now is not None else ""

    def skipped(self) -> dict[str, int]:
        """How many files the index leaves out, by reason."""
        return dict(Counter(self._base.skipped) + Counter(now.reason for _, now in self._now.items() if now.reason))

    def usage(self, name: str) -> int:
        """How many files refer to `name`, those changed since the index was made counted twice at most."""
        return len(self._base.using(name)) + len(self._now.using(name))

    def sharing(self, names: Iterable[str], limit: int = 50) -> Sequence[tuple[str, float]]:
        """Files that use the rarest of these names too, best first: co-usage, each name weighted by its rarity (idf).

        Names that more than one file in ten uses (or eight files, if that is more) do not count.
        """
        total = len(self._base.paths) + len(self._now)
        most = max(8, int(total * _COMMON))
        scores: dict[int, float] = {}
        changed: Counter[str] = Counter()
        for name in names:
            files, others = self._base.using(name), self._now.using(name)
            count = len(files) + len(others)
            if not 0 < count <= most:
                continue
            weight = math.log(1 + total / count)
            for file in files:
                scores[file] = scores.get(file, 0.0) + weight
            for path in others:
                changed[path] += weight  # type: ignore[assignment] # a counter of weights
        found = [(self._base.paths[file], score) for file, score in scores.items()]
        found = [item for item in found if item[0] not in self._now]
        found += changed.items()
        found.sort(key=lambda item: (-item[1], item[0]))
        return found[:limit]

    def paths(self) -> Collection[str]:
        """`view.Workspace.paths`."""
        if not self._now:
            return self._base.paths
        kept = (path for path in self._base.paths if path not in self._now)
        return sorted([*kept, *(path for path, now in self._now.items() if now.indexed)])

    def is_file(self, path: str) -> bool:
        """`view.Workspace.is_file`."""
        now = self._now.get(path)
        if now is not None:
            return now.here
        if path in self._base.ids or path in self._base.others:
            return True
        return self._ask_disk and os.path.isfile(f"{self.root}/{path}")  # noqa: PTH113 - for every candidate of every import; Path costs five times as much

    def is_folder(self, path: str) -> bool:
        """`view.Workspace.is_folder`."""
        if not path or path in self._places.folders:
            return True
        return self._ask_disk and os.path.isdir(f"{self.root}/{path}")  # noqa: PTH112 - as above

    def within(self, folder: str) -> Sequence[str]:
        """`view.Workspace.within`."""
        base = self._places.within.get(folder, ())
        if not self._now:
            return base
        new = (p for p, now in self._now.items() if now.indexed and p.rpartition("/")[0] == folder)
        return sorted([*(path for path in base if path not in self._now), *new])

    def named(self, name: str) -> Sequence[str]:
        """`view.Workspace.named`."""
        base = sorted(self._places.named.get(name, ()))
        new = (path for path, now in self._now.items() if now.here and path.rpartition("/")[2] == name)
        return sorted([*(path for path in base if path not in self._now), *new])

    def read(self, path: str) -> str | None:
        """`view.Workspace.read`."""
        now = self._now.get(path)
        return now.text if now is not None and now.buffer else reading.read_text(self.root, path)

    def as_read(self, path: str) -> tuple[str, FileFacts] | None:
        """A text of an open buffer and what that very text says, as it was read last; None where it was not yet.

        `read` and `facts` of a file on disk may differ by what was written between them.
        """
        now = self._now.get(path)
        if now is None or now.text is None or now.facts is None:
            return None
        return now.text, now.facts

    def facts(self, path: str) -> FileFacts | None:
        """`view.Workspace.facts`; a file that the index does not know is read now."""
        now = self._now.get(path)
        if now is not None:
            return now.facts
        place = self._base.ids.get(path)
        if place is not None:
            return self._of_index(path, self._base.facts[place])
        if not self._ask_disk or path in self._base.others:
            return None
        self._look_again(path)
        now = self._now.get(path)
        return now.facts if now is not None else None

    def defining(self, name: str) -> Sequence[str]:
        """`view.Workspace.defining`."""
        return self._both(self._base.defining(name), self._now.defining(name))

    def using(self, name: str) -> Sequence[str]:
        """`view.Workspace.using`; of names that nobody defines, only those are known that several files use."""
        return self._both(self._base.using(name), self._now.using(name))

    def imports(self, path: str) -> Sequence[str]:
        """`view.Workspace.imports`."""
        now = self._now.get(path)
        place = self._base.ids.get(path)
        if now is not None:
            return list(self._targets(path, now))
        if place is None:
            return ()
        return [self._base.paths[file] for file in self._base.imports(place) if self._stands(file)]

    def importers(self, path: str) -> Sequence[str]:
        """`view.Workspace.importers`."""
        place = self._base.ids.get(path)
        base = self._base.importers(place) if place is not None else ()
        changed = {one for one, now in self._now.items() if now.told and path in self._targets(one, now)}
        return self._both(base, changed)

    def changed_with(self, path: str) -> Sequence[tuple[str, float]]:
        """`view.Workspace.changed_with`."""
        place = self._base.ids.get(path)
        if place is None:
            return ()
        together = self._base.changed_with(place)
        return [(self._base.paths[file], weight) for file, weight in together if self._stands(file)]

    def _take_in(self) -> bool:
        """Load the tables of the store; what changed meanwhile is looked at again."""
        parts = self._store.parts() if self._store is not None else {}
        try:
            base = Tables(parts)
        except (ValueError, TypeError, KeyError):
            base = Tables({})
        if base.generation == self._base.generation and len(base.paths) == len(self._base.paths):
            return False
        self._base = base
        self._places = Places(base.paths, base.others)
        while self._decoded:  # one after the other: giving all of it back at once would hold other threads up
            self._decoded.popitem()
        self._decoded_items = 0
        self._version += 1
        self._shape += 1
        for path in [path for path, now in self._now.items() if not now.buffer]:
            self._look_again(path)
        return True

    def _both(self, base: Iterable[int], changed: Collection[str] | None) -> Sequence[str]:
        paths, now = self._base.paths, self._now
        found = [paths[file] for file in base]
        if now:
            found = [path for path in found if path not in now]
        if changed:
            found = sorted([*found, *changed])
        return found

    def _stands(self, file: int) -> bool:
        now = self._now.get(self._base.paths[file])
        return now is None or now.facts is not None

    def _read(self, language: str, text: str, seconds: float) -> tuple[FileFacts | None, str]:
        from ..languages.reading import read_text

        facts = read_text(language, text, seconds=seconds)
        return (None, facts.reason) if isinstance(facts, Refused) else (facts, "")

    def _read_again(self, path: str, language: str, text: str) -> tuple[FileFacts | None, str]:
        """Read a buffer, of which only what changed is parsed again where that can be told."""
        from ..languages.reading import read_within
        from ..parsing import LiveTree

        known = self._trees.pop(path, None)
        tree = known[1] if known is not None and known[0] == language else LiveTree(language)
        self._trees[path] = language, tree
        if len(self._trees) > MAX_TREES:
            del self._trees[next(iter(self._trees))]
        parsed = tree.update(text, seconds=_OWN_SECONDS)
        facts = parsed if isinstance(parsed, Refused) else read_within(language, parsed, _READ_SECONDS)
        return (None, facts.reason) if isinstance(facts, Refused) else (facts, "")

    def _of_index(self, path: str, fact: int) -> FileFacts | None:
        known = self._decoded.get(fact)
        if known is not None:
            self._decoded.move_to_end(fact)
            return known[1]
        body = self._store.body(fact) if self._store is not None else None
        try:
            facts = coding.decode(body) if body is not None else None
        except coding.DamagedFacts:
            facts = None
        if facts is None:
            if not self._ask_disk:
                return None
            self._look_again(path, trust_index=False)
            now = self._now.get(path)
            return now.facts if now is not None else None
        size = len(facts.definitions) + len(facts.references) + len(facts.locals) + len(facts.imports)
        self._decoded[fact] = size, facts
        self._decoded_items += size
        while self._decoded_items > MAX_DECODED and len(self._decoded) > 1:
            _, (gone, _) = self._decoded.popitem(last=False)
            self._decoded_items -= gone
        return facts

    def _look_again(self, path: str, *, trust_index: bool = True) -> None:
        """See what stands on disk at `path` and remember it where the index does not know it."""
        from ..languages.reading import language_of

        if not path or path.startswith("/") or ".." in path.split("/"):
            return
        place = self._base.ids.get(path)
        language = language_of(path)
        data = reading.read_bytes(self.root, path)
        if language is None:
            self._note_other(path, isinstance(data, bytes) or data.reason == reading.TOO_LARGE)
            return
        if isinstance(data, reading.Left):
            here = data.reason != reading.GONE
            if place is None and path not in self._base.others and not here:
                self._forget(path)
            else:
                self._put(path, Now(None, data.reason if here else "", here=here))
            return
        fact = self._store.fact(reading.digest_of(language, data)) if self._store is not None else None
        if trust_index and fact is not None and place is not None and self._base.facts[place] == fact:
            self._forget(path)
            return
        facts, reason = self._from_disk(language, data, fact if trust_index else None)
        told = self._left_out is None or not self._left_out(path, False)
        self._put(path, Now(facts, reason, told=told))

    def _from_disk(self, language: str, data: bytes, fact: int | None) -> tuple[FileFacts | None, str]:
        body = self._store.body(fact) if self._store is not None and fact is not None else None
        if body is not None:
            try:
                return coding.decode(body), ""
            except coding.DamagedFacts:
                pass
        text = reading.as_text(data)
        if isinstance(text, reading.Left):
            return None, text.reason
        reason = reading.made_by_machine(text)
        return (None, reason) if reason else self._read(language, text, _FOREIGN_SECONDS)

    def _note_other(self, path: str, here: bool) -> None:
        """Remember that a file that is no source came or went."""
        if here == (path in self._base.others):
            self._forget(path)
        else:
            self._put(path, Now(here=here))

    def _below(self, path: str) -> list[str]:
        """The files that a change at `path` may be about."""
        if path in self._base.ids or path in self._now:
            return [path]
        inside = [one for one in (*self._base.paths, *dict(self._now.items())) if one.startswith(f"{path}/")]
        return inside or [path]

    def _put(self, path: str, now: Now) -> None:
        old = self._now.put(path, now)
        was_here = old.here if old is not None else path in self._base.ids or path in self._base.others
        if was_here != now.here:
            self._shape += 1
        self._version += 1
        if self._resolver is not None:
            self._resolver[1].forget(path)

    def _forget(self, path: str) -> None:
        if self._now.drop(path) is not None:
            self._version += 1
            self._shape += 1

    def _targets(self, path: str, now: Now) -> tuple[str, ...]:
        """Where the imports of a file that the index does not know lead; looked up when first asked for."""
        if now.facts is None:
            return ()
        if now.targets[0] != self._shape:
            if self._resolver is None or self._resolver[0] != self._shape:
                from ..resolution.resolver import Resolver

                self._resolver = self._shape, Resolver(self)
            found: dict[str, None] = {}
            for item in now.facts.imports:
                found |= dict.fromkeys(target.path for target in self._resolver[1].targets(path, item))
            found.pop(path, None)
            now.targets = self._shape, tuple(found)
        return now.targets[1]
