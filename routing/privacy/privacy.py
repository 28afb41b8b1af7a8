"""Which tier a file has, and what of a request a lane may see.

The strictest of everything that speaks for a file holds: the settings, the policy files of its tree, its name,
and the place a link leads to. What cannot be read or understood means "near-only", never "anywhere".
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock

from cachetools import LRUCache

from ...clients.model import Lane
from ..globs import Cover, Glob, GlobError
from ..task import REMOTE
from . import git_excludes
from .diffs import split
from .excluding import PolicyTree, git_top, global_files, ignores_case, superprojects
from .lately import Lately
from .policy_files import GITIGNORE, Stamp, stamp
from .sensitive import HARMLESS, SENSITIVE, original
from .sources import Checked, Dropped, Source
from .tier import ANYWHERE, Verdict, strictest

FRESH_S = 1.0
"""How long an answer holds before the disk is asked again; text on its way to a remote lane always asks."""

_OF_FILES = ("file", "snippet", "diagnostics")
"""Kinds of text that come from files, so that one must be named."""

_AT_ONCE = 8
"""Files that are looked at before whoever waits for an answer gets a turn."""

MAX_ANSWERS = 16_384
MAX_TREES = 64


@dataclass(frozen=True, slots=True)
class PrivacyRules:
    """What a person set; patterns are in the syntax of .gitignore without `!`, relative to the workspace.

    `fault` says what of the policy could not be used: then nothing leaves this machine.
    """

    blocked: tuple[str, ...] = ()
    near_only: tuple[str, ...] = ()
    allow_sensitive: tuple[str, ...] = ()
    send_ignored: bool = False
    fault: str = ""


class Privacy:
    """Answers for any file of any workspace, on any thread. The disk is read, nothing is written.

    `outer` are the user's own ignore files that hold everywhere (path and the name they are read as), None for those
    that git's configuration and other tools' name, looked for when they are first needed;
    `ignore_case` overrides what the file system is found to do; `clock` counts seconds.
    """

    def __init__(
        self,
        rules: PrivacyRules | None = None,
        *,
        outer: tuple[tuple[str, str], ...] | None = None,
        ignore_case: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules if rules is not None else PrivacyRules()
        self._outer = outer
        self._ignore_case = ignore_case
        self._clock = clock
        self._lock = RLock()
        self._moment: _Moment | None = None
        self._answers: LRUCache[tuple[Path | None, str], tuple[float, Verdict]] = LRUCache(MAX_ANSWERS)
        self._above: LRUCache[str, tuple[str, ...]] = LRUCache(MAX_TREES)
        self._trees: LRUCache[str, tuple[PolicyTree, bool]] = LRUCache(MAX_TREES)
        self._sensitive = Cover(SENSITIVE, ignore_case=True)
        self._harmless = Cover(HARMLESS, ignore_case=True)
        self._named: dict[bool, _Named] = {}
        self._lately = Lately(lambda root, path: self.tier(root, path, fresh=True), clock)
        self._fault = self._rules.fault
        for strict in (False, True):
            try:
                self._named[strict] = _Named(self._rules, ignore_case=strict)
            except GlobError as error:
                self._fault = self._fault or f"[privacy] {error}"
                self._named[strict] = _Named(PrivacyRules(), ignore_case=strict)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Within it the disk is asked about each policy file once: many files are judged as of one moment.

        For what is about to leave together, and only as long as that takes to judge; other threads wait.
        """
        with self._lock:
            before = self._moment
            self._moment = before or _Moment()
            try:
                yield
            finally:
                self._moment = before

    def tier(self, root: Path | None, path: str, *, fresh: bool = False) -> Verdict:
        """The tier of the file at `path` (relative to the workspace `root`, or absolute) and why.

        The file need not exist. Without a workspace, and for what a link leads to outside of it, nothing
        leaves this machine. With `fresh` the disk is asked again.
        """
        key = (root, path)
        now = self._clock()
        with self._lock:
            if not fresh and (known := self._answers.get(key)) is not None and 0 <= now - known[0] < FRESH_S:
                return known[1]
            try:
                verdict = self._judge(root, path)
            except (OSError, ValueError, RuntimeError) as error:
                verdict = Verdict("near-only", f"its place cannot be told ({error})")
            self._answers[key] = (now, verdict)
            return verdict

    def lately(self, root: Path | None, path: str) -> Verdict:
        """The same as of the last ten seconds, on one thread that must not wait for the disk.

        For what stays on this machine; what leaves it is asked about once more on its way.
        """
        return self._lately.verdict(root, path)

    def lines_lately(self, root: Path | None, path: str) -> Verdict:
        """The same for a file of which lines may be shown in another, as it was when somebody last looked.

        Who chooses lines says so before (`expect`), and each time that they are asked about they are looked at again
        beside: after a pause it is one request that goes by what held before it.
        """
        return self._lately.verdict(root, path, most_s=math.inf)

    def expect(self, root: Path | None, paths: Iterable[str]) -> None:
        """Lines of these files may be shown soon: look at those that nobody asked about. Not on an event loop."""
        new = [path for path in dict.fromkeys(paths) if not self._lately.knows(root, path)]
        for first in range(0, len(new), _AT_ONCE):
            with self.moment():
                self._lately.expect(root, new[first : first + _AT_ONCE])

    def check(self, root: Path | None, sources: Sequence[Source], lane: Lane) -> Checked:
        """Say which of these texts a model of `lane` may see.

        A source is dropped whole, but for a diff and a list of names, which lose the files that may not be
        seen. A required source that may not be seen as it is refuses the request.
        """
        with self.moment():
            return self._checked(root, sources, lane)

    def _checked(self, root: Path | None, sources: Sequence[Source], lane: Lane) -> Checked:
        kept: list[Source] = []
        dropped: list[Dropped] = []
        required: list[Verdict] = []
        for source in sources:
            allowed, lost, verdict = self._filtered(root, source, lane)
            dropped += lost
            if source.required:
                required.append(verdict)
                if allowed is None or lost:
                    reason = lost[0]
                    refusal = f"{reason.path or 'this text'} may not be shown to the {lane} lane: {reason.reason}"
                    return Checked((), tuple(dropped), verdict, refusal)
            if allowed is not None:
                kept.append(allowed)
        return Checked(tuple(kept), tuple(dropped), strictest(required))

    def _filtered(self, root: Path | None, source: Source, lane: Lane) -> tuple[Source | None, list[Dropped], Verdict]:
        """What of one source may be seen, what not, and the strictest tier in it."""
        fresh = lane in REMOTE
        own = (source.path,) if source.path else ()
        lost: list[Dropped] = []
        verdicts = [self._fault_verdict()]
        for path in (*own, *source.mentions):
            verdicts.append(self.tier(root, path, fresh=fresh))
            if not verdicts[-1].allows(lane):
                lost.append(Dropped(path, source.kind, verdicts[-1].reason))
        if source.kind in _OF_FILES and not own and not source.mentions:
            verdicts.append(Verdict("near-only", "it is text of a file that cannot be told"))
            if not verdicts[-1].allows(lane):
                lost.append(Dropped("", source.kind, verdicts[-1].reason))
        if not verdicts[0].allows(lane):
            lost.append(Dropped(source.path, source.kind, verdicts[0].reason))
        if lost:
            return None, lost, strictest(verdicts)
        if source.kind not in ("diff", "names"):
            return source, [], strictest(verdicts)
        pieces: list[str] = []
        for text, paths in self._pieces(source):
            found = [self.tier(root, path, fresh=fresh) for path in paths]
            if not paths and not own and source.kind == "diff" and text.strip():
                found = [Verdict("near-only", "the files of this diff cannot be told")]
            verdicts += found
            named = zip(paths or ("",), found, strict=False)
            bad = [Dropped(path, source.kind, one.reason) for path, one in named if not one.allows(lane)]
            lost += bad
            if not bad:
                pieces.append(text)
        text = "".join(pieces)
        return (replace(source, text=text) if text.strip() else None), lost, strictest(verdicts)

    @staticmethod
    def _pieces(source: Source) -> list[tuple[str, tuple[str, ...]]]:
        if source.kind == "diff":
            return [(part.text, part.paths) for part in split(source.text)]
        lines = source.text.splitlines(keepends=True)
        return [(line, (line.strip(),) if line.strip() else ()) for line in lines]

    def _fault_verdict(self) -> Verdict:
        return Verdict("near-only", f"the policy is broken: {self._fault}") if self._fault else ANYWHERE

    def _judge(self, root: Path | None, path: str) -> Verdict:
        """Ask everything that speaks for the file, where it is named and where it really lies."""
        verdicts = [self._fault_verdict()]
        if root is None:
            verdicts.append(Verdict("near-only", "it belongs to no workspace"))
        base = os.path.abspath(root) if root is not None else ""  # noqa: PTH100 - links are kept here, and Path is slow
        named = os.path.normpath(os.path.join(base, path))  # noqa: PTH118 - as above
        real_base = self._real(base) if base else ""
        real = self._real(os.path.join(base, path))  # noqa: PTH118 - as above
        by_name = _below(named, base) if base else None
        by_place = _below(real, real_base) if base else None
        inside = [relative for relative in dict.fromkeys((by_name, by_place)) if relative is not None]
        verdicts += [self._inside(real_base, relative) for relative in inside]
        if by_place is None:
            if root is not None:
                verdicts.append(Verdict("near-only", "it lies outside the workspace"))
            verdicts.append(self._in_tree(git_top(str(Path(real).parent)), real))
            verdicts.append(self._by_name(real, self._named[True]))
        return strictest(verdicts)

    def _inside(self, base: str, relative: str) -> Verdict:
        """What speaks for a path inside the workspace `base`."""
        top = git_top(base)
        named = self._named[self._tree(top)[1]]
        return strictest(
            (
                named.verdict(relative),
                self._in_tree(top, f"{base}/{relative}"),
                *(self._excluded_above(above, f"{base}/{relative}") for above in self._superprojects(top)),
                self._by_name(relative, named),
            )
        )

    def _excluded_above(self, top: str, full: str) -> Verdict:
        """What the exclusion files of a repository say of a file in a submodule of it; what it ignores is its own."""
        relative = _below(full, top)
        return self._tree(top)[0].verdict(relative, send_ignored=True) if relative is not None else ANYWHERE

    def _superprojects(self, top: str) -> tuple[str, ...]:
        """The repositories that a submodule lies in, where the workspace is one that was opened alone."""
        known = self._above.get(top)
        if known is None:
            known = self._above[top] = superprojects(top)
        return known

    def _in_tree(self, top: str, full: str) -> Verdict:
        relative = _below(full, top)
        tree, _ = self._tree(top)
        return tree.verdict(relative, send_ignored=self._rules.send_ignored) if relative is not None else ANYWHERE

    def _tree(self, top: str) -> tuple[PolicyTree, bool]:
        known = self._trees.get(top)
        if known is None:
            ignore_case = self._ignore_case if self._ignore_case is not None else ignores_case(top)
            if self._outer is None:
                self._outer = global_files()
            own = ((path, GITIGNORE) for path in git_excludes.of_repository(top))
            tree = PolicyTree(top, ignore_case=ignore_case, outer=(*self._outer, *own), look=self._look)
            known = tree, ignore_case
            self._trees[top] = known
        return known

    def _look(self, path: str) -> Stamp | None:
        """How a policy file is now, or was when this moment began."""
        if self._moment is None:
            return stamp(path)
        if path not in self._moment.stamps:
            self._moment.stamps[path] = stamp(path)
        return self._moment.stamps[path]

    def _real(self, path: str) -> str:
        """Where a path really leads; its folder is followed once in a moment."""
        if self._moment is None:
            return os.path.realpath(path)
        folder, name = os.path.split(path)
        if name in ("", os.curdir, os.pardir):
            return os.path.realpath(path)
        if folder not in self._moment.folders:
            self._moment.folders[folder] = os.path.realpath(folder)
        found = os.path.join(self._moment.folders[folder], name)  # noqa: PTH118 - Path is slow
        return os.path.realpath(found) if os.path.islink(found) else found  # noqa: PTH114 - as above

    def _by_name(self, path: str, named: _Named) -> Verdict:
        """Whether the name alone says that the file holds keys."""
        path = path.replace(os.sep, "/").lstrip("/")
        name = original(path)
        found = self._sensitive.covering(path) or self._sensitive.covering(name)
        if found is None or named.lets_go(path) or self._harmless.covering(name.rpartition("/")[2]) is not None:
            return ANYWHERE
        return Verdict(
            "near-only", f"files named like `{found.text}` hold secrets (privacy.allow_sensitive would let it go)"
        )


@dataclass(frozen=True, slots=True)
class _Moment:
    """What the disk has said since it began: how policy files are, and where folders really lie."""

    stamps: dict[str, Stamp | None] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)


class _Named:
    """The patterns of the settings."""

    __slots__ = ("_allowed", "_blocked", "_near_only")

    def __init__(self, rules: PrivacyRules, *, ignore_case: bool) -> None:
        self._blocked = Cover(rules.blocked, ignore_case=ignore_case)
        self._near_only = Cover(rules.near_only, ignore_case=ignore_case)
        self._allowed = Cover(rules.allow_sensitive, ignore_case=False)

    def verdict(self, relative: str) -> Verdict:
        """What the settings say of a path in the workspace."""
        if (found := self._blocked.covering(relative)) is not None:
            return Verdict("blocked", _setting("blocked", found))
        if (found := self._near_only.covering(relative)) is not None:
            return Verdict("near-only", _setting("near_only", found))
        return ANYWHERE

    def lets_go(self, path: str) -> bool:
        """Whether the person says that this file may leave in spite of its name."""
        return self._allowed.covering(path) is not None


def _setting(key: str, found: Glob) -> str:
    return f"privacy.{key} (`{found.text}`) takes it in"


def _below(path: str, top: str) -> str | None:
    """`path` relative to `top`, `/`-separated; None outside. Both are absolute and normal."""
    if path.startswith(top + os.sep):
        return path[len(top) + 1 :].replace(os.sep, "/")
    try:
        if os.path.commonpath((path, top)) != os.path.normpath(top):
            return None
    except ValueError:
        return None
    relative = os.path.relpath(path, top).replace(os.sep, "/")
    return None if relative == "." else relative
