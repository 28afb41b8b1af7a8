"""llama.cpp as it was built here, against the devices that really answer."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass

from .check import Check

_LOAD_SECONDS = 60
_DEVICE_SECONDS = 10

_PROBE = """
import ctypes, json, sys
import llama_cpp
library = ctypes.CDLL(llama_cpp.llama_cpp._lib._name)
library.ggml_backend_dev_get.restype = ctypes.c_void_p
library.ggml_backend_dev_count.restype = ctypes.c_size_t
for name in ("ggml_backend_dev_name", "ggml_backend_dev_description"):
    getattr(library, name).restype = ctypes.c_char_p
    getattr(library, name).argtypes = [ctypes.c_void_p]
devices = []
for index in range(library.ggml_backend_dev_count()):
    device = library.ggml_backend_dev_get(ctypes.c_size_t(index))
    devices.append([library.ggml_backend_dev_name(device).decode("utf-8", "replace"),
                    library.ggml_backend_dev_description(device).decode("utf-8", "replace")])
answer = {"version": llama_cpp.__version__, "offloads": bool(llama_cpp.llama_supports_gpu_offload()),
          "devices": devices}
sys.stdout.write("\\n" + json.dumps(answer))
"""
"""Runs in a process of its own: a broken library may end whoever loads it."""


@dataclass(frozen=True, slots=True)
class Library:
    """What the llama.cpp that is installed says of itself."""

    version: str
    offloads: bool
    devices: tuple[str, ...]


def library() -> tuple[Check, Library | None]:
    """Load llama-cpp-python in a process of its own."""
    name = "llama.cpp"
    command = [sys.executable, "-P", "-c", _PROBE]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_LOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Check(name, "error", f"does not load within {_LOAD_SECONDS} s", _rebuild()), None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        missing = "No module named 'llama_cpp'" in lines[-1]
        detail = "llama-cpp-python is not installed" if missing else f"cannot be loaded: {lines[-1].strip()}"
        if done.returncode < 0:
            detail = f"ended by signal {-done.returncode} while loading"
        return Check(name, "error", detail, _rebuild()), None
    found = json.loads(done.stdout.rpartition("\n")[2])
    devices = tuple(f"{device} ({description})" for device, description in found["devices"])
    built = Library(found["version"], found["offloads"], devices)
    detail = f"llama-cpp-python {built.version} loads; it computes on {', '.join(devices) or 'nothing it knows'}"
    return Check(name, "ok", detail), built


def device(built: Library | None) -> Check:
    """Whether a GPU answers on this machine, and whether llama.cpp was built to use it."""
    gpu = _answering_gpu()
    if gpu is None:
        return Check("device", "ok", "no GPU answers; the model runs on the processor")
    kind, name, flag = gpu
    if built is None:
        return Check("device", "note", f"{kind} answers ({name}); llama.cpp must load before it can use it")
    if built.offloads:
        return Check("device", "ok", f"{kind} answers ({name}) and llama.cpp was built for a GPU")
    return Check(
        "device",
        "warning",
        f"{kind} answers ({name}), but llama.cpp was built for the processor alone",
        _rebuild(flag),
    )


def _answering_gpu() -> tuple[str, str, str] | None:
    """The kind, name and build flag of a GPU that answers now; its compiler alone means nothing."""
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return "Metal", "Apple GPU", "-DGGML_METAL=on"
    if line := _first_line(["nvidia-smi", "-L"], "GPU "):
        return "CUDA", line.partition(" (UUID")[0], "-DGGML_CUDA=on"
    if (line := _first_line(["vulkaninfo", "--summary"], "deviceName")) and "llvmpipe" not in line:
        return "Vulkan", line.partition("=")[2].strip(), "-DGGML_VULKAN=on"
    return None


def _first_line(command: list[str], start: str) -> str:
    """The first line of a tool's answer that begins so; empty where the tool is missing or fails."""
    tool = shutil.which(command[0])
    if tool is None:
        return ""
    try:
        done = subprocess.run(
            [tool, *command[1:]],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_DEVICE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    if done.returncode != 0:
        return ""
    return next((line.strip() for line in done.stdout.splitlines() if line.strip().startswith(start)), "")


def _rebuild(flag: str = "") -> str:
    """The command that builds llama-cpp-python anew into this environment."""
    arguments = f'CMAKE_ARGS="{flag}" ' if flag else ""
    return (
        f"{arguments}{sys.executable} -m pip install --force-reinstall --no-cache-dir "
        "--no-deps --no-binary llama-cpp-python llama-cpp-python"
    )
