"""An editor on a repository with a real server, and a provider that answers from a script."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.clients.scripted.provider import Provider
from tests.clients.scripted.server import Script
from tests.lsp_client import LspClient, private_environment
from tests.review.project import AFTER, CLAIM, found, holds, repository

PATIENCE_S = 60.0
"""The first review of a server loads much."""

CAPABILITIES: dict[str, Any] = {
    "workspace": {"workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}}, "applyEdit": True},
    "textDocument": {
        "codeAction": {"resolveSupport": {"properties": ["edit", "command"]}, "dataSupport": True},
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
    },
    "window": {"workDoneProgress": True, "showMessage": {"messageActionItem": {}}},
}
FIX = {"replace": "len(values)", "with": "max(1, len(values))"}


def wrong(**more: Any) -> list[Script]:
    """One finding, which holds; every later change has none."""
    claim = {**CLAIM, **FIX, **more}
    see = {"path": claim["path"], "quote": "total = sum(values)", "note": "nothing to add up"}
    return [found({**claim, "see": [see]}), holds(1), found()]


class Editor:
    """An editor with one project; what it was told can be looked at."""

    def __init__(self, client: LspClient, project: Path, provider: Provider) -> None:
        self.client = client
        self.project = project
        self.provider = provider
        self.path = "stats.py"
        self._versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}

    def uri(self, path: str = "") -> str:
        return (self.project / (path or self.path)).as_uri()

    def fresh(self) -> None:
        """Go on with a new file, whose function has a name of its own: what is known of others is not known of it."""
        number = len(self._versions)
        self.path = f"case_{number}.py"
        (self.project / self.path).write_text(AFTER.replace("mean", f"mean_{number}"))

    @property
    def asked(self) -> int:
        return len(self.provider.server.requests)

    def told(self, number: int) -> str:
        """What the model was sent in its request of that number."""
        return json.dumps(self.provider.server.requests[number].json, ensure_ascii=False)

    @property
    def text(self) -> str:
        """The text of the file at hand."""
        return self.texts[self.path]

    def open(self, path: str = "") -> None:
        path = path or self.path
        self.texts[path] = (self.project / path).read_text()
        self._versions[path] = 1
        self.client.open(self.uri(path), self.texts[path])

    def type(self, text: str, path: str = "") -> None:
        """Have this text in the editor."""
        path = path or self.path
        self._versions[path] += 1
        self.texts[path] = text
        self.client.change(self.uri(path), self._versions[path], {"text": text})

    def edit(self, line: int, start: int, end: int, text: str, path: str = "") -> None:
        """Replace a part of one line (from 0)."""
        path = path or self.path
        rows = self.texts[path].split("\n")
        rows[line] = rows[line][:start] + text + rows[line][end:]
        self.texts[path] = "\n".join(rows)
        self._versions[path] += 1
        place = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        self.client.change(self.uri(path), self._versions[path], {"range": place, "text": text})

    def save(self, path: str = "") -> None:
        path = path or self.path
        (self.project / path).write_text(self.texts[path])
        self.client.notify("textDocument/didSave", {"textDocument": {"uri": self.uri(path)}, "text": self.texts[path]})

    def published(self, path: str = "") -> list[dict[str, Any]]:
        """Every publication of a file."""
        return [one for one in self.client.told("textDocument/publishDiagnostics") if one["uri"] == self.uri(path)]

    def shown(self, path: str = "") -> list[dict[str, Any]]:
        """The diagnostics of a file as they were told last."""
        every = self.published(path)
        diagnostics: list[dict[str, Any]] = every[-1]["diagnostics"] if every else []
        return diagnostics

    def wait_shown(self, count: int, path: str = "") -> list[dict[str, Any]]:
        def met() -> bool:
            return bool(self.published(path)) and len(self.shown(path)) == count

        assert self.client.hears(met, PATIENCE_S), f"{count} diagnostics did not come, but {self.shown(path)}"
        return self.shown(path)

    def wait_asked(self, count: int) -> None:
        """Wait until the provider has been asked so often."""
        self.until(lambda: self.asked >= count, f"request {count}")

    def until(self, met: Callable[[], object], what: str) -> None:
        """Wait for what no message of the server's tells."""
        limit = time.monotonic() + PATIENCE_S
        while not met():
            assert time.monotonic() < limit, f"{what} did not come"
            self.client.state(self.uri())

    def settled(self) -> dict[str, Any]:
        """Wait until no review is under way and none waits; return what the status says of reviews."""
        told: list[dict[str, Any]] = []

        def ended() -> bool:
            told.append(self.client.command("twolane.status")["review"])
            return not (told[-1]["reviewing"] or told[-1]["waiting"] or told[-1]["pending"])

        self.until(ended, "the end of all reviews")
        return told[-1]

    def actions(self, path: str = "", **context: Any) -> list[dict[str, Any]]:
        """The code actions about findings on all of a file."""
        path = path or self.path
        last = self.texts[path].count("\n")
        params = {
            "textDocument": {"uri": self.uri(path)},
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": last, "character": 0}},
            "context": {"diagnostics": self.shown(path), "only": ["quickfix"], **context},
        }
        every = self.client.result("textDocument/codeAction", params)
        return [one for one in every if "finding" in (one.get("data") or {})]

    def run(self, action: dict[str, Any]) -> Any:
        command = action["command"]
        return self.client.command(command["command"], *command["arguments"])

    def messages(self) -> list[str]:
        return [params["message"] for params in self.client.told("window/showMessage")]


class Desk:
    """A machine: a repository, a person's own places, and editors one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = repository(folder / "project")
        self.environment = private_environment(folder) | {
            "ANTHROPIC_API_KEY": "key-for-tests",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    @contextmanager
    def editor(
        self,
        scripts: Sequence[Script],
        settings: str = '[review]\non_save = "on"\npause_s = 0\n',
        capabilities: dict[str, Any] | None = None,
        answers: dict[str, Any] | None = None,
        **environment: str,
    ) -> Iterator[Editor]:
        """Open an editor; `settings` are the person's own."""
        place = Path(self.environment["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(settings)
        with ExitStack() as stack:
            provider = Provider()
            stack.callback(provider.close)
            provider.begin(scripts)
            own = {**self.environment, "ANTHROPIC_BASE_URL": provider.server.url, **environment}
            client = LspClient([sys.executable, "-P", "-m", "tests.refactor.scripted_editor"], own, self.folder)
            stack.callback(client.close)
            client.answers_to = {"window/workDoneProgress/create": None, **(answers or {})}
            client.initialize(
                rootUri=self.project.as_uri(), capabilities=CAPABILITIES if capabilities is None else capabilities
            )
            yield Editor(client, self.project, provider)
