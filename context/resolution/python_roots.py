"""The folders that a Python project's absolute imports start from, as its configuration says."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..view import Workspace
from .paths import above, join, nearest, parent, relative

CONFIG = ("pyproject.toml", "setup.py", "setup.cfg")
MAX_PROJECTS = 200
_USUAL = ("src", "lib", "python", "typings", "stubs")


@dataclass(frozen=True, slots=True)
class Roots:
    """`folders` that imports start from, and `mapped`: (package as dotted parts, the folder that holds it)."""

    folders: tuple[str, ...]
    mapped: tuple[tuple[tuple[str, ...], str], ...]


def find(workspace: Workspace) -> Roots:
    """What the projects of a workspace declare, with the folders that are usual; each folder once."""
    projects = {parent(path) for name in CONFIG for path in workspace.named(name)}
    folders: dict[str, None] = {"": None}
    mapped: dict[tuple[tuple[str, ...], str], None] = {}
    for project in nearest("", sorted(projects))[:MAX_PROJECTS]:
        for package, folder in _declared(workspace, project):
            if not package:
                folders[folder] = None
            elif folder.split("/")[-len(package) :] == list(package):
                folders["/".join(folder.split("/")[: -len(package)])] = None
            else:
                mapped[package, folder] = None
        folders[project] = None
    for folder in list(folders):
        folders.update((inner, None) for name in _USUAL if workspace.is_folder(inner := join(folder, name)))
    return Roots(tuple(folders), tuple(mapped))


def walk_up(workspace: Workspace, folder: str) -> tuple[str, ...]:
    """The folders from `folder` up to the root that are no packages, each followed by its `src`."""
    found: list[str] = []
    for candidate in above(folder):
        if not any(workspace.is_file(join(candidate, name)) for name in ("__init__.py", "__init__.pyi")):
            found.append(candidate)
        if workspace.is_folder(source := join(candidate, "src")):
            found.append(source)
    return tuple(found)


def _declared(workspace: Workspace, project: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """(package, folder) as declared; a package without parts stands for a folder that imports start from."""
    for package, written in (*_from_pyproject(workspace, project), *_from_setup_cfg(workspace, project)):
        folder = relative(project, written)
        parts = tuple(package.replace("/", ".").split(".")) if package else ()
        if folder is not None and workspace.is_folder(folder) and all(part.isidentifier() for part in parts):
            yield parts, folder


def _from_setup_cfg(workspace: Workspace, project: str) -> Iterator[tuple[str, str]]:
    text = workspace.read(join(project, "setup.cfg"))
    if not text:
        return
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        package, separator, folder = line.partition("=")
        if separator:
            yield package.strip(), folder.strip()
    yield from (("", folder) for folder in parser.get("options.packages.find", "where", fallback="").split())


def _from_pyproject(workspace: Workspace, project: str) -> Iterator[tuple[str, str]]:
    text = workspace.read(join(project, "pyproject.toml"))
    if not text:
        return
    try:
        tool = tomllib.loads(text).get("tool")
    except (ValueError, RecursionError):
        return
    for package, folder in _pairs(tool, "setuptools", "package-dir"):
        yield package, folder
    for path in (
        ("setuptools", "packages", "find", "where"),
        ("pytest", "ini_options", "pythonpath"),
        ("pyright", "extraPaths"),
        ("basedpyright", "extraPaths"),
        ("mypy", "mypy_path"),
        ("hatch", "build", "dev-mode-dirs"),
        ("maturin", "python-source"),
    ):
        for folder in _strings(_at(tool, *path)):
            yield "", folder
    pdm = _at(tool, "pdm", "build", "package-dir")
    if isinstance(pdm, str):
        yield "", pdm
    for item in _items(_at(tool, "poetry", "packages")):
        source = item.get("from") if isinstance(item, dict) else None
        if isinstance(source, str):
            yield "", source
    for target in (("hatch", "build"), ("hatch", "build", "targets", "wheel")):
        for folder in _strings(_at(tool, *target, "packages")):
            yield folder.strip("/").rpartition("/")[2], folder
        sources = _at(tool, *target, "sources")
        for folder in _strings(sources):
            yield "", folder
        if isinstance(sources, dict):
            yield from ((package.strip("/"), folder) for folder, package in _strings_of(sources))


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part for part in value.replace(":", ",").split(",") if part.strip()]
    return [item for item in _items(value) if isinstance(item, str)]


def _strings_of(value: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    yield from ((key, item) for key, item in value.items() if isinstance(key, str) and isinstance(item, str))


def _pairs(tool: Any, *keys: str) -> Iterator[tuple[str, str]]:
    value = _at(tool, *keys)
    if isinstance(value, dict):
        yield from _strings_of(value)
