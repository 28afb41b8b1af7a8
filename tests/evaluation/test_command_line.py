"""`twolane evaluate` on a project, with a near model that knows the answer where it is shown other files.

The far lane is a scripted server behind the real gateway.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation, Script
from tests.refactor.bench import said
from tests.server.fake_engine import FakeEngine
from tests.terminal import ScriptedTerminal, own_places
from twolane.clients.errors import ModelCrashed, ModelRefused
from twolane.clients.model import InfillRequest
from twolane.routing.money.amount import MICRO
from twolane.routing.money.history import entries
from twolane.routing.money.store import Store, default_path

HELPERS = "".join(
    f"def helper_{number}(value: int) -> int:\n    total = value + {number}\n    print('helper', total)\n"
    f"    return total\n\n\n"
    for number in range(20)
)
MAIN = "from helpers import helper_1, helper_2\n\n\n" + "".join(
    f"def action_{number}(value: int) -> int:\n    result = helper_1(value)\n    if result > {number}:\n"
    f"        return helper_2(result)\n    return result\n\n\n"
    for number in range(20)
)
KEY = "ghp_" + "k3Jd9" * 7 + "q"


class Terminal(ScriptedTerminal):
    """`twolane evaluate` in a project of two files."""

    command = "evaluate"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr("twolane.server.compose.LocalEngine", fake)
    return fake


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], engine: FakeEngine
) -> Terminal:
    own_places(tmp_path, monkeypatch)
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text("")
    (project / "helpers.py").write_text(HELPERS)
    (project / "main.py").write_text(MAIN)
    monkeypatch.chdir(project)
    engine.reply = knowing(project)
    return Terminal(project, monkeypatch, capsys)


def knowing(project: Path) -> Callable[[InfillRequest], str]:
    """A model that writes what stands in the file, but nothing of use where it is shown no other file."""

    def reply(request: InfillRequest) -> str:
        text = (project / request.path).read_text().replace("\r\n", "\n")
        start = text.index(request.prefix) + len(request.prefix)
        hidden = text[start : text.index(request.suffix, start)]
        return hidden if request.extras else "None"

    return reply


def told(out: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(out)
    return document


def spent() -> float:
    store = Store(default_path())
    try:
        return sum(entry.charged for entry in entries(store, date(1970, 1, 2))) / MICRO
    finally:
        store.close()


async def test_the_near_lane_is_asked_with_and_without_other_files_and_nothing_is_sent(terminal: Terminal) -> None:
    code, out, _, server = await terminal.run([said({"text": "None"})], "--places", "10", "--json")
    document = told(out)
    assert code == 0
    assert server.requests == []
    assert document["places"] == 10
    assert set(document["tasks"]) == {"line", "rest of line", "argument", "block", "body"}
    sides = document["sides"]
    assert set(sides) == {"near", "near, no other files"}
    assert sides["near"]["models"] == [{"lane": "near", "model": "fake"}]
    assert sides["near, no other files"]["exact"]["value"] == 0.0
    (difference,) = document["differences"]
    assert (difference["side"], difference["than"], difference["places"]) == ("near", "near, no other files", 10)
    assert difference["exact"]["value"] > 0
    assert document["far"]["model"]
    assert document["far"]["worst_usd"] >= document["far"]["likely_usd"] > 0


async def test_every_place_is_told_where_it_is_and_what_stood_there(terminal: Terminal) -> None:
    _, out, _, _ = await terminal.run([said({"text": ""})], "--places", "5", "--json")
    for answer in told(out)["answers"]:
        lines = (terminal.project / answer["path"]).read_text().split("\n")
        start, end = answer["start"], answer["end"]
        inside = lines[start["line"] - 1 : end["line"]]
        inside[-1] = inside[-1][: end["column"] - 1]
        inside[0] = inside[0][start["column"] - 1 :]
        assert "\n".join(inside) == answer["expected"]
        assert set(answer["sides"]) == {"near", "near, no other files"}


async def test_the_far_lane_is_asked_about_the_same_places_and_paid_for(terminal: Terminal) -> None:
    code, out, _, server = await terminal.run([said({"text": "value"})], "--places", "5", "--far", "--json")
    document = told(out)
    assert code == 0
    assert len(server.requests) == 5
    far = document["sides"]["far"]
    assert far["answered"] == 5
    assert far["models"][0]["lane"] == "far"
    assert far["cost_usd"] == pytest.approx(spent())
    assert far["cost_usd"] > 0
    assert [one["than"] for one in document["differences"]] == ["near, no other files", "near"]
    for answer in document["answers"]:
        asked = next(
            body
            for body in (request.json["messages"][0]["content"][0]["text"] for request in server.requests)
            if _holds(body, terminal.project, answer)
        )
        assert answer["sides"]["far"]["text"] == "value"
        assert answer["sides"]["far"]["exact"] == (answer["expected"] == "value")
        assert "Veiled_" not in asked


def _holds(body: str, project: Path, answer: dict[str, Any]) -> bool:
    """Whether this question is about this place: what stood there is missing between its two pieces."""
    lines = (project / answer["path"]).read_text().split("\n")
    line, column = answer["start"]["line"], answer["start"]["column"]
    before = "\n".join([*lines[: line - 1], lines[line - 1][: column - 1]])
    return f'path="{answer["path"]}">\n{before}</before' in body


async def test_it_stops_before_the_sum_could_be_passed(terminal: Terminal) -> None:
    words = ("--places", "10", "--far", "--json", "--at-most", "0.03")
    code, out, _, server = await terminal.run([_dear], *words)
    document = told(out)
    assert code == 0
    assert 0 < len(server.requests) < 10
    assert document["sides"]["far"]["answered"] == len(server.requests)
    assert "--at-most" in document["far"]["stopped"]
    assert spent() <= 0.03
    reasons = {one["sides"]["far"]["reason"] for one in document["answers"]}
    assert document["far"]["stopped"] in reasons


async def _dear(conversation: Conversation) -> None:
    usage = {"input_tokens": 2_000, "output_tokens": 1}
    begun = api.start().replace(json.dumps(api.USAGE).encode(), json.dumps(usage).encode())
    await conversation.head()
    await conversation.chunk(begun + api.opened() + api.delta('{"text": "x"}') + api.closed() + api.ending())
    await conversation.end()


async def test_what_answers_leave_of_the_sum_is_spent_on_others(terminal: Terminal) -> None:
    words = ("--places", "10", "--far", "--json", "--at-most", "0.03")
    _, out, _, server = await terminal.run([said({"text": "x"})], *words)
    assert len(server.requests) == 10
    assert told(out)["far"]["stopped"] == ""


async def test_an_answer_is_not_asked_for_again_where_that_could_pass_the_sum(terminal: Terminal) -> None:
    words = ("--places", "5", "--far", "--json", "--at-most", "0.03")
    _, out, _, server = await terminal.run([_dear_and_cut, said({"text": "x"})], *words)
    assert len(server.requests) == 1
    assert "--at-most" in told(out)["far"]["stopped"]
    assert told(out)["far"]["cost_usd"] == pytest.approx(spent()) == pytest.approx(0.008, rel=0.1)


async def _dear_and_cut(conversation: Conversation) -> None:
    usage = {"input_tokens": 4_000, "output_tokens": 1}
    begun = api.start().replace(json.dumps(api.USAGE).encode(), json.dumps(usage).encode())
    await conversation.head()
    await conversation.chunk(begun + api.opened() + api.delta("{"))
    await conversation.end()


async def test_a_rule_for_one_file_keeps_no_other_from_being_asked_about(terminal: Terminal) -> None:
    rule = '[[routing.rules]]\ntasks = ["evaluate"]\npaths = ["helpers.py"]\nlanes = []\n'
    (terminal.project / "twolane.toml").write_text(rule)
    _, out, _, server = await terminal.run([said({"text": "x"})], "--places", "10", "--far", "--json")
    paths = [answer["path"] for answer in told(out)["answers"]]
    assert 0 < len(server.requests) == paths.count("main.py") < 10


async def test_what_was_paid_for_nothing_is_told(terminal: Terminal) -> None:
    _, out, _, _ = await terminal.run([said({"words": "x"})], "--places", "5", "--far")
    assert f"no answer of use, and took ${spent():.4f}" in out


async def test_an_answer_that_is_of_no_use_counts_for_its_cost_only(terminal: Terminal) -> None:
    scripts: list[Script] = [said({"words": "x"}), said({"text": "x"})]
    _, out, _, _ = await terminal.run(scripts, "--places", "5", "--far", "--json")
    far = told(out)["sides"]["far"]
    assert far["answered"] == 4
    assert far["cost_usd"] == pytest.approx(spent())
    (reason,) = (one["sides"]["far"]["reason"] for one in told(out)["answers"] if one["sides"]["far"]["reason"])
    assert "does not fit what was asked for" in reason


async def test_secrets_stay_here_and_come_back(terminal: Terminal) -> None:
    text = HELPERS.replace("'helper'", f"'{KEY}'")
    (terminal.project / "helpers.py").write_text(text)

    async def repeats(conversation: Conversation) -> None:
        body = conversation.request.json["messages"][0]["content"][0]["text"]
        name = next((word for word in body.replace("'", " ").split() if word.startswith("Veiled_")), "None")
        await said({"text": f"print('{name}', total)"})(conversation)

    _, out, _, server = await terminal.run([repeats], "--places", "12", "--far", "--json")
    assert len(server.requests) == 12
    assert not any(KEY.encode() in request.body for request in server.requests)
    texts = [one["sides"]["far"]["text"] for one in told(out)["answers"]]
    assert any(KEY in text for text in texts)
    assert not any("Veiled_" in text for text in texts)


async def test_what_may_not_leave_is_asked_of_the_near_lane_only(terminal: Terminal) -> None:
    (terminal.project / "twolane.toml").write_text('[privacy]\nnear_only = ["helpers.py"]\n')
    _, out, _, server = await terminal.run([said({"text": "x"})], "--places", "10", "--far", "--json")
    document = told(out)
    assert 0 < len(server.requests) < 10
    assert not any(b"def helper_3" in request.body for request in server.requests)
    for answer in document["answers"]:
        kept = answer["path"] == "helpers.py"
        assert answer["sides"]["near"]["exact"] is not None
        assert (answer["sides"]["far"]["exact"] is None) == kept


async def test_what_no_model_may_see_is_not_hidden_at_all(terminal: Terminal) -> None:
    (terminal.project / "twolane.toml").write_text('[privacy]\nblocked = ["helpers.py"]\n')
    _, out, _, _ = await terminal.run([said({"text": "x"})], "--places", "10", "--json")
    assert {answer["path"] for answer in told(out)["answers"]} == {"main.py"}


async def test_without_a_key_the_far_lane_is_named_and_the_near_one_answers(
    terminal: Terminal, engine: FakeEngine
) -> None:
    terminal.monkeypatch.delenv("ANTHROPIC_API_KEY")
    code, out, _, _ = await terminal.run([said({"text": "x"})], "--places", "5", "--json")
    assert code == 0
    assert told(out)["far"]["model"] is None
    assert "ANTHROPIC_API_KEY" in told(out)["far"]["reason"]
    engine.requests.clear()
    code, out, err, _ = await terminal.run([said({"text": "x"})], "--places", "5", "--far")
    assert code == 1
    assert engine.requests == []
    assert "ANTHROPIC_API_KEY" in err
    assert out == ""


async def test_a_model_that_fails_at_one_place_costs_that_place(terminal: Terminal, engine: FakeEngine) -> None:
    knows = knowing(terminal.project)
    asked: list[str] = []

    def fails_once(request: InfillRequest) -> str:
        asked.append(request.path)
        if len(asked) == 3:
            raise ModelCrashed("The engine stopped.")
        return knows(request)

    engine.reply = fails_once
    code, out, _, _ = await terminal.run([said({"text": "x"})], "--places", "5", "--json")
    document = told(out)
    assert code == 0
    assert document["sides"]["near"]["answered"] == 4
    assert [one["sides"]["near"]["reason"] for one in document["answers"]].count("The engine stopped.") == 1


async def test_a_model_that_cannot_be_had_is_an_error(terminal: Terminal, engine: FakeEngine) -> None:
    terminal.monkeypatch.setattr(engine, "info", _refused)
    code, out, err, _ = await terminal.run([said({"text": "x"})], "--places", "5", "--json")
    assert code == 1
    assert "is no model" in err
    assert told(out)["error"]["kind"] == ModelRefused.kind


async def _refused() -> None:
    raise ModelRefused("nowhere.gguf is no model; name another in near.model.")


async def test_people_are_told_a_table_and_every_place_where_they_ask(terminal: Terminal) -> None:
    code, out, _, _ = await terminal.run([said({"text": "value"})], "--places", "5", "--far", "--each")
    assert code == 0
    for word in ("near, no other files", "far", "rest of line", "other files are worth", "the far lane is ahead by"):
        assert word in out
    assert out.count("expected") == 5
    assert max(map(len, out.partition("expected")[0].split("\n")[1:])) <= 120


async def test_windows_line_ends_are_kept_and_compared(terminal: Terminal) -> None:
    for name, text in (("helpers.py", HELPERS), ("main.py", MAIN)):
        (terminal.project / name).write_bytes(text.replace("\n", "\r\n").encode())
    _, out, _, server = await terminal.run([said({"text": "a = 1\nb = 2"})], "--places", "10", "--far", "--json")
    document = told(out)
    assert document["sides"]["near"]["exact"]["value"] > 0
    assert {one["sides"]["far"]["text"] for one in document["answers"]} == {"a = 1\r\nb = 2"}
    assert len(server.requests) == 10


@pytest.mark.parametrize(
    ("words", "code", "said_so"),
    [
        (["nowhere"], 1, "there is no such folder"),
        (["main.py"], 1, "it is a file"),
        (["empty"], 1, "no source file"),
        (["--places", "0"], 2, "from 1 to 2000"),
        (["--at-most", "-1"], 2, "amount of dollars"),
    ],
)
async def test_what_cannot_be_done_is_said(terminal: Terminal, words: list[str], code: int, said_so: str) -> None:
    (terminal.project / "empty").mkdir()
    found, out, err, server = await terminal.run([said({"text": "x"})], *words, "--json")
    assert found == code
    assert said_so in err
    assert told(out)["error"]["message"]
    assert server.requests == []


async def test_only_the_folder_that_is_named_is_drawn_from(terminal: Terminal) -> None:
    (terminal.project / "part").mkdir()
    (terminal.project / "part" / "one.py").write_text(HELPERS)
    _, out, _, _ = await terminal.run([said({"text": "x"})], "part", "--places", "5", "--json")
    assert {answer["path"] for answer in told(out)["answers"]} == {"part/one.py"}


async def test_a_folder_without_a_sign_of_a_project_is_not_asked_about(
    terminal: Terminal, tmp_path: Path, engine: FakeEngine
) -> None:
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose" / "a.py").write_text(HELPERS)
    code, _, err, _ = await terminal.run([said({"text": "x"})], str(tmp_path / "loose"))
    assert code == 1
    assert "belongs to no workspace" in err
    assert engine.requests == []
