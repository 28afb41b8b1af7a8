"""Fetch a release's source archive with its package manager, check its hash, and unpack it, once.

Package managers ask whatever index or mirror this machine is configured with. Nothing of what they bring is run, but
that pip asks a Python project's build backend for its name. Needs pip; npm for npm's packages; apt-get for Debian's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import platformdirs

from .corpus import CORPORA, Corpus

SECONDS = 600


class NotFetched(Exception):
    """A release could not be had: what failed, in one line."""


def by_name(name: str) -> Corpus:
    """The release of that name; `NotFetched` if there is none."""
    for corpus in CORPORA:
        if corpus.name == name:
            return corpus
    raise NotFetched(f"No corpus is called {name}; there are {', '.join(corpus.name for corpus in CORPORA)}.")


def fetch(corpus: Corpus) -> Path:
    """The folder of a release's sources, fetched when it is not there yet."""
    kept = platformdirs.user_cache_path("twolane", appauthor=False) / "corpora"
    place = kept / f"{corpus.name}-{corpus.sha256[:12]}"
    if not place.is_dir():
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=kept) as scratch:
            archive = _download(corpus, Path(scratch))
            _check(corpus, archive)
            _unpack(archive, whole := Path(scratch, "whole"))
            only = list(whole.iterdir())
            root = only[0] if len(only) == 1 and only[0].is_dir() else whole
            for folder in (one for pattern in corpus.without for one in sorted(root.glob(pattern))):
                shutil.rmtree(folder, ignore_errors=True)
            with contextlib.suppress(OSError):  # another run was faster
                root.rename(place)
    if not place.is_dir():
        raise NotFetched(f"{corpus.name} cannot be kept in {kept}.")
    return place / corpus.folder


def _download(corpus: Corpus, scratch: Path) -> Path:
    match corpus.source:
        case "pypi":
            return _from_pypi(corpus, scratch)
        case "npm":
            command = ["npm", "pack", "--silent", f"{corpus.package}@{corpus.version}"]
            _run(corpus, [*command, "--pack-destination", str(scratch)], scratch)
            return _one(corpus, scratch, "*.tgz")
        case "debian":
            _run(corpus, ["apt-get", "-qq", "update"], scratch, _private_apt(scratch))
            command = [
                "apt-get",
                "-qq",
                "--download-only",
                "--tar-only",
                "source",
                f"{corpus.package}={corpus.version}",
            ]
            with contextlib.suppress(NotFetched):  # of a release in many archives only the first is wanted
                _run(corpus, command, scratch, _private_apt(scratch))
            return _one(corpus, scratch, "*.orig.tar.*")


def _from_pypi(corpus: Corpus, scratch: Path) -> Path:
    listed = scratch / "release.txt"
    listed.write_text(f"{corpus.package}=={corpus.version} --hash=sha256:{corpus.sha256}\n", encoding="utf-8")
    options = ["--quiet", "--require-hashes", "--no-deps", "--no-binary", ":all:", "--dest", str(scratch)]
    _run(corpus, [sys.executable, "-m", "pip", "download", *options, "--requirement", str(listed)], scratch)
    return _one(corpus, scratch, "*.tar.gz")


def _private_apt(scratch: Path) -> dict[str, str]:
    """apt's settings with folders of our own, where the machine's Debian mirrors are also asked for sources."""
    for folder in ("state/lists/partial", "cache/archives/partial", "lists"):
        (scratch / folder).mkdir(parents=True, exist_ok=True)
    found = False
    for path in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")):
        text = path.read_text(encoding="utf-8")
        if "debian-archive-keyring" in text:
            text = re.sub(r"^Types:.*$", "Types: deb-src", text, flags=re.MULTILINE)
            (scratch / "lists" / path.name).write_text(text, encoding="utf-8")
            found = True
    if not found:
        raise NotFetched("No Debian mirror is configured on this machine: /etc/apt/sources.list.d/debian.sources.")
    settings = scratch / "apt.conf"
    settings.write_text(
        f'Dir::State "{scratch}/state";\nDir::Cache "{scratch}/cache";\n'
        f'Acquire::Retries "5";\nDir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{scratch}/lists";\n',
        encoding="utf-8",
    )
    return {"APT_CONFIG": str(settings)}


def _run(corpus: Corpus, command: list[str], folder: Path, variables: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | (variables or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise NotFetched(f"{corpus.name} needs {command[0]}, which is not installed.") from None
    except subprocess.TimeoutExpired:
        raise NotFetched(f"{corpus.name}: {command[0]} took longer than {SECONDS} s.") from None
    if done.returncode:
        words = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise NotFetched(f"{command[0]} cannot fetch {corpus.package} {corpus.version}: {words}")


def _one(corpus: Corpus, folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern), key=lambda path: -path.stat().st_size)
    if not found:
        raise NotFetched(f"{corpus.package} {corpus.version} came without an archive like {pattern}.")
    return found[0]


def _check(corpus: Corpus, archive: Path) -> None:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != corpus.sha256:
        raise NotFetched(f"{archive.name} has the hash {digest}, not {corpus.sha256}.")


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
