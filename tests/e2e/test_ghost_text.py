"""The main job, whole: a real project, a real server process, a real engine, the starter model."""

from __future__ import annotations

import time
from typing import Any

from tests.e2e.conftest import PROJECT, Machine
from tests.lsp_client import LspClient

FILE = "shop/cart.py"
LINE = PROJECT[FILE].splitlines().index("        self.items = items")


def ready(editor: LspClient) -> None:
    """Wait until the model is there."""
    deadline = time.monotonic() + 60
    while editor.command("twolane.status")["state"] != "ready":
        assert time.monotonic() < deadline, editor.log()
        time.sleep(0.05)


def typed(editor: LspClient, uri: str, line: int, words: str) -> list[list[dict[str, Any]]]:
    """Type at the end of a new line, one key at a time, and return what was suggested after each key."""
    end = len(PROJECT[FILE].splitlines()[line])
    place = {"line": line, "character": end}
    editor.change(uri, 2, {"range": {"start": place, "end": place}, "text": "\n"})
    suggested = []
    for column, key in enumerate(words):
        place = {"line": line + 1, "character": column}
        editor.change(uri, 3 + column, {"range": {"start": place, "end": place}, "text": key})
        suggested.append(editor.complete(uri, line + 1, column + 1))
    return suggested


def wait_for_source(editor: LspClient, uri: str, path: str) -> None:
    """Ask behind a line until the prompt has lines of another file: no key waits for the index."""
    deadline = time.monotonic() + 60
    while True:
        editor.complete(uri, LINE, len(PROJECT[FILE].splitlines()[LINE]))
        trace = editor.command("twolane.explain")["requests"][-1]
        if any(source["path"] == path for source in trace["sources"]):
            return
        assert time.monotonic() < deadline, trace
        time.sleep(0.05)


def test_typing_in_a_project_shows_what_the_model_wrote(machine: Machine) -> None:
    editor = machine.editor()
    uri = machine.uri(FILE)
    editor.open(uri, PROJECT[FILE])
    ready(editor)
    suggested = typed(editor, uri, LINE, "        self.name = ")
    items = [item for answer in suggested for item in answer]
    assert items, editor.command("twolane.explain")
    for item in items:
        assert item["insertText"].strip()
        assert item["range"]["start"] == item["range"]["end"]
        assert "<|" not in item["insertText"]
    shown = [trace for trace in editor.command("twolane.explain")["requests"] if trace["shown"]]
    assert len(shown) == len(items)
    assert all(trace["lane"] == "near" and trace["work"]["generated_tokens"] > 0 for trace in shown)
    assert shown[-1]["path"] == FILE
    assert any(trace["reused_tokens"] > 0 for trace in shown)
    wait_for_source(editor, uri, "shop/money.py")
    state = editor.state(uri)
    assert state["synced"] is True
    status = editor.command("twolane.status")
    assert status["model"]["family"] == "starter"
    assert min(status["model"]["reads_per_s"], status["model"]["writes_per_s"]) > 0
    assert editor.told("window/showMessage") == []
    assert editor.shut_down() == 0
    assert editor.rubbish == b""


def test_two_editors_share_one_engine(machine: Machine) -> None:
    editors = [machine.editor(), machine.editor()]
    for editor in editors:
        editor.open(machine.uri(FILE), PROJECT[FILE])
    for editor in editors:
        ready(editor)
        typed(editor, machine.uri(FILE), LINE, "        self.name = ")
        assert editor.last_trace()["work"]["generated_tokens"] > 0
    engine = machine.engine()
    assert len(engine["models"]) == 1
    assert editors[0].shut_down() == 0
    editors[1].complete(machine.uri(FILE), LINE, len("        self.items = items"))
    assert editors[1].last_trace()["generated_tokens"] > 0
    assert machine.engine()["pid"] == engine["pid"]


def test_what_follows_an_accepted_suggestion_is_there_already(machine: Machine) -> None:
    editor = machine.editor()
    uri = machine.uri(FILE)
    editor.open(uri, PROJECT[FILE])
    ready(editor)
    line, column, version = LINE + 1, len("        self.name = "), 3
    editor.change(
        uri, 2, {"range": place(LINE, len(PROJECT[FILE].splitlines()[LINE])), "text": "\n        self.name = "}
    )
    (item,) = editor.complete(uri, line, column)
    for _ in range(20):
        quiet(machine)
        editor.change(uri, version, {"range": item["range"], "text": item["insertText"]})
        rows = item["insertText"].split("\n")
        line, column = line + len(rows) - 1, len(rows[-1]) + (column if len(rows) == 1 else 0)
        version += 1
        items = editor.complete(uri, line, column)
        trace = editor.last_trace()
        assert (trace["origin"], trace["evaluated_tokens"]) == ("speculated", 0), trace
        if not items:
            break
        (item,) = items
    else:
        raise AssertionError("the model never comes to an end")
    editor.change(uri, version, {"range": place(line, column), "text": "\n        "})
    editor.complete(uri, line + 1, 8)
    assert editor.last_trace()["origin"] == "speculated"
    assert editor.shut_down() == 0


def test_where_the_cursor_is_put_the_prompt_is_read_before_the_first_key(machine: Machine) -> None:
    editor = machine.editor()
    uri = machine.uri(FILE)
    editor.open(uri, PROJECT[FILE])
    ready(editor)
    typed(editor, uri, LINE, "        self.name = ")
    quiet(machine)
    read = machine.engine()["models"][0]["evaluated_tokens"]
    line = PROJECT[FILE].splitlines().index("            result = result.add(item)") + 1
    there = {"line": line, "character": len("            result = result.add(item)")}
    editor.notify("twolane/cursor", {"textDocument": {"uri": uri}, "position": there})
    deadline = time.monotonic() + 20
    while machine.engine()["models"][0]["evaluated_tokens"] == read:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    quiet(machine)
    editor.complete(uri, **there)
    trace = editor.last_trace()
    assert trace["origin"] == "model", trace
    assert trace["evaluated_tokens"] <= 1, trace
    assert trace["prompt_tokens"] > 100


def place(line: int, column: int) -> dict[str, Any]:
    position = {"line": line, "character": column}
    return {"start": position, "end": position}


def quiet(machine: Machine) -> None:
    """Wait until the engine has nothing to do."""
    deadline = time.monotonic() + 20
    while any(slot["busy"] for slot in machine.engine()["slots"]) or machine.engine()["queue"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killing_the_engine_costs_one_empty_answer(machine: Machine) -> None:
    editor = machine.editor()
    uri = machine.uri(FILE)
    editor.open(uri, PROJECT[FILE])
    ready(editor)
    killed = machine.kill_engine()
    assert editor.complete(uri, LINE, len("        self.items = items")) == []
    assert editor.last_trace()["reason"]
    deadline = time.monotonic() + 60
    while editor.last_trace()["generated_tokens"] == 0:
        assert time.monotonic() < deadline, editor.log()
        editor.complete(uri, LINE, len("        self.items = items"))
        time.sleep(0.05)
    assert machine.engine()["pid"] != killed
    assert len(editor.told("window/showMessage")) <= 1
    assert editor.state(uri)["synced"] is True
    assert editor.shut_down() == 0


def test_a_model_that_cannot_be_had_is_said_once(machine: Machine) -> None:
    settings = machine.project.parent / "config_home" / "twolane"
    settings.mkdir()
    (settings / "twolane.toml").write_text('[near]\nmodel = "/no/such/model.gguf"\n')
    editor = machine.editor()
    uri = machine.uri(FILE)
    editor.open(uri, PROJECT[FILE])
    assert "/no/such/model.gguf" in editor.wait_told("window/showMessage")["message"]
    for _ in range(3):
        assert editor.complete(uri, LINE, 8) == []
    assert "/no/such/model.gguf" in editor.last_trace()["reason"]
    assert len(editor.told("window/showMessage")) == 1
    assert editor.shut_down() == 0
