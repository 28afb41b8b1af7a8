"""The sections of the settings about refactoring: what is sent and tried, and which commands check it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...refactor.checks.plan import LINKED, words
from ...refactor.tasks import TASKS
from .option import Layer, option


def _command(value: Any, _: Layer) -> tuple[str, ...]:
    if isinstance(value, str):
        try:
            return words(value)
        except ValueError as error:
            raise ValueError(f"a command whose quotes are closed ({error})") from error
    if isinstance(value, list | tuple) and all(isinstance(word, str) and "\0" not in word for word in value):
        return tuple(value)
    raise ValueError("allowed is a command, or a list of its words")


def _tasks(value: Any, _: Layer) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ValueError("allowed is a list of tasks")
    if unknown := [name for name in value if name not in TASKS]:
        raise ValueError(f'"{unknown[0]}" is no task; there are {", ".join(TASKS)}')
    return tuple(value)


def _folders(value: Any, _: Layer) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(name, str) and name and "/" not in name and name not in (".", "..") for name in value
    ):
        raise ValueError("allowed is a list of names of folders")
    return tuple(value)


_COMMAND = 'a command (`"pytest -q"`, run without a shell), or a list of its words'


@dataclass(frozen=True, slots=True)
class Refactor:
    """What an explicit command shows a model, and who is tried first; docs/refactor.md tells how it works."""

    context_tokens: int = option(
        12_000,
        "How many tokens of code a command may show a model: the place, what it calls, what calls it, its tests.",
        "tighten",
        low=500,
        high=200_000,
    )
    tries: int = option(
        0,
        "So many answers of the team's model are tried before a model of the far lane is asked, where one of your "
        "checks can tell a good one. 0 or 1: none.",
        "tighten",
        low=0,
        high=8,
    )
    tries_for: tuple[str, ...] = option(
        ("tests", "types", "fix", "simplify"),
        "The tasks for which that is done.",
        "user",
        read=_tasks,
        allowed="a list of tasks: " + ", ".join(f'"{name}"' for name in TASKS),
    )


@dataclass(frozen=True, slots=True)
class Checks:
    """Commands of the project that an edit must pass before it is offered. They run in a copy of the workspace.

    `{files}` in a command stands for the changed files.
    """

    format: tuple[str, ...] = option(
        (),
        'Formats the changed files in place: `"ruff format {files}"`. Empty: none.',
        "trusted",
        read=_command,
        allowed=_COMMAND,
    )
    types: tuple[str, ...] = option(
        (), 'The type checker: `"mypy ."`. Empty: none.', "trusted", read=_command, allowed=_COMMAND
    )
    tests: tuple[str, ...] = option(
        (), 'The tests: `".venv/bin/pytest -q"`. Empty: none.', "trusted", read=_command, allowed=_COMMAND
    )
    timeout_s: float = option(
        120.0, "A check that has not ended after so many seconds counts as failed.", "user", low=1, high=3_600
    )
    memory_mb: int = option(
        4_096,
        "A check that uses more memory than so many MB, all its processes together, counts as failed.",
        "user",
        low=64,
        high=1_048_576,
    )
    linked: tuple[str, ...] = option(
        LINKED,
        "Folders at the top of the workspace that the copy only links to, because they hold installed packages.",
        "user",
        read=_folders,
        allowed="a list of names of folders",
    )
