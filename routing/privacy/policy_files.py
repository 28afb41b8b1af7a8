"""The files by which people keep code from models, as their tools define them, and .gitignore.

Facts: `.cursorignore`, `.codeiumignore`, `.aiderignore`, `.copilotignore` and `.gitignore` have the syntax of
gitignore(5). `.aiexclude` has it without negation, and an empty one takes in everything below its folder.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ..globs import GlobError, Globs

AIEXCLUDE = ".aiexclude"
GITIGNORE = ".gitignore"
EXCLUSIONS = (AIEXCLUDE, ".cursorignore", ".codeiumignore", ".aiderignore", ".copilotignore")
"""Files that keep what they name from every model."""

NAMES = (*EXCLUSIONS, GITIGNORE)
MAX_BYTES = 1_000_000
MAX_PATTERNS = 5_000


Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One such file as it stands on disk; `fault` says why it cannot be used ('' where it can)."""

    path: str
    stamp: Stamp
    globs: Globs
    fault: str = ""


def stamp(path: str) -> Stamp | None:
    """Time, size and inode of what stands at `path`; None where nothing does, zeros where nobody may look.

    A link that leads nowhere is a policy that cannot be read; but git takes such a `.gitignore` for none.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - for each folder of each path; Path costs five times as much
    except FileNotFoundError:
        lost = not path.endswith(GITIGNORE) and os.path.islink(path)  # noqa: PTH114 - as above
        return (0, 0, 0) if lost else None
    except (NotADirectoryError, ValueError):
        return None
    except OSError:
        return (0, 0, 0)
    return status.st_mtime_ns, status.st_size, status.st_ino


def read(path: str, name: str, mark: Stamp, *, ignore_case: bool) -> PolicyFile:
    """Read the file at `path` as the kind `name`; never raises: what cannot be used has a fault."""
    try:
        lines = _lines(path)
        if name == AIEXCLUDE:
            lines = [line for line in lines if line.strip() and not line.startswith(("#", "!"))] or ["*"]
        return PolicyFile(path, mark, Globs(lines, ignore_case=ignore_case))
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 in line {error.object[: error.start].count(10) + 1}"
    except GlobError as error:
        reason = f"cannot be used: {error}"
    return PolicyFile(path, mark, Globs(()), f"{path} {reason}")


def _lines(path: str) -> list[str]:
    found = Path(path)
    if not stat.S_ISREG(found.stat().st_mode):
        raise OSError("it is not a regular file")
    with found.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    lines = content.decode("utf-8-sig").split("\n")
    if len(content) > MAX_BYTES or len(lines) > MAX_PATTERNS:
        raise OSError(f"it is larger than {MAX_BYTES} bytes or {MAX_PATTERNS} lines")
    return lines
