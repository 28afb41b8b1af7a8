"""The machine: the interpreter, the tools that build llama.cpp, and room on the disk."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path

from .check import Check, Level
from .places import nearest

OLDEST_PYTHON = (3, 11)
_LEAST_FREE_BYTES = 200_000_000
_MIB = 1 << 20


def python() -> Check:
    """The interpreter that runs this."""
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return Check("python", "ok", found)
    oldest = ".".join(map(str, OLDEST_PYTHON))
    return Check("python", "error", f"{found} is too old", f"install Python {oldest} or newer")


def tools(*, needed: bool) -> list[Check]:
    """The compiler, make and git; the first two are `needed` only until llama.cpp is built."""
    level: Level = "error" if needed else "note"
    found = {name: shutil.which(name) for name in ("c++", "g++", "clang++", "make", "git")}
    compiler = found["c++"] or found["g++"] or found["clang++"]
    return [
        Check("compiler", "ok", compiler)
        if compiler
        else Check("compiler", level, "no C++ compiler in PATH (needed to build llama.cpp)", _install("compiler")),
        Check("make", "ok", found["make"])
        if found["make"]
        else Check("make", level, "no make in PATH", _install("make")),
        Check("git", "ok", found["git"])
        if found["git"]
        else Check("git", "note", "no git in PATH; changes cannot be reviewed without it", _install("git")),
    ]


def disk(folder: Path) -> Check:
    """Room where state and logs are written."""
    place = nearest(folder)
    free = shutil.disk_usage(place).free
    detail = f"{free // _MIB:,} MiB free at {place}"
    if free >= _LEAST_FREE_BYTES:
        return Check("disk", "ok", detail)
    return Check("disk", "warning", detail, f"make room: du -xh {place} | sort -h | tail")


def _install(what: str) -> str:
    """The command of this system's own package manager."""
    if sys.platform == "darwin":
        return "xcode-select --install"
    managers = {
        "apt-get": ("sudo apt-get install ", {"compiler": "g++", "make": "make", "git": "git"}),
        "dnf": ("sudo dnf install ", {"compiler": "gcc-c++", "make": "make", "git": "git"}),
        "pacman": ("sudo pacman -S ", {"compiler": "gcc", "make": "make", "git": "git"}),
        "zypper": ("sudo zypper install ", {"compiler": "gcc-c++", "make": "make", "git": "git"}),
        "apk": ("sudo apk add ", {"compiler": "g++", "make": "make", "git": "git"}),
    }
    for manager, (command, names) in managers.items():
        if shutil.which(manager):
            return command + names[what]
    return f"install {'a C++ compiler' if what == 'compiler' else what} with your system's package manager"
