"""Refactoring as the settings want it, and the files of a workspace as it takes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..clients.chat import Deadlines
from ..context.languages.reading import language_of
from ..refactor.checks.plan import Plan
from ..refactor.known import Known
from ..refactor.options import Options
from ..refactor.original import Original
from ..refactor.writing import mark, obstacle
from .config.settings import Settings

if TYPE_CHECKING:
    from ..context.graph.live import LiveWorkspace

MAX_BYTES = 1_000_000
"""Larger files are neither shown nor changed."""


def options(settings: Settings) -> Options:
    """The settings' part of refactoring."""
    checks, refactor = settings.checks, settings.refactor
    return Options(
        context_tokens=refactor.context_tokens,
        tries=refactor.tries,
        tries_for=refactor.tries_for,
        plan=Plan(checks.format, checks.types, checks.tests, checks.timeout_s, checks.memory_mb, checks.linked),
        deadlines=Deadlines(first_s=min(60.0, settings.far.timeout_s), total_s=settings.far.timeout_s),
    )


def known(workspace: LiveWorkspace) -> Known:
    """What a workspace's index tells, for one command."""
    from ..context.resolution.resolver import Resolver

    return Known(workspace, Resolver(workspace), workspace.complete)


def read(root: Path, path: str, language: str = "") -> Original | None:
    """A file as it is on the disk; None where it is no text, too large, or reached through a link."""
    if obstacle(root, path):
        return None
    try:
        with (root / path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        text = data.decode("utf-8-sig") if len(data) <= MAX_BYTES else ""
    except (OSError, ValueError):
        return None
    if len(data) > MAX_BYTES or "\0" in text:
        return None
    return Original(path, text, language or language_of(path) or "plaintext", mark=mark(data))
