"""Which packages may be learnt from, decided from their own metadata or the text of their licence."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from .languages import SUFFIXES

_PERMISSIVE = (
    "0BSD",
    "APACHE",
    "BSD",
    "BSL-1.0",
    "CC0",
    "CNRI",
    "EXPAT",
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

_FORBIDDEN = (
    *("AGPL", "COMMERCIAL", "EPL", "EUPL", "GPL", "MOZILLA", "MPL", "PROPRIETARY", "GENERAL PUBLIC"),
    *("NUCLEAR", "MILITARY", "BSD-PROTECTION", "ADVERTISING", "ORIGINAL", "OLD BSD"),
)
_FOUR_CLAUSES = re.compile(r"\bBSD[- ]?4\b|\b(?:4|FOUR)[- ]?CLAUSES?\b")
"""BSD with the clause on advertising, however it is spelled."""


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
    """True only if every licence named is permissive; of an 'OR' one permissive side is enough, brackets hold."""
    text = licence.upper().strip()
    if text.count("(") != text.count(")"):
        return False
    sides = list(_split(_OR, text))
    if len(sides) > 1:
        return any(is_permissive(side) for side in sides)
    parts = list(_split(_AND, text))
    if len(parts) > 1:
        return all(is_permissive(part) for part in parts)
    if text.startswith("(") and text.endswith(")"):
        return is_permissive(text[1:-1])
    if any(word in text for word in _FORBIDDEN) or _FOUR_CLAUSES.search(text):
        return False
    return _NAMED.search(text) is not None


_OR = re.compile(r"\bOR\b")
_AND = re.compile(r"\bAND\b|\bWITH\b|/|,(?!\s*V(?:ERSION)?\W*\d)|;")
"""What joins licences; not the comma of `Apache License, Version 2.0`."""


def _split(joint: re.Pattern[str], text: str) -> Iterator[str]:
    """The parts between the joints that no bracket holds, empty ones aside."""
    start = 0
    for found in joint.finditer(text):
        if text.count("(", 0, found.start()) == text.count(")", 0, found.start()):
            yield from filter(None, [text[start : found.start()].strip()])
            start = found.end()
    yield from filter(None, [text[start:].strip()])


class _Text(NamedTuple):
    """A licence by the words of sentences that it has and has not; `most` words, so that nothing was added to it."""

    licence: str
    most: int
    has: tuple[str, ...]
    has_not: tuple[str, ...] = ()


_BSD = (
    "redistribution and use in source and binary forms with or without modification are permitted provided that",
    "redistributions of source code must retain the above copyright notice this list of conditions and",
    "redistributions in binary form must reproduce the above copyright notice this list of conditions and",
    "even if advised of the possibility of such damage",
)
_ENDORSING = "endorse or promote products derived from this software"
_TEXTS = (
    _Text(
        "MIT",
        230,
        (
            "permission is hereby granted free of charge to any person obtaining a copy of this software and",
            "the rights to use copy modify merge publish distribute sublicense and or sell copies of the software",
            "the above copyright notice and this permission notice shall be included in all copies or substantial",
            "the software is provided as is without warranty of any kind",
        ),
    ),
    _Text("BSD-2-Clause", 260, _BSD, (_ENDORSING,)),
    _Text("BSD-3-Clause", 300, (*_BSD, _ENDORSING)),
    _Text(
        "Apache-2.0",
        1_800,
        (
            "apache license version 2 0 january 2004",
            "each contributor hereby grants to you a perpetual worldwide non exclusive no charge royalty free"
            " irrevocable copyright license to reproduce prepare derivative works of",
            "you may reproduce and distribute copies of the work or derivative works thereof in any medium with or",
        ),
    ),
    _Text(
        "Apache-2.0",
        110,
        (
            "licensed under the apache license version 2 0 the license you may not use this file except in"
            " compliance with the license",
            "unless required by applicable law or agreed to in writing software distributed under the license is",
        ),
    ),
    _Text(
        "ISC",
        180,
        (
            "distribute this software for any purpose with or without fee is hereby granted provided that the above"
            " copyright notice and this permission notice appear in all copies",
            "the software is provided as is and the author disclaims all warranties",
        ),
    ),
)
_ADDED = (
    *("general public license", "mozilla public", "eclipse public", "server side public", "european union public"),
    *("business source license", "commons clause", "creative commons", "non commercial", "noncommercial"),
    *("all advertising materials", "for good not evil", "proprietary", "nuclear"),
)
"""Words of other licences and of conditions that are sometimes put into these."""
_HOLDER = re.compile(r"(?im)^\W*(?:copyright\b|\(c\)|all rights reserved).*$")


def of_text(text: str) -> str:
    """The SPDX identifier of the licence that a text is; '' where it is another, several, or one with additions."""
    words = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    count = len(re.findall(r"[^\W_]+", _HOLDER.sub("", text)))
    if any(added in words for added in _ADDED):
        return ""
    named = [
        one.licence
        for one in _TEXTS
        if count <= one.most
        and all(sentence in words for sentence in one.has)
        and not any(sentence in words for sentence in one.has_not)
    ]
    granted = {one.licence.partition("-")[0] for one in _TEXTS if one.has[0] in words}
    return named[0] if len(named) == len(granted) == 1 else ""


def files_in(folder: Path) -> list[Path]:
    """The licence files right in a folder, in order of their names."""
    beginnings = ("license", "licence", "copying")
    found = [path for path in folder.iterdir() if path.name.lower().startswith(beginnings) and path.is_file()]
    return sorted(path for path in found if path.suffix not in SUFFIXES)


def of_folder(folder: Path) -> str:
    """The licence of all licence files right in a folder; '' where there is none, or one that is not known."""
    named = [of_text(path.read_text(encoding="utf-8", errors="replace")) for path in files_in(folder)]
    return " AND ".join(dict.fromkeys(named)) if all(named) else ""


@dataclass(frozen=True, slots=True)
class Project:
    """What a package's own manifest, and where that cannot name it its licence's text, says of it."""

    name: str
    version: str
    licence: str


MANIFESTS = ("package.json", "Cargo.toml", "go.mod", "pom.xml")
"""The files that mark a package, one a language; a Go folder without `go.mod` and a Gradle build are none."""


def of_project(manifest: Path) -> Project | None:
    """Read a manifest; None where it cannot be read or names nothing. A licence that is not known is ''."""
    read = {"package.json": _npm, "Cargo.toml": _cargo, "go.mod": _go, "pom.xml": _maven}[manifest.name]
    try:
        found = read(manifest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ElementTree.ParseError):
        return None
    return found if isinstance(found.name, str) and found.name else None


def _npm(manifest: Path) -> Project:
    stated = json.loads(manifest.read_text(encoding="utf-8"))
    return Project(stated["name"], _stated(stated, "version", "unstated"), _stated(stated, "license", ""))


def _cargo(manifest: Path) -> Project:
    stated = tomllib.loads(manifest.read_text(encoding="utf-8"))["package"]
    return Project(stated["name"], _stated(stated, "version", "unstated"), _stated(stated, "license", ""))


def _stated(manifest: dict[str, object], key: str, otherwise: str) -> str:
    value = manifest.get(key)
    return value if isinstance(value, str) else otherwise


_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)


def _go(manifest: Path) -> Project:
    """A module; its version is that of the folder in Go's cache (`name@v1.2.0`), which no file of it states."""
    folder = manifest.parent
    found = _MODULE.search(manifest.read_text(encoding="utf-8"))
    name = found[1] if found else ""
    version = next((part.partition("@v")[2] for part in reversed(folder.parts) if "@v" in part), "unstated")
    return Project(name, version, of_folder(folder) if files_in(folder) else _debian(name, folder))


def _debian(module: str, folder: Path) -> str:
    """The licence of a module as Debian's package of it states it, which leaves the licence's own file out."""
    shared = next((above.parent for above in folder.parents if above.name == "gocode"), None)
    if shared is None:
        return ""
    host, _, rest = re.sub(r"/v\d+$", "", module.lower()).partition("/")
    package = "-".join(["golang", host.rpartition(".")[0], *rest.split("/"), "dev"]).replace("_", "-")
    stated = shared / "doc" / package / "copyright"
    return of_copyright(stated.read_text(encoding="utf-8")) if stated.is_file() else ""


def of_copyright(text: str) -> str:
    """The licences that Debian's machine-readable file states of files, its own in `debian/` aside; '' for another."""
    if "/copyright-format/1.0" not in text.partition("\n")[0]:
        return ""
    named: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"(?m)^(Files|License):[ \t]*(.*)$", paragraph))
        files = fields.get("Files", "debian/").split()
        if not all(file.startswith("debian/") for file in files):
            named.append(fields.get("License", "").strip() or "unstated")
    unique = list(dict.fromkeys(named))
    return " AND ".join(f"({name})" if len(unique) > 1 and " " in name else name for name in unique)


def _maven(manifest: Path) -> Project:
    """An artifact as `group:artifact`; group, version and licence are its parent's where it states none."""
    stated = _pom(manifest)
    parent = stated.find("parent")
    group, version = (
        stated.findtext(key) or (parent.findtext(key) if parent is not None else None) for key in ("groupId", "version")
    )
    name = f"{group}:{stated.findtext('artifactId')}" if group and stated.findtext("artifactId") else ""
    return Project(name.strip(), version or "unstated", _licences(manifest, stated))


def _licences(manifest: Path, stated: ElementTree.Element) -> str:
    """The licences of a pom: its own, else those of the parent that it names, above it, else of the text beside it."""
    named = [(one.text or "").strip() for one in stated.iterfind("licenses/license/name")]
    if named:
        return " AND ".join(f"({name})" for name in named) if len(named) > 1 else named[0]
    if files_in(manifest.parent):
        return of_folder(manifest.parent)
    parent = stated.findtext("parent/artifactId")
    for folder in manifest.parent.parents if parent else ():
        above = folder / "pom.xml"
        if above.is_file():
            other = _pom(above)
            return _licences(above, other) if other.findtext("artifactId") == parent else ""
    return ""


def _pom(path: Path) -> ElementTree.Element:
    text = path.read_text(encoding="utf-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError(f"{path}: a pom has no document type")
    root = ElementTree.fromstring(text.encode())  # noqa: S314 -- without entities there is nothing to expand
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root
