"""The picture in the README: what a terminal would show, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import picture


def shown(text: str) -> list[str]:
    screen = picture.Screen()
    screen.feed(text)
    return ["".join(character for character, _ in line) for line in screen.lines]


def test_a_line_that_is_drawn_again_is_shown_as_it_was_last() -> None:
    assert shown("abcdef\r\x1b[Kxy\nend") == ["xy", "end"]
    assert shown("abcdef\rxy") == ["xycdef"]


def test_colours_become_styles_and_text_stays_text() -> None:
    screen = picture.Screen()
    screen.feed("a\x1b[2m<b>\x1b[0m&")
    drawn = picture.drawn("twolane demo", screen)
    assert 'a<tspan class="d">&lt;b&gt;</tspan>&amp;' in drawn
    assert "\x1b" not in drawn


def test_a_command_believes_to_be_on_a_terminal(tmp_path: Path) -> None:
    script = "import sys, shutil; print(sys.stdout.isatty(), shutil.get_terminal_size().columns)"
    picture.main(["--until", "end", str(tmp_path / "out.svg"), sys.executable, "-c", script + "; print('end')"])
    drawn = (tmp_path / "out.svg").read_text(encoding="utf-8")
    assert f"True {picture.COLUMNS}" in drawn
    assert drawn.startswith("<svg ")
    assert ">end<" not in drawn
