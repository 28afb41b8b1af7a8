"""The editor leaves while a model elsewhere writes: it is hung up on, and no more is charged than was reported."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation
from tests.lsp_client import console_script
from tests.review.desk import Desk


def test_a_server_that_quits_hangs_up_and_is_charged_what_was_reported(tmp_path: Path) -> None:
    told_first, hung_up = [], []

    async def endless(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(api.start() + api.opened() + api.delta("{"))
        told_first.append(True)
        await talk.until_the_client_leaves()
        hung_up.append(True)

    desk = Desk(tmp_path)
    with desk.editor([endless]) as editor:
        editor.open()
        editor.save()
        editor.until(lambda: told_first, "the first words")
        editor.client.result("shutdown")
        editor.client.notify("exit")
        assert editor.client.process.wait(20) == 0
        assert editor.client.hears(lambda: bool(hung_up), 20), "the connection outlived the server"
    told = subprocess.run(
        [console_script(), "ledger", "--json"],
        env=desk.environment, cwd=desk.project, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    (call,) = json.loads(told.stdout)["calls"]
    assert call["state"] == "cancelled"
    assert call["cost_usd"] < call["reserved_usd"] / 100
