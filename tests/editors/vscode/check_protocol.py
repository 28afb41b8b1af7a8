"""A real VS Code with a scripted server: alternatives, lines, what is told back, settings, a workspace's trust."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.editors.nvim import scripted_server
from tests.editors.vscode.code import Browser, Code
from tests.editors.vscode.conftest import Desk

COMPLETION = "textDocument/inlineCompletion"
CURSOR = "twolane/cursor"
SHOWN = "textDocument/didShowCompletion"
PARTLY = "textDocument/didPartiallyAcceptCompletion"
SERVER = Path(scripted_server.__file__)

pytestmark = pytest.mark.timeout(300)

_PROGRAM = """#!/bin/sh
case "$1 $2" in
"models recommend") cat "{folder}/models.json" ;;
"models pull") echo "$3 50 %" >&2; echo "$@" > "{folder}/pulled.txt" ;;
*) exec "{python}" "{server}" ;;
esac
"""


class Scripted(Desk):
    """A desk whose server does as the test says."""

    def script(self, **answers: Any) -> None:
        """Say how the server answers from now on."""
        place = self.project / "script.new"
        place.write_text(json.dumps(answers))
        place.rename(self.project / "script.json")

    def program(self, place: Path) -> Path:
        """Write a program `twolane` that is the scripted server."""
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_PROGRAM.format(python=sys.executable, server=SERVER, folder=self.folder))
        place.chmod(0o755)
        return place

    def start(self, text: str, settings: Mapping[str, Any] | None = None, *, trust: bool = True) -> Code:
        """Open a file that holds `text` with the cursor at its end."""
        (self.project / "cart.py").write_text(text + "\n")
        program = self.program(self.folder / "twolane")
        code = self.code({"twolane.server.path": str(program), **(settings or {})}, trust=trust)
        code.open("cart.py", 1, len(text) + 1)
        return code

    def heard(self, method: str) -> list[dict[str, Any]]:
        """Return the params of what the server heard by this method."""
        place = self.project / "heard.jsonl"
        lines = place.read_text().splitlines(keepends=True) if place.exists() else []
        told = [json.loads(line) for line in lines if line.endswith("\n")]
        return [said.get("params") or {} for said in told if said.get("method") == method]


@pytest.fixture
def scripted(tmp_path: Path, extensions: Path, browser: Browser, machine: Mapping[str, str]) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path, extensions, browser, machine)
    scripted.script()
    yield scripted
    scripted.close()


def item(text: str, name: str) -> dict[str, Any]:
    return {"insertText": text, "command": {"title": "", "command": "twolane.accepted", "arguments": [name]}}


def test_alternatives_parts_and_acceptance_are_as_everywhere_and_told_to_the_server(scripted: Scripted) -> None:
    one = item(" one two\n  three", "first")
    scripted.script(automatic=[one], invoked=[one, item(" other", "second")])
    settings = {"twolane.completion.multiline": "never", "twolane.server.environment": {"OWN": "1"}}
    code = scripted.start("x =", settings)
    code.wait(lambda: "scripted" in code.status(), "the server")
    (hello,) = scripted.heard("initialize")
    assert hello["initializationOptions"] == {"trusted": True, "completion": {"multiline": "never"}}
    assert hello["capabilities"]["experimental"]["twolaneInstruction"] is True
    put = len(scripted.heard(CURSOR))
    code.press("Backspace")
    code.type("=")
    code.wait_ghost(" one two")
    assert len(scripted.heard(CURSOR)) == put, "an edit tells where the cursor is"
    code.press("Alt+]")
    code.wait(lambda: code.ghost() == " other", "the other one")
    code.press("Alt+[")
    code.wait_ghost(" one two")
    scripted.script(automatic=[item("one two\n  three", "first")])
    code.press("Control+ArrowRight")
    code.wait(lambda: scripted.heard(COMPLETION)[-1]["position"]["character"] == 4, "a request behind the space")
    code.wait(lambda: code.ghost() == "one two", "the rest")
    code.press("Control+ArrowRight")
    code.wait(lambda: scripted.heard(PARTLY), "the news of a part")
    assert [told["acceptedLength"] for told in scripted.heard(PARTLY)] == [len("one")]
    names = [told["item"]["command"]["arguments"][0] for told in scripted.heard(SHOWN)]
    assert sorted(names) == sorted(set(names)), "each is told once"
    scripted.script(automatic=[item("one last", "third")])
    code.press("Escape", "Backspace", "e")
    code.wait(lambda: code.ghost() == " last", "another suggestion, which goes on from the word")
    code.press("Tab")
    accepted = {"command": "twolane.accepted", "arguments": ["third"]}
    code.wait(lambda: accepted in scripted.heard("workspace/executeCommand"), "the news of the acceptance")
    assert len(scripted.heard(PARTLY)) == 1
    end = len(scripted.heard(CURSOR))
    code.press("Home")
    code.wait(lambda: len(scripted.heard(CURSOR)) > end, "word of the cursor")
    (home,) = scripted.heard(CURSOR)[end:]
    assert home["position"]["character"] == 0
    assert home["textDocument"]["uri"].endswith("/cart.py")
    code.run("Pause in This Language")
    code.wait(lambda: scripted.heard("workspace/didChangeConfiguration"), "the settings")
    told = scripted.heard("workspace/didChangeConfiguration")[-1]["settings"]["twolane"]
    assert told == {"completion": {"multiline": "never", "disabled_languages": ["python"]}}
    assert code.complaints() == []


def test_a_recommended_model_is_fetched_and_the_server_started_anew(scripted: Scripted) -> None:
    models = [
        {"name": "large", "bytes": 8_000_000_000, "fits": False, "recommended": False, "why": "too large"},
        {"name": "small", "bytes": 1_600_000_000, "fits": True, "recommended": True, "why": "the largest that suits"},
    ]
    (scripted.folder / "models.json").write_text(json.dumps({"models": models}))
    code = scripted.start("x =")
    code.wait(lambda: "scripted" in code.status(), "the server")
    code.run("Twolane: Choose Model", rest="choices")
    code.wait(lambda: any("small" in pick and "1.6 GB" in pick for pick in code.picks()), "the models")
    assert not any("8.0 GB" in pick for pick in code.picks()), "one that does not fit is not offered"
    code.pick("small")
    code.wait((scripted.folder / "pulled.txt").exists, "the model")
    assert (scripted.folder / "pulled.txt").read_text() == "models pull small --use\n"
    code.wait(lambda: len(scripted.heard("initialize")) == 2, "a new server")
    code.wait(lambda: "scripted" in code.status(), "its answer")
    code.run("Twolane: Choose Model", rest="choices")
    code.pick("The starter")
    code.wait(lambda: scripted.heard("workspace/didChangeConfiguration"), "the settings")
    told = scripted.heard("workspace/didChangeConfiguration")[-1]["settings"]["twolane"]
    assert told == {"near": {"model": ""}}, "whatever twolane.toml says"


def test_where_nothing_can_be_done_the_reason_is_told_and_a_key_can_be_added(scripted: Scripted) -> None:
    scripted.script(action={"title": "Extract", "disabled": "No model may answer: there is no key."})
    code = scripted.start("x = 1")
    code.wait(lambda: "scripted" in code.status(), "the server")
    code.run("Twolane: Refactor")
    code.wait(lambda: any("there is no key." in told for told in code.notifications()), "the reason")
    code.browser.do("click", selector=".notification-list-item-buttons-container a", text="Add a Key")
    code.pick("Anthropic")
    code.wait(lambda: "secret store" in " ".join(code.texts(".quick-input-message")), "the question")
    code.browser.do("insert", text="key-for-tests")
    code.press("Enter")
    code.wait(lambda: any("the key is kept" in told for told in code.notifications()), "word that it is kept")
    code.wait(lambda: len(scripted.heard("initialize")) == 2, "a server that has it")


def test_the_status_tells_that_a_file_has_no_suggestions(scripted: Scripted) -> None:
    code = scripted.start("x = 1")
    code.wait(lambda: code.status() == "near   scripted", "the server")
    uri = (scripted.project / "cart.py").as_uri()
    scripted.script(documents=[{"uri": uri, "off": "turned off for python"}])
    code.run("Pause in This Language")
    code.wait(lambda: code.status() == "near   scripted   off here", "the state of the file")
    code.press("Control+n")
    code.wait(lambda: code.status() == "near   scripted", "another file's")


def test_a_workspace_that_is_not_trusted_starts_nothing_of_its_own(scripted: Scripted) -> None:
    scripted.program(scripted.project / ".venv" / "bin" / "twolane")
    (scripted.project / ".vscode").mkdir()
    stranger = {"twolane.server.path": "${workspaceFolder}/.venv/bin/twolane", "twolane.near.model": "/stranger.gguf"}
    (scripted.project / ".vscode" / "settings.json").write_text(json.dumps(stranger))
    code = scripted.start("x =", {"twolane.server.path": ""}, trust=False)
    code.wait(lambda: "no server" in code.status(), "the news that there is none")
    assert scripted.heard("initialize") == []
    code.wait(lambda: any("not trusted" in told for told in code.notifications()), "the reason")


def test_a_private_environment_is_made_with_its_progress_shown(scripted: Scripted) -> None:
    wheel = scripted.folder / "twolane-9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.write(SERVER, "scripted_twolane.py")
        info = "twolane-9.dist-info"
        packed.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: twolane\nVersion: 9\n")
        packed.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        packed.writestr(f"{info}/entry_points.txt", "[console_scripts]\ntwolane = scripted_twolane:main\n")
        packed.writestr(f"{info}/RECORD", "")
    settings = {
        "twolane.server.path": "",
        "twolane.server.package": str(wheel),
        "twolane.server.python": sys.executable,
    }
    code = scripted.start("x =", settings)
    code.wait(lambda: "no server" in code.status(), "the news that there is none")
    code.browser.do("click", selector=".notification-list-item-buttons-container a", text="Create an Environment")
    code.wait(lambda: any("installing" in told or "environment" in told for told in code.notifications()), "progress")
    code.wait(lambda: "scripted" in code.status(), "the server", 120)
    assert scripted.heard("initialize")
