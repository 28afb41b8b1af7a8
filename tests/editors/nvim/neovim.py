"""A real Neovim for tests, driven through its RPC: keys in, screen and state out."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgpack

PLUGIN = Path(__file__).parents[3] / "editors" / "nvim"
FOLDER = Path(os.environ.get("TWOLANE_EDITORS", Path.home() / ".cache" / "twolane" / "editors"))
VERSIONS = ("0.12", "0.11")
PATIENCE_S = 20.0
COLUMNS, LINES = 100, 30


def executable(version: str) -> Path:
    """Return a real Neovim; `dev/editors_neovim.py` puts it there."""
    path = FOLDER / f"nvim-{version}"
    assert path.exists(), f"{path} is missing: make test-editors installs it"
    return path


class NeovimError(Exception):
    """What Neovim answered in place of a result."""


class Screen:
    """What Neovim shows: a grid of characters, each with the number of its highlight."""

    def __init__(self) -> None:
        self.cells = [[(" ", 0)] * COLUMNS for _ in range(LINES)]
        self.looks: dict[int, dict[str, Any]] = {0: {}}
        self.colours: dict[str, int] = {}
        self.cursor = (0, 0)

    def take(self, events: list[Any]) -> None:
        """Follow the events of one redraw."""
        for name, *batches in events:
            follow = getattr(self, f"_{name}", None)
            if follow is not None:
                for batch in batches:
                    follow(*batch)

    def text(self) -> list[str]:
        """Return the lines as a person reads them."""
        return ["".join(char for char, _ in line).rstrip() for line in self.cells]

    def _grid_line(self, _: int, row: int, column: int, cells: list[Any], *__: Any) -> None:
        look = 0
        for char, *rest in cells:
            look = rest[0] if rest else look
            for _ in range(rest[1] if len(rest) > 1 else 1):
                self.cells[row][column] = (char, look)
                column += 1

    def _grid_clear(self, _: int) -> None:
        self.cells = [[(" ", 0)] * COLUMNS for _ in range(LINES)]

    def _grid_cursor_goto(self, _: int, row: int, column: int) -> None:
        self.cursor = (row, column)

    def _grid_scroll(self, _: int, top: int, bottom: int, left: int, right: int, rows: int, __: int) -> None:
        before = [list(line) for line in self.cells]
        for row in range(top, bottom):
            if top <= row + rows < bottom:
                self.cells[row][left:right] = before[row + rows][left:right]

    def _hl_attr_define(self, number: int, look: dict[str, Any], *_: Any) -> None:
        self.looks[number] = look

    def _default_colors_set(self, foreground: int, background: int, *_: Any) -> None:
        self.colours = {"foreground": foreground, "background": background}


class Neovim:
    """One Neovim without the user's configuration, with the plugin in its path."""

    def __init__(self, version: str, environment: Mapping[str, str], folder: Path) -> None:
        own = {name: value for name, value in environment.items() if name not in ("NVIM", "VIMRUNTIME", "MYVIMRC")}
        quiet = "set messagesopt=wait:0,history:500"
        command: list[str | Path] = [
            executable(version),
            "--embed",
            "--clean",
            "-n",
            "--cmd",
            f"set rtp^={PLUGIN}",
            "--cmd",
            quiet,
        ]
        self._errors = (folder / "nvim.txt").open("wb")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=own, cwd=folder
        )
        self.screen = Screen()
        self.flushed = 0
        self._number = 0
        self._answers: dict[int, tuple[Any, Any]] = {}
        self._arrived = threading.Condition()
        self._gone = False
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self.call("nvim_ui_attach", COLUMNS, LINES, {"ext_linegrid": True, "rgb": True})

    # What the test does.

    def call(self, method: str, *arguments: Any) -> Any:
        """Call an API function and return its result."""
        assert self.process.stdin is not None
        self._number += 1
        number = self._number
        self.process.stdin.write(msgpack.packb([0, number, method, list(arguments)]))
        self.process.stdin.flush()
        with self._arrived:
            arrived = self._arrived.wait_for(lambda: number in self._answers or self._gone, PATIENCE_S)
            assert arrived, f"Neovim does not answer {method}; on its screen:\n" + "\n".join(self.screen.text())
            assert not self._gone, "Neovim has ended"
            error, result = self._answers.pop(number)
        if error is not None:
            raise NeovimError(str(error[1] if isinstance(error, list) else error))
        return result

    def lua(self, code: str, *arguments: Any) -> Any:
        """Run Lua; `...` are the arguments, what it returns comes back."""
        return self.call("nvim_exec_lua", code, list(arguments))

    def press(self, keys: str) -> None:
        """Press keys, as `:help key-notation` writes them."""
        self.call("nvim_input", keys)

    def type(self, text: str) -> None:
        """Type text as it is, one key at a time, each taken in before the next."""
        for char in text:
            self.press("<lt>" if char == "<" else "<CR>" if char == "\n" else char)
            self.lua("return 0")

    def leave_insert(self) -> None:
        """Press Escape and wait until that has happened, with all that was pressed before."""
        self.press("<Esc>")
        self.wait(lambda: self.call("nvim_get_mode")["mode"] == "n", "normal mode")

    def command(self, line: str) -> None:
        """Run an Ex command."""
        self.call("nvim_command", line)

    def close(self) -> None:
        """End Neovim, and with it its servers."""
        with contextlib.suppress(OSError, ValueError):
            assert self.process.stdin is not None
            self.process.stdin.write(msgpack.packb([2, "nvim_command", ["qall!"]]))
            self.process.stdin.flush()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reading.join()
        for stream in (self.process.stdin, self.process.stdout, self._errors):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    # What the test sees.

    def lines(self) -> list[str]:
        """Return the lines of the current buffer."""
        return [str(line) for line in self.call("nvim_buf_get_lines", 0, 0, -1, False)]

    def line(self) -> str:
        """Return the line of the cursor."""
        return str(self.call("nvim_get_current_line"))

    def ghost(self) -> str:
        """Return the ghost text of the current buffer, '' where there is none."""
        return str(
            self.lua(
                """
                local pieces = {}
                local space = vim.api.nvim_get_namespaces()["twolane.ghost"]
                local marks = space and vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })
                for _, mark in ipairs(marks or {}) do
                  local function add(chunks)
                    for _, chunk in ipairs(chunks) do table.insert(pieces, chunk[1]) end
                  end
                  add(mark[4].virt_text or {})
                  for _, line in ipairs(mark[4].virt_lines or {}) do
                    table.insert(pieces, "\\n")
                    add(line)
                  end
                end
                return table.concat(pieces)
                """
            )
        )

    def wait(self, met: Callable[[], Any], what: str, patience: float = PATIENCE_S) -> Any:
        """Wait until something holds, and return it."""
        deadline = time.monotonic() + patience
        while not (value := met()):
            assert time.monotonic() < deadline, f"{what} did not come; on the screen:\n" + "\n".join(self.screen.text())
            time.sleep(0.01)
        return value

    def sees(self, met: Callable[[], Any]) -> bool:
        """Tell, without asking Neovim, whether something comes to hold of its screen."""
        with self._arrived:
            return bool(self._arrived.wait_for(met, PATIENCE_S))

    def wait_ghost(self) -> str:
        """Wait for ghost text."""
        return str(self.wait(self.ghost, "ghost text"))

    def wait_screen(self, text: str) -> None:
        """Wait until a text is to be read on the screen."""
        self.wait(lambda: any(text in line for line in self.screen.text()), repr(text))

    def _read(self) -> None:
        assert self.process.stdout is not None
        unpacker = msgpack.Unpacker(
            raw=False, unicode_errors="surrogateescape", ext_hook=lambda _, data: msgpack.unpackb(data)
        )
        while chunk := os.read(self.process.stdout.fileno(), 65536):
            unpacker.feed(chunk)
            with self._arrived:
                for message in unpacker:
                    if message[0] == 1:
                        self._answers[message[1]] = (message[2], message[3])
                    elif message[0] == 2 and message[1] == "redraw":
                        self.screen.take(message[2])
                        self.flushed += 1
                self._arrived.notify_all()
        with self._arrived:
            self._gone = True
            self._arrived.notify_all()
