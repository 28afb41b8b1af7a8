"""Commits of a local git clone, read with the git command; nothing in the clone is changed."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from .history import LANGUAGES, Change, Commit, History, NoHistory

_LONGEST_FILE = 400_000
_HEADER = "%H%x09%s"


def from_clone(folder: Path, commits: int = 40, revision: str = "HEAD") -> History:
    """Read the last commits on the first-parent line that leads to `revision`, oldest first.

    A merge counts as one commit with all that it brought in. Raise `NoHistory` where git knows no such place
    or the commits change no source file.
    """
    count, form = f"--max-count={commits + 1}", f"--format={_HEADER}"
    log = _git(folder, "log", "--first-parent", count, form, revision).decode("utf-8", "replace")
    lines = [line.partition("\t") for line in reversed(log.splitlines())]
    if len(lines) < 2:
        raise NoHistory(f"{folder} has fewer than two commits up to {revision}: name a clone with its history.")
    states = [number for number, _, _ in lines]
    found = []
    for before, (after, _, subject) in zip(states, lines[1:], strict=False):
        changes = _changes(folder, before, after)
        if changes:
            found.append(Commit(f"{after[:10]} {subject}", changes))
    if not any(change.language for commit in found for change in commit.changes):
        raise NoHistory(f"The last {commits} commits of {folder} change no source file: raise --commits.")
    return History(folder.resolve().name, _tree(folder, states[0]), tuple(found))


def _changes(folder: Path, before: str, after: str) -> tuple[Change, ...]:
    names = _git(folder, "diff", "--no-renames", "--name-only", "-z", before, after).decode("utf-8", "replace")
    changes = []
    for path in filter(None, names.split("\0")):
        if Path(path).suffix in LANGUAGES:
            texts = [_text(folder, state, path) for state in (before, after)]
            if texts[0] is not None and texts[1] is not None and texts[0] != texts[1]:
                changes.append(Change(path, texts[0], texts[1]))
    return tuple(changes)


def _text(folder: Path, state: str, path: str) -> str | None:
    """The file's text, '' where there is none, None where it is no text that a person would type in."""
    if not _git(folder, "ls-tree", state, "--", path):
        return ""
    return _decoded(_git(folder, "show", f"{state}:{path}"))


def _tree(folder: Path, state: str) -> dict[str, str]:
    files = {}
    with tarfile.open(fileobj=io.BytesIO(_git(folder, "archive", "--format=tar", state))) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            text = _decoded(content.read()) if content is not None else None
            if text is not None:
                files[member.name] = text
    return files


def _decoded(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if len(data) > _LONGEST_FILE or "\0" in text else text


def _git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    except FileNotFoundError as error:
        raise NoHistory("The git command is not there: install git, or leave --repository away.") from error
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode("utf-8", "replace").strip() or "no reason given"
        raise NoHistory(f"git cannot read {folder}: {words}") from error
    return done.stdout
