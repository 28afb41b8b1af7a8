"""What a person asks for, and what keeps it from being asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .original import Original
from .tasks import Task

MOST_INSTRUCTION = 4_000


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a tool says about lines `first_line`..`last_line` (from 1) of the file at hand."""

    first_line: int
    last_line: int
    message: str
    source: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """One task on lines `first_line`..`last_line` (from 1, both included) of a file of the workspace `root`."""

    task: Task
    root: Path | None
    original: Original
    first_line: int
    last_line: int
    instruction: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()


class CannotRefactor(Exception):
    """Nothing was asked of a model; `str(error)` is one sentence for the person."""


def check(command: Command) -> None:
    """Raise `CannotRefactor` where something that the task needs is missing."""
    original = command.original
    if command.root is None:
        raise CannotRefactor(f"{original.path} belongs to no workspace; open its folder.")
    if not 1 <= command.first_line <= command.last_line <= original.line_count:
        raise CannotRefactor(f"{original.path} has {original.line_count} lines; name some of them.")
    needs = command.task.needs
    if needs == "instruction" and not command.instruction.strip():
        raise CannotRefactor("Say what is to be done.")
    if needs == "diagnostics" and not command.diagnostics and not command.instruction.strip():
        raise CannotRefactor("There is no diagnostic here to fix; say in an instruction what is wrong.")
    if len(command.instruction) > MOST_INSTRUCTION:
        raise CannotRefactor(f"The instruction is longer than {MOST_INSTRUCTION:,} characters.")
    if not original.lines(command.first_line, command.last_line).strip():
        raise CannotRefactor("There is no code on the selected lines.")


def within(diagnostics: Sequence[Diagnostic], first: int, last: int) -> tuple[Diagnostic, ...]:
    """Those that have a part of the lines."""
    return tuple(one for one in diagnostics if one.first_line <= last and first <= one.last_line)
