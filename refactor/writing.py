"""Changes reach the disk: all files or none, each at once, none through a link, none that changed meanwhile."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from .original import Change, Original

_BOM = b"\xef\xbb\xbf"
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
BOM_MARK = "bom:"
"""Begins the mark of a file whose bytes begin with a byte order mark."""


class Stale(Exception):
    """A file is not what the edit was made for; nothing was written. `str(error)` is one sentence."""


class HalfWritten(Exception):
    """The disk refused to write, then to take back; `str(error)` names what is changed, and where its old text is."""


def mark(data: bytes) -> str:
    """The mark of a file's bytes, for `Original.mark`."""
    return (BOM_MARK if data.startswith(_BOM) else "") + hashlib.sha256(data).hexdigest()


def content(one: Original | Change | None) -> bytes | None:
    """The bytes of a file, with the byte order mark that it had; None for a file that is not there."""
    return with_mark(one).encode("utf-8") if one is not None else None


def with_mark(one: Original | Change) -> str:
    """The text of a file, with the byte order mark that it had."""
    original = one.original if isinstance(one, Change) else one
    marked = original is not None and original.mark.startswith(BOM_MARK)
    return f"\ufeff{one.text}" if marked else one.text


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


def protected(place: Path) -> bool:
    """Whether a file is not to be written; one that takes its place could be."""
    try:
        return not place.stat().st_mode & _WRITABLE or not os.access(place, os.W_OK)
    except OSError:
        return False


@dataclass(slots=True)
class _Prepared:
    change: Change
    place: Path
    new: Path
    kept: Path | None = None


def write(root: Path, changes: tuple[Change, ...]) -> None:
    """Write all of it; raise `Stale` or `OSError`, and every file is as it was then, or `HalfWritten`.

    New contents are first written beside their places, then moved there one after another; where one move fails,
    those before are taken back.
    """
    if reason := stale(root, changes):
        raise Stale(reason)
    if shut := [change.path for change in changes if protected(root / change.path)]:
        raise Stale(f"{', '.join(shut)}: write-protected; nothing was changed.")
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
            done.append(one)
            one.new.replace(one.place)
    except BaseException as error:
        changed = [said for one in reversed(done) if (said := _taken_back(one))]
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()
        if changed:
            why = str(error) or type(error).__name__
            raise HalfWritten(f"{why}; what was written by then cannot be taken back: {'; '.join(changed)}.") from error
        raise
    finally:
        for one in prepared:
            for left in (one.new, one.kept):
                if left is not None:
                    with contextlib.suppress(OSError):
                        left.unlink(missing_ok=True)


def _taken_back(one: _Prepared) -> str:
    """Let a file be as it was; where the disk refuses, say where its old text is, which stays there then."""
    try:
        if one.new.exists():
            return ""
        if one.kept is not None:
            one.kept.replace(one.place)
        else:
            one.place.unlink()
    except OSError:
        kept, one.kept = one.kept, None
        return f"{one.change.path} is changed" + (f", its old text is in {kept}" if kept is not None else "")
    return ""


def _beside(place: Path, data: bytes) -> Path:
    """A file with `data` in the folder of `place`, with the rights and the owner of what is there, if anything is."""
    path = place.with_name(f".twolane-{secrets.token_hex(6)}")
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            _like(path, place)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _like(path: Path, place: Path) -> None:
    """Give a file the owner, the rights and the extended attributes of another; its time stays its own."""
    there, here = place.stat(), path.stat()
    if (there.st_uid, there.st_gid) != (here.st_uid, here.st_gid) and hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            os.chown(path, there.st_uid, there.st_gid)
    shutil.copystat(place, path)
    os.utime(path)


def _folders(folder: Path) -> list[Path]:
    """Make the folders that are missing; return them, the outermost first."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir()
    return missing[::-1]
