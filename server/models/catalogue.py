"""The models that are known by name, and those that are here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import platformdirs

from ...clients.engine.families import detect
from ...clients.engine.gguf_check import read_header, read_tokens
from ...clients.errors import ModelError

SHIPPED = "catalogue.toml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: where it is fetched from, its size in bytes, what a token of state costs, what its licence allows.

    `sha256` is empty where nobody has pinned it.
    """

    name: str
    repository: str
    revision: str
    file: str
    bytes: int
    kv_bytes_per_token: int
    licence: str
    note: str
    sha256: str = ""
    commercial: bool = True

    def url(self, source: str) -> str:
        """Where it is fetched, from a server laid out as Hugging Face's."""
        return f"{source.rstrip('/')}/{self.repository}/resolve/{self.revision}/{self.file}"


@dataclass(frozen=True, slots=True)
class Here:
    """A GGUF file in the folder for models; `family` is empty and `trouble` says why, where it cannot complete."""

    path: Path
    bytes: int
    family: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Entries from small to large, and the server that has them."""

    source: str
    entries: tuple[Entry, ...]

    def find(self, name: str) -> Entry | None:
        """The entry of this name, however it is spelled in upper and lower case."""
        return next((entry for entry in self.entries if entry.name == name.lower()), None)


def shipped() -> Catalogue:
    """Read the catalogue that comes with the package."""
    table = tomllib.loads(resources.files(__package__).joinpath(SHIPPED).read_text(encoding="utf-8"))
    entries = [Entry(**row) for row in table["model"]]
    return Catalogue(str(table["source"]), tuple(sorted(entries, key=lambda entry: entry.bytes)))


def folder() -> Path:
    """Where models are kept, in the user's data folder; it may not be there yet."""
    return platformdirs.user_data_path("twolane", appauthor=False) / "models"


def here(place: Path) -> Iterator[Here]:
    """Every GGUF file in a folder, looked at without loading it."""
    for path in sorted(place.glob("*.gguf")):
        yield looked_at(path)


def looked_at(path: Path) -> Here:
    """Look at one file's header and vocabulary; llama.cpp has the last word when it loads it."""
    try:
        header = read_header(path)
        numbers = {token: number for number, token in enumerate(read_tokens(path))}
        values = {key: str(value) for key, value in header.values.items()}
        family = detect(header.name, values.get, lambda token: numbers.get(token.encode()))
        return Here(path, header.size, family.name)
    except (ModelError, OSError) as error:
        return Here(path, path.stat().st_size if path.is_file() else 0, "", str(error))
