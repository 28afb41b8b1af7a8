"""The workspace as it matters to a cursor: refreshed off the event loop, asked on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from . import tokens
from .blocks import Blocks
from .document import Snapshot
from .packer import Price
from .parallels import Parallels
from .ranking.cursor import View, look
from .ranking.gather import Gatherer
from .ranking.pool import Floats, Pool
from .ranking.scoring import begins, score
from .resolution.resolver import Resolver
from .snippet import Packed, Parallel, Snippet

if TYPE_CHECKING:
    from .graph.live import LiveWorkspace

MAX_PUBLISHED = 256
_OTHER_NAME = 30.0


class ContextIndex:
    """What other files of one workspace say about the code at a cursor.

    One thread refreshes and forgets; another may ask for snippets or read the counts, at any time: what a refresh
    found is published whole, and never changed afterwards. Without a root every answer is empty.
    """

    def __init__(
        self,
        root: Path | None,
        workspace: LiveWorkspace | None = None,
        counter: Callable[[str], int] = tokens.count,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`workspace` is the graph of what is at `root`, kept true by whoever hands it over (completion/analysis.py).

        `counter` counts a text's tokens; `clock` tells seconds.
        """
        if workspace is None and root is not None:
            from .graph.live import LiveWorkspace

            workspace = LiveWorkspace.open(root)
        self.workspace = workspace
        self._counter = counter
        self._resolver = Resolver(workspace) if workspace is not None else None
        self._gatherer = Gatherer(workspace, counter) if workspace is not None else None
        self._parallels = Parallels(workspace) if workspace is not None else None
        self._version = -1
        self._published: dict[str, Pool] = {}
        self._blocks = Blocks(clock)

    @property
    def resolver(self) -> Resolver | None:
        """What names mean here; for the thread that refreshes."""
        return self._resolver

    def refresh(self, snapshot: Snapshot, *, parallels: bool = False) -> None:
        """Analyse a document and what it may need of other files. Blocks: reads, parses. One thread at a time.

        The snapshot's text stands for its file, here and for every file that imports it, until `forget`. With
        `parallels` the files near it are read, too, if they were not.
        """
        workspace, resolver, gatherer = self.workspace, self._resolver, self._gatherer
        if workspace is None or resolver is None or gatherer is None:
            return
        anew = workspace.version != self._version
        if anew:
            resolver.config_changed()
        reason = workspace.update(snapshot.path, snapshot.language, snapshot.text)
        resolver.forget(snapshot.path)
        self._version = workspace.version
        if reason:
            pool = Pool(snapshot.version, snapshot.language, f"this file cannot be read: {reason}")
        else:
            pool = gatherer.pool(snapshot, resolver, anew=anew)
        last = self._published.get(snapshot.path)
        if last is not None and last.candidates is not pool.candidates and last.candidates == pool.candidates:
            pool = pool.with_candidates(last.candidates)
        self._published[snapshot.path] = pool
        while len(self._published) > MAX_PUBLISHED:
            self._published.pop(next(iter(self._published)), None)
        if parallels and self._parallels is not None:
            self._parallels.refresh(snapshot.path)

    def snippets(self, snapshot: Snapshot, offset: int, budget: int, price: Price | None = None) -> Packed:
        """The pieces of other files worth `budget` tokens at `offset`, from what the last refresh found.

        Reads no file and parses nothing; empty if the document was never refreshed. What does not follow the cursor
        stands in front, the same as at the last call as far as that pays. `price` tells a model's own tokens; without
        it they are what `tokens.count` says.
        """
        start = time.perf_counter()
        pool = self._published.get(snapshot.path)
        if pool is None or not pool.candidates or budget <= 0:
            return Packed((), 0, (time.perf_counter() - start) * 1000)

        def ranked() -> tuple[Floats, Floats]:
            view = look(snapshot.text, offset)
            return score(pool, view), begins(pool, view)

        line = snapshot.text.count("\n", 0, offset)
        packed = self._blocks.arrange(
            snapshot.path, line, pool, ranked, budget, lambda snippet: _stale(pool, snippet), price
        )
        return Packed(packed.snippets, packed.tokens, (time.perf_counter() - start) * 1000, packed.slow)

    def parallel(
        self,
        snapshot: Snapshot,
        offset: int,
        before: str,
        after: str,
        *,
        others: bool = True,
        allowed: Callable[[str], bool] = lambda _: True,
    ) -> Parallel | None:
        """Where something not shown says what `before` ends with, and goes on; as `Parallels.find`. Reads no file."""
        if self._parallels is None:
            return None
        path, text = snapshot.path, snapshot.text
        return self._parallels.find(path, text, offset, before, after, others=others, allowed=allowed)

    def near(self, path: str) -> tuple[str, ...]:
        """The files whose texts are at hand for `parallel`."""
        return self._parallels.near(path) if self._parallels is not None else ()

    def pool(self, path: str) -> Pool:
        """The candidates for `path` as the last refresh left them; none before."""
        return self._published.get(path) or Pool(0)

    def likely(self, path: str, most: int) -> list[str]:
        """The texts that are likeliest to be shown in `path`, wherever the cursor is, and the lines above them."""
        pool = self._published.get(path)
        if pool is None or not pool.candidates:
            return []
        best = (-score(pool, View(0, {}))).argsort(kind="stable")[:most]
        texts = dict.fromkeys(pool.candidates[index].text for index in best)
        return list(texts | dict.fromkeys(f"# {pool.candidates[index].path}" for index in best))

    def ranked(self, snapshot: Snapshot, offset: int) -> list[tuple[str, int]]:
        """Where all candidates stand (path, line), the likeliest first: to find out why something is not shown."""
        pool = self._published.get(snapshot.path)
        if pool is None or not pool.candidates:
            return []
        view = look(snapshot.text, offset)
        scores = score(pool, view) + _OTHER_NAME * begins(pool, view)
        return [pool.candidates[index].place for index in (-scores).argsort(kind="stable")]

    def revision(self, path: str) -> object | None:
        """A token for what is published about `path`: the same object as long as its candidates are."""
        pool = self._published.get(path)
        return pool.candidates if pool is not None else None

    def reason(self, path: str) -> str:
        """Why there is no context for `path`, one phrase; '' if there is some or nothing was tried yet."""
        pool = self._published.get(path)
        return pool.reason if pool is not None else ""

    def skipped(self) -> dict[str, int]:
        """How many files could not be used, by reason."""
        return self.workspace.skipped() if self.workspace is not None else {}

    def lay_out_anew(self, path: str) -> None:
        """Choose what is shown in `path` as for a document that was just opened, the next time somebody asks."""
        self._blocks.forget(path)

    def forget(self, path: str) -> None:
        """Let the disk speak for `path` again: its document was closed. On the thread that refreshes."""
        self._published.pop(path, None)
        self._blocks.forget(path)
        if self._gatherer is not None:
            self._gatherer.forget()
        if self._parallels is not None:
            self._parallels.forget(path)
        if self.workspace is not None and self._resolver is not None:
            if self.workspace.version != self._version:
                self._resolver.config_changed()
            self.workspace.close(path)
            self._resolver.forget(path)
            self._version = self.workspace.version


def _stale(pool: Pool, snippet: Snippet) -> bool:
    """Whether the lines of a snippet are known to be others by now."""
    if snippet.path not in pool.headers:
        return True
    found = pool.places.get((snippet.path, snippet.start_line))
    return found is None or pool.candidates[found].text != snippet.text
