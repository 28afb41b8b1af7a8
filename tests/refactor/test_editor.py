"""Refactoring from an editor, over the real protocol: what is offered, what comes of it, and what never does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation
from tests.refactor.bench import said, scenario
from tests.refactor.desk import CART, MONEY, answered, create, replace, symbol
from tests.refactor.scripted_editor import CAPABILITIES, Editor, Shop, applied, names

SUM = """\
    def total(self) -> Money:
        return sum(self.items, Money(0, "EUR"))
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with ExitStack() as stack:
        yield Shop(tmp_path_factory.mktemp("shop"), stack)


async def endless(talk: Conversation) -> None:
    await talk.head()
    pieces = '{"edits": [{"action": "replace_symbol", "path": "shop/cart.py", "target": "Cart.total", "text": "    def'
    await talk.chunk(api.start() + api.opened() + api.delta(pieces))
    await talk.until_the_client_leaves()


def test_actions_name_the_model_and_the_price(shop: Shop) -> None:
    editor = shop.editor()
    editor.open("shop/cart.py")
    found = editor.actions("shop/cart.py", "def total", "return result")
    assert names(found) == [
        "extract",
        "simplify",
        "types",
        "docs",
        "tests",
        "errors",
        "modernise",
        "rename",
        "signature",
    ]
    assert all("(claude-sonnet-5-5, about $0." in action["title"] for action in found)
    assert not any("edit" in action or "command" in action for action in found)
    diagnostic = {"range": editor.place("shop/cart.py", "def total"), "message": "no type", "source": "mypy"}
    (fix,) = editor.actions("shop/cart.py", "def total", diagnostics=[diagnostic], only=["quickfix"])
    assert fix["data"]["diagnostics"][0]["message"] == "no type"
    assert editor.actions("shop/cart.py", "def total", only=["refactor.inline"]) == []
    assert names(editor.actions("shop/cart.py", "from shop")) == ["extract", "simplify", "errors", "modernise"]
    assert editor.server.requests == []


def test_another_servers_diagnostic_is_what_is_to_be_mended(shop: Shop) -> None:
    editor = shop.editor(*scenario("right"))
    editor.open("shop/cart.py")
    place = editor.place("shop/cart.py", "for item in")
    diagnostic = {"range": place, "message": "item has no add", "source": "mypy", "code": "attr-defined", "severity": 1}
    (fix,) = editor.actions("shop/cart.py", "for item in", diagnostics=[diagnostic], only=["quickfix"])
    assert fix["title"].startswith("Fix (claude")
    assert fix["diagnostics"] == [diagnostic]
    assert editor.client.answer(editor.choose(fix))["result"]["applied"] is True
    told = editor.server.requests[0].body.decode()
    assert "line 14: item has no add [mypy attr-defined]" in told


def test_an_edit_is_versioned_annotated_and_shown_while_it_comes(shop: Shop) -> None:
    editor = shop.editor(*scenario("right"))
    editor.open("shop/cart.py", version=7)
    action = editor.action("simplify", "shop/cart.py", "def total")
    answer = editor.client.answer(editor.choose(action))["result"]
    edit = editor.edit()
    (change,) = edit["documentChanges"]
    assert change["textDocument"] == {"uri": editor.uri("shop/cart.py"), "version": 7}
    assert SUM in applied(CART, change["edits"])
    (annotation,) = edit["changeAnnotations"].values()
    assert annotation["needsConfirmation"] is False
    assert answer["applied"] is True
    assert answer["cost_usd"] > 0
    (message,) = editor.messages()
    assert "`total` adds the items with `sum`. 1 file, +1 -4; claude-sonnet-5-5, $0.0" in message
    progress = [params["value"] for params in editor.told("$/progress")]
    assert progress[0]["kind"] == "begin"
    assert progress[0]["cancellable"] is True
    assert progress[-1]["kind"] == "end"
    assert (editor.project / "shop/cart.py").read_text() == CART


def test_a_command_is_explained_like_a_suggestion(shop: Shop) -> None:
    editor = shop.editor(*scenario("right"))
    editor.open("shop/cart.py")
    editor.client.answer(editor.choose(editor.action("simplify", "shop/cart.py", "def total")))
    trace = editor.client.command("twolane.explain")["requests"][-1]
    assert (trace["kind"], trace["path"], trace["lane"]) == ("refactor", "shop/cart.py", "far")
    assert trace["shown"]
    assert trace["prompt_tokens"] > 0
    assert any(source["path"] == "shop/cart.py" for source in trace["sources"])
    assert trace["sent"][0]["bytes"] > 0


def renaming() -> str:
    return answered(
        symbol("shop/money.py", "Money.add", MONEY[MONEY.index("    def add") :].replace("def add", "def plus")),
        replace("shop/cart.py", "result.add(item)", "result.plus(item)"),
    )


def confirmed(edit: dict[str, Any]) -> dict[str, bool]:
    """What is to be confirmed, by the label of the annotation."""
    return {one["label"]: one["needsConfirmation"] for one in edit["changeAnnotations"].values()}


def test_other_files_are_confirmed_and_follow_the_new_name(shop: Shop) -> None:
    editor = shop.editor(said(renaming()))
    editor.open("shop/money.py", version=3)
    action = editor.action("rename", "shop/money.py", "def add")
    assert editor.client.answer(editor.choose(action))["result"]["applied"] is True
    edit = editor.edit()
    versions = {
        Path(one["textDocument"]["uri"]).name: one["textDocument"]["version"] for one in edit["documentChanges"]
    }
    assert versions == {"money.py": 3, "cart.py": None}
    assert confirmed(edit) == {"Twolane: the selected code": False, "Twolane: other files": True}


@contextmanager
def picking(shop: Shop) -> Iterator[tuple[Editor, int, dict[str, Any]]]:
    """A new name in two files comes to an editor with ticks; the file at hand is open, the other one is not."""
    able = {**CAPABILITIES, "experimental": {"twolanePicks": True}}
    with shop.another(said(renaming()), capabilities=able) as editor:
        editor.open("shop/money.py", version=3)
        number = editor.choose(editor.action("rename", "shop/money.py", "def add"))
        yield editor, number, editor.edit()


def test_an_editor_with_ticks_has_all_of_it_ticked_and_one_row_to_confirm_that_changes_nothing(shop: Shop) -> None:
    with picking(shop) as (editor, number, edit):
        needed = [label for label, needs in confirmed(edit).items() if needs]
        assert needed == ["Twolane: Apply takes all that is ticked"]
        pieces = [piece for one in edit["documentChanges"] for piece in one["edits"]]
        (row,) = [one for one in pieces if edit["changeAnnotations"][one["annotationId"]]["needsConfirmation"]]
        assert row["newText"] == ""
        assert row["range"]["start"] == row["range"]["end"]
        editor.take(edit)
        answer = editor.client.answer(number)["result"]
        assert (answer["applied"], answer["left_out"]) == (True, [])
        assert "result.plus(item)" in (editor.project / "shop/cart.py").read_text()
        (message,) = editor.told("window/showMessage")
        assert message["type"] == 3
        assert "2 files, +2 -2" in message["message"]


def test_what_a_person_leaves_out_is_told(shop: Shop) -> None:
    with picking(shop) as (editor, number, edit):
        editor.take(edit, "shop/money.py")
        answer = editor.client.answer(number)["result"]
        assert (answer["applied"], answer["left_out"]) == (True, ["shop/cart.py"])
        (message,) = editor.told("window/showMessage")
        assert message["type"] == 2
        assert "Left out: shop/cart.py. What was applied may not work without it" in message["message"]
        assert "1 file, +1 -1" in message["message"]


def test_a_new_file_is_made_with_its_text(shop: Shop) -> None:
    text = "from shop.cart import Cart\n\n\ndef test_empty() -> None:\n    assert Cart([]).total().amount == 0\n"
    editor = shop.editor(said(answered(create("tests/test_total.py", text))))
    editor.open("shop/cart.py")
    number = editor.choose(editor.action("tests", "shop/cart.py", "def total"))
    edit = editor.edit()
    make, fill = edit["documentChanges"]
    assert (make["kind"], make["uri"]) == ("create", editor.uri("tests/test_total.py"))
    assert make["options"] == {"overwrite": False, "ignoreIfExists": False}
    assert fill["edits"][0]["newText"] == text
    made = editor.project / "tests/test_total.py"
    assert not made.exists()
    editor.take(edit)
    assert editor.client.answer(number)["result"]["left_out"] == []
    assert made.read_text() == text
    made.unlink()


def test_an_editor_that_cannot_annotate_is_asked_and_one_without_versions_gets_plain_edits(shop: Shop) -> None:
    plain: dict[str, Any] = {"workspace": {"workspaceEdit": {}}, "textDocument": {"codeAction": {}}}
    with shop.another(said(renaming()), capabilities=plain) as editor:
        editor.client.answers_to["window/showMessageRequest"] = {"title": "Discard"}
        editor.open("shop/money.py")
        action = editor.action("rename", "shop/money.py", "def add")
        command = {"command": action["command"]["command"], "arguments": action["command"]["arguments"]}
        answer = editor.client.result("workspace/executeCommand", command)
        assert answer["applied"] is False
        assert editor.asked("workspace/applyEdit") == []
        editor.client.answers_to["window/showMessageRequest"] = {"title": "Apply"}
        assert editor.client.result("workspace/executeCommand", command)["applied"] is True
        assert set(editor.edit()["changes"]) == {editor.uri("shop/money.py"), editor.uri("shop/cart.py")}


@pytest.mark.parametrize("when", ["before", "meanwhile", "another file"])
def test_for_another_text_nothing_is_applied_and_one_message_says_so(shop: Shop, when: str) -> None:
    asked, go_on = threading.Event(), threading.Event()

    async def script(talk: Conversation) -> None:
        asked.set()
        await asyncio.to_thread(go_on.wait, 60)
        await said(renaming())(talk)

    editor = shop.editor(script)
    editor.open("shop/money.py")
    action = editor.action("rename", "shop/money.py", "def add")
    typed = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "#\n"}
    if when == "before":
        editor.client.change(editor.uri("shop/money.py"), 2, typed)
        resolved = editor.client.result("codeAction/resolve", action)
        assert "text has changed" in resolved["disabled"]["reason"]
        command = {"command": "twolane.refactor", "arguments": [action["data"]]}
        answer = editor.client.result("workspace/executeCommand", command)
        assert editor.server.requests == []
    else:
        number = editor.choose(action)
        assert asked.wait(60)
        if when == "meanwhile":
            editor.client.change(editor.uri("shop/money.py"), 2, typed)
        else:
            (editor.project / "shop/cart.py").write_text(CART + "\n")
        editor.client.state(editor.uri("shop/money.py"))
        go_on.set()
        answer = editor.client.answer(number)["result"]
    assert answer["applied"] is False
    assert editor.asked("workspace/applyEdit") == []
    (message,) = editor.messages()
    assert "changed" in message


def test_a_cancel_in_the_progress_ends_it_at_once(shop: Shop) -> None:
    editor = shop.editor(endless)
    editor.open("shop/cart.py")
    action = editor.action("simplify", "shop/cart.py", "def total")
    number = editor.choose(action)

    def shown() -> list[str]:
        return [one["value"].get("message", "") for one in editor.told("$/progress")]

    editor.client.wait(lambda: any("rewriting shop/cart.py Cart.total: def" in line for line in shown()), "a preview")
    token = editor.told("$/progress")[0]["token"]
    editor.client.notify("window/workDoneProgress/cancel", {"token": token})
    answer = editor.client.answer(number)["result"]
    assert answer["applied"] is False
    assert 0 < answer["cost_usd"] < 0.01
    for _ in range(200):
        if editor.server.left.is_set():
            break
        time.sleep(0.01)
    assert editor.server.left.is_set()
    (message,) = editor.messages()
    assert "Given up" in message


def test_a_cancelled_request_is_answered_as_cancelled_and_hangs_up(shop: Shop) -> None:
    editor = shop.editor(endless)
    editor.open("shop/cart.py")
    action = editor.action("simplify", "shop/cart.py", "def total")
    number = editor.choose(action)
    editor.client.wait(lambda: bool(editor.told("$/progress")), "progress")
    editor.client.notify("$/cancelRequest", {"id": number})
    assert editor.client.answer(number)["error"]["code"] == -32800
    assert editor.asked("workspace/applyEdit") == []


def test_a_file_that_may_not_leave_offers_only_why(shop: Shop) -> None:
    with shop.another(settings='[privacy]\nnear_only = ["shop/"]\n') as editor:
        editor.open("shop/cart.py")
        found = editor.actions("shop/cart.py", "def total")
        assert names(found) == []
        assert all("privacy.near_only" in action["disabled"]["reason"] for action in found)
        command = {"command": "twolane.refactor", "arguments": [found[0]["data"]]}
        assert "privacy.near_only" in editor.client.result("workspace/executeCommand", command)["reason"]
        assert editor.server.requests == []


def test_a_policy_that_was_written_meanwhile_holds_though_the_editor_watches_no_files(shop: Shop) -> None:
    with shop.another() as editor:
        editor.open("shop/cart.py")
        action = editor.action("simplify", "shop/cart.py", "def total")
        policy = editor.project / "twolane.toml"
        policy.write_text('[privacy]\nnear_only = ["shop/"]\n')
        try:
            command = {"command": "twolane.refactor", "arguments": [action["data"]]}
            assert "privacy.near_only" in editor.client.result("workspace/executeCommand", command)["reason"]
        finally:
            policy.unlink()
        assert editor.server.requests == []
        assert "simplify" in names(editor.actions("shop/cart.py", "def total"))


def test_an_instruction_comes_from_the_editor(shop: Shop) -> None:
    able = CAPABILITIES | {"experimental": {"twolaneInstruction": True}}
    with shop.another(*scenario("right"), capabilities=able) as editor:
        editor.open("shop/cart.py")
        action = editor.action("do", "shop/cart.py", "def total")
        resolved = editor.client.result("codeAction/resolve", action)
        assert resolved["command"]["command"] == "twolane.instruct"
        (argument,) = resolved["command"]["arguments"]
        told = {"command": "twolane.refactor", "arguments": [argument | {"instruction": "use the built-in sum"}]}
        assert editor.client.result("workspace/executeCommand", told)["applied"] is True
        assert "use the built-in sum" in editor.server.requests[0].body.decode()


def test_a_command_that_makes_no_sense_is_refused(shop: Shop) -> None:
    editor = shop.editor()
    for argument in (
        None,
        1,
        {},
        {"task": "dance", "uri": "file:///x"},
        {"task": ["docs"], "uri": "file:///x"},
        {"task": "docs"},
    ):
        asked = {"command": "twolane.refactor", "arguments": [argument]}
        assert editor.client.request("workspace/executeCommand", asked)["error"]["code"] == -32602
    assert editor.client.command("twolane.refactor")["tasks"][0]["name"] == "extract"


def test_without_a_key_the_actions_say_how_to_get_one(shop: Shop) -> None:
    with shop.another(key="") as editor:
        editor.open("shop/cart.py")
        found = editor.actions("shop/cart.py", "def total", "return result")
        assert found
        assert all("command" not in action for action in found)
        reasons = {action["disabled"]["reason"] for action in found}
        assert all("there is no key: set ANTHROPIC_API_KEY" in reason for reason in reasons)


def test_what_a_cap_would_refuse_is_disabled_with_the_setting(shop: Shop) -> None:
    with shop.another(settings="[budget]\nday_dollars = 0.0001\n") as editor:
        editor.open("shop/cart.py")
        found = editor.actions("shop/cart.py", "def total", "return result")
        assert all("budget.day_dollars" in action["disabled"]["reason"] for action in found)
        assert editor.server.requests == []


def test_a_failed_answer_is_told_with_its_cost(shop: Shop) -> None:
    editor = shop.editor(said("no json at all"), said("no json at all"), said("no json at all"))
    editor.open("shop/cart.py")
    answer = editor.client.answer(editor.choose(editor.action("simplify", "shop/cart.py", "def total")))["result"]
    assert answer["applied"] is False
    assert answer["cost_usd"] > 0
    assert any("It cost $" in message for message in editor.messages())


def test_a_hostile_answer_changes_nothing_and_the_next_command_works(shop: Shop) -> None:
    huge = answered(replace("shop/cart.py", "x" * 5_000_000, "y"))
    editor = shop.editor(api.says(huge), *scenario("right"))
    editor.open("shop/cart.py")
    action = editor.action("simplify", "shop/cart.py", "def total")
    answer = editor.client.answer(editor.choose(action))["result"]
    assert "far longer than was asked for" in answer["reason"]
    assert editor.asked("workspace/applyEdit") == []
    answer = editor.client.answer(editor.choose(action))["result"]
    assert answer["applied"] is True
    assert len(editor.asked("workspace/applyEdit")) == 1


def test_a_models_words_are_shown_without_links(shop: Shop) -> None:
    words = "Run [this](command:workbench.action.terminal.new) \u202e now."
    editor = shop.editor(said({"edits": [], "summary": words}))
    editor.open("shop/cart.py")
    editor.client.answer(editor.choose(editor.action("simplify", "shop/cart.py", "def total")))
    (message,) = editor.messages()
    assert "Run [this] (command:" in message
    assert message.isprintable()
