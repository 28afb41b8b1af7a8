"""Where git keeps ignore patterns that stand in no `.gitignore`: the repository's own, and the person's.

Facts from gitignore(5), gitrepository-layout(5) and git-config(1). Every place that may count is told, those of
conditional includes too: what git would not ignore stays here at worst.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

_LARGEST = 1_000_000
_MOST_INCLUDES = 50
_SECTION = re.compile(r'\s*\[\s*([\w.-]+)(?:\s*"(?:[^"\\]|\\.)*")?\s*\]')
_ENTRY = re.compile(r"\s*([A-Za-z][\w-]*)\s*=\s*(.*)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|([^"#;]+)|[#;].*')


def home_folder() -> Path | None:
    """The person's home folder; None for a user without one, as in a container that runs under a bare number."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def of_repository(top: str) -> tuple[str, ...]:
    """The files of the repository whose folder `top` is, also where that is a worktree or a submodule."""
    git = Path(top, ".git")
    if (pointer := _line(git)).startswith("gitdir:"):
        git = Path(top, pointer.removeprefix("gitdir:").strip())
    if common := _line(git / "commondir"):
        git = git / common
    return str(git / "info" / "exclude"), *_from_config(git / "config", home_folder())


def of_person(home: Path | None) -> tuple[str, ...]:
    """The files that hold in every repository."""
    settings = os.environ.get("XDG_CONFIG_HOME") or (home / ".config" if home is not None else None)
    folder = Path(settings, "git") if settings is not None else None
    configs = [folder / "config"] if folder is not None else []
    configs += [home / ".gitconfig"] if home is not None else []
    if chosen := os.environ.get("GIT_CONFIG_GLOBAL"):
        configs = [Path(chosen)]
    own = [str(folder / "ignore")] if folder is not None else []
    named = (path for config in (Path("/etc/gitconfig"), *configs) for path in _from_config(config, home))
    return tuple(dict.fromkeys((*own, *named)))


def _from_config(config: Path, home: Path | None) -> Iterator[str]:
    """What `core.excludesFile` names in a file of git's configuration and in those that it includes."""
    waiting, seen = [config], set[Path]()
    while waiting and len(seen) < _MOST_INCLUDES:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        section = ""
        for line in _read(file).replace("\\\n", "").split("\n"):
            if (head := _SECTION.match(line)) is not None:
                section, line = head[1].lower(), line[head.end() :]
            if (entry := _ENTRY.match(line)) is None or not (value := _value(entry[2])):
                continue
            if value.startswith("~/") and home is None:
                continue
            path = home / value[2:] if home is not None and value.startswith("~/") else file.parent / value
            if section == "core" and entry[1].lower() == "excludesfile":
                yield str(path)
            elif section in ("include", "includeif") and entry[1].lower() == "path":
                waiting.append(path)


def _value(text: str) -> str:
    """A value without quotes and without the comment behind it."""
    parts = [re.sub(r"\\(.)", r"\1", found[1]) if found[1] else found[2] or "" for found in _QUOTED.finditer(text)]
    return "".join(parts).strip()


def _line(path: Path) -> str:
    return _read(path).partition("\n")[0].strip()


def _read(path: Path) -> str:
    """The text of a small regular file; empty where there is none to read."""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except (OSError, ValueError):
        return ""
