"""Twolane's own choice, through the face that the server asks."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from twolane.context.document import Snapshot
from twolane.context.graph.live import LiveWorkspace
from twolane.context.index import ContextIndex
from twolane.context.ranking.pool import Pool
from twolane.server.commands.masking import masked

from ..points import Point
from ..repository import Repository
from .arm import Piece

_CONFIGURATION = (
    "go.mod",
    "go.work",
    "Cargo.toml",
    "package.json",
    "tsconfig*.json",
    "pyproject.toml",
    "pom.xml",
    "composer.json",
)
"""Files that say what imports lead to."""


class Ours:
    """One index for a repository, built before; each point is a file that was just opened."""

    name = "twolane"

    def __init__(self) -> None:
        self.refresh_ms: list[float] = []
        self.asked_ms = 0.0
        self._open = ("", "", 0)
        self._place = tempfile.TemporaryDirectory(prefix="twolane-context-")

    def prepare(self, repository: Repository) -> None:
        """Build the index of a copy, both in a folder of their own."""
        self._repository = repository
        self.root = Path(self._place.name, repository.name)
        for path, text in repository.texts.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="")
        for pattern in _CONFIGURATION:
            for file in repository.root.rglob(pattern):
                place = self.root / file.relative_to(repository.root)
                if place.parent.is_dir():
                    shutil.copyfile(file, place)
        store = Path(self._place.name, f"{repository.name}.sqlite3")
        self.workspace = LiveWorkspace.open(self.root, store=store)
        self.workspace.build()
        self.index = ContextIndex(self.root, self.workspace)

    def snapshot(self, point: Point, *, noise: str = "") -> tuple[Snapshot, int]:
        """The file at a point as an editor would hold it."""
        repository = self._repository
        text = repository.texts[point.path]
        text = text[: point.start] + noise + text[point.end :]
        language = repository.language(point.path)
        whole = Snapshot(f"file:///{point.path}", point.path, self.root, language, 1, text)
        return masked(whole, point.start, point.start + len(noise), point.masked)

    def choose(self, point: Point, text: str, offset: int, budget: int) -> Sequence[Piece]:
        """Open the file and ask: another budget is another prompt, of which nothing is held."""
        snapshot, offset = self.snapshot(point)
        if self._open[:2] != (snapshot.path, snapshot.text) or self._open[2] == budget:
            self.close()
            began = time.perf_counter()
            self.index.refresh(snapshot)
            self.refresh_ms.append((time.perf_counter() - began) * 1000)
        self.index.lay_out_anew(snapshot.path)
        packed = self.index.snippets(snapshot, offset, budget)
        self._open = snapshot.path, snapshot.text, budget
        self.asked_ms = packed.ms
        return [Piece(s.path, s.start_line, s.end_line, s.text, s.symbol) for s in packed.snippets]

    def close(self) -> None:
        """Close the file of the last point."""
        if self._open[0]:
            self.index.forget(self._open[0])
        self._open = "", "", 0

    def pool(self, snapshot: Snapshot) -> Pool:
        """The candidates that the index has for a document."""
        self.index.refresh(snapshot)
        pool = self.index.pool(snapshot.path)
        self.index.forget(snapshot.path)
        return pool

    def verdict(self, point: Point) -> str:
        """Why a definition may have been missed: not a candidate, or its place among them."""
        snapshot, offset = self.snapshot(point)
        self.index.refresh(snapshot)
        places = self.index.ranked(snapshot, offset)
        self.index.forget(point.path)
        found = [places.index(place) for gold in point.golds if (place := (gold.path, gold.start)) in places]
        return f"number {min(found) + 1} of {len(places)}" if found else "no candidate"
