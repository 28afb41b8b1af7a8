"""Git's plumbing, asked so that nothing of a repository's own is ever run.

Only commands that know no pager, no signatures to verify and no text conversion may be asked for. Transports are off,
so that a partial clone fetches nothing; the environment's own git variables and the person's settings do not count, but
for `safe.directory`: repositories of other users that the person trusts, as in containers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

SECONDS = 20.0
MAX_BYTES = 64_000_000
_OPTIONS = (
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.pager=cat",
    "-c", "core.quotePath=false",
    "-c", "log.showSignature=false",
    "-c", "protocol.allow=never",
)  # fmt: skip


def ask(root: str, *words: str, given: bytes = b"") -> bytes | None:
    """What a git command answers; None where it cannot, takes too long, or says too much."""
    done = _asked(root, words, given)
    if done is not None and _is_refused(done) and (trusted := _trusted()):
        done = _asked(root, (*trusted, *words), given)
    return done.stdout if done is not None and done.returncode == 0 and len(done.stdout) <= MAX_BYTES else None


def refuses(root: str) -> bool:
    """Whether git does not answer because the repository belongs to another user, whom the person has not trusted."""
    done = _asked(root, (*_trusted(), "rev-parse", "--git-dir"))
    return done is not None and _is_refused(done)


def _asked(root: str, words: Sequence[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes] | None:
    return _run(("--no-pager", "--no-replace-objects", *_OPTIONS, *words), root, _environment(), given)


def _is_refused(done: subprocess.CompletedProcess[bytes]) -> bool:
    return done.returncode != 0 and b"dubious ownership" in done.stderr


def _trusted() -> tuple[str, ...]:
    """The options that repeat what the person has said of other users' repositories."""
    done = _run(("config", "--get-all", "-z", "safe.directory"), os.sep, {**os.environ, "GIT_CEILING_DIRECTORIES": ""})
    said = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1] if done is not None else ()
    return tuple(word for place in said for word in ("-c", f"safe.directory={place}"))


def _run(
    words: Sequence[str], folder: str, environment: Mapping[str, str], given: bytes = b""
) -> subprocess.CompletedProcess[bytes] | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        return subprocess.run(
            (git, *words),
            cwd=folder,
            env=environment,
            input=given,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CEILING_DIRECTORIES": "",
        "LC_ALL": "C",
    }
