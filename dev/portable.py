"""Refuse what would tie this repository to one machine or one package index.

python dev/portable.py [FILE ...]      without names: every file git knows or would add
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_LARGEST_BYTES = 4_000_000
_REFUSED = (
    (
        "names a package registry: leave the choice of index to whoever installs",
        re.compile(r"\b(?:pypi|pythonhosted|npmjs|yarnpkg|anaconda)\.(?:org|com)\b"),
    ),
    (
        "names a folder of one machine: write a path relative to the repository, or one from the environment",
        re.compile(
            r"(?<![\w.<{}$*\]-])/(?:home|Users)/(?!(?:me|you|user|somebody|someone)/)[A-Za-z]\w+/|(?<![\w.:/])/root/\w"
        ),
    ),
)


def files() -> list[Path]:
    """Return every file that is tracked or would be; without git, every file outside hidden and built folders."""
    asked = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        built = {"__pycache__", "node_modules", "build", "dist", "work"}
        every = (path for path in ROOT.rglob("*") if path.is_file())
        return [
            path
            for path in every
            if not any(part in built or part.startswith(".") for part in path.relative_to(ROOT).parts[:-1])
        ]
    named = (ROOT / name for name in listed.decode().split("\0") if name)
    return [path for path in named if path.is_file()]


def findings(paths: Iterable[Path]) -> list[str]:
    """Return one `file:line: what is wrong` for each place; binary and very large files are passed over."""
    found = []
    for path in paths:
        if path.is_symlink() or path.stat().st_size > _LARGEST_BYTES:
            continue
        content = path.read_bytes()
        if b"\0" in content:
            continue
        text = content.decode(errors="replace")
        for reason, pattern in _REFUSED:
            for match in pattern.finditer(text):
                shown = path.resolve().relative_to(ROOT) if path.resolve().is_relative_to(ROOT) else path
                found.append(f"{shown}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]!r} {reason}")
    return found


def main(names: list[str]) -> int:
    """Print what is found; return 1 where that is anything."""
    found = findings([Path(name) for name in names] or files())
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
