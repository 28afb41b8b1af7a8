"""Which files of a workspace differ from a commit, and in which lines. Reads git's objects, runs no filter.

Git only lists the files whose state on the disk is not the index's, and gives the committed bytes; the lines are
compared here, so that neither a clean filter nor a diff driver of the repository is ever started.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..context import git
from ..context.graph import by_name
from ..context.graph.reading import made_by_machine
from ..context.languages.reading import language_of
from ..review.changes import Lines, between, in_conflict
from . import refactoring

_LINK_OR_MODULE = ("120000", "160000")
_AT_ONCE = 50
_MOST_ORIGINS = 50
"""Files that are gone, among which the one is looked for that a new file was."""
_ALIKE = 0.5
"""So many of the longer one's lines must stand in both."""

NO_TEXT = "no UTF-8 text, over 1 MB, or reached through a link"
IN_CONFLICT = "it holds the marks of a merge conflict"
UNKNOWN = "git does not know it yet: `git add` it, or name it"
NOT_BY_HAND = "nobody wrote it by hand (a lock file, data, generated, vendored): name it to have it reviewed"
IN_LFS = "Git LFS keeps what it was, so there is nothing to compare it with: name it to have it reviewed as new"
ELSEWHERE = "it belongs to another repository, such as a submodule: review it there"


_LOCKS = frozenset(
    {"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "packages.lock.json", "gradle.lockfile"}
    | {"go.sum", "go.work.sum", "bun.lockb", ".terraform.lock.hcl"}
)
_DATA = (".lock", ".csv", ".tsv", ".jsonl", ".ndjson", ".svg", ".map", ".snap", ".po", ".pot")
_LFS = "version https://git-lfs.github.com/spec/"


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
    """Compare the disk with `revision`; only what is `named` (relative to `root`, folders end in "/", the root is "/").

    A named file that the commit does not know is new as a whole; one that was only renamed is compared with what it
    was. Before the first commit all is new. Raise `NoRevision`.
    """
    listing = git.ask(
        str(root),
        *("diff-index", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=all", "--relative"),
        *(_tree(root, revision), "--"),
    )
    if listing is None:
        raise NoRevision(f"{revision}: git cannot compare it with {root.name}; run `git status` there.")
    entries = _entries(listing)
    folders = tuple("" if one == "/" else one for one in named if one.endswith("/"))
    files = frozenset(one for one in named if not one.endswith("/"))
    before = {
        one.path: one.blob
        for one in entries
        if not one.gone and (not named or one.path in files or one.path.startswith(folders))
    }
    foreign = [path for path in files - before.keys() if _is_elsewhere(root, path)]
    before |= {path: None for path in files - before.keys() - {*foreign} if not _in_index(root, path)}
    skipped = [(path, ELSEWHERE) for path in foreign]
    if folders or not named:
        skipped += [(path, UNKNOWN) for path in _untracked(root) if not named or path.startswith(folders)]
    texts = _blobs(root, [blob for blob in before.values() if blob])
    origins = _Origins(root, entries)
    found: list[Changed] = []
    for path, blob in sorted(before.items()):
        if not (root / path).is_file():
            continue
        now = refactoring.read(root, path)
        old = texts.get(blob) if blob else ""
        if now is None or old is None:
            skipped.append((path, NO_TEXT))
        elif in_conflict(now.plain):
            skipped.append((path, IN_CONFLICT))
        elif path not in files and (reason := _not_for_review(path, now.plain, old)):
            skipped.append((path, reason))
        elif lines := between(old if blob else origins.of(path, now.plain), now.plain):
            found.append(Changed(path, now.plain, lines))
    return Changes(tuple(found), tuple(sorted(skipped)))


def committed(root: Path, path: str) -> str | None:
    """The text of a file in the last commit, LF line ends; '' where that does not know it, by no other name either.

    None where there is nothing to compare with: no git, no commit yet, or no text.
    """
    data = git.ask(str(root), "cat-file", "blob", f"HEAD:./{path}")
    if data is None:
        return _of_another_name(root, path)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A path that differs: its committed content (None for a new file), and whether it is gone."""

    path: str
    blob: str | None
    gone: bool


def _not_for_review(path: str, now: str, old: str) -> str:
    """Why nobody asks to have this reviewed who does not name it; '' where that may be asked."""
    name = path.rpartition("/")[2]
    if old.startswith(_LFS) or now.startswith(_LFS):
        return IN_LFS
    known = name in _LOCKS or name.endswith(_DATA) or by_name.file_reason(name) or by_name.of_no_interest(path)
    return NOT_BY_HAND if known or made_by_machine(now) else ""


def _tree(root: Path, revision: str) -> str:
    """The name of what is compared with: a commit, or nothing at all before the first one. Raise `NoRevision`."""
    place = str(root)
    said = git.ask(place, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if said is None and revision == "HEAD" and git.ask(place, "symbolic-ref", "--quiet", "HEAD"):
        said = git.ask(place, "hash-object", "-t", "tree", "--stdin")
    if said is not None:
        return said.decode("ascii").strip()
    if git.refuses(place):
        trust = shlex.join(["git", "config", "--global", "--add", "safe.directory", place])
        raise NoRevision(f"{root.name} belongs to another user, so git does not read it: `{trust}` lets it.")
    if git.ask(place, "rev-parse", "--git-dir") is None:
        raise NoRevision(f"{root.name} is in no git repository (`git init` makes one), or git is not installed.")
    raise NoRevision(f"{revision}: there is no such commit in {root.name}.")


def _entries(listing: bytes) -> list[_Entry]:
    """What `diff-index` says; links and submodules are left out."""
    words = listing.decode("utf-8", "surrogateescape").split("\0")
    found = []
    for told, path in zip(words[::2], words[1::2], strict=False):
        old_mode, new_mode, old, _, status = told.removeprefix(":").split(" ")
        gone = status[0] == "D"
        if (old_mode if gone else new_mode) not in _LINK_OR_MODULE:
            found.append(_Entry(path, None if status[0] == "A" or old_mode in _LINK_OR_MODULE else old, gone))
    return found


class _Origins:
    """What new files were before they got another name, told by their lines: no filter of the repository is run."""

    def __init__(self, root: Path, entries: Sequence[_Entry]) -> None:
        self._root = root
        self._gone = [one for one in entries if one.gone and one.blob]
        self._texts: dict[str, Mapping[str, str]] = {}

    def of(self, path: str, text: str) -> str:
        """The text that a new file was made from; '' where it was made from none."""
        suffix = PurePosixPath(path).suffix
        blobs = [one.blob for one in self._gone if one.blob and PurePosixPath(one.path).suffix == suffix]
        if not blobs or len(blobs) > _MOST_ORIGINS:
            return ""
        if suffix not in self._texts:
            self._texts[suffix] = _blobs(self._root, blobs)
        rows = set(text.split("\n"))
        best, share = "", _ALIKE
        for old in self._texts[suffix].values():
            others = set(old.split("\n"))
            alike = len(rows & others) / max(len(rows), len(others))
            if alike > share or old == text:
                best, share = old, 2.0 if old == text else alike
        return best


def _of_another_name(root: Path, path: str) -> str | None:
    """The committed text of a file that the last commit does not know by this name."""
    place = str(root)
    if git.ask(place, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") is None:
        return None
    listing = git.ask(
        place,
        *("diff-index", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=all", "--relative"),
        *("--diff-filter=D", "HEAD", "--"),
    )
    now = refactoring.read(root, path) if listing else None
    return _Origins(root, _entries(listing or b"")).of(path, now.plain) if now is not None else ""


def _untracked(root: Path) -> list[str]:
    """Source files that git does not know and is not told to ignore."""
    said = git.ask(str(root), "ls-files", "--others", "--exclude-standard", "-z") or b""
    paths = said.decode("utf-8", "surrogateescape").split("\0")
    return [path for path in paths if path and language_of(path) is not None]


def _is_elsewhere(root: Path, path: str) -> bool:
    """Whether a file lies in a repository of its own within the workspace."""
    return any((root / folder / ".git").exists() for folder in PurePosixPath(path).parents if str(folder) != ".")


def _in_index(root: Path, path: str) -> bool:
    return bool(git.ask(str(root), "--literal-pathspecs", "ls-files", "-z", "--", path))


def _blobs(root: Path, names: Sequence[str]) -> dict[str, str]:
    """The texts of these objects, a few at a time; what is no text, or too large for one, is not among them."""
    found: dict[str, str] = {}
    sizes = git.ask(str(root), "cat-file", "--batch-check", given=_listed(names)) or b""
    told = [line.split(" ") for line in sizes.decode("utf-8", "replace").splitlines()]
    small = [one[0] for one in told if len(one) == 3 and one[2].isdigit() and int(one[2]) <= refactoring.MAX_BYTES]
    for first in range(0, len(small), _AT_ONCE):
        given = _listed(small[first : first + _AT_ONCE])
        found |= _texts(git.ask(str(root), "cat-file", "--batch", given=given) or b"")
    return found


def _listed(names: Sequence[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


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
