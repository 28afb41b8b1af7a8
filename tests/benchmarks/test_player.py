"""Both copies of a project stand on disk as the person left them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.typing.event import Event
from benchmarks.typing.history import History
from benchmarks.typing.player import Stage


def test_the_disk_follows_saves_and_pulls_only(tmp_path: Path) -> None:
    stage = Stage(History("h", {"a/__init__.py": "", "a/b.py": "x\r\n", "gone.py": "1\n"}, ()), tmp_path)
    assert (tmp_path / "a" / "__init__.py").read_bytes() == b""
    assert (tmp_path / "a" / "b.py").read_bytes() == b"x\r\n"
    stage.apply(Event(0.0, "key", "a/b.py", 0, 0, "y"))
    assert stage.modified("a/b.py")
    assert (tmp_path / "a" / "b.py").read_bytes() == b"x\r\n"
    stage.apply(Event(0.0, "save", "a/b.py", 1, 1, ""))
    assert not stage.modified("a/b.py")
    assert (tmp_path / "a" / "b.py").read_bytes() == b"yx\r\n"
    stage.apply(Event(0.0, "pull", "new/c.py", 0, 0, "2\n"))
    stage.apply(Event(0.0, "pull", "gone.py", 0, 2, ""))
    assert (tmp_path / "new" / "c.py").read_text() == "2\n"
    assert not (tmp_path / "gone.py").exists()
