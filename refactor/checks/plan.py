"""Which commands decide about an edit. They come from the person, or from a workspace that the person trusts."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

FILES = "{files}"
"""In a command: the changed files, each as a word of its own."""

LINKED = ("node_modules", ".venv", "venv")


@dataclass(frozen=True, slots=True)
class Plan:
    """`format`, `types` and `tests` are commands as words, empty for none; each may take `timeout_s` and `memory_mb`.

    `linked` are folders at the top of the workspace that the copy only links to, because they hold what others wrote.
    """

    format: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    timeout_s: float = 120.0
    memory_mb: int = 4_096
    linked: tuple[str, ...] = LINKED

    def __bool__(self) -> bool:
        return bool(self.format or self.types or self.tests)

    def command(self, name: str) -> tuple[str, ...]:
        """The words of the check of that name."""
        return {"format": self.format, "types": self.types, "tests": self.tests}[name]


def words(line: str) -> tuple[str, ...]:
    """Split a command as a shell would, without running one; raise `ValueError` where quotes are open."""
    return tuple(shlex.split(line))


def with_files(command: tuple[str, ...], files: tuple[str, ...]) -> tuple[str, ...]:
    """The command with the changed files in the place of `{files}`; none can be taken for an option."""
    named = tuple(f"./{file}" if file.startswith("-") else file for file in files)
    return tuple(word for one in command for word in (named if one == FILES else (one,)))
