"""`twolane demo`: see suggestions in a real project, in this terminal."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ..demo.places import PLACES, unpack
from ..demo.replay import Replay, Typist
from ..demo.screen import Screen
from .answers import document, open_answers
from .configured import load_settings
from .outcome import DONE, CommandError, emit, say

_HOW_TO_CONNECT = """
Neovim: the plugin of docs/editors.md; or, in 0.12 without it, this in init.lua:
  vim.lsp.config('twolane', {{
    cmd = {{ '{script}', 'serve' }},
    root_markers = {{ 'twolane.toml', 'pyproject.toml', '.git' }},
  }})
  vim.lsp.enable('twolane')
  vim.lsp.inline_completion.enable()
  vim.keymap.set('i', '<Tab>', function()
    if not vim.lsp.inline_completion.get() then return '<Tab>' end
  end, {{ expr = true }})

VS Code and others: any client of the language server protocol 3.18 that asks for inline completions,
with the command: {script} serve
docs/editors.md says how, and what each editor can do today."""


def run(arguments: argparse.Namespace) -> int:
    """Type three lines of the bundled project with the real completer; fail where nothing was suggested."""
    screen = None if arguments.json else Screen(sys.stdout)
    with tempfile.TemporaryDirectory(prefix="twolane-demo-") as folder:
        replays = asyncio.run(_play(unpack(Path(folder).resolve()), screen))
    if not any(replay.shown for replay in replays):
        reasons = {replay.keystrokes[-1].completion.trace.reason for replay in replays}
        raise CommandError(f"no suggestion came: {'; '.join(sorted(reasons))}", kind="no-suggestion")
    if arguments.json:
        emit({"suggestions": [_suggestion(replay) for replay in replays]})
    else:
        say(_HOW_TO_CONNECT.format(script=_script()))
    return DONE


async def _play(root: Path, screen: Screen | None) -> list[Replay]:
    replays = []
    async with open_answers(load_settings(root, trusted=False)) as answers:
        started = time.perf_counter()
        info = await answers.ready()
        if screen is not None:
            screen.title(info, (time.perf_counter() - started) * 1000)
        for number, place in enumerate(PLACES, 1):
            typist = Typist(root, place)
            if screen is not None:
                screen.scene(number, typist)
            async for key in typist.keystrokes(answers):
                if screen is not None:
                    screen.keystroke(typist, key)
            replays.append(typist.replay())
            if screen is not None:
                screen.result(replays[-1])
    return replays


def _suggestion(replay: Replay) -> dict[str, Any]:
    """The first suggestion that was shown, and what became of the line."""
    key = replay.shown or replay.keystrokes[-1]
    accepted = replay.accepted
    return {
        **document(key.completion),
        "typed": key.typed,
        "path": replay.place.path,
        "line": replay.place.line,
        "expected": key.rest,
        "right_characters": key.right,
        "completed_after": len(accepted.typed) if accepted is not None else None,
        "first_ms": round(replay.first_ms, 3),
        "warm_ms": round(replay.warm_ms, 3),
        "reused_share": round(replay.reused, 4),
    }


def _script() -> str:
    """How an editor can start this very installation."""
    beside = Path(sys.executable).with_name("twolane")
    return "twolane" if shutil.which("twolane") or not beside.exists() else str(beside)
