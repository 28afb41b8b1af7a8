"""The bundled project and the lines of it that the demo types; see NOTICE for whose it is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

PROJECT = "itsdangerous 2.2.0"
LICENCE = "BSD-3-Clause"


@dataclass(frozen=True, slots=True)
class Place:
    """A line that is typed anew: `line` counts from 1 in `path`; `needs` are other files' names in it."""

    path: str
    line: int
    needs: tuple[str, ...]


PLACES = (
    Place("src/itsdangerous/timed.py", 48, ("base64_encode", "int_to_bytes")),
    Place("src/itsdangerous/timed.py", 135, ("BadTimeSignature",)),
    Place("src/itsdangerous/serializer.py", 278, ("want_bytes",)),
)


def unpack(folder: Path) -> Path:
    """Copy the project into `folder`; return its own folder."""
    root = folder / "itsdangerous"
    with resources.as_file(resources.files(__package__) / "project") as project:
        shutil.copytree(project, root)
    return root
