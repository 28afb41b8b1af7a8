"""`twolane evaluate` that is ended before its end: who ends it is told what was asked by then, because it is paid."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.provider import provider
from tests.clients.scripted.server import Conversation, Scripted
from tests.evaluation.test_command_line import HELPERS, MAIN
from tests.refactor.bench import said

ONE_BY_ONE = """
import os
import signal
import sys

sys.path.insert(0, os.environ["TESTS_BELOW"])

from tests.server.fake_engine import FakeEngine
from twolane.server import cli, compose, evaluating

ended_at = int(os.environ["ENDED_AT"])
engine = compose.LocalEngine = FakeEngine()


def reply(request):
    if len(engine.requests) == ended_at:
        os.kill(os.getpid(), signal.SIGTERM)
    return "pass"


engine.reply = reply
evaluating.AT_ONCE = 1
sys.exit(cli.main(sys.argv[1:]))
"""


def started(folder: Path, server: Scripted, *words: str, ended_at: int = 0) -> subprocess.Popen[str]:
    """The command in a process of its own, before a near model that writes the same everywhere."""
    project = folder / "project"
    project.mkdir()
    for name, text in (("pyproject.toml", ""), ("helpers.py", HELPERS), ("main.py", MAIN)):
        (project / name).write_text(text)
    own = {f"XDG_{name}": str(folder / name) for name in ("DATA_HOME", "CONFIG_HOME", "STATE_HOME", "CACHE_HOME")}
    keys = {"ANTHROPIC_API_KEY": "key-for-tests", "ANTHROPIC_BASE_URL": server.url}
    test = {"TESTS_BELOW": str(Path(__file__).parents[2]), "ENDED_AT": str(ended_at)}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", ONE_BY_ONE, "evaluate", "--places", "5", *words],
        cwd=project,
        env={**os.environ, **own, **keys, **test, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def charged(folder: Path) -> list[tuple[str, float]]:
    connection = sqlite3.connect(folder / "DATA_HOME" / "twolane" / "ledger.sqlite3")
    rows = connection.execute("SELECT state, charged FROM call ORDER BY at").fetchall()
    connection.close()
    return [(state, micro / 1e6) for state, micro in rows]


@pytest.mark.parametrize(
    ("number", "words"),
    [(signal.SIGINT, ["--json"]), (signal.SIGTERM, ["--json"]), (signal.SIGTERM, ["--each"])],
)
def test_what_was_answered_by_then_is_told_and_what_the_rest_cost(
    tmp_path: Path, number: signal.Signals, words: list[str]
) -> None:
    waiting = threading.Event()
    answered: list[Conversation] = []

    async def answers(talk: Conversation) -> None:
        answered.append(talk)
        if len(answered) == 1:
            await said({"text": "value"})(talk)
            return
        await talk.head()
        await talk.chunk(api.start() + api.opened() + api.delta("{"))
        waiting.set()
        await talk.until_the_client_leaves()

    with provider(answers) as server:
        process = started(tmp_path, server, "--far", *words)
        try:
            assert waiting.wait(60)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 128 + number
    calls = charged(tmp_path)
    assert [state for state, _ in calls] == ["done", "cancelled"]
    said_so = "ended early: 5 of 5 places were asked about, the far lane about 2"
    if "--each" in words:
        assert said_so in err
        assert "the far lane is ahead by" in out
        assert out.count("expected") == 5
        assert "not answered: 3 x far: ended before it was asked" in out
        assert "not answered: 1 x far: ended while it was being answered" in out
        return
    document = json.loads(out)
    assert document["ended"] == document["far"]["stopped"] == said_so
    assert document["sides"]["near"]["answered"] == 5
    assert document["sides"]["far"]["answered"] == 1
    assert document["far"]["cost_usd"] == pytest.approx(sum(cost for _, cost in calls))
    assert min(cost for _, cost in calls) > 0
    reasons = Counter(one["sides"]["far"]["reason"] for one in document["answers"])
    assert reasons == {"": 1, "ended while it was being answered": 1, "ended before it was asked": 3}


def test_the_near_lane_alone_is_told_as_far_as_it_came(tmp_path: Path) -> None:
    with provider(said({"text": "x"})) as server:
        process = started(tmp_path, server, "--far", "--json", ended_at=6)
        try:
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        assert server.requests == []
    document = json.loads(out)
    assert process.returncode == 128 + signal.SIGTERM
    assert 0 < document["places"] == document["sides"]["near"]["answered"] < 5
    assert document["ended"].startswith(f"ended early: {document['places']} of 5 places were asked about")
    assert "far" not in document["sides"]
