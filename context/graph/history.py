"""Which files change together, read from git's history by its plumbing; nothing of a repository's own is ever run.

Only two plumbing commands are used, `rev-list` and `diff-tree`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from .. import git

MAX_COMMITS = 2_000
MAX_FILES = 25
"""A commit of more files says nothing about any two of them."""

MOST = 16
"""How many files are remembered for each file."""


def head(root: str) -> str:
    """The commit that is checked out; '' without git or without a commit."""
    return _git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode("ascii", "replace").strip()


def changed_together(root: str, commit: str, files: Iterable[str]) -> dict[str, list[tuple[str, float]]]:
    """For each of these files those that were committed together with it at least twice, best first.

    The weight, in 0..1, is the share of the file's own commits, those of few files counting more.
    """
    known = frozenset(files)
    alone: Counter[str] = Counter()
    pairs: dict[str, Counter[str]] = defaultdict(Counter)
    times: Counter[tuple[str, str]] = Counter()
    for names in _commits(root, commit):
        here = sorted(names & known)
        if len(names) > MAX_FILES:
            continue
        for one in here:
            alone[one] += 1
            for other in here:
                if other != one:
                    pairs[one][other] += 1.0 / (len(names) - 1)  # type: ignore[assignment] # a counter of shares
                    times[one, other] += 1
    return {
        one: [
            (other, min(1.0, share / alone[one]))
            for other, share in sorted(others.items(), key=lambda item: (-item[1], item[0]))
            if times[one, other] > 1
        ][:MOST]
        for one, others in pairs.items()
    }


def _commits(root: str, commit: str) -> Iterator[set[str]]:
    """The files of each of the last commits, relative to `root`."""
    commits = _git(root, "rev-list", "--no-merges", f"--max-count={MAX_COMMITS}", commit, "--", ".")
    if not commits:
        return
    listing = _git(
        root, "diff-tree", "--stdin", "-r", "-z", "--root", "--name-only", "--relative", "--no-renames", given=commits
    )
    names: set[str] = set()
    hashes = frozenset(commits.decode("ascii", "replace").split())
    for word in listing.decode("utf-8", "replace").split("\0"):
        first, _, rest = word.partition("\n")
        if word in hashes or first in hashes:
            if names:
                yield names
            names = {rest} if rest else set()
        elif word:
            names.add(word)
    if names:
        yield names


def _git(root: str, *words: str, given: bytes = b"") -> bytes:
    """What a git command answers; b'' where it cannot, or takes too long."""
    return git.ask(root, *words, given=given) or b""
