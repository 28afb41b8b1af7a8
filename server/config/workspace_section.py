"""The section of the settings that says what is known of a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option


@dataclass(frozen=True, slots=True)
class Workspace:
    """The index of a workspace: its symbols and how its files hang together. It stays on this machine."""

    index: bool = option(
        True,
        "Index the whole workspace, in a process beside the server that goes behind everything else. Without it only "
        "files that an open document imports are known.",
        "tighten",
    )
