"""Where a URI stands in the workspace, told from its spelling alone: nothing here touches the disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Location:
    """A document's workspace-relative path ('/' separated) and folder; a bare name and None outside any."""

    path: str
    root: Path | None


def file_path(uri: str) -> Path | None:
    """Return the normalised local path of a file URI; None for every other scheme and for other hosts.

    `..` is resolved after decoding, so no spelling of it leaves a folder unseen.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    name = unquote(parts.path)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not name or "\0" in name:
        return None
    if os.name == "nt":
        name = name.lstrip("/")
    return Path(os.path.normpath(name))


class Workspace:
    """The workspace folders that the client has open."""

    def __init__(self, folders: Iterable[str] = ()) -> None:
        self._folders: dict[str, Path] = {}
        self.add(folders)

    @property
    def first(self) -> Path | None:
        """The folder whose settings count."""
        return next(iter(self._folders.values()), None)

    @property
    def in_order(self) -> tuple[Path, ...]:
        """All of them, each once, as they were opened."""
        return tuple(dict.fromkeys(self._folders.values()))

    @property
    def folders(self) -> frozenset[Path]:
        """All of them."""
        return frozenset(self._folders.values())

    def add(self, uris: Iterable[str]) -> None:
        """Take folders in; those that are no local folder are left out."""
        for uri in uris:
            path = file_path(uri)
            if path is not None:
                self._folders[uri] = path

    def remove(self, uris: Iterable[str]) -> None:
        """Let go of folders."""
        for uri in uris:
            self._folders.pop(uri, None)

    def locate(self, uri: str) -> Location:
        """Find the innermost folder that holds a document."""
        path = file_path(uri)
        if path is None:
            return Location(_bare_name(uri), None)
        holding = [root for root in self._folders.values() if root in path.parents]
        if not holding:
            return Location(path.name or "untitled", None)
        root = max(holding, key=lambda folder: len(folder.parts))
        return Location(path.relative_to(root).as_posix(), root)


def _bare_name(uri: str) -> str:
    """Name a document that is no local file: the last part of its URI."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "untitled"
    return PurePosixPath(unquote(parts.path)).name or "untitled"
