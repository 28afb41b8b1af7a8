"""Which packages may be learnt from, decided from their own metadata."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

_PERMISSIVE = (
    "0BSD",
    "APACHE",
    "BSD",
    "BSL-1.0",
    "CC0",
    "CNRI",
    "HPND",
    "ISC",
    "LLVM",
    "MIT",
    "PSF",
    "PYTHON SOFTWARE FOUNDATION",
    "UNLICENSE",
    "ZLIB",
    "ZPL",
)
_NAMED = re.compile(rf"(?<![A-Z0-9])(?:{'|'.join(map(re.escape, _PERMISSIVE))})(?![A-Z])")
"""Whole words only: `Limited`, `Submitted` and `Miscellaneous` name no licence."""

_FORBIDDEN = ("AGPL", "COMMERCIAL", "EPL", "EUPL", "GPL", "MOZILLA", "MPL", "PROPRIETARY", "GENERAL PUBLIC")


def declared(distribution: Distribution) -> str:
    """The licence as the distribution's metadata states it, on one line; '' where it states none."""
    metadata = distribution.metadata
    expressions: Iterable[str] = metadata.get_all("License-Expression") or []
    for expression in expressions:
        return expression.strip()
    classifiers: Iterable[str] = metadata.get_all("Classifier") or []
    named = [c.split("::")[-1].strip() for c in classifiers if c.startswith("License ::")]
    named = [name for name in named if name != "OSI Approved"]
    if named:
        return " AND ".join(named)
    texts: Iterable[str] = metadata.get_all("License") or []
    return next((text.strip().splitlines()[0][:60] for text in texts if text.strip()), "")


def is_permissive(licence: str) -> bool:
    """True only if every licence named is permissive; of an 'OR' one permissive side is enough."""
    text = licence.upper()
    if not text:
        return False
    return any(_all_permissive(side) for side in re.split(r"\bOR\b", text))


def _all_permissive(text: str) -> bool:
    if any(word in text for word in _FORBIDDEN):
        return False
    parts = [part.strip(" ()") for part in re.split(r"\bAND\b|\bWITH\b|/|,|;", text)]
    return all(_NAMED.search(part) for part in parts if part)


@dataclass(frozen=True, slots=True)
class Project:
    """What a package's own manifest says of it."""

    name: str
    version: str
    licence: str


def of_project(manifest: Path) -> Project | None:
    """Read a `package.json` or a `Cargo.toml`; None where it cannot be read or names no licence."""
    try:
        text = manifest.read_text(encoding="utf-8")
        stated = json.loads(text) if manifest.suffix == ".json" else tomllib.loads(text).get("package", {})
        found = stated["name"], stated["version"], stated.get("license", "")
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError):
        return None
    name, version, licence = found
    return Project(name, version, licence) if all(isinstance(part, str) and part for part in found) else None
