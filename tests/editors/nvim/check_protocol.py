"""Real Neovims with a scripted server: alternatives, late and empty answers, what is told back, edits of many files."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.editors.nvim.conftest import SERVER, Scripted, item
from tests.editors.nvim.neovim import Neovim

COMPLETION = "textDocument/inlineCompletion"
CURSOR = "twolane/cursor"
CHANGE = "textDocument/didChange"
SHOWN = "textDocument/didShowCompletion"
PARTLY = "textDocument/didPartiallyAcceptCompletion"


def test_alternatives_are_asked_for_once_and_gone_through_in_both_directions(scripted: Scripted) -> None:
    editor = scripted.start("x =")
    scripted.script(automatic=[item(" one")], invoked=[item(" one"), item(" two"), item(" three")])
    editor.type(" ")
    editor.wait(lambda: editor.ghost() == " one", "the first")
    editor.press("<M-]>")
    editor.wait(lambda: editor.ghost() == " two (2/3)", "the second")
    editor.press("<M-]>")
    editor.wait(lambda: editor.ghost() == " three (3/3)", "the third")
    editor.press("<M-]>")
    editor.wait(lambda: editor.ghost() == " one (1/3)", "the first again")
    editor.press("<M-[>")
    editor.wait(lambda: editor.ghost() == " three (3/3)", "the third, backwards")
    editor.press("<Tab>")
    editor.wait(lambda: editor.line() == "x =  three", "the third in the text")
    kinds = [params["context"]["triggerKind"] for params in scripted.heard(COMPLETION)]
    assert kinds.count(1) == 1


def test_where_there_is_no_other_suggestion_that_is_told(scripted: Scripted) -> None:
    scripted.script(automatic=[item(" one")], invoked=[item(" one")])
    editor = scripted.start("x =")
    editor.type(" ")
    editor.wait(lambda: editor.ghost() == " one", "the suggestion")
    editor.press("<M-]>")
    editor.wait(lambda: editor.ghost() == " one (1/1)", "word that there is one")
    editor.press("<Tab>")
    editor.wait(lambda: editor.line() == "x =  one", "the text, without the count")


def test_the_statusline_follows_by_itself_what_is_passing(scripted: Scripted) -> None:
    scripted.script(state="loading")
    editor = scripted.start()
    editor.lua("vim.o.statusline = \"%{v:lua.require'twolane'.status()}\"")
    editor.wait_screen("near · scripted · loading")
    scripted.script()
    editor.wait(lambda: "near · scripted" in editor.screen.text(), "a line without a state")
    uri = (scripted.project / "cart.py").as_uri()
    scripted.script(documents=[{"uri": uri, "off": "larger than 2 bytes"}])
    editor.lua("require('twolane.status').refresh()")
    editor.wait_screen("near · scripted · off here")


TOLD = """
local token, kind, title = ...
local client = vim.lsp.get_clients({ name = "twolane" })[1]
local value = { kind = kind, title = title, message = kind == "report" and "half" or nil }
vim.lsp.handlers["$/progress"](nil, { token = token, value = value }, { client_id = client.id, method = "$/progress" })
return require("twolane").state().work
"""


def test_of_several_works_the_statusline_names_the_one_that_began_last(scripted: Scripted) -> None:
    editor = scripted.start()
    editor.wait(lambda: editor.lua("return require('twolane').state().state") == "ready", "the server")
    assert editor.lua(TOLD, "m", "begin", "Twolane: first") == "first"
    assert editor.lua(TOLD, "z", "begin", "Twolane: second") == "second"
    assert editor.lua(TOLD, "a", "begin", "Twolane: third") == "third"
    assert editor.lua(TOLD, "m", "report") == "third"
    assert editor.lua(TOLD, "a", "report") == "third: half"
    assert editor.lua(TOLD, "a", "end") == "second"
    assert editor.lua(TOLD, "z", "end") == "first: half"
    assert editor.lua(TOLD, "m", "end") == ""


def test_where_nothing_can_be_done_the_reason_is_told(scripted: Scripted) -> None:
    scripted.script(action={"title": "Extract", "disabled": "There is no key."})
    editor = scripted.start("x = 1")
    editor.leave_insert()
    editor.command("Twolane refactor")
    old = scripted.version != "0.12"
    editor.wait_screen("Twolane: nothing can be done here now" if old else "Twolane: There is no key.")
    scripted.script(action={"title": "Extract", "edit": edit_of(scripted, cart="y = 2")})
    editor.lua("vim.ui.select = function(items, _, choose) choose(items[1]) end")
    editor.command("%Twolane refactor extr")
    editor.wait(lambda: editor.lines()[0] == "y = 2", "the edit of one that can be had")


def test_a_suggestion_can_be_asked_for_where_typing_asks_for_none(scripted: Scripted) -> None:
    scripted.script(automatic=[item("no")], invoked=[item("asked")])
    editor = scripted.start(
        "x = ",
        options=f"""
        ghost = {{ automatic = false }}, server = {{ cmd = {{ "{sys.executable}", "{SERVER}" }} }}""",
    )
    editor.type("1")
    assert scripted.heard(COMPLETION) == []
    editor.press("<M-\\>")
    editor.wait(lambda: editor.ghost() == "asked", "ghost text")


def test_the_server_hears_where_the_cursor_is_put_while_nobody_types(scripted: Scripted) -> None:
    editor = scripted.start("name = '🎉' + x")
    editor.press("<CR>y<Esc>")
    heard = len(scripted.heard(CURSOR))
    editor.press("k$")
    editor.wait(lambda: len(scripted.heard(CURSOR)) > heard, "word of the cursor")
    editor.wait(lambda: scripted.heard(CURSOR)[-1]["position"]["character"] == 14, "its last place, in UTF-16")
    assert scripted.heard(CURSOR)[-1]["textDocument"]["uri"].endswith(".py")
    editor.press("G")
    editor.wait(lambda: scripted.heard(CURSOR)[-1]["position"]["line"] == 1, "word of the last line")
    editor.lua("vim.b.twolane = false")
    heard, changes = len(scripted.heard(CURSOR)), len(scripted.heard(CHANGE))
    editor.press("gg")
    editor.press("ix")
    editor.wait(lambda: len(scripted.heard(CHANGE)) > changes, "word of a letter, which follows the cursor's")
    assert len(scripted.heard(CURSOR)) == heard, "nothing where suggestions are paused"


@pytest.mark.parametrize("nothing", [None, [], {"items": []}])
def test_an_empty_answer_takes_the_old_suggestion_away(scripted: Scripted, nothing: Any) -> None:
    scripted.script(automatic=[item("bc")])
    editor = scripted.start()
    editor.type("a")
    editor.wait(lambda: editor.ghost() == "bc", "ghost text")
    scripted.script(automatic=nothing)
    editor.type("b")
    editor.wait(lambda: editor.ghost() == "", "silence")


def test_an_answer_for_an_earlier_text_is_never_shown(scripted: Scripted) -> None:
    editor = scripted.start()
    scripted.script(hold=[item("LATE")])
    editor.type("a")

    def columns() -> list[int]:
        return [params["position"]["character"] for params in scripted.heard(COMPLETION)]

    editor.wait(lambda: 1 in columns(), "a request behind the letter")
    scripted.script(automatic=[item("fresh")])
    editor.type("b")
    editor.wait(lambda: editor.ghost() == "fresh", "the newer answer")
    assert scripted.heard("$/cancelRequest"), "the older request was cancelled"
    editor.wait(lambda: len(scripted.heard(SHOWN)) >= 1, "word that it was shown")
    assert [params["item"]["insertText"] for params in scripted.heard(SHOWN)] == ["fresh"]


def test_what_the_server_hears_of_words_and_of_the_whole(scripted: Scripted) -> None:
    scripted.script(automatic=[item("é𝔘 = two words")])
    editor = scripted.start()
    editor.type("x")
    editor.wait_ghost()
    scripted.script(automatic=[])
    editor.press("<M-Right>")
    editor.wait(lambda: editor.line() == "xé𝔘", "the first word")
    editor.press("<M-Right>")
    editor.wait(lambda: editor.line() == "xé𝔘 =", "the second")
    assert editor.ghost() == " two words"
    editor.wait(lambda: len(scripted.heard(PARTLY)) == 2, "word of both")
    assert [params["acceptedLength"] for params in scripted.heard(PARTLY)] == [3, 5]
    editor.press("<Tab>")
    editor.wait(lambda: editor.line() == "xé𝔘 = two words", "the rest")

    def accepted() -> list[Any]:
        run = scripted.heard("workspace/executeCommand")
        return [params["arguments"] for params in run if params["command"] == "twolane.accepted"]

    editor.wait(accepted, "the item's command")
    assert accepted() == [["7"]]


def test_after_a_word_the_rest_stays_without_a_new_request(scripted: Scripted) -> None:
    scripted.script(automatic=[item("one two")])
    editor = scripted.start()
    editor.type("x")
    editor.wait(lambda: editor.ghost() == "one two", "ghost text")
    asked = len(scripted.heard(COMPLETION))
    scripted.script(automatic=[item("another")])
    editor.press("<M-Right>")
    editor.wait(lambda: editor.line() == "xone", "the word")
    editor.wait(lambda: scripted.heard(PARTLY), "word of it")
    assert editor.ghost() == " two"
    assert len(scripted.heard(COMPLETION)) == asked


def test_a_suggestion_of_several_lines_is_accepted_line_by_line(scripted: Scripted) -> None:
    scripted.script(automatic=[item("(self):\n    one\n    two")])
    editor = scripted.start("def f")
    editor.type("n")
    editor.wait(lambda: editor.ghost() == "(self):\n    one\n    two", "ghost text")
    scripted.script(automatic=[])
    editor.press("<M-C-Right>")
    editor.wait(lambda: editor.lines() == ["def fn(self):"], "the first line")
    editor.press("<M-C-Right>")
    editor.wait(lambda: editor.lines() == ["def fn(self):", "    one"], "the second")
    assert editor.ghost() == "\n    two"
    editor.press("<Tab>")
    editor.wait(lambda: editor.lines() == ["def fn(self):", "    one", "    two"], "the third")
    editor.press("<Esc>uuu")
    editor.wait(lambda: editor.lines() == ["def fn"], "each a step of its own")


def test_what_a_suggestion_replaces_is_covered_and_goes_with_it(scripted: Scripted) -> None:
    scripted.script(automatic=[item("call(a, b)", 0, 7)])
    editor = scripted.start("call()")
    editor.press("<Left>")
    editor.type("a")
    editor.wait_screen("call(a, b)")
    assert editor.screen.text()[0] == "call(a, b)"
    editor.press("<Tab>")
    editor.wait(lambda: editor.line() == "call(a, b)", "the accepted text")


def test_a_key_does_what_it_did_before_where_nothing_is_shown(scripted: Scripted) -> None:
    editor = scripted.neovim(start=False)
    editor.lua("vim.keymap.set('i', '<Tab>', function() return 'mapped' end, { expr = true })")
    server = f'server = {{ cmd = {{ "{sys.executable}", "{SERVER}" }} }}'
    editor.lua(f"require('twolane').setup({{ {server} }})")
    editor.wait(lambda: scripted.heard("textDocument/didOpen"), "the server's start")
    editor.press("ggO<Tab>")
    editor.wait(lambda: editor.line() == "mapped", "the earlier mapping")
    editor.lua("vim.lsp.stop_client(vim.lsp.get_clients(), true)")
    editor.wait(lambda: not editor.lua("return vim.fn.maparg('<Tab>', 'i', false, true).buffer == 1"), "no key of ours")


def test_settings_reach_the_server_and_change_without_a_restart(scripted: Scripted) -> None:
    server = f'server = {{ cmd = {{ "{sys.executable}", "{SERVER}" }}, trusted = true }}'
    editor = scripted.start(options=f"{server}, settings = {{ completion = {{ multiline = 'never' }} }}")
    (greeting,) = scripted.heard("initialize")
    assert greeting["initializationOptions"] == {"completion": {"multiline": "never"}, "trusted": True}
    (scripted.project / "other.gguf").touch()
    editor.press("<Esc>")
    editor.command("Twolane model other.gguf")

    def changed() -> list[Any]:
        told = scripted.heard("workspace/didChangeConfiguration")
        return [params["settings"]["twolane"] for params in told if "near" in params["settings"]["twolane"]]

    (settings,) = editor.wait(changed, "the change")
    assert settings["near"]["model"] == str(scripted.project / "other.gguf")
    assert settings["completion"]["multiline"] == "never"


def test_a_server_that_keeps_dying_is_given_up_and_said_once(scripted: Scripted) -> None:
    editor = scripted.neovim('server = { cmd = { "sh", "-c", "exit 3" }, restarts = 1 }')
    editor.wait(lambda: editor.lua("return require('twolane.server').problem()"), "the end of the tries")
    messages = editor.call("nvim_exec2", "messages", {"output": True})["output"]
    assert messages.count("ended 2 times within three minutes (exit code 3") == 1
    assert ":Twolane restart" in messages


def test_where_there_is_no_server_it_is_said_what_to_do(scripted: Scripted) -> None:
    scripted.environment["PATH"] = "/usr/bin:/bin"
    scripted.environment.pop("VIRTUAL_ENV", None)
    own = scripted.project / ".venv" / "bin"
    own.mkdir(parents=True)
    (own / "twolane").write_text("#!/bin/sh\ntouch started\n")
    (own / "twolane").chmod(0o755)
    editor = scripted.neovim("server = {}")
    messages = editor.call("nvim_exec2", "messages", {"output": True})["output"]
    assert "there is no `twolane` in $VIRTUAL_ENV or $PATH" in messages
    assert "not started because the workspace is not trusted" in messages
    assert not (scripted.project / "started").exists()


def test_wrong_options_are_named_and_the_rest_holds(scripted: Scripted) -> None:
    editor = scripted.start(
        options=f"""
        ghots = {{}}, keys = {{ accept = "<C-y>", acept = "x", next = 5 }},
        server = {{ cmd = {{ "{sys.executable}", "{SERVER}" }} }}"""
    )
    messages = editor.call("nvim_exec2", "messages", {"output": True})["output"]
    assert "ghots: no such option" in messages
    assert "keys.acept: no such option" in messages
    assert "keys.next: allowed is string or boolean" in messages
    scripted.script(automatic=[item("bc")])
    editor.type("a")
    editor.wait_ghost()
    editor.press("<C-y>")
    editor.wait(lambda: editor.line() == "abc", "the accepted text")


def edit_of(scripted: Scripted, **new: str) -> dict[str, Any]:
    """Return a `WorkspaceEdit` that puts a first line into each file."""
    start = {"line": 0, "character": 0}
    edits = [
        {
            "textDocument": {"uri": (scripted.project / f"{name}.py").as_uri(), "version": None},
            "edits": [{"range": {"start": start, "end": start}, "newText": text + "\n"}],
        }
        for name, text in new.items()
    ]
    return {"documentChanges": edits}


def run_refactoring(scripted: Scripted, editor: Neovim) -> None:
    editor.press("<Esc>")
    editor.lua("require('twolane.server').command('twolane.refactor')")


def answered(scripted: Scripted) -> Any:
    """Return what Neovim answered to `workspace/applyEdit`."""
    for line in (scripted.project / "heard.jsonl").read_text().splitlines():
        said = json.loads(line)
        if said.get("id") == "edit" and "method" not in said:
            return said["result"]
    return None


@pytest.mark.parametrize("wanted", [True, False])
def test_an_edit_of_several_files_is_shown_before_it_applies(scripted: Scripted, wanted: bool) -> None:
    editor = scripted.start("mine = 1")
    (scripted.project / "other.py").write_text("other = 1\n")
    scripted.script(command={"label": "Rename", "edit": edit_of(scripted, cart="first", other="second")})
    run_refactoring(scripted, editor)
    editor.wait_screen("+first")
    editor.wait_screen("+second")
    assert editor.lua("return vim.bo.filetype") == "diff"
    assert answered(scripted) is None
    editor.press("<CR>" if wanted else "q")
    result = editor.wait(lambda: answered(scripted), "the answer")
    assert result["applied"] is wanted
    assert editor.lua("return vim.fn.tabpagenr('$')") == 1
    assert editor.lines() == (["first", "mine = 1"] if wanted else ["mine = 1"])
    other = editor.lua("return vim.fn.getbufline(vim.fn.bufadd('other.py'), 1, '$')")
    assert other == (["second", "other = 1"] if wanted else [])


def test_nothing_is_applied_where_one_of_the_files_cannot_be_changed(scripted: Scripted) -> None:
    editor = scripted.start("mine = 1")
    editor.leave_insert()
    (scripted.project / "other.py").write_text("other = 1\n")
    editor.command("set hidden | edit other.py | setlocal nomodifiable | edit cart.py")
    scripted.script(command={"label": "Rename", "edit": edit_of(scripted, cart="first", other="second")})
    run_refactoring(scripted, editor)
    editor.wait_screen("+second")
    editor.press("<CR>")
    result = editor.wait(lambda: answered(scripted), "the answer")
    assert result["applied"] is False
    assert "other.py cannot be changed" in result["failureReason"]
    assert editor.lines() == ["mine = 1"]


def test_who_types_is_not_interrupted_by_an_edit_to_look_at(scripted: Scripted) -> None:
    editor = scripted.start("mine = 1")
    (scripted.project / "other.py").write_text("other = 1\n")
    scripted.script(command={"label": "Rename", "edit": edit_of(scripted, new="first", other="second")})
    editor.lua("require('twolane.server').command('twolane.refactor')")
    told = "return vim.fn.execute('messages')"
    editor.wait(lambda: "a change is ready to be looked at" in editor.lua(told), "word of it")
    editor.type("23\nq = 4")
    editor.wait(lambda: editor.lines() == ["mine = 123", "q = 4"], "what was typed")
    assert answered(scripted) is None
    editor.press("<Esc>")
    editor.wait_screen("+second")
    editor.press("<CR>")
    assert editor.wait(lambda: answered(scripted), "the answer")["applied"] is True


def test_who_has_decided_is_back_in_the_window_from_before(scripted: Scripted) -> None:
    editor = scripted.start("mine = 1")
    (scripted.project / "other.py").write_text("other = 1\n")
    scripted.script(command={"label": "Rename", "edit": edit_of(scripted, cart="first", other="second")})
    editor.leave_insert()
    editor.command("tabnew")
    editor.command("tabfirst")
    run_refactoring(scripted, editor)
    editor.wait_screen("+second")
    editor.press("q")
    editor.wait(lambda: answered(scripted), "the answer")
    assert editor.lines() == ["mine = 1"]


def test_an_edit_of_one_file_applies_at_once_and_is_one_step_of_undo(scripted: Scripted) -> None:
    editor = scripted.start("mine = 1")
    scripted.script(command={"edit": edit_of(scripted, cart="first")})
    run_refactoring(scripted, editor)
    editor.wait(lambda: editor.lines() == ["first", "mine = 1"], "the edit")
    editor.press("u")
    editor.wait(lambda: editor.lines() == ["mine = 1"], "the text before")


def test_nothing_is_applied_where_a_file_changed_meanwhile(scripted: Scripted) -> None:
    editor = scripted.start("mine = 1")
    (scripted.project / "other.py").write_text("other = 1\n")
    scripted.script(command={"edit": edit_of(scripted, cart="first", other="second")})
    run_refactoring(scripted, editor)
    editor.wait_screen("+first")
    (scripted.project / "other.py").write_text("other = 2\n")
    editor.press("<CR>")
    result = editor.wait(lambda: answered(scripted), "the answer")
    assert result["applied"] is False
    assert "other.py was changed meanwhile" in result["failureReason"]
    assert editor.lines() == ["mine = 1"]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_code_action_of_several_files_is_shown_too(scripted: Scripted, wanted: bool) -> None:
    editor = scripted.start("mine = 1")
    (scripted.project / "other.py").write_text("other = 1\n")
    edit = edit_of(scripted, cart="first", other="second")
    scripted.script(action={"title": "Extract a function (near, free)", "edit": edit})
    editor.press("<Esc>")
    editor.lua("vim.ui.select = function(items, _, chosen) chosen(items[1], 1) end")
    editor.command("Twolane refactor extract")
    editor.wait_screen("+second")
    editor.press("<CR>" if wanted else "q")
    expected = ["first", "mine = 1"] if wanted else ["mine = 1"]
    editor.wait(lambda: editor.lines() == expected, "the file")


def test_subcommands_and_their_arguments_are_completed(scripted: Scripted) -> None:
    editor = scripted.start()
    completed = "return vim.fn.getcompletion(..., 'cmdline')"
    assert editor.lua(completed, "Twolane re") == ["refactor", "restart", "resume", "review"]
    assert editor.lua(completed, "Twolane pause ") == ["file", "language"]
    (scripted.project / "other.gguf").touch()
    assert "other.gguf" in editor.lua(completed, "Twolane model oth")
