"""The index brought up to date with the disk: walk, read what changed, look up imports and history, publish."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from . import history
from .by_name import PROJECT_FILES
from .lookup import COMMAND as LOOKING_UP
from .lookup import ImportLookup
from .naming import unpack
from .pool import Pool, Result, workers_here
from .store import Row, Store, damaged
from .tables import Tables, lay_out_history, lay_out_imports, lay_out_names
from .walk import Entry, LeftOut, Walked, first_named, walk

Progress = Callable[[str, int, int], None]
"""Hears what is being done, how much of it, and out of how much."""

_BATCH = 256
_RACY_NS = 2_000_000_000
_MOST_UNUSED = 10_000
_FEW = 40


@dataclass(frozen=True, slots=True)
class Built:
    """What the index holds now. `read` counts the files that had to be read for it, `skipped` those left out.

    `named` holds the paths of the first of them for each reason, folders with a '/' at their end.
    """

    files: int = 0
    symbols: int = 0
    edges: int = 0
    seconds: float = 0.0
    read: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)


class Builder:
    """Brings one index up to date; raises `StoreUnusable`. The caller holds its lock. `stop` from any thread."""

    def __init__(
        self,
        root: str,
        store: Store,
        *,
        left_out: LeftOut | None = None,
        workers: int = 0,
        published: Callable[[], None] = lambda: None,
        progress: Progress = lambda *_: None,
    ) -> None:
        """`root` is a real path. `published` hears of each new state that others can read."""
        self._root = root
        self._store = store
        self._left_out = left_out
        self._workers = workers or workers_here()
        self._published = published
        self._progress = progress
        self._pool: Pool | None = None
        self._stopped = False

    def stop(self) -> None:
        """Give up soon; what was read stays."""
        self._stopped = True
        if self._pool is not None:
            self._pool.stop()

    def run(self) -> Built:
        """Do it."""
        from ..languages.reading import language_of

        began = time.perf_counter()
        found = walk(self._root, language_of, self._left_out, lambda: self._stopped)
        known = self._store.rows()
        here = {entry.path for entry in found.sources}
        gone = [path for path in known if path not in here]
        if gone and not self._stopped:
            self._store.remove_files(gone)
        stale = [entry for entry in found.sources if not _same(known.get(entry.path), entry)]
        read = self._read(stale) if stale else 0
        if not self._stopped:
            self._publish(found, changed=bool(read or gone or not known))
            self._store.drop_unused(_MOST_UNUSED)
        return self._told(found, read, time.perf_counter() - began)

    def _read(self, stale: Sequence[Entry]) -> int:
        """Have the files read and write what is found; how many there were."""
        entries = {entry.path: entry for entry in stale}
        limit = time.time_ns() - _RACY_NS
        done = 0
        self._progress("reading", 0, len(stale))
        for results in _chunks(self._results(stale), _BATCH):
            fresh = [(one.digest, one.symbols, one.names, one.body) for one in results if one.body]
            files = [(_row(entries[one.path], one, limit), one.digest) for one in results if one.path]
            self._store.add_facts(fresh, files)
            done += len(results)
            self._progress("reading", done, len(stale))
        return done

    def _results(self, stale: Sequence[Entry]) -> Iterable[Result]:
        store = str(self._store.path) if self._store.path is not None else None
        self._pool = Pool(self._root, store, self._workers)
        return self._pool.run([(entry.path, entry.language) for entry in stale])

    def _publish(self, found: Walked, *, changed: bool) -> None:
        """Write the compact tables: first with the imports that are known, then with all that can be looked up."""
        store = self._store
        shape, commit = self._shape(found), history.head(self._root)
        complete = bool(store.meta("complete"))
        old_shape, old_commit = store.meta("shape"), store.meta("commit")
        if not changed and complete and (shape, commit) == (old_shape, old_commit):
            return
        rows = store.rows()
        paths = sorted(path for path, row in rows.items() if row.fact)
        numbers = {path: number for number, path in enumerate(paths)}
        facts = [rows[path].fact for path in paths]
        skipped = found.skipped + Counter(row.reason for row in rows.values() if not row.fact)
        left = [path for path, row in rows.items() if not row.fact]
        parts = {
            "paths": "\n".join(paths).encode(),
            "facts": array("q", facts).tobytes(),
            "others": "\n".join(sorted([*found.others, *left])).encode(),
            "skipped": json.dumps(skipped).encode(),
            **self._kept(lambda: self._names(facts)),
            **self._kept(lambda: self._history(paths, numbers, commit, anew=commit != old_commit)),
        }
        known = store.targets()
        stale = [path for path in paths if shape != old_shape or known.get(path, (0, ""))[0] != rows[path].fact]
        self._put(parts, _edges(paths, numbers, known), {"complete": "1"} if complete and not stale else {})
        if stale and not self._stopped:
            fresh = self._resolved(stale)
            known |= {path: (rows[path].fact, targets) for path, targets in fresh.items()}
            store.add_targets((path, *known[path]) for path in fresh)
            self._put({}, _edges(paths, numbers, known), {})
        if not self._stopped:
            store.publish({"complete": b"1"}, {"complete": "1", "shape": shape, "commit": commit})
            self._published()

    def _put(self, parts: dict[str, bytes], edges: dict[str, bytes], meta: dict[str, str]) -> None:
        generation = str(int(self._store.meta("generation") or 0) + 1)
        self._store.publish({**parts, **edges, "generation": generation.encode()}, {**meta, "generation": generation})
        self._published()

    def _kept(self, lay_out: Callable[[], dict[str, bytes]]) -> dict[str, bytes]:
        """Parts made of what the index holds, which may be damaged where SQLite does not notice."""
        try:
            return lay_out()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(self._store.path) from error

    def _names(self, facts: Sequence[int]) -> dict[str, bytes]:
        """The parts for the names of these files."""
        names = {fact: data for fact, _, data in self._store.all_names()}
        return lay_out_names(unpack(names[fact]) for fact in facts)

    def _history(self, paths: Sequence[str], numbers: dict[str, int], commit: str, *, anew: bool) -> dict[str, bytes]:
        """The parts for what was committed together, read from git where the commit is another one."""
        if anew and commit:
            self._progress("history", 0, 1)
            together = history.changed_together(self._root, commit, paths)
            self._store.publish({"history": json.dumps(together).encode()}, {})
        else:
            together = json.loads(self._store.parts().get("history", b"{}")) if commit else {}
        return lay_out_history(
            [[(numbers[one], weight) for one, weight in together.get(path, ()) if one in numbers] for path in paths]
        )

    def _resolved(self, paths: Sequence[str]) -> dict[str, str]:
        """Where the imports of these files lead, paths joined by line breaks."""
        self._progress("imports", 0, len(paths))
        resolved: dict[str, str] = {}
        for result in self._looked_up(paths):
            resolved[result.path] = result.names.decode()
            if len(resolved) % _BATCH == 0 or len(resolved) == len(paths):
                self._progress("imports", len(resolved), len(paths))
        return {path: resolved.get(path, "") for path in paths}

    def _looked_up(self, paths: Sequence[str]) -> Iterable[Result]:
        if self._store.path is None or len(paths) <= _FEW:
            lookup = ImportLookup(self._root, self._store)
            return (Result(path, "", names=lookup.targets(path).encode()) for path in paths if not self._stopped)
        self._pool = Pool(self._root, str(self._store.path), self._workers, command=LOOKING_UP)
        return self._pool.run([(path, "") for path in paths])

    def _shape(self, found: Walked) -> str:
        """What decides where an import leads, besides the file it stands in: which files there are, project files."""
        digest = hashlib.blake2b(digest_size=16)
        for entry in found.sources:
            digest.update(entry.path.encode() + b"\n")
        for path in found.others:
            if path.rpartition("/")[2] in PROJECT_FILES:
                digest.update(f"{path} {_stamp(f'{self._root}/{path}')}\n".encode())
        return digest.hexdigest()

    def _told(self, found: Walked, read: int, seconds: float) -> Built:
        rows = self._store.rows().values()
        symbols = self._store.count_symbols()
        left: dict[str, list[str]] = {}
        for row in rows:
            if not row.fact:
                left.setdefault(row.reason, []).append(row.path)
        skipped = found.skipped + Counter({reason: len(paths) for reason, paths in left.items()})
        named = {
            reason: first_named([*found.named.get(reason, ()), *left.get(reason, ())]) for reason in sorted(skipped)
        }
        edges = 0
        with contextlib.suppress(ValueError):
            edges = Tables(self._store.parts()).edges()
        files = sum(1 for row in rows if row.fact)
        return Built(files, symbols, edges, seconds, read, dict(sorted(skipped.items())), named)


def _edges(paths: Sequence[str], numbers: dict[str, int], targets: dict[str, tuple[int, str]]) -> dict[str, bytes]:
    return lay_out_imports(
        [[numbers[one] for one in targets.get(path, (0, ""))[1].split("\n") if one in numbers] for path in paths]
    )


def _row(entry: Entry, result: Result, limit: int) -> Row:
    """The file as it is written down; one that was written just now is looked at again the next time."""
    racy = entry.mtime_ns > limit
    return Row(entry.path, entry.language, entry.size, 0 if racy else entry.mtime_ns, 0, result.reason)


def _same(row: Row | None, entry: Entry) -> bool:
    return row is not None and (row.language, row.size, row.mtime_ns) == (entry.language, entry.size, entry.mtime_ns)


def _stamp(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - a string in, a number out
    except OSError:
        return 0


def _chunks(results: Iterable[Result], size: int) -> Iterator[list[Result]]:
    chunk: list[Result] = []
    for result in results:
        chunk.append(result)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
