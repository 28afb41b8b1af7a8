"""The set-up itself: `.venv/`, llama-cpp-python for this machine, the locked packages, this folder."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import bootstrap_lock
from bootstrap_backend import VARIABLE, Backend, choose, cpu
from bootstrap_llama import Builder, require_compiler
from bootstrap_pip import pip
from bootstrap_progress import Progress, SetupError, say

LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
NATIVE_PACKAGE = "llama-cpp-python"


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of one clone lies."""

    root: Path

    @property
    def venv(self) -> Path:
        """The environment's folder."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.venv / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """The record of what was installed."""
        return self.venv / "twolane-setup.json"


def wanted(place: Place, level: str, env: Mapping[str, str]) -> str:
    """Return a digest of all that the installed result depends on."""
    project = tomllib.loads((place.root / "pyproject.toml").read_text(encoding="utf-8"))
    parts = {
        "root": str(place.root),
        "locks": [(place.root / LOCKS[level]).read_text(encoding="utf-8")],
        "project": [project.get(table) for table in ("build-system", "project")],
        "packaging": project.get("tool", {}).get("hatch"),
        "environment": [env.get(name, "") for name in (VARIABLE, "CMAKE_ARGS")],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def installed(place: Place, level: str, env: Mapping[str, str]) -> bool:
    """Say whether `.venv/` already holds what this level wants; `dev` holds all that `run` wants."""
    try:
        stamp = json.loads(place.stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not place.python.exists() or not isinstance(stamp, dict):
        return False
    levels = ("run", "dev") if level == "run" else ("dev",)
    return any(stamp.get(one) == wanted(place, one, env) for one in levels)


def write_stamp(place: Place, level: str, env: Mapping[str, str]) -> None:
    """Record that this level is installed."""
    beside = place.stamp.with_suffix(".new")
    beside.write_text(json.dumps({level: wanted(place, level, env)}), encoding="utf-8")
    beside.replace(place.stamp)


@contextlib.contextmanager
def one_at_a_time(place: Place) -> Iterator[None]:
    """Wait until no other set-up works in this clone."""
    descriptor = os.open(place.root / "dev", os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make_venv(place: Place) -> None:
    """Create `.venv/` with this Python unless a working one of an accepted Python is there."""
    if _usable(place.python):
        return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise SetupError(
            f"this Python ({sys.executable}) cannot create environments: install its venv module (Debian, "
            f"Ubuntu: apt-get install python{version}-venv), or name another: make PYTHON=/path/to/python3"
        )
    say(f"creating .venv with Python {sys.version.split()[0]}")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", place.venv],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        said = (made.stdout + made.stderr).strip().splitlines() or ["no reason given"]
        raise SetupError(f"{sys.executable} could not create {place.venv}: {said[-1]}")


def _usable(python: Path) -> bool:
    if not python.exists():
        return False
    asked = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    done = subprocess.run([python, "-c", asked], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def install_locked(place: Place, lock: Path, log: IO[bytes], env: Mapping[str, str]) -> None:
    """Install every package of a lock file except the one that is compiled here."""
    requirements = [one for one in bootstrap_lock.read(lock) if one.name != NATIVE_PACKAGE]
    rest = place.venv / "locked.txt"
    rest.write_text("".join(one.text for one in requirements), encoding="utf-8")
    progress = Progress(f"installing {len(requirements)} packages")
    seen = 0

    def on_line(line: str) -> None:
        nonlocal seen
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied", "Ignoring ")):
            seen += 1
            progress.update(min(seen, len(requirements)), len(requirements))

    try:
        arguments: list[str | Path] = ["install", "--require-hashes", "--no-deps", "-r", rest]
        pip(place.python, arguments, log, env=env, on_line=on_line, on_tick=progress.tick)
    finally:
        progress.close()


def _loads(place: Place) -> str:
    """Return '' where llama.cpp's library loads in the environment, else the loader's last line."""
    done = subprocess.run(
        [place.python, "-P", "-c", "import llama_cpp"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no reason given"])[-1]


def _install_wheel(place: Place, wheel: Path, log: IO[bytes], env: Mapping[str, str]) -> str:
    arguments: list[str | Path] = ["install", "--no-index", "--no-deps", "--force-reinstall", wheel]
    pip(place.python, arguments, log, env=env)
    return _loads(place)


def compiled(builder: Builder, backend: Backend) -> tuple[Path, Backend]:
    """Return a fresh wheel; a GPU that only we chose and that does not compile is no reason to give up."""
    try:
        return builder.build(backend), backend
    except SetupError as error:
        if backend.forced or backend.name == "cpu":
            raise
        say(f"{error}; going on without the GPU")
    without = cpu(f"{backend.name} did not compile")
    return builder.cached(without) or builder.build(without), without


def install_llama(place: Place, builder: Builder, backend: Backend, log: IO[bytes], env: Mapping[str, str]) -> None:
    """Install llama-cpp-python, cached or compiled anew; raise SetupError where it cannot be loaded."""
    wheel = builder.cached(backend)
    if wheel is not None:
        say(f"llama.cpp for {backend.name} ({backend.why}): already compiled, {wheel.parent}")
        trouble = _install_wheel(place, wheel, log, env)
        if not trouble:
            return
        say(f"the compiled wheel does not load any more ({trouble}): compiling it again")
        builder.forget(wheel)
    else:
        say(f"llama.cpp for {backend.name} ({backend.why}): compiled once, which takes minutes")
    wheel, backend = compiled(builder, backend)
    trouble = _install_wheel(place, wheel, log, env)
    if trouble:
        builder.forget(wheel)
        advice = "report it with the log" if backend.name == "cpu" else f"set {VARIABLE}=cpu to do without the GPU"
        raise SetupError(f"llama.cpp compiled for {backend.name} and does not load ({trouble}): {advice}: {log.name}")


def set_up(place: Place, level: str, env: Mapping[str, str]) -> None:
    """Bring `.venv/` to what `level` wants; raise SetupError with one line where that cannot be."""
    if not os.access(place.root, os.W_OK):
        raise SetupError(f"{place.root} cannot be written: use a copy of it in a folder of your own")
    started = time.monotonic()
    lock = place.root / LOCKS[level]
    requirement = next(one for one in bootstrap_lock.read(lock) if one.name == NATIVE_PACKAGE)
    backend = choose(env)
    builder = Builder(requirement, place.root / "dev" / "native.lock", place.venv, place.venv / "wheels", env)
    if builder.cached(backend) is None:
        require_compiler(env)
    make_venv(place)
    place.stamp.unlink(missing_ok=True)
    with (place.venv / "setup.log").open("wb") as log:
        install_locked(place, lock, log, env)
        install_llama(place, builder, backend, log, env)
        here: list[str | Path] = ["install", "--no-index", "--no-deps", "--no-build-isolation"]
        here += ["--editable", place.root]
        pip(place.python, here, log, env=env)
    write_stamp(place, level, env)
    say(f"ready after {time.monotonic() - started:.0f} s")


def main(arguments: list[str]) -> int:
    """Set up the clone this file lies in; return the exit status."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        print(f"usage: bootstrap.py {{{','.join(LOCKS)}}}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    level = arguments[0]
    place = Place(Path(__file__).resolve().parent.parent)
    try:
        if installed(place, level, os.environ):
            return 0
        with one_at_a_time(place):
            if not installed(place, level, os.environ):
                set_up(place, level, dict(os.environ))
    except SetupError as error:
        say(str(error))
        return 1
    except OSError as error:
        free = shutil.disk_usage(place.root).free // 2**20
        where = error.filename or place.root
        say(f"{where}: {error.strerror or error}; check its permissions and the disk ({free} MB free)")
        return 1
    except KeyboardInterrupt:
        say("stopped; run the same command again to go on")
        return 130
    return 0
