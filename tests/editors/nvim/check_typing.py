"""Real Neovims with the real server and the starter model: type, see, accept, dismiss, look, lose the server."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import pytest

from tests.editors.nvim.conftest import Desk
from tests.editors.nvim.neovim import Neovim

WHOLE = "        self.currency = currency"


def begin(desk: Desk, typed: str = "        self.currency", options: str = "") -> Neovim:
    """Open the file and type in the constructor until there is ghost text."""
    editor = desk.ready(options)
    editor.press("9GA")
    editor.press("<CR>")
    editor.type(typed.strip())
    ghost_again(editor, typed)
    return editor


def ghost_again(editor: Neovim, typed: str = "") -> str:
    """Wait for ghost text behind what was typed; a server that was still starting is asked again by a key."""
    for _ in range(5):
        with contextlib.suppress(AssertionError):
            editor.wait(lambda: editor.ghost() and editor.line() == (typed or editor.line()), "ghost text", 4)
            return editor.ghost()
        editor.type("x")
        editor.press("<BS>")
    raise AssertionError(f"there is no ghost text; the server says {explained(editor)}")


def explained(editor: Neovim) -> object:
    """Return what the server tells of the last request."""
    return editor.lua(
        """
        local client = vim.lsp.get_clients({ name = "twolane" })[1]
        local params = { command = "twolane.explain", arguments = { 3 } }
        return client and client:request_sync("workspace/executeCommand", params, 5000)
        """
    )


def test_ghost_text_appears_and_tab_accepts_it(desk: Desk) -> None:
    editor = begin(desk)
    ghost = editor.ghost()
    whole = editor.line() + ghost
    editor.wait_screen(whole)
    row, column = editor.screen.cursor
    assert (row, column) == (9, len("        self.currency")), "the cursor stands in front of the ghost text"
    editor.press("<Tab>")
    editor.wait(lambda: editor.line() == whole, "the accepted text")
    assert editor.call("nvim_win_get_cursor", 0) == [10, len(whole)]
    editor.press("<Esc>u")
    editor.wait(lambda: editor.line() == "        self.currency", "what was typed, without what was accepted")


def test_what_was_typed_of_a_suggestion_is_not_put_in_again(desk: Desk) -> None:
    editor = begin(desk)
    whole = editor.line() + editor.ghost()
    editor.press(editor.ghost()[:4] + "<Tab>")
    editor.wait(lambda: editor.line().startswith(whole), "the accepted text")


def test_words_and_lines_are_accepted_one_by_one(desk: Desk) -> None:
    editor = begin(desk)
    ghost = editor.ghost()
    assert ghost == " = currency"
    editor.press("<M-Right>")
    editor.wait(lambda: editor.line() == "        self.currency =", "a word")
    assert editor.ghost() == " currency"
    editor.press("<M-C-Right>")
    editor.wait(lambda: editor.line() == WHOLE, "the line")
    editor.press("<Esc>u")
    editor.wait(lambda: editor.line() == "        self.currency =", "the line before")


def test_a_dismissed_suggestion_is_gone_until_the_next_change(desk: Desk) -> None:
    editor = begin(desk)
    editor.press("<C-]>")
    editor.wait(lambda: not editor.ghost(), "no ghost text")
    editor.press("<Tab>")
    editor.wait(lambda: editor.line() != "        self.currency", "a tab")
    assert "= currency" not in editor.line()


def test_leaving_insert_mode_leaves_no_ghost_behind(desk: Desk) -> None:
    editor = begin(desk)
    editor.leave_insert()
    editor.wait(lambda: not editor.ghost(), "no ghost text")
    editor.press("A")
    ghost_again(editor)


def test_a_killed_server_comes_back(desk: Desk) -> None:
    editor = begin(desk)
    pid = editor.lua("return vim.fn.getpid()")
    (server,) = children(pid)
    os.kill(server, signal.SIGKILL)
    editor.wait(lambda: [child for child in children(pid) if child != server], "a new server")
    editor.wait(lambda: editor.lua("return #vim.lsp.get_clients({ name = 'twolane', bufnr = 0 })"), "its attachment")
    editor.leave_insert()
    editor.press("A")
    ghost_again(editor)


def children(pid: int) -> list[int]:
    """Return the processes of the server's program that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if "twolane" in Path(f"/proc/{child}/cmdline").read_text()]


def test_explain_status_and_pause(desk: Desk) -> None:
    editor = begin(desk)
    assert editor.lua("return require('twolane').status()").startswith("near · twolane-starter")
    editor.leave_insert()
    editor.command("Twolane explain")
    editor.wait_screen("Where the time went")
    assert any("Shown: " in line or "Nothing was shown: " in line for line in editor.lines())
    assert any("decode" in line or "gate" in line for line in editor.lines())
    editor.press("q")
    editor.command("Twolane status")
    editor.wait_screen("followed, suggestions are on")
    assert "model    twolane-starter" in editor.lines()
    editor.press("q")
    editor.command("Twolane pause")
    editor.wait(lambda: "paused" in editor.lua("return require('twolane').status()"), "the pause in the statusline")
    editor.press("A<BS>")
    editor.wait(lambda: "Suggestions are paused" in str(explained(editor)), "silence with its reason")
    editor.leave_insert()
    editor.command("Twolane explain")
    editor.wait_screen("Nothing was shown: Suggestions are paused")
    editor.press("q")
    editor.command("Twolane resume")
    editor.wait(lambda: "paused" not in editor.lua("return require('twolane').status()"), "no pause")
    editor.press("A")
    ghost_again(editor)


@pytest.mark.parametrize("what", ["file", "language"])
def test_suggestions_are_paused_for_one_file_or_language(desk: Desk, what: str) -> None:
    editor = begin(desk)
    editor.leave_insert()
    editor.command(f"Twolane pause {what}")
    editor.wait(lambda: editor.lua("return require('twolane').status()").endswith("off here"), "the statusline")
    editor.press("A")

    def hushed() -> bool:
        editor.type("x")
        editor.press("<BS>")
        return what == "file" or "turned off for python" in str(explained(editor))

    editor.wait(hushed, "silence")
    assert editor.ghost() == ""
    editor.leave_insert()
    editor.command(f"Twolane resume {what}")
    editor.wait(lambda: "off here" not in editor.lua("return require('twolane').status()"), "the statusline")
    editor.press("A")
    ghost_again(editor)


def test_health_says_what_is_there(desk: Desk) -> None:
    wrong = "{ multilin = 'never', multiline = 'sometimes' }"
    editor = desk.ready(f"settings = {{ completion = {wrong} }}, ghost = {{ colour = 'red' }}")
    editor.command("checkhealth twolane")
    text = "\n".join(editor.lines())
    assert "1 buffers: ready" in text
    assert 'completion.multiline = "sometimes" is not used' in text
    assert "ghost.colour: no such option" in text
    assert "deprecated" not in editor.call("nvim_exec2", "messages", {"output": True})["output"]
    assert "from the option server.cmd" in text
    assert f"{desk.project}, 1 buffers" in text
    assert "settings.completion.multilin: no such setting" in text
    assert "model" in text.partition("this machine")[2]


def test_the_built_in_inline_completion_draws_nothing_beside_ours(desk: Desk) -> None:
    editor = desk.neovim(start=False)
    built_in = editor.lua("if vim.lsp.inline_completion then vim.lsp.inline_completion.enable() return true end")
    assert built_in is (True if desk.version == "0.12" else None)
    editor.close()
    editor = begin(desk)
    if built_in:
        editor.lua("vim.lsp.inline_completion.enable()")
        editor.lua("vim.cmd('doautocmd FileType')")
    editor.press(" ")
    ghost_again(editor)
    others = "nvim.lsp.inline_completion"
    space = editor.lua("return vim.api.nvim_get_namespaces()[...]", others)
    assert space is None or editor.call("nvim_buf_get_extmarks", 0, space, 0, -1, {}) == []


def test_undo_after_a_word_takes_back_only_the_word(desk: Desk) -> None:
    editor = begin(desk)
    editor.press("<M-Right>")
    editor.wait(lambda: editor.line().endswith("="), "a word")
    editor.press("<Esc>u")
    editor.wait(lambda: editor.line() == "        self.currency", "what was typed")
