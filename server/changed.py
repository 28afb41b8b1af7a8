"""Which files of a workspace differ from a commit, and in which lines. Reads git's objects, runs no filter.

Git only lists the files whose state on the disk is not the index's, and gives the committed bytes; the lines are
compared here, so that neither a clean filter nor a diff driver of the repository is ever started.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..context import git
from ..review.changes import Lines, between
from . import refactoring

_LINK_OR_MODULE = ("120000", "160000")
_AT_ONCE = 50


class NoRevision(Exception):
    """There is no git here, or no such commit; `str(error)` says which."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One file with new lines; `text` is what is on the disk, with LF line ends and no byte order mark."""

    path: str
    text: str
    lines: tuple[Lines, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """All files with new lines, by path, and those that could not be compared, with the reason."""

    files: tuple[Changed, ...]
    skipped: tuple[tuple[str, str], ...] = ()


def since(root: Path, revision: str, named: Sequence[str] = ()) -> Changes:
    """Compare the disk with `revision`; only the files `named` (relative to `root`), where any are.

    A named file that the commit does not know is new as a whole. Raise `NoRevision`.
    """
    said = git.ask(str(root), "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if said is None:
        raise NoRevision(f"{revision}: there is no such commit in {root.name}, or no git on this machine.")
    listing = git.ask(
        str(root),
        *("diff-index", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=all", "--relative"),
        *(said.decode("ascii").strip(), "--"),
    )
    if listing is None:
        raise NoRevision(f"{revision}: git cannot compare it with {root.name}; run `git status` there.")
    wanted = frozenset(named)
    before = {path: blob for path, blob in _dirty(listing) if not wanted or path in wanted}
    before |= {path: None for path in wanted - before.keys() if not _in_index(root, path)}
    texts = _blobs(root, [blob for blob in before.values() if blob])
    files: list[Changed] = []
    skipped: list[tuple[str, str]] = []
    for path, blob in sorted(before.items()):
        if not (root / path).is_file():
            continue
        old = texts.get(blob) if blob else ""
        now = refactoring.read(root, path)
        if now is None or old is None:
            skipped.append((path, "no text, too large, or reached through a link"))
        elif found := between(old, now.plain):
            files.append(Changed(path, now.plain, found))
    return Changes(tuple(files), tuple(skipped))


def committed(root: Path, path: str) -> str | None:
    """The text of a file in the last commit, '' where that does not know it, LF line ends.

    None where there is nothing to compare with: no git, no commit yet, or no text.
    """
    data = git.ask(str(root), "cat-file", "blob", f"HEAD:./{path}")
    if data is None:
        known = git.ask(str(root), "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return None if known is None else ""
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except ValueError:
        return None


def _dirty(listing: bytes) -> list[tuple[str, str | None]]:
    """Paths and the names of their committed contents, None for a new file."""
    words = listing.decode("utf-8", "surrogateescape").split("\0")
    found = []
    for told, path in zip(words[::2], words[1::2], strict=False):
        old_mode, new_mode, old, _, status = told.removeprefix(":").split(" ")
        if status[0] != "D" and new_mode not in _LINK_OR_MODULE:
            found.append((path, None if status[0] == "A" or old_mode in _LINK_OR_MODULE else old))
    return found


def _in_index(root: Path, path: str) -> bool:
    return bool(git.ask(str(root), "--literal-pathspecs", "ls-files", "-z", "--", path))


def _blobs(root: Path, names: Sequence[str]) -> dict[str, str]:
    """The texts of these objects, a few at a time; what is no text is not among them."""
    found: dict[str, str] = {}
    for first in range(0, len(names), _AT_ONCE):
        given = "".join(f"{name}\n" for name in names[first : first + _AT_ONCE]).encode()
        found |= _texts(git.ask(str(root), "cat-file", "--batch", given=given) or b"")
    return found


def _texts(said: bytes) -> dict[str, str]:
    """What `cat-file --batch` says: a head of three words and so many bytes, two words where there is none."""
    found: dict[str, str] = {}
    at = 0
    while at < len(said):
        end = said.index(b"\n", at)
        head = said[at:end].split(b" ")
        at = end + 1
        if len(head) == 3:
            size = int(head[2])
            data, at = said[at : at + size], at + size + 1
            try:
                found[head[0].decode()] = data.decode("utf-8-sig").replace("\r\n", "\n")
            except ValueError:
                continue
    return found
