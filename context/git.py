"""Git's plumbing, asked so that nothing of a repository's own is ever run.

Only commands that know no pager, no signatures to verify and no text conversion may be asked for. Transports are off,
so that a partial clone fetches nothing; the environment's own git variables and the person's settings do not count.
"""

from __future__ import annotations

import os
import shutil
import subprocess

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
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(
            (git, "--no-pager", "--no-replace-objects", *_OPTIONS, *words),
            cwd=root,
            env=_environment(),
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 and len(done.stdout) <= MAX_BYTES else None


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
