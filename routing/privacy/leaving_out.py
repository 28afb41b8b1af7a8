"""Which files of a workspace no index should hold: those that git ignores, and those that no model may see."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from ..globs import Cover, GlobError
from . import git_excludes
from .excluding import PolicyFiles, PolicyTree, git_top, global_files, ignores_case
from .policy_files import GITIGNORE
from .privacy import FRESH_S

MAX_FOLDERS = 100_000
MAX_DEPTH = 64
"""What lies deeper is left out: nobody wrote it by hand, and each folder costs a look at all above it."""

_ANYTHING = "\1\1"
"""A name that only patterns for everything in a folder fit."""


class LeftOut:
    """Answers for one workspace from its policy files, the person's own, and the patterns that are set as blocked.

    Policy files above the workspace count for what is in it, but never leave out the whole of it: somebody opened it.
    Answers hold for a second before the disk is asked again. Belongs to one thread.
    """

    def __init__(
        self, root: str, blocked: tuple[str, ...] = (), *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        root = os.path.realpath(root)
        top = git_top(root)
        ignore_case = ignores_case(top)
        self._above = "" if root == top else os.path.relpath(root, top).replace(os.sep, "/") + "/"
        own = ((path, GITIGNORE) for path in git_excludes.of_repository(top))
        self._tree = PolicyTree(top, ignore_case=ignore_case, outer=(*global_files(), *own))
        try:
            self._blocked = Cover(blocked, ignore_case=ignore_case)
        except GlobError:
            self._blocked = Cover(("*",))
        self._clock = clock
        self._since = clock()
        self._files: dict[str, tuple[PolicyFiles, ...]] = {}
        self._folders: dict[str, bool] = {}

    def __call__(self, path: str, folder: bool) -> bool:
        """Whether the file, or folder, at the '/'-separated `path` in the workspace is left out."""
        if path.count("/") > MAX_DEPTH:
            return True
        if self._clock() - self._since > FRESH_S or len(self._folders) > MAX_FOLDERS:
            self._files.clear()
            self._folders.clear()
            self._since = self._clock()
        return self._folder(path) if folder else self._folder(path.rpartition("/")[0]) or self._itself(path, False)

    def _folder(self, path: str) -> bool:
        """Whether a folder, or one above it, is left out."""
        out, end = False, 0
        while not out and end < len(path):
            end = path.find("/", end + 1)
            end = len(path) if end < 0 else end
            one = path[:end]
            known = self._folders.get(one)
            if known is None:
                known = self._folders[one] = self._itself(one, True)
            out = known
        return out

    def _itself(self, path: str, folder: bool) -> bool:
        if self._blocked.covering(f"{path}/{_ANYTHING}" if folder else path) is not None:
            return True
        parent = (self._above + path).rpartition("/")[0]
        files = self._files.get(parent)
        if files is None:
            files = self._files[parent] = self._tree.files(parent)
        return any(kind.take_in(self._above + path, folder=folder) for kind in files)
