"""What changed from one released version of a package to the next: many real commits, to be had without a clone.

The packages are permissively licensed, pure Python, and among those that the starter was never trained on
(`starter/corpus.py`). pip fetches them from whatever index it is configured with, checks them against the
hashes here, and keeps nothing but the two archives in the user's cache folder; nothing of them is run.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from .history import Change, Commit, History, NoHistory

_MOST_FILES = 3
_WORD = re.compile(r"[^\W\d]\w{3,}")


@dataclass(frozen=True, slots=True)
class Version:
    """A release and the SHA-256 of its wheel."""

    number: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """A package at two versions, one after the other."""

    package: str
    before: Version
    after: Version


RELEASES = (
    Release(
        "click",
        Version("8.1.8", "63c132bbbed01578a06712a2d1f497bb62d9c1c0d329b7903a866228027263b2"),
        Version("8.2.0", "6b303f0b2aa85f1cb4e5303078fadcbcd4e476f114fab9b5007005711839325c"),
    ),
    Release(
        "tomlkit",
        Version("0.13.2", "7a974427f6e119197f670fbbbeae7bef749a6c14e793db934baefc1b5f03efde"),
        Version("0.13.3", "c89c649d79ee40629a9fda55f8ace8c6a1b42deb912b2a8fd8d942ddadb606b0"),
    ),
    Release(
        "markdown-it-py",
        Version("3.0.0", "355216845c60bd96232cd8d8c40e8f9765cc86f46880e43a8fd22dc1a1a8cab1"),
        Version("4.0.0", "87327c59b172c5011896038353a81343b6754500a08cd7a4973bb48c6d578147"),
    ),
    Release(
        "pluggy",
        Version("1.5.0", "44e1ad92c8ca002de6377e165f3e0f1be63266ab4d554740532335b9d75ea669"),
        Version("1.6.0", "e920276dd6813095e9377c0bc5566d94c932c33b27a3e3945d8389c374dd4746"),
    ),
)


def from_release(release: Release, seed: int) -> History:
    """Fetch both versions, once, and tell the difference as commits of up to three related files.

    Which commit comes first is drawn by `seed`. Raise `NoHistory` where pip cannot get them.
    """
    name = f"{release.package} {release.before.number} → {release.after.number}"
    before, after = (texts(release.package, version) for version in (release.before, release.after))
    return History(name, before, commits(name, before, after, random.Random(seed)))


def texts(package: str, version: Version) -> dict[str, str]:
    """The Python files of one version by path, fetched once. Raise `NoHistory` where pip cannot get it."""
    return _sources(_wheel(package, version))


def commits(name: str, before: dict[str, str], after: dict[str, str], chance: random.Random) -> tuple[Commit, ...]:
    """Group the changed files by the words that their changes share."""
    waiting = [
        Change(path, before.get(path, ""), text) for path, text in sorted(after.items()) if before.get(path) != text
    ]
    chance.shuffle(waiting)
    words = {change.path: _words(change) for change in waiting}
    groups = []
    while waiting:
        group = [waiting.pop(0)]
        while waiting and len(group) < _MOST_FILES:
            shared = [len(words[group[0].path] & words[other.path]) for other in waiting]
            if not max(shared):
                break
            group.append(waiting.pop(shared.index(max(shared))))
        groups.append(tuple(group))
    return tuple(Commit(f"{name}, part {number}", group) for number, group in enumerate(groups, start=1))


def _words(change: Change) -> set[str]:
    """Words of lines that are new."""
    old = set(change.before.split("\n"))
    return {word for line in change.after.split("\n") if line not in old for word in _WORD.findall(line)}


def _sources(wheel: Path) -> dict[str, str]:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".py")]
        return {name: archive.read(name).decode("utf-8") for name in names}


def _wheel(package: str, version: Version) -> Path:
    folder = platformdirs.user_cache_path("twolane", appauthor=False) / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    pattern = f"{package.replace('-', '_')}-{version.number}-*.whl"
    if not (found := sorted(folder.glob(pattern))):
        _fetch(f"{package}=={version.number}", version.sha256, folder)
        found = sorted(folder.glob(pattern))
    return found[0]


def _fetch(wanted: str, sha256: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="twolane-release-") as place:
        listed = Path(place, "release.txt")
        listed.write_text(f"{wanted} --hash=sha256:{sha256}\n", encoding="utf-8")
        options = ["--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
        command = [sys.executable, "-m", "pip", "download", *options, "--requirement", str(listed)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise NoHistory(f"pip cannot fetch {wanted} ({words}): check its index, or name a clone with --repository.")
