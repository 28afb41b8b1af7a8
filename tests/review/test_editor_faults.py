"""What goes wrong while a save is reviewed leaves what was found before, and is told: in status and trace, once aloud.

One server for all of it: each test has a file of its own.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation, Script
from tests.refactor.bench import said
from tests.review.desk import Desk, Editor
from tests.review.project import CLAIM, found, holds

TOML = "twolane.toml"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def editor(desk: Desk) -> Iterator[Editor]:
    with desk.editor([found()]) as editor:
        yield editor


def code(number: int) -> str:
    return f"def mean_{number}(values):\n    total = sum(values)\n    return total / len(values)\n"


def settings(editor: Editor, text: str = "") -> None:
    """Let the workspace's settings say so, and wait for it; another gateway comes with them and remembers no trouble.

    Each time the day's cap is another one, by which it is seen that they hold.
    """
    cap = round(4.9 - next(_numbers) / 1_000, 3)
    (editor.project / TOML).write_text(f"budget.day_dollars = {cap}\n{text}")
    editor.client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": editor.uri(TOML), "type": 1}]})
    editor.until(lambda: editor.client.command("twolane.status")["spend"]["day_cap_usd"] == cap, "the new settings")


@pytest.fixture
def path(editor: Editor) -> str:
    """A new file with one finding, which is shown."""
    number = next(_numbers)
    settings(editor)
    path = f"stats_{number}.py"
    (editor.project / path).write_text(code(number))
    editor.open(path)
    editor.provider.begin([found({**CLAIM, "path": path}), holds(1)])
    editor.save(path)
    editor.wait_shown(1, path)
    editor.settled()
    return path


async def cut(talk: Conversation) -> None:
    await talk.head()
    await talk.chunk(api.start() + api.opened() + api.delta('{"findings": [{"rule": '))
    await talk.end()


def more(editor: Editor, path: str, *scripts: Script) -> None:
    """Write another function and save, before a provider that answers so."""
    editor.provider.begin(scripts)
    editor.type(f"{editor.texts[path]}\n\ndef more_{next(_numbers)}(x):\n    return 1 / x\n", path)
    editor.save(path)
    editor.wait_asked(1)
    editor.settled()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (cut, "broke off"),
        (said("", "refusal"), "declines"),
        (said('{"findings": [', "max_tokens"), "longest answer"),
        (said("there is nothing wrong"), "not the JSON"),
        (said({"findings": []}), "does not fit"),
        (api.refuses(529, "overloaded_error"), "too much to do"),
    ],
    ids=["stream cut", "refusal", "max_tokens", "no JSON", "another form", "overloaded"],
)
def test_what_was_found_before_stays_and_the_review_is_incomplete(
    editor: Editor, path: str, script: Script, reason: str
) -> None:
    more(editor, path, script)
    assert len(editor.shown(path)) == 1
    (incomplete,) = [one for one in editor.settled()["incomplete"] if one["path"] == path]
    assert reason in incomplete["reason"]
    trace = editor.client.last_trace()
    assert (trace["kind"], trace["path"], trace["reason"]) == ("findings", path, incomplete["reason"])


def test_an_answer_that_broke_off_costs_what_was_reported_of_it(editor: Editor, path: str) -> None:
    editor.provider.begin([cut])
    editor.type(f"{editor.texts[path]}\n\ndef dear(x):\n    return 1 / x\n", path)
    answer = editor.client.command("twolane.review", {"uri": editor.uri(path)})
    assert len(answer["incomplete"]) == 1
    assert answer["cost_usd"] > 0


def test_a_later_review_that_ends_takes_the_mark_away(editor: Editor, path: str) -> None:
    more(editor, path, said("no JSON"))
    more(editor, path, found())
    assert [one for one in editor.settled()["incomplete"] if one["path"] == path] == []
    assert len(editor.shown(path)) == 1


def test_an_answer_that_could_not_be_used_is_not_asked_for_again_by_the_next_save(editor: Editor, path: str) -> None:
    more(editor, path, said('{"findings": [', "max_tokens"))
    asked = editor.asked
    editor.save(path)
    editor.settled()
    assert editor.asked == asked
    editor.provider.begin([found()])
    answer = editor.client.command("twolane.review", {"uri": editor.uri(path), "again": True})
    assert answer["incomplete"] == []


def test_a_budget_that_is_gone_sends_nothing_and_leaves_what_was_found(editor: Editor, path: str) -> None:
    settings(editor, "budget.request_dollars = 0.000001\n")
    editor.provider.begin([found()])
    editor.type(editor.texts[path] + "\n\ndef costly(x):\n    return 1 / x\n", path)
    editor.save(path)
    editor.client.wait(lambda: any("budget.request_dollars" in one for one in editor.messages()), "a message")
    status = editor.settled()
    assert editor.asked == 0
    assert len(editor.shown(path)) == 1
    assert any(one["path"] == path and "budget.request_dollars" in one["reason"] for one in status["incomplete"])


def test_a_file_that_may_not_leave_is_not_reviewed_and_that_is_said(editor: Editor) -> None:
    settings(editor, '[privacy]\nnear_only = ["secret_*.py"]\n')
    path = "secret_stats.py"
    (editor.project / path).write_text(code(0))
    editor.provider.begin([found()])
    editor.open(path)
    editor.save(path)
    wanted = f"Twolane: {path} is not reviewed: "
    editor.client.wait(lambda: any(one.startswith(wanted) for one in editor.messages()), "a message")
    status = editor.settled()
    assert editor.asked == 0
    assert any(one["path"] == path and "privacy.near_only" in one["reason"] for one in status["incomplete"])


def test_each_trouble_is_told_once(editor: Editor, path: str) -> None:
    more(editor, path, said('{"findings": [', "max_tokens"))
    more(editor, path, said('{"findings": [', "max_tokens"))
    assert len([one for one in editor.messages() if "longest answer" in one]) == 1


def test_a_hundred_saves_make_one_request_alive_and_one_waiting(editor: Editor, path: str) -> None:
    alive = most = 0
    release = asyncio.Event()

    async def slow(talk: Conversation) -> None:
        nonlocal alive, most
        alive += 1
        most = max(most, alive)
        await release.wait()
        await found()(talk)
        alive -= 1

    editor.provider.begin([slow])
    for number in range(100):
        editor.type(f"{editor.texts[path].rstrip()}  # {number}\n", path)
        editor.save(path)
    editor.wait_asked(1)
    status = editor.client.command("twolane.status")["review"]
    assert (status["reviewing"], status["waiting"]) == (path, 1)
    editor.provider.call(release.set)
    editor.settled()
    assert most == 1
    assert editor.asked == 2
    assert "# 99" in editor.told(1)


def test_a_review_that_is_given_up_hangs_up_and_leaves_what_was_found(editor: Editor, path: str) -> None:
    hung_up = []

    async def endless(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(api.start() + api.opened() + api.delta("{"))
        await talk.until_the_client_leaves()
        hung_up.append(True)

    began = len(editor.client.messages)
    editor.provider.begin([endless])
    editor.type(editor.texts[path] + "\n\ndef slow(x):\n    return 1 / x\n", path)
    editor.save(path)

    def tokens() -> list[str]:
        new = editor.client.messages[began:]
        told = [one["params"] for one in new if one.get("method") == "$/progress"]
        return [one["token"] for one in told if one["value"]["kind"] == "begin"]

    editor.client.wait(lambda: bool(tokens()), "the progress")
    editor.wait_asked(1)
    editor.client.notify("window/workDoneProgress/cancel", {"token": tokens()[-1]})
    status = editor.settled()
    editor.until(lambda: hung_up, "the end of the connection")
    assert len(editor.shown(path)) == 1
    assert {"path": path, "reason": "It was given up."} in status["incomplete"]


def test_what_was_found_while_the_text_was_changed_is_shown_where_it_stands_now(editor: Editor) -> None:
    release = asyncio.Event()
    path = "moving.py"

    async def slow(talk: Conversation) -> None:
        await release.wait()
        await found({**CLAIM, "path": path})(talk)

    (editor.project / path).write_text(code(1_000))
    editor.open(path)
    editor.provider.begin([slow, holds(1)])
    editor.save(path)
    editor.wait_asked(1)
    editor.type("import math\n" + editor.texts[path], path)
    editor.client.state(editor.uri(path))
    editor.provider.call(release.set)
    (shown,) = editor.wait_shown(1, path)
    assert shown["range"]["start"]["line"] == 3


def test_a_list_of_dismissals_that_cannot_be_read_is_found_out_before_anything_is_asked(
    editor: Editor, path: str
) -> None:
    shared = editor.project / ".twolane" / "dismissed.json"
    shared.parent.mkdir(exist_ok=True)
    shared.write_text("{")
    try:
        editor.provider.begin([found()])
        editor.type(editor.texts[path] + "\n\ndef unread(x):\n    return 1 / x\n", path)
        editor.save(path)
        editor.client.wait(lambda: any("mend it or delete it" in one for one in editor.messages()), "a message")
        status = editor.settled()
        assert editor.asked == 0
        assert any("dismissed.json" in one["reason"] for one in status["incomplete"] if one["path"] == path)
        assert len(editor.shown(path)) == 1
    finally:
        shared.unlink()


def test_the_log_holds_nothing_of_the_code(editor: Editor, path: str) -> None:
    more(editor, path, said("no JSON"))
    assert "return total" not in editor.client.log()
