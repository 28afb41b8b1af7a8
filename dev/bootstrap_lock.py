"""Lock files read as what they are: requirements with a version and hashes, one block each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_HEAD = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One pinned package; `text` is its block as pip reads it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    text: str


def read(path: Path) -> list[Requirement]:
    """Return the requirements of a lock file in its order, comments left out."""
    blocks: list[list[str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and blocks:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    found = []
    for block in blocks:
        text = "\n".join(block).rstrip("\\ ") + "\n"
        head = _HEAD.match(text)
        if head is None:
            raise ValueError(f"{path.name}: not a pinned requirement: {block[0]}")
        hashes = tuple(re.findall(r"--hash=(sha256:[0-9a-f]{64})", text))
        found.append(Requirement(head["name"], head["version"], hashes, text))
    return found
