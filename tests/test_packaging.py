"""The wheel, built and installed as a stranger would get it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LARGEST_STARTER_BYTES = 32 * 2**20


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=100)
    (built,) = folder.glob("twolane-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    command: list[str | Path] = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command += ["--target", folder, wheel]
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True, timeout=100)
    return folder


def test_the_wheel_carries_the_starter_model_and_the_demo(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
        packed = {one.filename: one.compress_size for one in archive.infolist()}
    assert sizes["twolane/starter/twolane-starter.gguf"] > 1_000_000
    assert packed["twolane/starter/twolane-starter.gguf"] <= LARGEST_STARTER_BYTES
    assert "twolane/py.typed" in sizes
    demo = {
        f"twolane/server/demo/{path.relative_to(ROOT / 'server' / 'demo').as_posix()}"
        for path in (ROOT / "server" / "demo" / "project").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert demo
    assert demo <= sizes.keys()


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.startswith("twolane")} == set()
    assert [name for name in names if "/work/" in name or name.endswith((".pt", ".pyc"))] == []


def run_installed(installed: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": str(installed)},
        cwd=installed,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_installed_wheel_is_what_runs(installed: Path) -> None:
    where = "import twolane, twolane.server.cli as cli; print(twolane.__file__, cli.__file__)"
    done = run_installed(installed, sys.executable, "-P", "-W", "error", "-c", where)
    assert done.stderr == ""
    assert [Path(one).is_relative_to(installed) for one in done.stdout.split()] == [True, True]


def test_the_installed_command_says_its_version(installed: Path) -> None:
    import twolane

    done = run_installed(installed, installed / "bin" / "twolane", "--version")
    assert done.returncode == 0, done.stderr
    assert twolane.__version__ in done.stdout
