"""`twolane engine status|start|stop`: the process that holds the model."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from ...clients.engine import control
from ..near import engine_options, model_spec
from .configured import load_settings
from .files import workspace_of
from .outcome import DONE, emit, printable, say

_MIB = 1 << 20


def run(arguments: argparse.Namespace) -> int:
    """Ask, start or stop the engine; asking whether it runs is done whatever the answer."""
    if arguments.action == "stop":
        stopped = asyncio.run(control.stop())
        if arguments.json:
            emit({"running": False, "stopped": stopped})
        else:
            say("the engine has stopped" if stopped else "no engine was running")
        return DONE
    answer = asyncio.run(_start(arguments.trust) if arguments.action == "start" else control.status())
    if arguments.json:
        emit(answer)
    else:
        say(printable("\n".join(_described(answer))))
    return DONE


async def _start(trusted: bool) -> dict[str, Any]:
    settings = load_settings(workspace_of(Path.cwd()), trusted=trusted).settings
    return await control.start(model_spec(settings), engine_options(settings))


def _described(answer: dict[str, Any]) -> list[str]:
    if not answer["running"]:
        return ["no engine is running (`twolane engine start` starts one; an editor does so by itself)"]
    memory = answer["memory"]
    lines = [
        f"engine   process {answer['pid']}, up {answer['uptime_s']:.0f} s, {answer['clients'] - 1} other clients",
        f"model    {answer['model'] or 'none loaded'}",
        f"device   {answer['device'] or '-'}",
        f"memory   {memory['rss_bytes'] // _MIB:,} MiB in all, {memory['models_bytes'] // _MIB:,} MiB of weights, "
        f"{memory['kv_bytes'] // _MIB:,} MiB of state",
        f"queue    {answer['queue']} waiting",
        f"socket   {answer['socket']}",
        f"log      {answer['log']}",
    ]
    lines += [line for model in answer["models"] for line in _chosen(model)]
    used = [slot for slot in answer["slots"] if slot["file"]]
    lines.append(f"slots    {len(answer['slots'])}, {len(used)} in use")
    lines += [
        f"         {slot['file']}, {slot['tokens']:,} tokens{', answering' if slot['busy'] else ''}" for slot in used
    ]
    parking = [model for model in answer["models"] if model.get("parked_files")]
    if parked := sum(model["parked_files"] for model in parking):
        size = sum(model["memory"]["parked_bytes"] for model in parking)
        lines.append(f"parked   {parked} {'file' if parked == 1 else 'files'}, {size / _MIB:,.1f} MiB")
    return lines


def _chosen(model: dict[str, Any]) -> list[str]:
    """What was chosen for a loaded model, and by whom: one line, and one for each thing out of the ordinary.

    Of one that is not loaded, how far it is, or why it cannot be.
    """
    if "refused" in model:
        return [f"refused  {model['path']}: {model['refused']}"]
    if "loading" in model:
        return [f"loading  {model['path']}, {model['loading']:.0%}"]
    by = model.get("chosen")
    if not by:
        return []
    shown = {
        "layers on the device": ("gpu_layers", model["gpu_layers"]),
        "tokens of context": ("context_tokens", f"{model['context_tokens']:,}"),
        "state in": ("kv_type", model["kv_type"]),
        "flash attention": ("flash_attention", model["flash_attention"]),
        "threads": ("threads", model["threads"]),
    }
    parts = [f"{label} {value}{' (set)' if by[key] == 'set' else ''}" for label, (key, value) in shown.items()]
    lines = [f"chosen   {model['name']}: {', '.join(parts)}"]
    for device in model["devices"]:
        free, total = device["free_bytes_before"] // _MIB, device["total_bytes"] // _MIB
        name = f"{device['name']} ({device['description']})"
        lines.append(f"         {name}, {free:,} of {total:,} MiB free before it was loaded")
    if reuse := model.get("reuse"):
        lines.append(f"         reuse: {reuse}")
    if model["stepped_down"]:
        lines.append(f"         {model['stepped_down']}")
    lines += [f"         adapter {adapter['path']}, scale {adapter['scale']:g}" for adapter in model["adapters"]]
    if draft := model["draft_model"]:
        told = f"{draft['accepted_tokens']:,} of {draft['guessed_tokens']:,} guesses right"
        lines.append(f"         draft model {draft['path']}, {told}")
    return lines
