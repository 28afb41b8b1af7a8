"""What the policy files of one tree say of a path in it, as git reads them: deeper files win over higher ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cachetools import LRUCache

from . import git_excludes
from .policy_files import EXCLUSIONS, GITIGNORE, NAMES, PolicyFile, Stamp, read, stamp
from .tier import ANYWHERE, Verdict

MAX_FILES = 8_192
"""Policy files remembered; places where none stands count too."""


class PolicyTree:
    """Reads the policy files from `top` down. Belongs to one thread at a time.

    `ignore_case` says that the file system does not tell `A` from `a`. `outer` are files that hold for the whole
    tree and stand elsewhere, with the name they are read as. `look` tells how a file is now (`policy_files.stamp`).
    """

    def __init__(
        self,
        top: str,
        *,
        ignore_case: bool,
        outer: tuple[tuple[str, str], ...] = (),
        look: Callable[[str], Stamp | None] = stamp,
    ) -> None:
        self._look = look
        self._top = top
        self._ignore_case = ignore_case
        self._outer = outer
        self._known: LRUCache[tuple[str, str], PolicyFile] = LRUCache(MAX_FILES)

    def verdict(self, relative: str, *, send_ignored: bool) -> Verdict:
        """The tier of the `/`-separated path below `top`; looks at every file anew, reads what has changed."""
        folders = _folders(relative)
        best = ANYWHERE
        for name in NAMES:
            if name == GITIGNORE and send_ignored:
                continue
            files = [(folder, found) for folder in folders for found in self._at(folder, name)]
            fault = next((found.fault for _, found in files if found.fault), "")
            by = _taken_in(relative, folders, files)
            if by is not None and name in EXCLUSIONS:
                return Verdict("blocked", f"{by} takes it in")
            if fault and best.tier == "anywhere":
                best = Verdict("near-only", f"the policy is broken: {fault}")
            elif by is not None and best.tier == "anywhere":
                best = Verdict("near-only", f"git ignores it ({by}; privacy.send_ignored would let it go)")
        return best

    def files(self, folder: str) -> tuple[PolicyFiles, ...]:
        """What speaks for the files directly in `folder` (relative to `top`), by kind, weakest first."""
        above = _folders(f"{folder}/" if folder else "")
        kinds = ([(one, found) for one in above for found in self._at(one, name)] for name in NAMES)
        return tuple(PolicyFiles(kind) for kind in kinds if kind)

    def _at(self, folder: str, name: str) -> list[PolicyFile]:
        """The files of this kind that speak for everything below `folder`, weakest first."""
        places = [path for path, kind in self._outer if kind == name] if not folder else []
        places.append(f"{self._top}/{folder}/{name}" if folder else f"{self._top}/{name}")
        return [found for place in places if (found := self._read(place, name)) is not None]

    def _read(self, path: str, name: str) -> PolicyFile | None:
        mark = self._look(path)
        if mark is None:
            if (path, name) in self._known:
                del self._known[path, name]
            return None
        known = self._known.get((path, name))
        if known is None or known.stamp != mark or mark == (0, 0, 0):
            known = read(path, name, mark, ignore_case=self._ignore_case)
            self._known[path, name] = known
        return known


class PolicyFiles:
    """Policy files of one kind, weakest first, each with the folder that it stands in."""

    __slots__ = ("_files",)

    def __init__(self, files: list[tuple[str, PolicyFile]]) -> None:
        self._files = files

    def take_in(self, relative: str, *, folder: bool) -> bool:
        """Whether they name the path itself; the folders above it are not looked at."""
        return _named(relative, folder, self._files) is not None


def git_top(folder: str) -> str:
    """The nearest folder from `folder` upwards that holds a `.git`; `folder` itself without one."""
    path = Path(folder)
    for candidate in (path, *path.parents):
        if os.path.lexists(candidate / ".git"):
            return str(candidate)
    return folder


def superprojects(top: str) -> tuple[str, ...]:
    """The repositories around the one at `top`, innermost first, as long as each is a submodule (`.git` is a file)."""
    found: list[str] = []
    while (Path(top) / ".git").is_file():
        above = git_top(str(Path(top).parent))
        if above == top or not os.path.lexists(Path(above) / ".git"):
            break
        found.append(above)
        top = above
    return tuple(found)


def global_files(home: Path | None = None) -> tuple[tuple[str, str], ...]:
    """The user's own files that hold for every tree, with the name they are read as."""
    base = home if home is not None else git_excludes.home_folder()
    own = tuple((path, GITIGNORE) for path in git_excludes.of_person(base))
    return own if base is None else (*own, (str(base / ".codeium" / ".codeiumignore"), ".codeiumignore"))


def ignores_case(folder: str) -> bool:
    """Whether the file system takes `A` for `a`; where it cannot be told, it is taken to, which is stricter."""
    swapped = folder.swapcase()
    if swapped == folder:
        return os.name == "nt"
    try:
        return Path(folder).samefile(swapped)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _folders(relative: str) -> list[str]:
    """'' and each folder above the path, from the top down."""
    parts = relative.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(len(parts) + 1)]


def _taken_in(relative: str, folders: list[str], files: list[tuple[str, PolicyFile]]) -> str | None:
    """The file and pattern that take the path in, by itself or by a folder above it; None where none does."""
    if not files:
        return None
    for item, is_folder in [*((folder, True) for folder in folders[1:]), (relative, False)]:
        by = _named(item, is_folder, files)
        if by is not None:
            return by
    return None


def _named(item: str, is_folder: bool, files: list[tuple[str, PolicyFile]]) -> str | None:
    """The file and pattern that take in exactly this path; None where none does, or the last one takes it out again."""
    for base, file in reversed(files):
        if base and not item.startswith(base + "/"):
            continue
        found = file.globs.last_match(item[len(base) + 1 :] if base else item, folder=is_folder)
        if found is not None:
            return None if found.reopens else f"{file.path} (`{found.text}`)"
    return None
