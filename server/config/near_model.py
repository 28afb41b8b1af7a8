"""Write one setting, `near.model`, into the user's own file and leave everything else in it as it is."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import tomllib
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

from ..commands.outcome import CommandError
from .settings import default_user_file

_TABLE = re.compile(r"^\s*\[", re.MULTILINE)
_NEAR = re.compile(r"^[ \t]*\[[ \t]*near[ \t]*\][ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_MODEL = re.compile(r"^[ \t]*model[ \t]*=[^\n]*$", re.MULTILINE)


def use_model(path: Path, user_file: Path | None = None) -> Path:
    """Make a model the user's own; return the settings file. Raise `CommandError` where the file is not understood.

    The file is changed only if, read again, it says the same as before but for this one setting.
    """
    place = user_file or default_user_file()
    by_hand = f'write it yourself, into {place}: under [near], model = "{path}"'
    try:
        content = place.read_bytes() if place.exists() else b""
        text = content.decode("utf-8-sig")
        before = tomllib.loads(text)
        changed = _changed(text.replace("\r\n", "\n"), json.dumps(str(path), ensure_ascii=False))
        if tomllib.loads(changed) != _with_model(before, str(path)):
            raise ValueError("near is written in a way that is not understood here")
        if "\r\n" in text:
            changed = changed.replace("\n", "\r\n")
        _replace(place, changed.encode("utf-8-sig" if content.startswith(BOM_UTF8) else "utf-8"))
    except (ValueError, TypeError, AttributeError) as error:
        raise CommandError(f"{place} was left alone ({error}): {by_hand}") from error
    except OSError as error:
        raise CommandError(f"{place} could not be written ({error.strerror or error}): {by_hand}") from error
    return place


def _changed(text: str, value: str) -> str:
    line = f"model = {value}"
    near = _NEAR.search(text)
    if near is None:
        return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{chr(10) if text else ''}[near]\n{line}\n"
    end = _TABLE.search(text, near.end())
    stop = end.start() if end is not None else len(text)
    model = _MODEL.search(text, near.end(), stop)
    if model is not None:
        return text[: model.start()] + line + text[model.end() :]
    return f"{text[: near.end()]}\n{line}{text[near.end() :]}"


def _with_model(before: dict[str, Any], path: str) -> dict[str, Any]:
    return {**before, "near": {**before.get("near", {}), "model": path}}


def _replace(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    real = place.resolve()
    descriptor, name = tempfile.mkstemp(dir=real.parent, prefix=real.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if real.exists():
            Path(name).chmod(real.stat().st_mode & 0o777)
        Path(name).replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
