"""The model card and the files beside it, read as a person would: wherever a table stands, it is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

_HEAD = "| package | version |"


class Row(NamedTuple):
    """What one package gave."""

    name: str
    version: str
    licence: str
    files: int
    characters: int


class Table(NamedTuple):
    """The text that introduces it, from the last heading on, and its packages."""

    said: str
    rows: tuple[Row, ...]

    @property
    def held_out(self) -> bool:
        """Whether it lists what was never learnt from."""
        return re.search("(?i)held[- ]out|never learnt", self.said) is not None


def texts() -> list[str]:
    """The text of each Markdown file of the starter, the card first."""
    found = [path for path in files("twolane.starter").iterdir() if path.name.endswith(".md")]
    found.sort(key=lambda path: (path.name != "MODEL_CARD.md", path.name))
    return [path.read_text("utf-8") for path in found]


def row(name: str) -> str:
    """What the card's first table says of a thing."""
    said = re.search(rf"^\| {re.escape(name)} \| (.*) \|$", "\n".join(texts()), re.MULTILINE)
    assert said is not None, f"no row of the card is called {name}"
    return said[1]


def tables() -> list[Table]:
    """The tables of packages."""
    return [table for text in texts() for table in _tables(text)]


def trained_on() -> set[str]:
    """The packages that any training of what ships has learnt from."""
    return {row.name for table in tables() if not table.held_out for row in table.rows}


def of_training(name: str) -> tuple[re.Match[str], Table]:
    """What is said of a training (packages, files, millions of characters), and the table below it."""
    said = rf"{name}\s+training\W+(\d+)\s+packages,\s+([\d,]+)\s+files,\s+([\d.]+)\s+million\s+characters"
    for table in tables():
        if (found := re.search(said, table.said)) is not None:
            return found, table
    raise AssertionError(f"no table of packages says that it is of the {name} training")


def prose() -> str:
    """All that is no table."""
    return "\n".join(line for text in texts() for line in text.split("\n") if not line.startswith("|"))


def _tables(text: str) -> Iterator[Table]:
    said: list[str] = []
    rows: list[Row] = []
    inside = False
    for line in [*text.split("\n"), ""]:
        if inside and not line.startswith("|"):
            yield Table("\n".join(said), tuple(rows))
            said, rows, inside = [], [], False
        if line.startswith(_HEAD):
            inside = True
        elif inside and not line.startswith("|--"):
            rows.append(_row(line))
        elif not inside:
            said = [line] if line.startswith(("#", "**")) else [*said, line]


def _row(line: str) -> Row:
    name, version, licence, count, characters = line.strip("| ").split(" | ")
    return Row(name, version, licence, int(count), int(characters))
