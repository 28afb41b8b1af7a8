"""Where a new file may be made: inside the workspace, in the open, and nothing that runs by itself.

Told from the spelling alone; `writing.py` looks at the disk.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import Final

from ..scope import Scope

_MOST_CHARACTERS = 240
_FORBIDDEN = re.compile(r'[\\:*?"<>|]')
_TEST = re.compile(
    r"(?:^|/)(?:test_[^/]+|[^/]+[_.-](?:test|tests|spec)|[^/]*(?:Test|Tests|Spec|IT)|[^/]+_test_[^/]+)\.[^./]+(?:\.[^./]+)?$"
)
_SHORT = re.compile(r"~\d+(?:\.|$)")
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
)
_FOLDERS: Final = frozenset(
    {"node_modules", "hooks", "site-packages", "venv", "env", "vendor", "bin", "ci", "workflows", "__pycache__"}
)
"""Folders whose files are run, or are somebody else's."""

_NAMES: Final = frozenset(
    {
        *("conftest.py", "setup.py", "noxfile.py", "tasks.py", "fabfile.py", "dodo.py", "sitecustomize.py"),
        *("usercustomize.py", "manage.py", "wsgi.py", "asgi.py", "__main__.py", "build.rs", "main.go", "magefile.go"),
        *("rakefile", "gemfile", "makefile", "jenkinsfile", "dockerfile", "vagrantfile", "justfile", "brewfile"),
    }
)
_CONFIGURES = re.compile(r"(?:^|[.-])(?:config|conf|rc|setup|gulpfile|gruntfile|jakefile|webpack|rollup|vite)(?:\.|$)")


def refusal(path: str, scope: Scope) -> str | None:
    """Why no file may be made at `path`, one sentence; None where it may be."""
    rule = scope.new_files
    if rule is None:
        return f"No new file may be made here, and {_shown(path)} is not in view."
    if path in scope.originals:
        return f"{_shown(path)} exists already; edit it instead."
    if (reason := unsafe(path)) is not None:
        return reason
    name = path.rpartition("/")[2]
    if not name.endswith(rule.suffixes):
        return f"{_shown(path)} must end in {' or '.join(rule.suffixes)}."
    if rule.tests and _TEST.search(path) is None:
        return f"{_shown(path)} is not named like a test."
    if rule.language == "python" and name.partition(".")[0] in sys.stdlib_module_names:
        return f"{_shown(path)} would hide a module of Python's own."
    return None


def unsafe(path: str) -> str | None:
    """Why nothing may be written at `path` whatever the task, one sentence; None where nothing speaks against it."""
    shown = _shown(path)
    if not path or len(path) > _MOST_CHARACTERS:
        return f"{shown} is no usable path."
    if path.startswith(("/", "~")) or _FORBIDDEN.search(path) or not path.isprintable() or path != path.strip():
        return f"{shown} is no path inside the workspace."
    if unicodedata.normalize("NFC", path) != path:
        return f"{shown} is not written in the usual form of its characters."
    parts = path.split("/")
    for part in parts:
        if part in ("", ".", ".."):
            return f"{shown} is no plain path inside the workspace."
        if part.startswith((".", "-")) or part.endswith((".", " ")):
            return f"{shown} lies in a hidden place, or is named like one."
        if _SHORT.search(part):
            return f"{shown} looks like the short name that some systems give to another file."
        if part.partition(".")[0].casefold() in _RESERVED:
            return f"{shown} has a name that some systems keep for devices."
    if any(part.casefold() in _FOLDERS for part in parts[:-1]):
        return f"{shown} lies in a folder whose files run by themselves or belong to others."
    return f"{shown} is a file that runs by itself, or configures what does." if executes(path) else None


def executes(path: str) -> bool:
    """Whether tools run a file of this name without being asked, or read from it what to run."""
    parts = path.casefold().split("/")
    name = parts[-1]
    hidden = any(part.startswith(".") for part in parts)
    return hidden or name in _NAMES or _CONFIGURES.search(name) is not None or parts[-1].endswith(_RUNS)


_RUNS = (".pth", ".toml", ".cfg", ".ini", ".json", ".yml", ".yaml", ".gradle", ".kts", ".cmake", ".mk", ".lock", ".env")


def _shown(path: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in path[:120]) or "The path"
