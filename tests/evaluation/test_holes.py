"""What is hidden stood there, is found again where it was, and is code that a person writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.evaluation.holes import KINDS, Hole, below, draw

SOURCES = Path(__file__).resolve().parents[2] / "server" / "demo" / "project"
FUNCTION = (
    "def number_{0}(value: int) -> int:\n    total = value + {0}\n    if total > 9:\n"
    "        print('number', total)\n    return total\n\n\n"
)
LONG = "".join(FUNCTION.format(number) for number in range(30))


def drawn(folder: Path, count: int = 60) -> list[Hole]:
    return [hole for _, hole in draw({"here": below(folder)}, count, 1)]


def test_holes_are_cut_out_of_real_files_and_the_same_each_time() -> None:
    holes = drawn(SOURCES)
    assert {hole.kind for hole in holes} == set(KINDS)
    for hole in holes:
        assert hole.before + hole.text + hole.after == hole.path.read_text(encoding="utf-8")
        assert hole.text.strip()
        assert "\n" not in hole.text or hole.kind in ("block", "body")
        lines = hole.without.split("\n")
        assert lines[hole.line][: hole.column] == hole.before.rpartition("\n")[2]
    assert drawn(SOURCES) == holes


def test_the_column_counts_utf_16() -> None:
    assert Hole(Path("a.py"), "python", "line", "x = 1\n'\N{GRINNING FACE}' + ", "y", "").column == 7


def test_no_place_is_drawn_twice(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(FUNCTION.format(1) + "#" * 1500 + "\n")
    places = [(hole.before, hole.text) for hole in drawn(tmp_path, 200)]
    assert len(places) > 5
    assert len(set(places)) == len(places)


def test_files_with_windows_line_ends_have_holes_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbf" + LONG.replace("\n", "\r\n").encode())
    holes = drawn(tmp_path)
    assert {hole.kind for hole in holes} == set(KINDS)
    for hole in holes:
        assert hole.before + hole.text + hole.after == LONG.replace("\n", "\r\n")
        assert not hole.text.endswith("\r")
        assert hole.after.startswith(("\r\n", ")"))


def test_what_is_no_code_or_only_declares_is_not_drawn_from(tmp_path: Path) -> None:
    for name in ("a.pyi", "a.d.ts", "notes.txt", "broken.py", "short.py"):
        (tmp_path / name).write_text({"broken.py": LONG + "def (", "short.py": "x = 1\n"}.get(name, LONG))
    assert [path.name for path in below(tmp_path)] == ["broken.py"]
    assert drawn(tmp_path) == []
    with pytest.raises(ValueError, match="no source files"):
        drawn(tmp_path / "nowhere")


def test_arguments_without_brackets_are_no_argument_to_hide(tmp_path: Path) -> None:
    method = "  def shown_{0}(value)\n    render partial: value\n    assert_equal(value, {0})\n    value\n  end\n\n"
    (tmp_path / "a.rb").write_text("class A\n" + "".join(method.format(number) for number in range(30)) + "end\n")
    hidden = {hole.text for hole in drawn(tmp_path) if hole.kind == "argument"}
    assert hidden
    assert all(text.startswith("value, ") for text in hidden)


def test_a_secret_is_hidden_whole_or_not_at_all(tmp_path: Path) -> None:
    key = "ghp_" + "k3Jd9Zq8Xw" * 3 + "Ab3kZ9"
    lines = (
        f"def number_{number}(value):\n    token = call('{key}', value)\n    return token\n" for number in range(25)
    )
    (tmp_path / "a.py").write_text("\n\n".join(lines))
    holes = drawn(tmp_path, 150)
    assert any(key in hole.text for hole in holes)
    for hole in holes:
        for side in (hole.before, hole.after):
            assert side.count(key) == side.count(key[:8]) == side.count(key[-8:])
