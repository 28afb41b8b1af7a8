"""Single values and single files of settings: read, checked, and shown to the person who wrote them."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field
from pathlib import Path
from stat import S_ISREG
from typing import Any

from ...clients.engine.spec import Adapter
from .option import Layer

MAX_FILE_BYTES = 1_000_000

HIDDEN = "…"
"""Shown in the place of a value that may be a key or a password."""

_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){16}""")
"""More parts than any key here has; the time in which TOML's parser reads a key grows with their square."""


_FAULT = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)
"""What TOML's parser says."""


class UnusableError(ValueError):
    """Why a file or a value cannot be used, in words for the person who wrote it."""


def allowed(option: Field[Any]) -> str:
    """Say in words which values a setting takes."""
    default, meta = option.default, option.metadata
    if isinstance(default, bool):
        return "true or false"
    if meta["allowed"]:
        return str(meta["allowed"])
    if meta["adapters"]:
        return "a list of paths, or of tables with a path and a scale from -100 to 100"
    if meta["choices"]:
        return "one of " + ", ".join(f'"{choice}"' for choice in meta["choices"])
    if isinstance(default, int):
        return f"a whole number from {meta['low']} to {meta['high']}"
    if isinstance(default, float):
        return f"a number from {meta['low']} to {meta['high']}"
    return "a list of strings" if isinstance(default, tuple) else "a string"


def read_table(path: Path) -> dict[str, Any]:
    """Parse a TOML file; an absent one is empty. Raises `UnusableError` with what is wrong, in half a sentence."""
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise UnusableError("it is not a regular file")
        if status.st_size > MAX_FILE_BYTES:
            raise UnusableError(f"it is larger than {MAX_FILE_BYTES:,} bytes")
        text = path.read_bytes().decode("utf-8-sig")
        if (long := _LONG_KEY.search(text)) is not None:
            line = text.count("\n", 0, long.start()) + 1
            raise UnusableError(f"line {line} holds a name of too many parts")
        return tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UnusableError(f"it cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnusableError(f"line {line} is not UTF-8") from error
    except RecursionError as error:
        raise UnusableError("its tables or lists are nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        raise UnusableError(_not_toml(text, str(error))) from error


def _not_toml(text: str, fault: str) -> str:
    """Where a text is no TOML and what is wrong there, from what the parser says of it."""
    found = _FAULT.fullmatch(fault)
    if found is None:
        return f"it is not TOML ({fault})"
    what = f"{found['what'][:1].lower()}{found['what'][1:]}"
    if found["line"]:
        return f"line {found['line']}, column {found['column']} is not TOML ({what})"
    said = text.rstrip()
    line, column = said.count("\n") + 1, len(said) - said.rfind("\n")
    return f"line {line}, column {column}, the end of the file, is not TOML ({what})"


def checked(option: Field[Any], value: Any, folder: Path | None, layer: Layer = "user") -> Any:
    """Return the value in the setting's own type; raise `UnusableError` with what is allowed.

    A relative path starts at `folder`; without one it is refused.
    """
    default, meta = option.default, option.metadata
    if meta["read"] is not None:
        try:
            return meta["read"](value, layer)
        except ValueError as error:
            raise UnusableError(str(error)) from error
    wanted = UnusableError(f"allowed is {allowed(option)}")
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise wanted
        return value
    if isinstance(default, int | float):
        return _number(default, value, meta["low"], meta["high"], wanted)
    if meta["adapters"]:
        return _adapters(value, folder, wanted)
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise wanted
        return tuple(value)
    if not isinstance(value, str) or (meta["choices"] and value not in meta["choices"]):
        raise wanted
    return _path(value, folder) if meta["path"] and value else value


def shown(value: Any, limit: int = 60) -> str:
    """Show a value as its file would, in one short line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 200:
        return "a very large number"
    if isinstance(value, list | tuple):
        text = f"[{', '.join(shown(item, limit) for item in value[:limit])}]"
    elif isinstance(value, Mapping):
        text = f"{{ {', '.join(f'{key} = {shown(item, limit)}' for key, item in list(value.items())[:limit])} }}"
    else:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    return one_line(text, limit)


def discreet(key: str, value: Any) -> str:
    """Show a value as `shown` does, unless it may be secret: messages go to logs and onto screens."""
    from ...routing.secrets.scan import scan

    return HIDDEN if scan(f"{key} = {shown(value, 4_000)}") else shown(value)


def one_line(text: str, limit: int) -> str:
    """Text that may come from a stranger, as one line that a terminal can be given."""
    line = "".join(char if char.isprintable() else "?" for char in text[: limit + 1])
    return line if len(line) <= limit else line[:limit] + "…"


def _number(default: float, value: Any, low: float, high: float, wanted: UnusableError) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wanted
    if isinstance(value, float) and not math.isfinite(value):
        raise wanted
    if not low <= value <= high or (isinstance(default, int) and value != int(value)):
        raise wanted
    return type(default)(value)


def _adapters(value: Any, folder: Path | None, wanted: UnusableError) -> tuple[Adapter, ...]:
    """Read a list of paths, or of tables with a path and perhaps a scale."""
    if not isinstance(value, list | tuple):
        raise wanted
    adapters = []
    for given in value:
        table = {"path": given} if isinstance(given, str) else given
        if not isinstance(table, Mapping) or not {"path"} <= set(table) <= {"path", "scale"}:
            raise wanted
        path = table["path"]
        if not isinstance(path, str) or not path:
            raise wanted
        adapters.append(Adapter(_path(path, folder), _number(1.0, table.get("scale", 1.0), -100, 100, wanted)))
    return tuple(adapters)


def _path(value: str, folder: Path | None) -> str:
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise UnusableError("allowed is the path of a file")
    try:
        path = Path(value).expanduser()
    except RuntimeError as error:
        raise UnusableError("there is no such home folder") from error
    if path.is_absolute():
        return str(path)
    if folder is None:
        raise UnusableError("allowed is an absolute path, or one that begins with ~")
    return str(folder / path)
