"""What an import names, before a name is taken from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Module:
    """Files that are one scope together: one Python module, all files of a Go package.

    Modules below it are looked for in `folders`. `owner` names the definition inside `files` whose members are meant
    (Java's static imports, Rust's inline modules), '' for what stands at the top of the files.
    """

    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    owner: str = ""
