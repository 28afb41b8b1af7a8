"""llama-cpp-python as a wheel for this very machine: from the user's cache, else compiled from its sources.

The sources are checked against the lock's hash before anything of them runs, and so are the build's tools.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bootstrap_backend import Backend
from bootstrap_lock import Requirement
from bootstrap_pip import pip
from bootstrap_progress import Progress, SetupError, ninja_step, run_logged, say, telling_lines

_WITHOUT = (
    "LLAVA_BUILD",
    "LLAMA_BUILD_TESTS",
    "LLAMA_BUILD_EXAMPLES",
    "LLAMA_BUILD_TOOLS",
    "LLAMA_BUILD_SERVER",
)
_COMPILERS = {"CC": ("cc", "gcc", "clang"), "CXX": ("c++", "g++", "clang++")}
_NO_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
"""Some virtual machines announce AMX and refuse its tiles: code that uses it dies at the first decode."""
_ABANDONED_AFTER_S = 24 * 3600


def cmake_args(backend: Backend, env: Mapping[str, str]) -> str:
    """Return CMAKE_ARGS for the build: ours, the backend's, then the person's own, which win."""
    ours = [f"-D{option}=OFF" for option in _WITHOUT]
    return " ".join([*ours, *backend.cmake_args, env.get("CMAKE_ARGS", "")]).strip()


def compiler_flags(env: Mapping[str, str]) -> dict[str, str]:
    """Return CFLAGS and CXXFLAGS for the build: ours, then the person's own, which win."""
    ours = _NO_AMX if platform.machine() in ("x86_64", "AMD64") else ""
    return {name: f"{ours} {env.get(name, '')}".strip() for name in ("CFLAGS", "CXXFLAGS")}


def _knows_amx(cxx: str, env: Mapping[str, str]) -> bool:
    """Say whether a compiler takes the flags that turn AMX off; one that does not know AMX cannot use it."""
    asked = [*cxx.split(), *_NO_AMX.split(), "-x", "c++", "-fsyntax-only", os.devnull]
    done = subprocess.run(asked, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def processor() -> str:
    """Return what the compiler sees of this processor: the build is for it alone."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    if flags:
        return " ".join(sorted(flags[1].split()))
    if platform.system() == "Darwin":
        brand = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return brand.stdout.strip()
    return platform.processor()


def cache_folder(env: Mapping[str, str]) -> Path:
    """Return the user's folder for built wheels; a relative XDG_CACHE_HOME does not count."""
    base = Path(env.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        base = Path(env.get("HOME") or Path.home(), ".cache")
    return base / "twolane" / "wheels"


def cache_key(requirement: Requirement, backend: Backend, env: Mapping[str, str]) -> str:
    """Return a name that differs wherever the built wheel would; the wheel itself fits every Python 3."""
    makes_a_difference = [
        *requirement.hashes,
        cmake_args(backend, env),
        *compiler_flags(env).values(),
        *(env.get(name, "") for name in ("CC", "CXX", "LDFLAGS")),
        sysconfig.get_platform(),
        *platform.libc_ver(),
        processor(),
    ]
    digest = hashlib.sha256("\0".join(makes_a_difference).encode()).hexdigest()
    return f"llama-cpp-python-{requirement.version}-{backend.name}-{digest[:16]}"


def intact_wheel(folder: Path) -> Path | None:
    """Return the one wheel of a cache entry if every byte of it is as it was packed, else None."""
    for wheel in sorted(folder.glob("*.whl")):
        try:
            with zipfile.ZipFile(wheel) as archive:
                if archive.testzip() is None:
                    return wheel
        except (OSError, zipfile.BadZipFile):
            continue
    return None


def compiler(variable: str, env: Mapping[str, str]) -> str | None:
    """Return the compiler that answers for CC or CXX: the one the person named there, else the usual ones."""
    named = env.get(variable, "")
    if named:
        return named if _answers(named.split()[0], env) else None
    return next((name for name in _COMPILERS[variable] if _answers(name, env)), None)


def require_compiler(env: Mapping[str, str]) -> None:
    """Raise SetupError where no C and C++ compiler answers."""
    for variable, language in (("CC", "C"), ("CXX", "C++")):
        if compiler(variable, env) is None:
            said = f" ({variable}={env[variable]})" if env.get(variable) else ""
            raise SetupError(
                f"no {language} compiler answers{said}: install one (Debian, Ubuntu: apt-get install g++; "
                "Fedora: dnf install gcc-c++; macOS: xcode-select --install), then run the same command again"
            )


def _answers(name: str, env: Mapping[str, str]) -> bool:
    program = shutil.which(name, path=env.get("PATH", os.defpath))
    if program is None:
        return False
    try:
        asked = [program, "--version"]
        done = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds or finds the wheel. `fallback` takes it where the user's cache folder cannot be written."""

    requirement: Requirement
    native_lock: Path
    log_folder: Path
    fallback: Path
    env: Mapping[str, str]

    def cached(self, backend: Backend) -> Path | None:
        """Return the wheel of an earlier build for this machine, or None."""
        key = cache_key(self.requirement, backend, self.env)
        for folder in (cache_folder(self.env), self.fallback):
            wheel = intact_wheel(folder / key)
            if wheel is not None:
                return wheel
        return None

    def forget(self, wheel: Path) -> None:
        """Drop a cached wheel that turned out not to work."""
        shutil.rmtree(wheel.parent, ignore_errors=True)

    def build(self, backend: Backend) -> Path:
        """Compile, keep the wheel for the next clone, return it; raise SetupError where that fails."""
        require_compiler(self.env)
        folder = self._writable_cache()
        _sweep(folder)
        work = Path(tempfile.mkdtemp(prefix="build-", dir=folder))
        try:
            log_path = self.log_folder / "llama-build.log"
            with log_path.open("wb") as log:
                wheel = self._compile(work, backend, log)
            return _keep(wheel, folder / cache_key(self.requirement, backend, self.env))
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _writable_cache(self) -> Path:
        folder = cache_folder(self.env)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError as error:
            reason = error.strerror or str(error)
            say(f"{folder} cannot be written ({reason}): the compiled wheel goes to {self.fallback} instead")
        self.fallback.mkdir(parents=True, exist_ok=True)
        return self.fallback

    def _compile(self, work: Path, backend: Backend, log: IO[bytes]) -> Path:
        version = self.requirement.version
        say(f"llama-cpp-python {version}: fetching its sources (77 MB) and the build's tools")
        tools = work / "tools"
        subprocess.run([sys.executable, "-m", "venv", tools], check=True, stdin=subprocess.DEVNULL)
        python = tools / "bin" / "python"
        env = {name: value for name, value in self.env.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        env["PATH"] = f"{tools / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
        locked = ["--require-hashes", "--no-deps"]
        pip(python, ["install", *locked, "-r", self.native_lock], log, env=env)

        only = work / "sources.txt"
        only.write_text(self.requirement.text, encoding="utf-8")
        sources: list[str | Path] = [
            "--no-binary",
            self.requirement.name,
            "--no-build-isolation",
            "-d",
            work / "sources",
        ]
        pip(python, ["download", *locked, *sources, "-r", only], log, env=env)

        env |= {"CMAKE_ARGS": cmake_args(backend, self.env), "NINJA_STATUS": "[%f/%t] "}
        if _knows_amx(compiler("CXX", env) or "c++", env):
            env |= compiler_flags(self.env)
        env.setdefault("TMPDIR", str(work))
        archive = next((work / "sources").iterdir())
        progress = Progress(f"compiling llama.cpp for {backend.name}")

        def on_line(line: str) -> None:
            step = ninja_step(line)
            if step is not None:
                progress.update(*step)

        command: list[str | Path] = [python, "-m", "pip", "wheel", "-v", "--no-index", "--no-deps"]
        command += ["--no-cache-dir", "--no-build-isolation", "--config-settings=build.verbose=false"]
        command += ["-w", work / "wheel", archive]
        started = time.monotonic()
        try:
            status, output = run_logged(command, log, env=env, on_line=on_line, on_tick=progress.tick)
        finally:
            progress.close()
        if status != 0:
            raise SetupError(self._failure(backend, output, Path(log.name)))
        say(f"compiled llama.cpp for {backend.name} in {time.monotonic() - started:.0f} s")
        return next((work / "wheel").glob("*.whl"))

    def _failure(self, backend: Backend, output: str, log: Path) -> str:
        for line in telling_lines(output):
            print(f"    {line}", file=sys.stderr)
        if re.search(r"\bKilled\b|virtual memory exhausted|out of memory", output):
            advice = "memory ran out: set CMAKE_BUILD_PARALLEL_LEVEL=1 and run the same command again"
        elif backend.name != "cpu":
            advice = "set TWOLANE_BACKEND=cpu to do without the GPU"
        else:
            advice = "llama.cpp needs a C++17 compiler (GCC 9, Clang 10 or newer)"
        return f"llama.cpp did not compile for {backend.name}: {advice}; the whole log: {log}"


def _keep(wheel: Path, entry: Path) -> Path:
    """Move a wheel to its cache entry in one step; who looks meanwhile sees the old state or the new one."""
    entry.mkdir(parents=True, exist_ok=True)
    kept = entry / wheel.name
    wheel.replace(kept)
    return kept


def _sweep(folder: Path) -> None:
    """Remove what builds that were killed left behind."""
    for left in folder.glob("build-*"):
        try:
            abandoned = time.time() - left.stat().st_mtime > _ABANDONED_AFTER_S
        except OSError:
            continue
        if abandoned:
            shutil.rmtree(left, ignore_errors=True)
