"""Changes reach the disk: all files or none, each at once, none through a link, none that changed meanwhile."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from .original import Change, Original

_BOM = b"\xef\xbb\xbf"
BOM_MARK = "bom:"
"""Begins the mark of a file whose bytes begin with a byte order mark."""


class Stale(Exception):
    """A file is not what the edit was made for; nothing was written. `str(error)` is one sentence."""


def mark(data: bytes) -> str:
    """The mark of a file's bytes, for `Original.mark`."""
    return (BOM_MARK if data.startswith(_BOM) else "") + hashlib.sha256(data).hexdigest()


def content(one: Original | Change | None) -> bytes | None:
    """The bytes of a file, with the byte order mark that it had; None for a file that is not there."""
    if one is None:
        return None
    original = one.original if isinstance(one, Change) else one
    head = _BOM if original is not None and original.mark.startswith(BOM_MARK) else b""
    return head + one.text.encode("utf-8")


def obstacle(root: Path, path: str) -> str:
    """Why nothing may be read or written at `path` of the workspace, as the end of a sentence; '' where it may."""
    place = root
    parts = path.split("/")
    for number, part in enumerate(parts):
        place = place / part
        try:
            mode = place.lstat().st_mode
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            return f"cannot be looked at ({error})"
        if stat.S_ISLNK(mode):
            return "is reached through a link"
        if number + 1 < len(parts) and not stat.S_ISDIR(mode):
            return "lies below a file"
        if number + 1 == len(parts) and not stat.S_ISREG(mode):
            return "is not a plain file"
    return ""


def stale(root: Path, changes: tuple[Change, ...]) -> str:
    """What is not as it was when the edit was made, one sentence; '' where all is."""
    for change in changes:
        if reason := obstacle(root, change.path):
            return f"{change.path} {reason}; nothing was changed."
        place = root / change.path
        if change.original is None:
            if place.exists():
                return f"{change.path} exists by now; nothing was changed."
            continue
        try:
            now = mark(place.read_bytes())
        except OSError as error:
            return f"{change.path} cannot be read ({error.strerror}); nothing was changed."
        if now != change.original.mark:
            return f"{change.path} has changed meanwhile; nothing was changed."
    return ""


@dataclass(slots=True)
class _Prepared:
    change: Change
    place: Path
    new: Path
    kept: Path | None = None


def write(root: Path, changes: tuple[Change, ...]) -> None:
    """Write all of it; raise `Stale` or `OSError`, and every file is as it was then.

    New contents are first written beside their places, then moved there one after another; where one move fails,
    those before are taken back.
    """
    if reason := stale(root, changes):
        raise Stale(reason)
    prepared: list[_Prepared] = []
    made: list[Path] = []
    done: list[_Prepared] = []
    try:
        for change in changes:
            place = root / change.path
            made += _folders(place.parent)
            prepared.append(_Prepared(change, place, _beside(place, content(change) or b"")))
        for one in prepared:
            if one.change.original is not None:
                one.kept = _beside(one.place, one.place.read_bytes())
        if reason := stale(root, changes):
            raise Stale(reason)
        for one in prepared:
            one.new.replace(one.place)
            done.append(one)
    except BaseException:
        for one in reversed(done):
            with contextlib.suppress(OSError):
                if one.kept is not None:
                    one.kept.replace(one.place)
                else:
                    one.place.unlink()
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
    finally:
        for one in prepared:
            for left in (one.new, one.kept):
                if left is not None:
                    left.unlink(missing_ok=True)


def _beside(place: Path, data: bytes) -> Path:
    """A file with `data` in the folder of `place`, with the rights of what is there, else with the usual ones."""
    path = place.with_name(f".twolane-{secrets.token_hex(6)}")
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            path.chmod(stat.S_IMODE(place.stat().st_mode))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _folders(folder: Path) -> list[Path]:
    """Make the folders that are missing; return them, the outermost first."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir()
    return missing[::-1]
