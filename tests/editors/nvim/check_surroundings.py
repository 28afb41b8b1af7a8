"""Real Neovims in which more goes on than typing: other mappings, names of buffers, other modes, commands."""

from __future__ import annotations

import sys

import pytest

from tests.editors.nvim.conftest import SERVER, Scripted, item
from tests.editors.nvim.neovim import Neovim

OPEN, CLOSE, CHANGE = "textDocument/didOpen", "textDocument/didClose", "textDocument/didChange"
SETUP = f"require('twolane').setup({{ server = {{ cmd = {{ '{sys.executable}', '{SERVER}' }} }} }})"


def uris(scripted: Scripted, method: str) -> list[str]:
    return [params["textDocument"]["uri"] for params in scripted.heard(method)]


def messages(editor: Neovim) -> str:
    return str(editor.call("nvim_exec2", "messages", {"output": True})["output"])


@pytest.mark.parametrize("key", ["<Esc>", "<C-c>", "<C-o>:"])
def test_no_way_out_of_insert_mode_leaves_ghost_text_behind(scripted: Scripted, key: str) -> None:
    scripted.script(automatic=[item("bc")])
    editor = scripted.start()
    editor.type("a")
    editor.wait_ghost()
    editor.press(key)
    editor.wait(lambda: editor.call("nvim_get_mode")["mode"][0] in "nc", "the other mode")
    editor.wait(lambda: not editor.ghost(), "no ghost text")


def test_ghost_text_follows_when_the_lines_are_written_anew(scripted: Scripted) -> None:
    scripted.script(automatic=[item("bc")])
    editor = scripted.start("one\ntwo")
    editor.press("<C-o>gg<End>")
    editor.type("a")
    editor.wait_ghost()
    editor.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.api.nvim_buf_get_lines(0, 0, -1, false))")
    editor.wait(lambda: editor.screen.text()[0] == "oneabc", "the ghost text behind the cursor")


def test_a_macro_holds_what_its_recording_did(scripted: Scripted) -> None:
    scripted.script(automatic=[item("bc")])
    editor = scripted.start("one\ntwo")
    editor.press("<C-o>gg<End>")
    editor.type("a")
    editor.wait_ghost()
    editor.press("<Esc>qq")
    editor.type("Ax\t")
    editor.press("<Esc>qj@q")
    editor.wait(lambda: editor.call("nvim_win_get_cursor", 0)[0] == 2 and "x" in editor.line(), "its run")
    assert [line.rstrip() for line in editor.lines()] == ["oneax", "twox"]
    editor.press("A")
    editor.type("z")
    editor.wait(editor.ghost, "ghost text, now that none is recorded")
    places = [params["position"] for params in scripted.heard("textDocument/inlineCompletion")]
    assert {"line": 0, "character": 5} not in places


@pytest.mark.parametrize(
    "mapping",
    [
        """vim.cmd([[imap <silent><expr> <Tab> get(g:, 'there') ? '<Plug>(mine)' : '<Tab>'|imap <Plug>(mine) jump]])""",
        """vim.cmd([[imap <expr> <Tab> get(g:, 'there') ? "jump" : "\\<Tab>"]])""",
        """
        local function jump() return vim.g.there and 'jump' or '<Tab>' end
        vim.keymap.set('i', '<Tab>', jump, { expr = true, remap = true })
        """,
    ],
)
def test_an_earlier_mapping_may_end_in_its_own_key(scripted: Scripted, mapping: str) -> None:
    editor = scripted.neovim(start=False)
    editor.lua(mapping)
    editor.lua(SETUP)
    mine = "return vim.fn.maparg('<Tab>', 'i', false, true).desc"
    editor.wait(lambda: editor.lua(mine) == "Twolane: accept the suggestion", "our key")
    editor.press("ggO<Tab>x")
    editor.wait(lambda: editor.line() == "    x", "a tab")
    editor.lua("vim.g.there = true")
    editor.press("<Tab>")
    editor.wait(lambda: editor.line() == "    xjump", "what the mapping does")


def test_a_mapping_to_its_own_key_is_that_key(scripted: Scripted) -> None:
    editor = scripted.neovim(start=False)
    editor.command("imap <Tab> <Tab>y")
    editor.lua(SETUP)
    mine = "return vim.fn.maparg('<Tab>', 'i', false, true).desc"
    editor.wait(lambda: editor.lua(mine) == "Twolane: accept the suggestion", "our key")
    editor.press("ggO<Tab>x")
    editor.wait(lambda: editor.line() == "    yx", "a tab")


def test_two_buffers_without_a_name_are_not_taken_for_one(scripted: Scripted) -> None:
    editor = scripted.start("x")
    editor.leave_insert()
    editor.command("set hidden")
    for text in ("one", "two"):
        editor.command("enew")
        editor.command("set filetype=python")
        editor.press(f"i{text}<Esc>")
        editor.wait(lambda: editor.line() == text and editor.call("nvim_get_mode")["mode"] == "n", text)  # noqa: B023
    editor.wait(lambda: "file://" in uris(scripted, CHANGE), "the text of the first")
    assert uris(scripted, OPEN).count("file://") == 1
    editor.command("file second.py")
    second = (scripted.project / "second.py").as_uri()
    editor.wait(lambda: second in uris(scripted, OPEN), "the second, now that it has a name")
    assert scripted.heard(OPEN)[-1]["textDocument"]["text"] == "two\n"


def test_a_buffer_with_another_name_is_another_document(scripted: Scripted) -> None:
    editor = scripted.start("x")
    editor.leave_insert()
    editor.command("file other.py")
    other = (scripted.project / "other.py").as_uri()
    editor.wait(lambda: other in uris(scripted, OPEN), "the new name")
    assert uris(scripted, CLOSE)[0].endswith("/cart.py")
    scripted.script(automatic=[item("bc")])
    editor.press("A")
    editor.type("a")
    editor.wait(lambda: editor.ghost() == "bc", "ghost text under the new name")


def test_a_relative_folder_in_path_is_never_looked_into(scripted: Scripted) -> None:
    program = scripted.project / "twolane"
    program.write_text("#!/bin/sh\ntouch started\n")
    program.chmod(0o755)
    scripted.environment |= {"PATH": ".::/usr/bin:/bin"}
    scripted.environment.pop("VIRTUAL_ENV", None)
    editor = scripted.neovim("server = {}")
    assert "there is no `twolane` in $VIRTUAL_ENV or $PATH" in messages(editor)
    assert not (scripted.project / "started").exists()
    own = scripted.project.parent / "bin"
    own.mkdir()
    program.rename(own / "twolane")
    place = editor.lua("vim.env.PATH = ... return { require('twolane.find').command(nil, {}) }", f".:{own}/")
    assert place == [[str(own / "twolane"), "serve"], "$PATH"]


def test_a_program_that_cannot_run_is_told_once_and_tried_again_when_asked(scripted: Scripted) -> None:
    program = scripted.project / "broken"
    program.write_text("#!/nowhere/python\n")
    program.chmod(0o755)
    editor = scripted.neovim(f'server = {{ cmd = {{ "{program}", "serve" }} }}')
    for name in ("one.py", "two.py"):
        editor.command(f"edit {name}")
    assert messages(editor).count("cannot be started") == 1
    assert "Spawning" not in messages(editor)
    assert "cannot be started" in editor.lua("return require('twolane.server').problem()")
    editor.command("Twolane restart")
    assert messages(editor).count("cannot be started") == 2
    program.write_text(f"#!/bin/sh\nexec {sys.executable} {SERVER}\n")
    editor.command("Twolane restart")
    editor.wait(lambda: editor.lua("return #vim.lsp.get_clients({ bufnr = 0 })"), "the server")


def test_health_asks_the_program_that_the_command_starts_in_the_end(scripted: Scripted) -> None:
    program = scripted.project / "twolane"
    program.write_text('#!/bin/sh\necho "$@" >> asked\necho "twolane 7"\n')
    program.chmod(0o755)
    editor = scripted.neovim(f'server = {{ cmd = {{ "env", "A=b", "{program}", "serve" }}, restarts = 0 }}')
    editor.command("checkhealth twolane")
    assert "twolane 7 from the option server.cmd: env" in "\n".join(editor.lines())
    asked = (scripted.project / "asked").read_text().splitlines()
    assert asked[-2:] == ["--version", "doctor --json"]


def test_a_server_that_a_person_ends_stays_ended(scripted: Scripted) -> None:
    editor = scripted.start("x")
    editor.leave_insert()
    again = """
        local start = vim.lsp.start
        vim.lsp.start = function(...) _G.begun = (_G.begun or 0) + 1 return start(...) end
        local defer = vim.defer_fn
        vim.defer_fn = function(act) act() end
        vim.lsp.stop_client(vim.lsp.get_clients())
        vim.wait(5000, function() return #vim.lsp.get_clients() == 0 end, 10)
        vim.defer_fn = defer
        return { #vim.lsp.get_clients({ _uninitialized = true }), _G.begun or 0 }
    """
    assert editor.lua(again) == [0, 0]
    editor.command("edit")
    editor.wait(lambda: editor.lua("return #vim.lsp.get_clients({ bufnr = 0 })"), "a server for what is opened")


def test_pausing_a_language_leaves_the_others_paused(scripted: Scripted) -> None:
    scripted.script(disabled=["markdown", "lua"])
    editor = scripted.start("x")
    editor.leave_insert()

    def lists() -> list[list[str]]:
        told = [params["settings"]["twolane"] for params in scripted.heard("workspace/didChangeConfiguration")]
        return [one["completion"]["disabled_languages"] for one in told if "completion" in one]

    editor.command("Twolane pause language")
    assert editor.wait(lists, "the list") == [["markdown", "lua", "python"]]
    scripted.script(disabled=["markdown", "lua", "python"])
    editor.command("Twolane resume language")
    editor.wait(lambda: lists()[1:], "the next list")
    assert lists()[1] == ["markdown", "lua"]
    editor.wait_screen("suggestions stay off in python files")


def test_a_language_is_resumed_by_the_name_that_the_server_has_for_it(scripted: Scripted) -> None:
    uri = (scripted.project / "cart.py").as_uri()
    scripted.script(disabled=["lua", "shellscript"], documents=[{"uri": uri, "language": "shellscript", "off": "so"}])
    editor = scripted.start("x")
    editor.leave_insert()
    editor.command("Twolane resume language")

    def lists() -> list[list[str]]:
        told = [params["settings"]["twolane"] for params in scripted.heard("workspace/didChangeConfiguration")]
        return [one["completion"]["disabled_languages"] for one in told if "completion" in one]

    assert editor.wait(lists, "the list") == [["lua"]]


def test_a_model_may_lie_in_a_folder_with_a_space_in_its_name(scripted: Scripted) -> None:
    (scripted.project / "my models").mkdir()
    (scripted.project / "my models" / "small.gguf").touch()
    editor = scripted.start("x")
    editor.leave_insert()
    assert editor.lua("return vim.fn.getcompletion(..., 'cmdline')", "Twolane model my models/sm") == [
        "models/small.gguf"
    ]
    editor.command("Twolane model my models/small.gguf")

    def models() -> list[str]:
        told = [params["settings"]["twolane"] for params in scripted.heard("workspace/didChangeConfiguration")]
        return [one["near"]["model"] for one in told if "near" in one]

    assert editor.wait(models, "the model") == [str(scripted.project / "my models" / "small.gguf")]


def test_a_reason_of_two_lines_is_shown_in_one(scripted: Scripted) -> None:
    scripted.script(documents=[{"uri": (scripted.project / "cart.py").as_uri(), "off": "one\ntwo"}])
    editor = scripted.start("x")
    editor.leave_insert()
    editor.command("Twolane status")
    editor.wait_screen("one two")


def test_options_without_a_name_are_a_complaint_and_no_error(scripted: Scripted) -> None:
    editor = scripted.neovim(start=False)
    editor.lua(f"require('twolane').setup({{ 'ghost', server = {{ cmd = {{ '{sys.executable}', '{SERVER}' }} }} }})")
    assert "1: no such option" in messages(editor)
    editor.wait(lambda: scripted.heard(OPEN), "the server's start")
