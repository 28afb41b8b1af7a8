"""`twolane review` that is ended before its end, as by a pipeline that has run out of time: what is paid is told."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.provider import provider
from tests.clients.scripted.server import Conversation
from tests.review.project import CLAIM, found, git, holds, repository

ONE_BY_ONE = """
import sys
from twolane.server import cli
from twolane.server.commands import review

review.AT_ONCE = 1
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_found_by_then_is_told_and_what_the_rest_cost(tmp_path: Path, number: signal.Signals) -> None:
    root = repository(tmp_path / "project")
    (root / "waits.py").write_text("def waits():\n    return 1\n")
    git(root, "add", ".")
    waiting = threading.Event()

    async def answers(talk: Conversation) -> None:
        asked = json.dumps(talk.request.json["messages"])
        if "about the new lines of waits.py" in asked:
            await talk.head()
            await talk.chunk(api.start() + api.opened() + api.delta("{"))
            waiting.set()
            await talk.until_the_client_leaves()
        elif "Try to refute" in asked:
            await holds(1)(talk)
        else:
            await found(CLAIM)(talk)

    own = {f"XDG_{name}": str(tmp_path / name) for name in ("DATA_HOME", "CONFIG_HOME", "STATE_HOME", "CACHE_HOME")}
    with provider(answers) as server:
        keys = {"ANTHROPIC_API_KEY": "key-for-tests", "ANTHROPIC_BASE_URL": server.url}
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", ONE_BY_ONE, "review", "--json"],
            cwd=root,
            env={**os.environ, **own, **keys, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert waiting.wait(60)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    document = json.loads(out)
    assert [one["path"] for one in document["findings"]] == ["stats.py"], err
    assert document["incomplete"] == [{"path": "waits.py", "reason": "it was given up"}]
    assert process.returncode == 1
    with sqlite3.connect(tmp_path / "DATA_HOME" / "twolane" / "ledger.sqlite3") as connection:
        rows = connection.execute("SELECT state, charged FROM call ORDER BY at").fetchall()
    connection.close()
    assert [state for state, _ in rows] == ["done", "done", "cancelled"]
    assert document["cost_usd"] == pytest.approx(sum(charged for _, charged in rows) / 1e6)
