"""One document as it stood at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An immutable view of a document; offsets into `text` are Unicode code points.

    `path` is workspace-relative and '/' separated (the bare file name outside any workspace); `root` is
    the workspace folder or None; `language` is the LSP language identifier; `version` the client's.
    `masked_imports` are names to be treated as not imported yet (measuring only).
    """

    uri: str
    path: str
    root: Path | None
    language: str
    version: int
    text: str
    masked_imports: frozenset[str] = field(default=frozenset())

    @property
    def workspace(self) -> str:
        """The key of the workspace: its folder, or '' outside any."""
        return str(self.root) if self.root is not None else ""

    @property
    def repository(self) -> str:
        """The name the model is shown for the workspace."""
        return self.root.name if self.root is not None else "workspace"
