"""Draw a real session in Neovim as an SVG, and record it: the picture in the docs is what was on the screen.

    python -m tests.editors.nvim.picture docs/neovim.svg docs/neovim.cast

The demo's project is opened, one of its lines is typed again with the real server and the starter model, and the screen
is drawn once ghost text with the name from the other file is there. The recording is an asciicast of the same session,
at the speed of a person who types and in the time that the answers took.
"""

from __future__ import annotations

import copy
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from tests.editors.nvim.neovim import COLUMNS, LINES, Neovim, Screen
from tests.editors.nvim.recording import Recording
from tests.lsp_client import console_script, private_environment
from twolane.server.demo.places import PLACES, unpack

VERSION = "0.12"
_CELL, _ROW, _MARGIN = 8.4, 19, 18
_PENDING = """
for _, request in pairs(vim.lsp.get_clients({ name = "twolane" })[1].requests) do
  if request.type == "pending" and request.method == "textDocument/inlineCompletion" then return true end
end
"""
_ENOUGH = 12
"""Characters of a suggestion that are worth a picture."""

_KEY_S = 0.12
_LOOK_S = 1.5
_FONT = "14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"


def session(folder: Path, recording: Recording) -> Screen:
    """Type the demo's lines in Neovim until much of one is suggested; return the screen with that on it.

    Then the line is typed once more, up to there, for the recording, and the suggestion accepted.
    """
    root = unpack(folder)
    (root / "pyproject.toml").touch()
    environment = {**private_environment(folder), "HOME": str(folder)}
    editor = Neovim(VERSION, environment, root)
    try:
        editor.command("set background=dark laststatus=2 noshowmode noruler shortmess+=F number")
        editor.command("let &statusline = \" %f %= %{v:lua.require'twolane'.status()} \"")
        editor.lua(f"require('twolane').setup({{ server = {{ cmd = {{ '{console_script()}', 'serve' }} }} }})")
        for place in PLACES:
            editor.command(f"edit! {place.path}")
            editor.wait(lambda: editor.lua("return require('twolane').state().state") == "ready", "the model", 90)
            editor.wait(lambda: "indexing" not in "".join(editor.screen.text()), "the index", 90)
            wanted = str(editor.call("nvim_buf_get_lines", 0, place.line - 1, place.line, False)[0])
            editor.press(f"<Esc>{place.line}Gzzcc")
            if _typed(editor, wanted):
                break
        editor.wait_screen("twolane-starter")
        picture = copy.deepcopy(editor.screen)
        _played(editor, editor.line().strip(), recording)
        return picture
    finally:
        editor.close()
        stop = [str(console_script()), "engine", "stop"]
        subprocess.run(stop, env=environment, capture_output=True, timeout=60, check=False)


def _typed(editor: Neovim, wanted: str) -> bool:
    """Type a line, then go back to where most of its rest was suggested; tell whether so much is suggested there."""
    best = (0, 0)
    for char in wanted.strip():
        editor.type(char)
        ghost = _settled(editor)
        if ghost and wanted.startswith(editor.line() + ghost):
            best = max(best, (len(ghost), len(editor.line())))
    while len(editor.line()) > best[1] > 0:
        editor.press("<BS>")
        _settled(editor)
    return len(editor.ghost()) >= _ENOUGH


def _played(editor: Neovim, typed: str, recording: Recording) -> None:
    """Type what led to the suggestion again, look at it, accept it."""
    editor.press("<Esc>cc")
    recording.take(editor.screen)
    for char in typed:
        time.sleep(_KEY_S)
        editor.type(char)
        recording.take(editor.screen)
        _settled(editor)
        recording.take(editor.screen)
    time.sleep(_LOOK_S)
    editor.press("<Tab>")
    editor.wait(lambda: len(editor.line().strip()) > len(typed), "the accepted text", 20)
    recording.take(editor.screen)
    time.sleep(_LOOK_S)
    editor.press("<Esc>")
    recording.take(editor.screen)


def _settled(editor: Neovim) -> str:
    """Return what is suggested now, once no request is unanswered."""
    editor.wait(lambda: not editor.lua(_PENDING), "an answer", 60)
    return editor.ghost()


def drawn(screen: Screen, title: str) -> str:
    """Return the SVG: one `text` for each line, one `tspan` for each stretch of the same look."""
    foreground, background = screen.colours["foreground"], screen.colours["background"]
    width, height = round(COLUMNS * _CELL + 2 * _MARGIN), LINES * _ROW + 2 * _MARGIN
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    style = f"text{{font:{_FONT};white-space:pre;fill:{_hex(foreground)}}}"
    parts = [head, f"<title>{escape(title)}</title><style>{style}</style>"]
    parts.append(f'<rect width="{width}" height="{height}" rx="10" fill="{_hex(background)}"/>')
    row, column = screen.cursor
    place = f'x="{_MARGIN + column * _CELL:.1f}" y="{_MARGIN + row * _ROW}"'
    for number, line in enumerate(screen.cells):
        top, at = _MARGIN + number * _ROW, 0
        spans = []
        for text, look in _stretches(line):
            attributes = screen.looks.get(look, {})
            ink, paper = attributes.get("foreground", foreground), attributes.get("background", background)
            if attributes.get("reverse"):
                ink, paper = paper, ink
            left = _MARGIN + at * _CELL
            if paper != background:
                size = f'width="{len(text) * _CELL:.1f}" height="{_ROW}"'
                parts.append(f'<rect x="{left:.1f}" y="{top}" {size} fill="{_hex(paper)}"/>')
            if text.strip():
                bold = ' font-weight="700"' if attributes.get("bold") else ""
                slanted = ' font-style="italic"' if attributes.get("italic") else ""
                spans.append(f'<tspan x="{left:.1f}" fill="{_hex(ink)}"{bold}{slanted}>{escape(text)}</tspan>')
            at += len(text)
        if spans:
            parts.append(f'<text y="{top + _ROW - 5}" xml:space="preserve">{"".join(spans)}</text>')
    parts.append(f'<rect {place} width="2" height="{_ROW}" fill="{_hex(foreground)}"/>')
    return "\n".join([*parts, "</svg>", ""])


def _stretches(line: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    start = 0
    for end in range(1, len(line) + 1):
        if end == len(line) or line[end][1] != line[start][1]:
            yield "".join(char for char, _ in line[start:end]), line[start][1]
            start = end


def _hex(colour: int) -> str:
    return f"#{colour:06x}"


def main(arguments: Sequence[str]) -> None:
    """Run the session, draw it, record it."""
    title = "Neovim: a line is typed, Twolane suggests the rest"
    recording = Recording()
    with tempfile.TemporaryDirectory() as folder:
        picture = drawn(session(Path(folder), recording), title)
    for path, text in zip(arguments, (picture, recording.cast(title)), strict=True):
        Path(path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
