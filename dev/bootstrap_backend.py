"""Which of llama.cpp's backends this machine can use: a device has to answer, a compiler is not enough."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bootstrap_progress import SetupError

VARIABLE = "TWOLANE_BACKEND"
_CMAKE_ARGS = {
    "cpu": ("-DGGML_METAL=OFF",),
    "cuda": ("-DGGML_CUDA=ON",),
    "metal": ("-DGGML_METAL=ON",),
    "vulkan": ("-DGGML_VULKAN=ON",),
}
_VULKAN_GPU = re.compile(r"deviceType\s*=\s*PHYSICAL_DEVICE_TYPE_(DISCRETE|INTEGRATED|VIRTUAL)_GPU")


@dataclass(frozen=True, slots=True)
class Backend:
    """A backend, why it was chosen (for people), and what cmake is told; `forced` = a person named it."""

    name: str
    why: str
    cmake_args: tuple[str, ...]
    forced: bool = False


def cpu(why: str) -> Backend:
    """Return the backend that always works."""
    return Backend("cpu", why, _CMAKE_ARGS["cpu"])


def _answer(command: str, *arguments: str, env: Mapping[str, str]) -> str:
    """Return what a program prints, or '' where it is missing, fails or hangs."""
    program = shutil.which(command, path=env.get("PATH", os.defpath))
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, *arguments],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def _cuda_compiler(env: Mapping[str, str]) -> str | None:
    on_path = shutil.which("nvcc", path=env.get("PATH", os.defpath))
    if on_path is not None:
        return on_path
    home = env.get("CUDA_HOME") or env.get("CUDA_PATH")
    beside = Path(home, "bin", "nvcc") if home else None
    return str(beside) if beside is not None and os.access(beside, os.X_OK) else None


def _vulkan_device(env: Mapping[str, str]) -> str | None:
    name = None
    for block in re.split(r"^GPU\d+:", _answer("vulkaninfo", "--summary", env=env), flags=re.MULTILINE)[1:]:
        found = re.search(r"deviceName\s*=\s*(.+)", block)
        if found and _VULKAN_GPU.search(block) and "llvmpipe" not in found[1].lower():
            name = found[1].strip()
            break
    return name


def _with_compiler(compiler: str, env: Mapping[str, str]) -> tuple[str, ...]:
    on_path = shutil.which("nvcc", path=env.get("PATH", os.defpath)) is not None
    return _CMAKE_ARGS["cuda"] + (() if on_path else (f"-DCMAKE_CUDA_COMPILER={compiler}",))


def choose(env: Mapping[str, str]) -> Backend:
    """Choose from what answers on this machine, or take what TWOLANE_BACKEND names.

    Raises SetupError where that variable names no backend.
    """
    forced = env.get(VARIABLE, "").strip().lower()
    if forced and forced not in _CMAKE_ARGS:
        raise SetupError(f"{VARIABLE}={forced} is not known: use one of {', '.join(_CMAKE_ARGS)}")
    if forced:
        compiler = _cuda_compiler(env) if forced == "cuda" else None
        arguments = _with_compiler(compiler, env) if compiler else _CMAKE_ARGS[forced]
        return Backend(forced, f"{VARIABLE} says so", arguments, forced=True)

    if platform.system() == "Darwin":
        if platform.machine() == "arm64":
            return Backend("metal", "Apple silicon", _CMAKE_ARGS["metal"])
        return cpu("a Mac without Apple silicon")

    compiler = _cuda_compiler(env)
    listed = [line for line in _answer("nvidia-smi", "-L", env=env).splitlines() if line.startswith("GPU ")]
    if compiler and listed:
        return Backend("cuda", listed[0].split(" (UUID")[0], _with_compiler(compiler, env))

    has_shader_compiler = shutil.which("glslc", path=env.get("PATH", os.defpath)) is not None
    device = _vulkan_device(env)
    if has_shader_compiler and device:
        return Backend("vulkan", device, _CMAKE_ARGS["vulkan"])

    if listed:
        return cpu("an NVIDIA GPU is here, its compiler is not: install the CUDA toolkit (nvcc) to use it")
    if device:
        return cpu(f"{device} is here, the shader compiler is not: install glslc to use it")
    if compiler:
        return cpu("nvcc is here, but no NVIDIA GPU answers")
    return cpu("no GPU answers")
