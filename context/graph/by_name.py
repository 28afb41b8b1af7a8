"""What is left out by its name, or by the names beside it: other people's code, output of tools, test data."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection

from .reading import GENERATED, MINIFIED

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj", ".bzr"})
_TOOLS = frozenset(
    {"__pycache__", ".tox", ".nox", ".venv", ".mypy_cache", ".ruff_cache"}
    | {".pytest_cache", ".hypothesis", ".next", ".nuxt", ".svelte-kit", ".parcel-cache", ".turbo", ".gradle", ".idea"}
    | {".vs", ".terraform", ".eggs", ".cache", ".direnv", ".ipynb_checkpoints", ".yarn", ".pnpm-store", ".bundle"}
    | {".dart_tool", "DerivedData", ".nyc_output", ".angular", ".output", ".vercel"}
)
_VENDORED = frozenset(
    {"node_modules", "bower_components", "jspm_packages", "site-packages", "dist-packages", "vendor", "vendored"}
    | {"_vendor", "third_party", "third-party", "thirdparty", "3rdparty", "Pods", "Carthage"}
)
_TEST_DATA = frozenset({"testdata", "test_data", "test-data", "__fixtures__", "__snapshots__", "cassettes"})
_DATA_IN_TESTS = frozenset({"fixtures", "snapshots", "golden", "goldens", "data"})
TESTS = frozenset({"test", "tests", "spec", "specs", "__tests__", "e2e", "testing"})
"""Folders of tests, in which some names mean data that mean nothing elsewhere."""

_OUTPUT = {
    "target": ("Cargo.toml", "pom.xml", "build.sbt"),
    "build": ("build.gradle", "build.gradle.kts", "CMakeLists.txt", "setup.py", "pyproject.toml", "package.json"),
    "dist": ("package.json", "setup.py", "pyproject.toml"),
    "out": ("package.json", "build.gradle", "build.gradle.kts"),
    "coverage": ("package.json",),
}
OUTPUT_MARKS = ("pyvenv.cfg", "CACHEDIR.TAG")
"""Files that tools put into the folders that they own."""

PROJECT_FILES = frozenset(
    {"go.mod", "go.work", "Cargo.toml", "package.json", "tsconfig.json", "jsconfig.json", "pyproject.toml"}
    | {"setup.cfg", "pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"}
    | {"composer.json", "pnpm-workspace.yaml"}
)
"""Files that say where imports lead."""

_GENERATED_NAME = re.compile(
    r"(?:_pb2(?:_grpc)?\.pyi?|\.pb\.(?:go|cc|h)|\.pb\.gw\.go|\.g\.cs|\.designer\.cs|[._]generated\.\w+|bindata\.go)$"
    r"|^zz_generated",
    re.IGNORECASE,
)
_MINIFIED_NAME = re.compile(r"[.-]min\.[cm]?js$|\.bundle\.[cm]?js$", re.IGNORECASE)


def folder_reason(name: str, path: str, beside: Collection[str], in_tests: bool) -> str:
    """Why a folder at the full `path` is left out; '' where it is not. `beside` are the names in the same folder."""
    if name in _VERSION_CONTROL:
        return "version control"
    if name in _TOOLS or name.endswith((".egg-info", ".dist-info")):
        return "output of a tool"
    if name in _VENDORED:
        return "vendored"
    if name in _TEST_DATA or (in_tests and name in _DATA_IN_TESTS):
        return "test data"
    if any(mark in beside for mark in _OUTPUT.get(name, ())) and not os.path.lexists(f"{path}/__init__.py"):
        return "output of a tool"
    if name in ("bin", "obj") and any(sibling.endswith((".csproj", ".fsproj")) for sibling in beside):
        return "output of a tool"
    return ""


def file_reason(name: str) -> str:
    """Why a source file of this name is left out; '' where it is not."""
    if _GENERATED_NAME.search(name):
        return GENERATED
    return MINIFIED if _MINIFIED_NAME.search(name) else ""


def of_no_interest(path: str) -> bool:
    """Whether a path lies in a folder that is left out by its name alone."""
    names = path.split("/")
    return any(not group.isdisjoint(names) for group in (_VERSION_CONTROL, _TOOLS, _VENDORED, _TEST_DATA))


def is_of_interest(path: str, language_of: Callable[[str], str | None]) -> bool:
    """Whether a change at a path can matter to the index: a source, a project file, or what may be a folder."""
    name = path.rpartition("/")[2]
    return name in PROJECT_FILES or "." not in name or decides_for_others(path) or language_of(path) is not None


def decides_for_others(path: str) -> bool:
    """Whether a file says by its name that it names others to be left out, as `.gitignore` and `.aiexclude` do."""
    name = path.rpartition("/")[2]
    return name.startswith(".") and name.endswith(("ignore", "exclude"))
