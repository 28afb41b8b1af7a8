"""From a save to the request that leaves: one file of 5,000 lines in a repository in which 200 files differ."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.scripted.provider import Provider
from tests.clients.scripted.server import Conversation
from tests.lsp_client import LspClient, console_script, private_environment
from tests.review.desk import CAPABILITIES
from tests.review.project import found

from ..refactor import source
from ..report import Figure, figure

PATH = "shelves.py"
GOAL_MS = 30.0
RESTED_S, AT_ONCE_S = 1.0, 0.05
"""From the last key to the save: after a look at what was written, and in one go with it."""

_PATIENCE_S = 60.0


@dataclass
class Saver:
    """An editor on the large file; `save` changes one function and saves."""

    client: LspClient
    uri: str
    text: str
    arrivals: list[float] = field(default_factory=list)
    version: int = 1

    def save(self, number: int, rest_s: float = RESTED_S) -> float:
        """Milliseconds from a save to the arrival of its request at the provider; `rest_s` after the last key."""
        rows = self.text.split("\n")
        step = len(rows) // 40
        place = next(at for at in range(number % 38 * step, len(rows)) if rows[at].strip().startswith("result = start"))
        indent = " " * 8
        self.version += 1
        begin = {"line": place, "character": 0}
        text = f"{indent}start = start + {number}\n"
        rows.insert(place, text.rstrip("\n"))
        self.text = "\n".join(rows)
        self.client.change(self.uri, self.version, {"range": {"start": begin, "end": begin}, "text": text})
        time.sleep(rest_s)
        before = len(self.arrivals)
        params = {"textDocument": {"uri": self.uri}, "text": self.text}
        began = time.perf_counter()
        self.client.notify("textDocument/didSave", params)
        limit = began + _PATIENCE_S
        while len(self.arrivals) == before:
            if time.perf_counter() > limit:
                raise TimeoutError("no request came")
            time.sleep(0.0005)
        took = (self.arrivals[before] - began) * 1000
        while self.client.command("twolane.status")["review"]["pending"]:
            time.sleep(0.01)
        return took


@contextmanager
def saver(folder: Path, lines: int, changed: int) -> Iterator[Saver]:
    """Make the repository, change `changed` of its files, and open the large one."""
    project = folder / "project"
    project.mkdir()
    text = source(lines)
    (project / PATH).write_text(text)
    for number in range(changed):
        (project / f"module_{number}.py").write_text(f"from shelves import Shelf{number % 9}\n\n\nA = {number}\n")
    _git(project, "init", "-q")
    _git(project, "add", ".")
    _git(project, "commit", "-q", "-m", "one")
    for number in range(changed):
        with (project / f"module_{number}.py").open("a") as file:
            file.write(f"B = {number}\n")
    environment = private_environment(folder) | {
        "ANTHROPIC_API_KEY": "key",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    place = Path(environment["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text('[review]\non_save = "on"\npause_s = 0\n')
    command: list[str | Path] = [console_script(), "index", project, "--json"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    arrivals: list[float] = []
    answer = found()

    async def script(talk: Conversation) -> None:
        arrivals.append(time.perf_counter())
        await answer(talk)

    with ExitStack() as stack:
        provider = Provider()
        stack.callback(provider.close)
        provider.begin([script])
        environment["ANTHROPIC_BASE_URL"] = provider.server.url
        client = LspClient([sys.executable, "-P", "-m", "tests.refactor.scripted_editor"], environment, folder)
        stack.callback(client.close)
        client.answers_to = {"window/workDoneProgress/create": None}
        client.initialize(rootUri=project.as_uri(), capabilities=CAPABILITIES)
        uri = (project / PATH).as_uri()
        client.open(uri, text)
        time.sleep(5.0)
        yield Saver(client, uri, text, arrivals)


def measure(runs: int, lines: int, changed: int) -> list[Figure]:
    """The first save of a session, and those that follow, after a rest and at once."""
    with tempfile.TemporaryDirectory(prefix="twolane-review-") as place, saver(Path(place), lines, changed) as editor:
        first = editor.save(0)
        later = [editor.save(number) for number in range(1, runs + 1)]
        at_once = [editor.save(number, AT_ONCE_S) for number in range(runs + 1, 2 * runs + 1)]
    told = f"{lines:,} lines, {changed} changed files"
    return [
        figure(f"save to request, the first ({told})", "ms", [first]),
        figure(f"save to request, later, {RESTED_S:g} s after the last key", "ms", later, goal=GOAL_MS),
        figure(f"save to request, later, {AT_ONCE_S:g} s after the last key", "ms", at_once, goal=GOAL_MS),
    ]


def _git(root: Path, *words: str) -> None:
    who = ("-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *who, *words), cwd=root, check=True, stdout=subprocess.DEVNULL)
