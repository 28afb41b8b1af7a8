"""`twolane serve` without a local model, over the index that the workspace has already; and an editor on it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from tests.clients.scripted.provider import Provider
from tests.clients.scripted.server import Script, Scripted
from tests.fake_model_server import FakeModel
from tests.lsp_client import LspClient, console_script, private_environment
from tests.refactor.desk import SHOP, lines
from twolane.clients.engine.client import LocalEngine
from twolane.clients.model import Health
from twolane.completion.analysis import Analysis
from twolane.completion.completer import Completer
from twolane.routing.privacy.privacy import Privacy
from twolane.server import compose
from twolane.server.config.gateway import privacy_rules
from twolane.server.config.settings import Settings
from twolane.server.lsp import language_server

EDITS = {
    "documentChanges": True,
    "resourceOperations": ["create"],
    "changeAnnotationSupport": {"groupsOnLabel": True},
}
KEY = "key-for-tests"
CAPABILITIES: dict[str, Any] = {
    "workspace": {"workspaceEdit": EDITS, "applyEdit": True},
    "textDocument": {
        "codeAction": {"resolveSupport": {"properties": ["command"]}, "disabledSupport": True, "dataSupport": True}
    },
    "window": {"workDoneProgress": True},
}


class Editor:
    """An editor that does with an edit what its user's editor would do, as far as a test needs.

    What was said before the last `begin` is no longer seen.
    """

    def __init__(self, client: LspClient, project: Path, provider: Provider) -> None:
        self.client = client
        self.project = project
        self.provider = provider
        self._from = 0
        self._open: set[str] = set()

    @property
    def server(self) -> Scripted:
        return self.provider.server

    def begin(self, *scripts: Script) -> None:
        """Begin another test: every file closed and as it was, a provider that answers so."""
        for path in self._open:
            self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})
        self._open.clear()
        self.client.answers_to = {"window/workDoneProgress/create": None, "workspace/applyEdit": {"applied": True}}
        self.client.command("twolane.refactor")
        self._from = len(self.client.messages)
        self.provider.begin(scripts)

    def uri(self, path: str) -> str:
        return (self.project / path).as_uri()

    def open(self, path: str, version: int = 1) -> str:
        text = (self.project / path).read_bytes().decode()
        self.client.open(self.uri(path), text, version=version)
        self._open.add(path)
        return text

    def place(self, path: str, first: str, last: str = "") -> dict[str, Any]:
        """The range of some whole lines."""
        low, high = lines((self.project / path).read_text(), first, last)
        return {"start": {"line": low - 1, "character": 0}, "end": {"line": high, "character": 0}}

    def actions(self, path: str, first: str, last: str = "", **context: Any) -> list[dict[str, Any]]:
        params = {
            "textDocument": {"uri": self.uri(path)},
            "range": self.place(path, first, last),
            "context": {"diagnostics": [], **context},
        }
        found: list[dict[str, Any]] = self.client.result("textDocument/codeAction", params)
        return found

    def action(self, task: str, path: str, first: str) -> dict[str, Any]:
        (found,) = [one for one in self.actions(path, first) if one["data"]["task"] == task]
        return found

    def choose(self, action: dict[str, Any]) -> int:
        """Resolve an action and run its command; do not wait."""
        resolved = self.client.result("codeAction/resolve", action)
        command = resolved["command"]
        params = {"command": command["command"], "arguments": command["arguments"]}
        return self.client.ask("workspace/executeCommand", params)

    def asked(self, method: str) -> list[dict[str, Any]]:
        """The requests of a method that the server has sent."""
        return [said for said in self.client.messages[self._from :] if said.get("method") == method and "id" in said]

    def told(self, method: str) -> list[Any]:
        """The params of its notifications of a method."""
        return [said["params"] for said in self.client.messages[self._from :] if said.get("method") == method]

    def edit(self) -> dict[str, Any]:
        """Wait for the edit that is to be applied."""
        self.client.wait(lambda: bool(self.asked("workspace/applyEdit")), "an edit")
        edit: dict[str, Any] = self.asked("workspace/applyEdit")[-1]["params"]["edit"]
        return edit

    def take(self, edit: dict[str, Any], *paths: str) -> None:
        """Carry an edit out, of all files or of these only: open ones in the editor, the others on the disk."""
        for change in edit["documentChanges"]:
            uri = change["textDocument"]["uri"] if "textDocument" in change else ""
            path = Path(unquote(urlsplit(uri).path)).relative_to(self.project).as_posix() if uri else ""
            if not path or (paths and path not in paths):
                continue
            edits = [one for one in change["edits"] if one["newText"] or one["range"]["start"] != one["range"]["end"]]
            if path in self._open:
                changes = [{"range": one["range"], "text": one["newText"]} for one in reversed(edits)]
                self.client.change(uri, change["textDocument"]["version"] + 1, *changes)
            else:
                file = self.project / path
                file.write_text(applied(file.read_text() if file.exists() else "", edits))

    def messages(self) -> list[str]:
        return [params["message"] for params in self.told("window/showMessage")]


class Shop:
    """A machine with the shop on it, its index made. Tests that need nothing else share one editor on it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._shared: Editor | None = None
        self.project = folder / "project"
        self._environment = private_environment(folder) | {
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        (self.project / ".git").mkdir(parents=True)
        self._reset("")
        command = [str(console_script()), "index", str(self.project), "--json"]
        subprocess.run(command, env=self._environment, check=True, capture_output=True, timeout=60)

    def editor(self, *scripts: Script) -> Editor:
        """The shared editor, before a provider that answers so."""
        self._reset("")
        if self._shared is None:
            self._shared = self._stack.enter_context(self._opened(CAPABILITIES))
        self._shared.begin(*scripts)
        return self._shared

    @contextmanager
    def another(
        self, *scripts: Script, capabilities: dict[str, Any] | None = None, settings: str = "", key: str = KEY
    ) -> Iterator[Editor]:
        """An editor that can do other things, or of a person with other settings or another key."""
        self._reset(settings)
        with self._opened(capabilities or CAPABILITIES, key) as editor:
            editor.begin(*scripts)
            yield editor

    @contextmanager
    def _opened(self, capabilities: dict[str, Any], key: str = KEY) -> Iterator[Editor]:
        with ExitStack() as stack:
            provider = Provider()
            stack.callback(provider.close)
            environment = self._environment | {"ANTHROPIC_BASE_URL": provider.server.url, "ANTHROPIC_API_KEY": key}
            program = [sys.executable, "-P", "-m", "tests.refactor.scripted_editor"]
            client = LspClient(program, environment, self._folder)
            stack.callback(client.close)
            client.initialize(rootUri=self.project.as_uri(), capabilities=capabilities)
            yield Editor(client, self.project, provider)

    def _reset(self, settings: str) -> None:
        for path, text in SHOP.items():
            (self.project / path).parent.mkdir(parents=True, exist_ok=True)
            (self.project / path).write_text(text)
        place = Path(self._environment["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(settings)


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """Carry LSP's edits out on a text without characters beyond the basic plane."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def offset(place: dict[str, int]) -> int:
        return starts[place["line"]] + place["character"]

    for edit in sorted(edits, key=lambda one: offset(one["range"]["start"]), reverse=True):
        text = text[: offset(edit["range"]["start"])] + edit["newText"] + text[offset(edit["range"]["end"]) :]
    return text


def names(actions: Sequence[dict[str, Any]]) -> list[str]:
    return [action["data"]["task"] for action in actions if "disabled" not in action]


def main() -> int:
    def build(settings: Settings, on_state: Callable[[Health], None], fault: str) -> compose.Services:
        model = FakeModel({"text": ""}, on_state)
        executor = ThreadPoolExecutor(1)
        context = Analysis(executor)
        return compose.Services(
            engine=cast(LocalEngine, model),
            completer=Completer(model, context),
            options=compose.completion_options(settings),
            analysis=executor,
            privacy=Privacy(privacy_rules(settings, fault)),
            context=context,
        )

    return language_server.main(build_services=build)


if __name__ == "__main__":
    raise SystemExit(main())
