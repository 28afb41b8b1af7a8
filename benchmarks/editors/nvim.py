"""How long a real Neovim takes from a key to ghost text on its screen, beyond the server's answer.

    python -m benchmarks.editors.nvim [KEYS]      needs what `make test-editors` installs

A scripted server answers at once, with a text that names the column, so that a text on the screen belongs to one key.
The time of the answer is taken in Neovim, from request to response; the rest is the editor's and the plugin's. In the
same run Neovim 0.12's own inline completion is measured without the plugin.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.editors.nvim.neovim import VERSIONS, Neovim
from tests.lsp_client import private_environment

SERVER = Path(__file__).parents[2] / "tests" / "editors" / "nvim" / "scripted_server.py"
KEYS = 80
"""As many as a line of the screen has room for."""

_PLUGIN = "require('twolane').setup({{ server = {{ cmd = {command} }} }})"
_BUILT_IN = """
vim.lsp.config('scripted', {{ cmd = {command} }})
vim.lsp.enable('scripted')
vim.lsp.inline_completion.enable()
"""
_TIMED = """
local client = vim.lsp.get_clients()[1]
local request = client.request
answered = {}
client.request = function(self, method, params, handler, buffer)
  if method ~= 'textDocument/inlineCompletion' then return request(self, method, params, handler, buffer) end
  local began = vim.uv.hrtime()
  return request(self, method, params, function(...)
    answered[params.position.character] = (vim.uv.hrtime() - began) / 1e6
    return handler(...)
  end, buffer)
end
"""


def measured(version: str, start: str, keys: int) -> list[tuple[float, float]]:
    """Return for each key the milliseconds to ghost text, and those of the server's answer among them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "script.json").write_text(json.dumps({"automatic": "numbered"}))
        (folder / "page.py").write_text("x = 1\n")
        editor = Neovim(version, {**os.environ, **private_environment(folder), "HOME": name}, folder)
        try:
            command = f'{{ "{sys.executable}", "{SERVER}" }}'
            editor.lua(start.format(command=command))
            editor.command("edit page.py")
            editor.wait(lambda: editor.lua("return #vim.lsp.get_clients({ bufnr = 0 })"), "the server")
            editor.press("S")
            editor.lua(_TIMED)
            return [_key(editor, column) for column in range(1, keys + 1)]
        finally:
            editor.close()


def _key(editor: Neovim, column: int) -> tuple[float, float]:
    place = f"ghost-{column}-"
    began = time.perf_counter()
    editor.press("a")
    assert editor.sees(lambda: any(place in line for line in editor.screen.text())), place
    took = (time.perf_counter() - began) * 1e3
    answer = float(editor.lua("return answered[...]", column))
    return took, answer


def table(rows: Sequence[tuple[str, list[tuple[float, float]]]]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| | key to ghost text p50 | p95 | of it the server's answer p50 | beyond it p50 | p95 |",
        "|---|---|---|---|---|---|",
    ]
    for name, pairs in rows:
        whole = [took for took, _ in pairs]
        answers = [answer for _, answer in pairs]
        beyond = [took - answer for took, answer in pairs]
        cells = [_at(whole, 50), _at(whole, 95), _at(answers, 50), _at(beyond, 50), _at(beyond, 95)]
        lines.append(f"| {name} | {' | '.join(f'{cell:.1f} ms' for cell in cells)} |")
    return "\n".join(lines)


def _at(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    keys = min(int(arguments[0]), KEYS) if arguments else KEYS
    rows = [(f"Neovim {version}, the plugin", measured(version, _PLUGIN, keys)) for version in VERSIONS]
    rows.append(("Neovim 0.12, its own inline completion", measured("0.12", _BUILT_IN, min(keys, 50))))
    print(table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
