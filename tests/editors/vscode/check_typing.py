"""A real VS Code with the real server and the starter model: type, see, accept, look, pause, lose the server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import llama_server
from tests.editors.vscode.code import Code
from tests.editors.vscode.conftest import Desk
from tests.lsp_client import console_script

TYPED = "        self.currency"
WHOLE = "        self.currency = currency"
PAGE = ".editor-instance .view-line"

pytestmark = pytest.mark.timeout(300)


def begin(desk: Desk) -> Code:
    """Open the file, wait for the model, and type in the constructor until there is ghost text."""
    code = desk.code()
    code.open("cart.py", 9, 27)
    code.wait(lambda: "twolane-starter" in code.status(), "the model")
    code.press("Enter")
    code.type(TYPED.strip())
    code.wait_ghost("= currency")
    return code


def again(code: Code) -> None:
    """Wait until it is suggested again; a key asks, and one more where the server was not there yet."""

    def suggested() -> str:
        code.press("x", "Backspace")
        try:
            return code.wait_ghost(patience=5)
        except AssertionError:
            return ""

    code.wait(suggested, "ghost text")


def servers(desk: Desk) -> list[int]:
    """Return the processes of the servers that work on the project."""
    command, folder = [str(console_script()), "serve"], str(desk.project.resolve())
    processes = psutil.process_iter(["pid", "cmdline", "cwd"])
    told = [process.info for process in processes if (process.info["cmdline"] or [])[-2:] == command]
    return [one["pid"] for one in told if one["cwd"] == folder]


def engine(desk: Desk, what: str) -> dict[str, Any]:
    """Have the engine do something; return its answer."""
    command = [str(console_script()), "engine", what, "--json"]
    done = subprocess.run(command, env=desk.environment, capture_output=True, text=True, timeout=60, check=False)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def moved(code: Code, before: tuple[int, int] | None) -> bool:
    return code.position() not in (None, before)


def test_ghost_text_is_accepted_by_tab_and_by_word(desk: Desk) -> None:
    code = begin(desk)
    assert code.ghost() == " = currency"
    code.press("Control+ArrowRight", "Control+ArrowRight")
    code.wait(lambda: code.ghost().strip() == "currency", "the rest after a word")
    while (before := code.position()) != (10, len(WHOLE) + 1):
        code.press("Control+ArrowRight")
        code.wait(partial(moved, code, before), "the next of them")
    code.press(*["Backspace"] * len(" = currency"))
    again(code)
    code.press("Tab")
    code.wait(lambda: code.position() == (10, len(WHOLE) + 1), "the accepted text")
    code.save()
    code.wait(lambda: f"{WHOLE}\n" in code.text("cart.py"), "the accepted text on the disk")
    assert code.complaints() == []


def test_the_status_says_how_it_is_and_why_there_was_silence(desk: Desk) -> None:
    code = begin(desk)
    assert code.status() == "near   twolane-starter"
    code.run("Explain the Last Suggestion")
    code.wait(lambda: any("Where the time went" in line for line in code.texts(PAGE)), "the explanation")
    code.press("Control+1")
    code.run("Pause in This File")
    code.wait(lambda: "off here" in code.status(), "the pause")
    code.press("x")
    code.run("Resume in This File")
    code.wait(lambda: "off here" not in code.status(), "the end of the pause")
    code.run("Pause or Resume Suggestions")
    code.wait(lambda: "paused" in code.status(), "the pause")
    code.press("Backspace")
    code.wait(lambda: "Suggestions are paused" in told_on_hover(code), "the reason on hover")
    assert code.complaints() == []


def test_a_report_holds_no_code(desk: Desk) -> None:
    code = begin(desk)
    code.press("Escape")
    code.save()
    code.run("Write a Report Without Code")
    code.wait(lambda: any("Twolane: report" in tab for tab in code.texts(".tab.active")), "the report")
    code.press("Control+Home")
    code.wait(lambda: any("Versions" in line for line in code.texts(PAGE)), "its beginning")
    told = code.texts(PAGE)
    code.press("Control+End")
    code.wait(lambda: any("shown" in line for line in code.texts(PAGE)), "its end")
    told += code.texts(PAGE)
    assert not [line for line in told if "currency" in line or "cart" in line or str(desk.folder) in line]


def told_on_hover(code: Code) -> str:
    """Point at the status item, coming from elsewhere, and return what is shown then."""
    code.browser.do("hover", selector=".part.titlebar")
    code.browser.do("hover", selector='.statusbar-item[id="twolane.twolane.twolane.status"]')
    return str(code.wait(lambda: " ".join(code.texts(".monaco-hover")), "the pop-up"))


def test_a_killed_server_and_a_killed_engine_come_back(desk: Desk) -> None:
    code = begin(desk)
    (server,) = servers(desk)
    os.kill(server, signal.SIGKILL)
    code.wait(lambda: "coming back" in code.status() or servers(desk) not in ([], [server]), "the news")
    code.wait(lambda: "twolane-starter" in code.status() and "coming back" not in code.status(), "the server")
    (other,) = servers(desk)
    assert other != server
    again(code)
    code.press("Escape")
    os.kill(engine(desk, "status")["pid"], signal.SIGKILL)
    again(code)
    code.press("Tab")
    code.wait(lambda: code.position() == (10, len(WHOLE) + 1), "the accepted text")
    assert servers(desk) == [other]


def test_a_model_on_another_machine_needs_nothing_but_settings(desk: Desk) -> None:
    starter = Path(str(files("twolane.starter") / "twolane-starter.gguf"))
    engine(desk, "stop")
    with llama_server.running(starter) as url:
        elsewhere = {"twolane.team.url": url, "twolane.team.completion": True}
        code = desk.code({**elsewhere, "twolane.budget.prices": ["team/* input=0 output=0"]})
        code.open("cart.py", 9, 27)
        code.wait(lambda: code.status().startswith("team   twolane-starter"), "the team's lane")
        code.press("Enter")
        code.type(TYPED.strip())
        code.wait_ghost("= currency")
        assert not engine(desk, "status")["running"], "no model is loaded on this machine"
