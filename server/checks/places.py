"""Folders that Twolane writes to, the settings files it reads, and the model file."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from ...clients.engine import fitting
from ...clients.engine.gguf_check import read_adapter, read_header
from ...clients.errors import ModelRefused
from ..config.settings import EDITOR, Loaded
from ..near import model_path, model_spec
from .check import Check

_MIB = 1 << 20
_SPARE_BYTES = 256 * _MIB
_FEWEST_SLOTS, _SMALL_CONTEXT = 2, 4096
_MOVED_BY = {
    "config": "XDG_CONFIG_HOME",
    "data": "XDG_DATA_HOME",
    "state": "XDG_STATE_HOME",
    "log": "XDG_STATE_HOME",
}


def config(path: Path) -> Check:
    """Whether the settings in a folder can be read; nothing is ever written there."""
    above = nearest(path)
    if os.access(above, os.X_OK if above != path else os.R_OK | os.X_OK):
        return Check("config", "ok", str(path))
    return Check("config", "error", f"{path} cannot be read", _had(above, "config"))


def folder(name: str, path: Path) -> Check:
    """Whether a folder can be written, or made."""
    above = nearest(path)
    if not above.is_dir():
        trouble = "is not a folder" if above == path else f"cannot be made: {above} is not a folder"
        return Check(name, "error", f"{path} {trouble}", f"mv {_q(above)} {_q(above)}.old")
    if above != path:
        if os.access(above, os.W_OK | os.X_OK):
            return Check(name, "ok", f"{path} will be made when it is needed")
        return Check(name, "error", f"{path} cannot be made: {above} is not writable", _had(above, name))
    if not os.access(path, os.W_OK | os.X_OK):
        return Check(name, "error", f"{path} is not writable", _had(path, name))
    return Check(name, "ok", str(path))


def nearest(path: Path) -> Path:
    """The path, or the first above it that is there; what may not be looked at is not, and what hides it is."""
    for one in (path, *path.parents):
        try:
            if one.exists():
                return one
        except OSError:
            continue
    return path


def settings(loaded: Loaded) -> list[Check]:
    """What in the settings could not be used; each trouble names its file."""
    suggest = loaded.settings.completion
    if not suggest.enabled:
        off = Check("suggestions", "warning", "turned off by the setting completion.enabled", edit(loaded))
    elif suggest.disabled_languages:
        names = ", ".join(suggest.disabled_languages)
        off = Check("suggestions", "warning", f"turned off for {names} (completion.disabled_languages)", edit(loaded))
    else:
        off = None
    return [*_read(loaded), *([off] if off else [])]


def edit(loaded: Loaded, problem: str = "") -> str:
    """How a person opens their own settings, or the file that a problem's message is about."""
    files = (Path(one.file) for one in loaded.problems if one.message == problem and one.file != EDITOR)
    return f"${{EDITOR:-vi}} {_q(next(files, loaded.files[0]))}"


def _read(loaded: Loaded) -> list[Check]:
    if not loaded.problems:
        read = [str(path) for path in loaded.files if path.exists()]
        return [
            Check(
                "settings",
                "ok",
                f"read {' and '.join(read)}" if read else f"defaults; yours would be {loaded.files[0]}",
            )
        ]
    return [
        Check("settings", "warning", problem.message, f"${{EDITOR:-vi}} {_q(Path(problem.file))}")
        for problem in loaded.problems
    ]


def model(loaded: Loaded, *, offloads: bool) -> Check:
    """Whether the model, its adapters and its draft model are there, sound, and fit into the memory that is free.

    With a device (`offloads`) the weights go there, and only the rest must fit.
    """
    import psutil

    path = model_path(loaded.settings)
    try:
        header = read_header(path)
    except ModelRefused as error:
        return Check("model", "error", str(error), _other_model(loaded))
    near = loaded.settings.near
    try:
        for adapter in near.adapters:
            read_adapter(Path(adapter.path), header.architecture)
        if near.draft_model:
            read_header(Path(near.draft_model), draft=True)
        fitting.check(header, model_spec(loaded.settings))
    except ModelRefused as error:
        return Check("model", "error", str(error), edit(loaded))
    context = min(near.context_tokens or _SMALL_CONTEXT, header.context_trained or _SMALL_CONTEXT)
    cache = header.kv_bytes_per_token * context * (near.slots or _FEWEST_SLOTS)
    weights = 0 if offloads and near.gpu_layers != 0 else header.size
    needed, free = weights + cache + _SPARE_BYTES, psutil.virtual_memory().available
    detail = f"{header.name} ({path}, {header.size / _MIB:.1f} MiB, {header.architecture})"
    if needed > free:
        return Check(
            "model",
            "error",
            f"{detail} needs about {needed // _MIB:,} MiB and {free // _MIB:,} MiB of memory are free",
            _other_model(loaded),
        )
    return Check("model", "ok", detail)


def _other_model(loaded: Loaded) -> str:
    target = loaded.files[0]
    if not loaded.settings.near.model:
        return f"{sys.executable} -m pip install --force-reinstall --no-deps twolane"
    return f"${{EDITOR:-vi}} {_q(target)}  # change near.model, or remove it to use the starter model"


def _had(path: Path, name: str) -> str:
    """How a person gets what stands in the way: as their own, unless others need it, as they do `/` and `/usr`."""
    if _theirs(path):
        return f"sudo chown $(id -un) {_q(path)} && chmod u+rwx {_q(path)}"
    return f"export {_MOVED_BY[name]}=FOLDER  # one that is yours, also where your editor is started"


def _theirs(path: Path) -> bool:
    """Whether a folder is this person's, or lies in their home."""
    try:
        if path.stat().st_uid == os.getuid():
            return True
    except (OSError, AttributeError):
        pass
    return Path(os.path.expanduser("~")) in path.parents  # noqa: PTH111 - Path raises where there is no home


def _q(path: Path) -> str:
    return shlex.quote(str(path))
