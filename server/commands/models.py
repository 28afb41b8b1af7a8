"""`twolane models list|recommend|pull|probe`: models for the near lane."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...clients.engine.spec import ModelSpec
from ..config.near_model import use_model
from ..config.settings import Settings
from ..models import catalogue, probing, pulling, sizing
from ..near import engine_options, model_path, model_spec
from .configured import load_settings
from .outcome import DONE, FAILED, CommandError, MisuseError, emit, say

_GB = 10**9
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BAR = 30


def run(arguments: argparse.Namespace) -> int:
    """Do what the action says."""
    actions = {"list": _list, "recommend": _recommend, "pull": _pull, "probe": _probe}
    action = arguments.action
    if arguments.model and action in ("list", "recommend"):
        raise MisuseError(f"models {action} takes no name; `twolane models pull {arguments.model}` fetches a model")
    if action != "pull" and (arguments.use or arguments.sha256 is not None):
        option = "--use" if arguments.use else "--sha256"
        raise MisuseError(f"models {action} takes no {option}; it is one of `twolane models pull`")
    return actions[action](arguments)


def _list(arguments: argparse.Namespace) -> int:
    settings = load_settings(None, trusted=False).settings
    used = model_path(settings)
    known, here = catalogue.shipped(), list(catalogue.here(catalogue.folder()))
    files = {one.path.name for one in here if one.family}
    if arguments.json:
        emit(
            {
                "used": str(used),
                "folder": str(catalogue.folder()),
                "here": [{**asdict(one), "path": str(one.path)} for one in here],
                "known": [{**asdict(entry), "here": entry.file in files} for entry in known.entries],
            }
        )
        return DONE
    lines = [f"in use   {used}", f"folder   {catalogue.folder()}"]
    lines += [f"here     {one.path.name:34}{one.bytes / _GB:6.1f} GB  {one.family or one.trouble}" for one in here]
    for entry in known.entries:
        mark = "here" if entry.file in files else ""
        lines.append(
            f"known    {entry.name:34}{entry.bytes / _GB:6.1f} GB  {entry.licence}; {entry.note}  {mark}".rstrip()
        )
    lines.append("`twolane models recommend` says which suits this machine; `twolane models pull NAME` fetches it.")
    say("\n".join(lines))
    return DONE


def _recommend(arguments: argparse.Namespace) -> int:
    room = sizing.measured()
    advice = sizing.advise(catalogue.shipped().entries, room)
    best = next((one.entry for one in advice if one.recommended), None)
    if arguments.json:
        emit(
            {
                "device": asdict(room),
                "recommended": best.name if best else None,
                "models": [
                    {
                        "name": one.entry.name,
                        "bytes": one.entry.bytes,
                        "needs": one.needs,
                        "fits": one.fits,
                        "recommended": one.recommended,
                        "why": one.why,
                    }
                    for one in advice
                ],
            }
        )
        return DONE
    lines = [f"{room.name}: {room.bytes / _GB:.1f} GB of memory, {room.cores} core{'' if room.cores == 1 else 's'}"]
    lines += [
        f"{'->' if one.recommended else '  '} {one.entry.name:22}{one.entry.bytes / _GB:6.1f} GB  {one.why}"
        for one in advice
    ]
    lines.append(
        f"`twolane models pull {best.name} --use` fetches it and makes it yours."
        if best
        else "None of them fits; the starter model that comes with Twolane goes on."
    )
    say("\n".join(lines))
    return DONE


def _pull(arguments: argparse.Namespace) -> int:
    if not arguments.model:
        raise MisuseError("models pull wants a name (`twolane models list`) or the address of a GGUF file")
    given = _checksum(arguments.sha256)
    url, file, known = _wanted(arguments.model)
    path = catalogue.folder() / file
    here = catalogue.looked_at(path) if path.exists() else None
    if here is not None and here.family:
        if given and (found := pulling.digest(path)) != given:
            raise CommandError(f"{path} is here already, and its checksum is {found}: remove it to fetch it again")
        answer: dict[str, Any] = {
            "path": str(path),
            "bytes": here.bytes,
            "family": here.family,
            "sha256": given,
            "new": False,
        }
        told = f"{path} is here already"
    else:
        pulled = pulling.pull(
            url,
            path,
            sha256=given or known,
            named_by="what you gave" if given else "the catalogue",
            progress=_Bar(file).show,
        )
        answer = {**asdict(pulled), "path": str(path), "new": True}
        told = f"{path} ({pulled.bytes:,} bytes, {pulled.family}; " + (
            f"its checksum agrees with {pulled.compared_with})"
            if pulled.compared_with
            else "nobody names its checksum)"
        )
    answer["used"] = bool(arguments.use)
    if arguments.use:
        answer["settings"] = str(use_model(path))
        told += f"\n{answer['settings']} names it now: near.model"
    else:
        told += f"\nTo use it, in your own settings (`twolane models pull {arguments.model} --use` does it):"
        told += f'\n[near]\nmodel = "{path}"'
    if arguments.json:
        emit(answer)
    else:
        say(told)
    return DONE


def _checksum(given: str | None) -> str:
    """A checksum as a person gives it; some tools write it in capitals."""
    checksum = (given or "").strip().lower()
    if given is not None and not _SHA256.fullmatch(checksum):
        raise MisuseError(f"--sha256 {given}: a SHA-256 has 64 hexadecimal digits")
    return checksum


def _wanted(model: str) -> tuple[str, str, str]:
    """The address, the file's name and the checksum that is known of it."""
    known = catalogue.shipped()
    entry = known.find(model)
    if entry is not None:
        return entry.url(os.environ.get("HF_ENDPOINT") or known.source), entry.file, entry.sha256
    if "://" not in model:
        names = ", ".join(one.name for one in known.entries)
        raise MisuseError(f"no model is called {model}: {names}, or the address of a GGUF file")
    file = Path(model.partition("?")[0]).name
    if not pulling.secure(model) or not file.endswith(".gguf"):
        raise MisuseError(f"{model}: only a .gguf file at an https address can be pulled")
    return model, file, ""


def _probe(arguments: argparse.Namespace) -> int:
    settings = load_settings(None, trusted=False).settings
    findings = asyncio.run(probing.probe(_spec(settings, arguments.model), engine_options(settings)))
    answer = {
        "model": asdict(findings.model),
        "filled": findings.filled,
        "gaps": len(findings.answers),
        "leaks": findings.leaks,
        "reused": round(findings.reused, 3),
        "ms": findings.ms,
        "loaded_s": round(findings.loaded_s, 2),
        "usable": findings.usable,
        "answers": [{"text": one.text, "right": one.right, "ms": one.ms} for one in findings.answers],
    }
    if arguments.json:
        emit(answer)
    else:
        say("\n".join(_told(findings)))
    return DONE if findings.usable else FAILED


def _told(findings: probing.Findings) -> list[str]:
    model = findings.model
    leaks = "none" if not findings.leaks else f"in {findings.leaks} answers: it cannot be used like this"
    lines = [
        f"model    {model.name}, asked as {model.family}, on the {'card' if model.device == 'gpu' else 'processor'}",
        f"fills    {findings.filled} of {len(findings.answers)} gaps as a person would",
        f"control  tokens leaked: {leaks}",
        f"reuse    {findings.reused:.0%} of the prompt after one more key",
        f"speed    reads {model.reads_per_s:,.0f} and writes {model.writes_per_s:,.0f} tokens a second; "
        f"{findings.ms:,.0f} ms for an answer; loaded in {findings.loaded_s:.1f} s",
    ]
    wrong = [f"         {one.text!r}" for one in findings.answers if not one.right]
    return [*lines, *(["         what it wrote where it did not:", *wrong] if wrong else [])]


def _spec(settings: Settings, model: str | None) -> ModelSpec:
    """The model in use, one of the folder by its name, or a file."""
    if not model:
        return model_spec(settings)
    entry = catalogue.shipped().find(model)
    path = catalogue.folder() / entry.file if entry is not None else Path(os.path.expanduser(model))  # noqa: PTH111 - Path raises
    if not path.exists():
        hint = f": `twolane models pull {model}` fetches it" if entry is not None else ""
        raise CommandError(f"{path} is not there{hint}")
    return ModelSpec(path=str(path.resolve()))


class _Bar:
    """Progress on stderr: one line that is drawn again on a terminal, else one for every five percent."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = -1

    def show(self, done: int, total: int) -> None:
        """Show how far it is."""
        live = sys.stderr.isatty()
        step = int(1000 * done / total) if total else done // (50 << 20)
        if live and step != self._shown:
            filled = "#" * int(_BAR * done / total) if total else ""
            of = f" of {total / _GB:.2f}" if total else ""
            sys.stderr.write(f"\r{self._name} [{filled:{_BAR}}] {done / _GB:.2f}{of} GB")
        elif not live and (total == 0 or done == total or step // 50 != self._shown // 50):
            share = f"{done / total:4.0%} " if total else ""
            sys.stderr.write(f"{self._name}: {share}{done:,} bytes\n")
        if live and done == total:
            sys.stderr.write("\n")
        sys.stderr.flush()
        self._shown = step
