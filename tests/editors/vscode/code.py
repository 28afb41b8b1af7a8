"""A real VS Code in a real browser for tests: code-server for one person, and the page that shows it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

EXTENSION = Path(__file__).parents[3] / "editors" / "vscode"
FOLDER = Path(os.environ.get("TWOLANE_EDITORS", Path.home() / ".cache" / "twolane" / "editors")) / "vscode"
PATIENCE_S = float(os.environ.get("TWOLANE_PATIENCE", "60"))
"""Generous: two cores may be shared with much else."""

QUIET = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
    "editor.inlineSuggest.enabled": True,
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.suggestOnTriggerCharacters": False,
    "editor.minimap.enabled": False,
    "extensions.autoUpdate": False,
    "extensions.autoCheckUpdates": False,
    "files.autoSave": "off",
    "git.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
}
"""Settings that keep the page to what is tested."""


@cache
def tools() -> dict[str, str]:
    """Return where everything lies; `dev/editors_vscode.py` puts it there."""
    path = FOLDER / "tools.json"
    assert path.exists(), f"{path} is missing: make test-editors installs it"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def with_node(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which `node` is the one that code-server wants."""
    node = Path(tools()["node"]).parent
    return {**environment, "PATH": f"{node}{os.pathsep}{environment.get('PATH', os.defpath)}"}


def packaged(folder: Path) -> Path:
    """Bundle the extension and pack it into a .vsix, as a person would install it; return its path."""
    vsix = folder / "twolane.vsix"
    environment = with_node(os.environ)
    node = tools()["node"]
    words = ["package", "--no-dependencies", "--allow-missing-repository", "--skip-license", "-o", str(vsix)]
    done = subprocess.run(
        [node, tools()["vsce"], *words],
        cwd=EXTENSION,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout
    return vsix


def installed(vsix: Path, folder: Path) -> Path:
    """Install an extension into a folder of extensions; return that folder."""
    place = folder / "extensions"
    words: list[str | Path] = [
        "--extensions-dir",
        place,
        "--user-data-dir",
        folder / "installing",
        "--install-extension",
        vsix,
    ]
    command: list[str | Path] = [tools()["node"], tools()["code_server"], "--config", _configuration(folder), *words]
    done = subprocess.run(command, env=with_node(os.environ), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr or done.stdout
    return place


class Browser:
    """One Chromium; what it is told to do, it does one after the other."""

    def __init__(self, folder: Path) -> None:
        driver = Path(__file__).with_name("browser.mjs")
        profile = folder / "profile"
        profile.mkdir()
        self._errors = (folder / "browser.txt").open("wb")
        self.process = subprocess.Popen(
            [tools()["node"], driver, tools()["playwright"], tools()["chromium"], profile],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "HOME": str(folder)},
        )
        self._number = 0
        self._read()

    def do(self, task: str, **words: Any) -> Any:
        """Do one thing and return what came of it."""
        assert self.process.stdin is not None
        self._number += 1
        self.process.stdin.write(json.dumps({"id": self._number, "do": task, **words}).encode() + b"\n")
        self.process.stdin.flush()
        answer = self._read()
        assert answer["id"] == self._number
        assert "error" not in answer, f"{task} {words}: {answer['error']}"
        return answer["result"]

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the browser has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


class Code:
    """One VS Code on a project: keys in, screen and files out."""

    def __init__(
        self,
        browser: Browser,
        extensions: Path,
        folder: Path,
        project: Path,
        environment: Mapping[str, str],
        settings: Mapping[str, Any],
        *,
        trust: bool = True,
    ) -> None:
        """`settings` are those of the machine on which the files are, which is where ours belong.

        `trust`: no question whether the workspace is trusted is asked; without it, it is not trusted at first.
        """
        self.browser = browser
        self.project = project
        self._data = folder / "code"
        user = self._data / "User"
        user.mkdir(parents=True)
        asked = {} if trust else {"security.workspace.trust.startupPrompt": "never"}
        (user / "settings.json").write_text(json.dumps({**QUIET, **asked}), encoding="utf-8")
        (self._data / "Machine").mkdir()
        (self._data / "Machine" / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        self._log = (folder / "code-server.txt").open("wb")
        self.port = _free_port()
        words: list[str | Path] = ["--config", _configuration(folder), "--user-data-dir", self._data]
        words += ["--extensions-dir", extensions, "--auth", "none", "--bind-addr", f"127.0.0.1:{self.port}"]
        words += ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"]
        self.process = subprocess.Popen(
            [
                tools()["node"],
                tools()["code_server"],
                *words,
                *(["--disable-workspace-trust"] if trust else []),
                project,
            ],
            env=with_node(environment),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.wait(self._healthy, "code-server")

    # What a test does.

    def open(self, file: str = "", line: int = 1, column: int = 1) -> None:
        """Show the workbench, with a file of the project and the cursor in it."""
        if file:
            self._load(openFile=f"{self._uri(self.project / file)}:{line}:{column}", gotoLineMode="true")
        else:
            self._load()
        self.wait(lambda: self.texts(".monaco-workbench .statusbar-item"), "the workbench")
        if file:
            self.wait(lambda: any(Path(file).name in tab for tab in self.texts(".tab.active")), file)
            self.wait(lambda: self.position() == (line, column), "the cursor")

    def develop(self, extension: Path, tests: Path) -> None:
        """Show the workbench as for somebody who develops an extension: VS Code runs the module with its tests."""
        self._load(developing=True, extensionDevelopmentPath=self._uri(extension), extensionTestsPath=self._uri(tests))

    def press(self, *keys: str) -> None:
        """Press keys, as Playwright names them."""
        for key in keys:
            self.browser.do("press", key=key)

    def type(self, text: str) -> None:
        """Type text, one key at a time."""
        self.browser.do("type", text=text)

    def run(self, title: str, rest: str = "") -> None:
        """Run a command of the palette by its title; it may come to be offered a moment later only."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            self.press("F1")
            self.wait(lambda: self.picks() and ">" in self._asked(), "the palette")
            self.browser.do("insert", text=title)
            offered = time.monotonic() + 5
            while time.monotonic() < offered and not any(title in pick for pick in self.picks()[:1]):
                time.sleep(0.03)
            if any(title in pick for pick in self.picks()[:1]):
                break
            assert time.monotonic() < give_up, f"there is no command {title!r}; {self._seen()}"
            self.press("Escape")
        self.press("Enter")
        if rest:
            self.wait(lambda: self.picks() and not self._asked().startswith(">"), rest)

    def _asked(self) -> str:
        """What stands in the field at the top."""
        code = "document.querySelector('.quick-input-widget:not([style*=\"display: none\"]) input')?.value ?? ''"
        return str(self.browser.do("evaluate", code=code))

    def pick(self, text: str) -> None:
        """Choose the entry of the list at the top that holds a text."""
        self.wait(lambda: any(text in pick for pick in self.picks()), f"the choice {text!r}")
        self.browser.do("click", selector=".quick-input-widget .monaco-list-row", text=text)

    def fix(self, text: str) -> None:
        """Choose the quick fix at the cursor that holds a text, as a person does: too early a key again."""
        rows = ".action-widget .monaco-list-row"
        give_up = time.monotonic() + PATIENCE_S
        while not any(text in row for row in self.texts(rows)):
            assert time.monotonic() < give_up, f"there is no quick fix {text!r} in {self.texts(rows)}; {self._seen()}"
            self.press("Escape", "Control+1", "Control+.")
            again = time.monotonic() + 5
            while time.monotonic() < again and not self.texts(rows):
                time.sleep(0.03)
        self.browser.do("click", selector=rows, text=text)

    def save(self) -> None:
        """Save the file."""
        self.press("Control+s")

    def close(self) -> None:
        """End VS Code, and with it its servers."""
        with contextlib.suppress(AssertionError):
            self.browser.do("open", url="about:blank")
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()

    # What a test sees.

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements that a selector finds, with plain spaces."""
        return [_plain(text) for text in self.browser.do("texts", selector=selector)]

    def ghost(self) -> str:
        """Return the ghost text on the screen, '' where there is none."""
        return "".join(self.texts(".ghost-text-decoration"))

    def picks(self) -> list[str]:
        """Return the entries of the list at the top."""
        return self.texts(".quick-input-widget .monaco-list-row")

    def status(self) -> str:
        """Return the text of Twolane's item in the status bar."""
        return " ".join(self.texts('.statusbar-item[id="twolane.twolane.twolane.status"]')).strip()

    def position(self) -> tuple[int, int] | None:
        """Return the cursor's line and column, as the status bar tells them."""
        found = re.search(r"Ln (\d+), Col (\d+)", " ".join(self.texts(".statusbar-item")))
        return (int(found[1]), int(found[2])) if found else None

    def notifications(self) -> list[str]:
        """Return the messages that are shown."""
        return self.texts(".notification-list-item-message")

    def text(self, file: str) -> str:
        """Return a file as it is on the disk."""
        return (self.project / file).read_text(encoding="utf-8")

    def complaints(self) -> list[str]:
        """Return what of ours stands in the browser's console as an error."""
        told = [line.replace(str(FOLDER), "").replace(str(self._data), "") for line in self.browser.do("complaints")]
        return [line for line in told if "twolane" in line.lower()]

    def log(self) -> str:
        """Return the extension's log."""
        return "\n".join(path.read_text(errors="replace") for path in self._data.rglob("*Twolane*.log"))

    def host_log(self) -> str:
        """Return the log of the process in which extensions run."""
        return "\n".join(path.read_text(errors="replace") for path in self._data.rglob("remoteexthost.log"))

    def wait(self, met: Callable[[], Any], what: str, patience: float = PATIENCE_S) -> Any:
        """Wait until something holds, and return it."""
        deadline = time.monotonic() + patience
        while not (value := met()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not come; {self._seen()}")
            time.sleep(0.03)
        return value

    def wait_ghost(self, text: str = "", patience: float = PATIENCE_S) -> str:
        """Wait for ghost text that holds a text."""
        return str(self.wait(lambda: (ghost := self.ghost()) and text in ghost and ghost, "ghost text", patience))

    def _load(self, *, developing: bool = False, **payload: str) -> None:
        told = quote(json.dumps([[name, value] for name, value in payload.items()]))
        where = f"http://127.0.0.1:{self.port}/?folder={quote(str(self.project))}&payload={told}"
        self.browser.do("open", url=where, developing=developing)

    def _uri(self, path: Path) -> str:
        return f"vscode-remote://127.0.0.1:{self.port}{path}"

    def _seen(self) -> str:
        picture = os.environ.get("TWOLANE_PICTURE", "")
        with contextlib.suppress(AssertionError, OSError):
            if picture:
                self.browser.do("screenshot", path=picture)
            lines = self.texts(".view-line")
            return (
                f"status {self.status()!r}, messages {self.notifications()}, lines {lines[-12:]}\n{self.log()[-3000:]}"
            )
        return "there is no page"

    def _healthy(self) -> bool:
        assert self.process.poll() is None, "code-server has ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MIDDLE DOT}", " ")


def _configuration(folder: Path) -> Path:
    """A configuration of code-server's own, for else it writes one into the home folder."""
    path = folder / "code-server.yaml"
    path.write_text("auth: none\ncert: false\n", encoding="utf-8")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
