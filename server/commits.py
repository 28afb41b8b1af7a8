"""Committed texts, asked of git once for each commit: a save is compared with one, and shall wait for no process."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from cachetools import LRUCache

from .changed import committed

_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Base:
    """The text of a file in the last commit, as `committed` tells it."""

    text: str | None


class Commits:
    """Committed texts, asked of git once for each commit. Any thread."""

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[Path, str], tuple[object, Base]] = LRUCache(_MOST_KEPT)
        self._lock = Lock()

    def known(self, root: Path, path: str) -> Base | None:
        """What is known of the last commit as it is now; None where git must be asked. Looks at a few small files."""
        with self._lock:
            kept = self._kept.get((root, path))
        return kept[1] if kept is not None and kept[0] == _head(root) else None

    def text(self, root: Path, path: str) -> Base:
        """Ask git, and remember it for as long as the last commit is the same. Takes a process."""
        head = _head(root)
        base = Base(committed(root, path))
        if head is not None:
            with self._lock:
                self._kept[root, path] = head, base
        return base


def _head(root: Path) -> object | None:
    """What tells one last commit from another without asking git; None where it may change unseen.

    HEAD, the branch that it names with its time, and the files that may speak in that one's place.
    """
    for folder in (root, *root.parents):
        place = folder / ".git"
        try:
            is_folder = stat.S_ISDIR(place.stat().st_mode)
        except OSError:
            continue
        try:
            git = place if is_folder else folder / place.read_text("utf-8").removeprefix("gitdir:").strip()
            common = git / "commondir"
            shared = git / common.read_text("utf-8").strip() if common.is_file() else git
            head = (git / "HEAD").read_bytes()
            branch = head.removeprefix(b"ref:").strip().decode() if head.startswith(b"ref:") else "HEAD"
            own, theirs = _file(git / branch), _file(shared / branch)
        except (OSError, ValueError):
            return None
        if any(one is not None and one[-1].startswith(b"ref:") for one in (own, theirs) if branch != "HEAD"):
            return None
        stamps = [_stamp(one / name) for one in (git, shared) for name in ("packed-refs", "reftable/tables.list")]
        return str(git), head, own, theirs, *stamps
    return "no git"


def _file(path: Path) -> tuple[int, int, bytes] | None:
    stamp = _stamp(path)
    return (*stamp[:2], path.read_bytes()) if stamp is not None else None


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_ino, facts.st_size
