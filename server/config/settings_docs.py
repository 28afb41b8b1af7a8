"""The manual's page about settings, generated from settings.py.

`python -P -m twolane.server.config.settings_docs > docs/settings.md` writes it; a test says when it drifts.
"""

from __future__ import annotations

import inspect
import sys
from dataclasses import Field, fields
from typing import Any

from .option import Scope
from .settings import FILE_NAME, Settings, options
from .settings_values import allowed, shown

_WORKSPACE_MAY: dict[Scope, str] = {
    "workspace": "set it",
    "tighten": "only make it stricter",
    "add": "only add to it",
    "trusted": "set it only where you trust the workspace",
    "user": "not set it",
}

_INTRODUCTION = f"""\
# Settings

<!-- Generated from server/config/ by `python -P -m twolane.server.config.settings_docs`; edit the sections there. -->

Twolane needs no settings. Whoever wants some writes them into a file named `{FILE_NAME}`; later wins:

1. the defaults below;
2. your own file, which `twolane doctor` names: `~/.config/twolane/{FILE_NAME}` on Linux (`$XDG_CONFIG_HOME`
   moves it), `~/Library/Application Support/twolane/{FILE_NAME}` on macOS;
3. the workspace's file: `{FILE_NAME}` in the workspace's folder;
4. the editor's settings: the same tables, as JSON or Lua.

The workspace's file comes with the project, perhaps from a stranger. So it may adapt suggestions to the
project, and it may turn things off; it cannot choose a file that is loaded, nor how this machine is used.
Each setting says what the workspace's file may do. You trust a workspace through your editor's workspace
trust, or by `--trust` in the terminal. Where several folders are open in one window the first one's file
counts; of the others' only what lets less leave this machine, or less be spent, for all of them.

A value that cannot be used never stops Twolane: the last good one stays, and you are told the file, the key,
the value and what is allowed. The same goes for an unknown key. In a file that is not TOML nothing
counts until it is mended, and you are told the line and the column; what an open editor had read before stays.

The files are read again when the editor says that one has changed; where it does not, at the next save and before
a command asks a model elsewhere.
"""


def render() -> str:
    """Return the whole page as Markdown."""
    parts = [_INTRODUCTION]
    defaults = Settings()
    for section in fields(defaults):
        parts.append(f"## [{section.name}]\n\n{inspect.getdoc(getattr(defaults, section.name))}\n")
        parts += [_entry(key, option) for key, option in options() if key.partition(".")[0] == section.name]
    parts.append(_example())
    return "\n".join(parts)


def _entry(key: str, option: Field[Any]) -> str:
    meta = option.metadata
    return (
        f"### `{key}`\n\n"
        f"{meta['doc']}\n\n"
        f"- default: `{shown(option.default)}`\n"
        f"- allowed: {allowed(option)}\n"
        f"- the workspace's file may {_WORKSPACE_MAY[meta['scope']]}\n"
    )


def _example() -> str:
    lines = ["## All of them, with their defaults", "", "```toml"]
    section = ""
    for key, option in options():
        table, _, name = key.partition(".")
        if table != section:
            lines += [*([""] if section else []), f"[{table}]"]
            section = table
        lines.append(f"{name} = {shown(option.default)}")
    return "\n".join([*lines, "```", ""])


if __name__ == "__main__":
    sys.stdout.write(render())
