"""A copy of the workspace that checks may do with as they like."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

MOST_FILES: Final = 30_000
MOST_BYTES: Final = 1_000_000_000

_LEFT_OUT: Final = frozenset(
    {
        *(".git", ".hg", ".svn", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".tox"),
        *(".nox", ".venv", "venv", "node_modules", ".idea", ".vscode", ".cache", ".eggs", ".import_linter_cache"),
    }
)


class TooLarge(Exception):
    """The workspace cannot be copied; `str(error)` says why."""


class Scratch:
    """A folder with a copy of `root`; `close` deletes it. Everything here blocks."""

    def __init__(self, root: Path, linked: Iterable[str] = ()) -> None:
        """Copy; raise `TooLarge` or `OSError`, and leave nothing then."""
        self.root = root
        self._top = Path(tempfile.mkdtemp(prefix="twolane-check-"))
        self.folder = self._top / root.name
        try:
            self._copy()
            for name in linked:
                if (root / name).is_dir() and not (self.folder / name).exists():
                    (self.folder / name).symlink_to(root / name, target_is_directory=True)
        except BaseException:
            self.close()
            raise

    def write(self, files: Iterable[tuple[str, bytes | None]]) -> None:
        """Put files of the copy into this state; None: the file is not there."""
        for path, content in files:
            place = self.folder / path
            if content is None:
                place.unlink(missing_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            place.write_bytes(content)

    def read(self, path: str) -> bytes | None:
        """What the copy holds at a path now; None where that is no plain file."""
        place = self.folder / path
        return place.read_bytes() if place.is_file() and not place.is_symlink() else None

    def close(self) -> None:
        """Delete the copy; what cannot be deleted stays."""
        shutil.rmtree(self._top, ignore_errors=True)

    def _copy(self) -> None:
        count = size = 0
        waiting = [""]
        while waiting:
            relative = waiting.pop()
            (self.folder / relative).mkdir(parents=True, exist_ok=True)
            with os.scandir(self.root / relative) as entries:
                for entry in entries:
                    inner = f"{relative}/{entry.name}" if relative else entry.name
                    if entry.name in _LEFT_OUT or entry.is_symlink():
                        continue
                    if entry.is_dir():
                        waiting.append(inner)
                    elif entry.is_file():
                        count += 1
                        size += entry.stat().st_size
                        if count > MOST_FILES or size > MOST_BYTES:
                            raise TooLarge(
                                f"the workspace has more than {MOST_FILES:,} files, or {MOST_BYTES // 10**6:,} MB"
                            )
                        shutil.copy(entry.path, self.folder / inner)
