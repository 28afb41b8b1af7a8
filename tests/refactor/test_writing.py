"""What reaches the disk under `--apply`: all files or none, whatever the disk or the person does meanwhile."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.scripted.provider import provider
from tests.refactor.bench import scenario
from tests.refactor.desk import CART, SHOP
from twolane.refactor.original import Change, Edit, Original
from twolane.refactor.writing import HalfWritten, Stale, mark, write

OLD, NEW = "x = 1\n", "x = 2\n"


def changed(root: Path, path: str) -> Change:
    """A change of a file that is put there."""
    (root / path).write_text(OLD)
    original = Original(path, OLD, "python", mark=mark(OLD.encode()))
    return Change(path, "python", NEW, original, (Edit(0, len(OLD), NEW),))


def left(root: Path) -> list[str]:
    return [path.name for path in root.rglob(".twolane-*")]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the disk refuse these moves, counted from one."""

    def make(*moves: int) -> None:
        real, count = Path.replace, [0]

        def replace(self: Path, target: Path) -> Path:
            count[0] += 1
            if count[0] in moves:
                raise OSError(30, "Read-only file system", str(self))
            return real(self, target)

        monkeypatch.setattr(Path, "replace", replace)

    return make


def test_where_the_second_file_cannot_be_written_the_first_is_as_it_was(
    tmp_path: Path, refuse: Callable[..., None]
) -> None:
    changes = (changed(tmp_path, "a.py"), Change("new/b.py", "python", NEW), changed(tmp_path, "c.py"))
    refuse(3)
    with pytest.raises(OSError, match="Read-only"):
        write(tmp_path, changes)
    assert [(tmp_path / name).read_text() for name in ("a.py", "c.py")] == [OLD, OLD]
    assert not (tmp_path / "new").exists()
    assert left(tmp_path) == []


def test_what_cannot_be_taken_back_is_named_and_its_old_text_is_kept(
    tmp_path: Path, refuse: Callable[..., None]
) -> None:
    changes = (changed(tmp_path, "a.py"), changed(tmp_path, "b.py"))
    refuse(2, 3)
    with pytest.raises(HalfWritten) as half:
        write(tmp_path, changes)
    told = re.search(r"a\.py is changed, its old text is in (\S+)\.$", str(half.value))
    assert told is not None, half.value
    assert Path(told[1]).read_text() == OLD
    assert ((tmp_path / "a.py").read_text(), (tmp_path / "b.py").read_text()) == (NEW, OLD)


def test_a_file_keeps_its_rights_and_gets_a_time_of_its_own(tmp_path: Path) -> None:
    change = changed(tmp_path, "run.py")
    file = tmp_path / "run.py"
    file.chmod(0o755)
    os.utime(file, (1, 1))
    write(tmp_path, (change,))
    assert file.read_text() == NEW
    assert file.stat().st_mode & 0o777 == 0o755
    assert file.stat().st_mtime > 1


def test_a_write_protected_file_stays_as_it_is(tmp_path: Path) -> None:
    changes = (changed(tmp_path, "a.py"), changed(tmp_path, "b.py"))
    (tmp_path / "b.py").chmod(0o444)
    with pytest.raises(Stale, match=r"b\.py: write-protected"):
        write(tmp_path, changes)
    assert [(tmp_path / name).read_text() for name in ("a.py", "b.py")] == [OLD, OLD]


def gone(file: Path) -> None:
    file.unlink()


def renamed(file: Path) -> None:
    file.rename(file.with_name("other.py"))


def linked(file: Path) -> None:
    file.rename(file.with_name("other.py"))
    file.symlink_to("other.py")


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def its_folder_linked(file: Path) -> None:
    file.parent.rename(file.parent.with_name("elsewhere"))
    file.parent.symlink_to("elsewhere", target_is_directory=True)


def other_line_ends(file: Path) -> None:
    file.write_bytes(OLD.replace("\n", "\r\n").encode())


@pytest.mark.parametrize("become", [gone, renamed, linked, a_folder, its_folder_linked, other_line_ends])
def test_a_file_that_has_become_something_else_stops_all_of_it(tmp_path: Path, become: Callable[[Path], None]) -> None:
    (tmp_path / "inner").mkdir()
    changes = (changed(tmp_path, "a.py"), changed(tmp_path, "inner/b.py"))
    become(tmp_path / "inner/b.py")
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    with pytest.raises(Stale, match=r"inner/b\.py .*nothing was changed"):
        write(tmp_path, changes)
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text(OLD)
    with pytest.raises(Stale, match="exists by now"):
        write(tmp_path, (Change("new.py", "python", NEW),))
    assert (tmp_path / "new.py").read_text() == OLD


WAITING = """
import sys
from pathlib import Path
real = Path.replace

def replace(self, target):
    moved = real(self, target)
    print("moved", file=sys.stderr, flush=True)
    sys.stdin.read()
    return moved

Path.replace = replace
from twolane.server.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_gives_up_while_it_is_written_finds_all_of_it_written_and_is_told_so(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    for path, text in SHOP.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)
    own = {f"XDG_{name}": str(tmp_path / name) for name in ("DATA_HOME", "CONFIG_HOME", "STATE_HOME", "CACHE_HOME")}
    with provider(*scenario("right")) as server:
        keys = {"ANTHROPIC_API_KEY": "key-for-tests", "ANTHROPIC_BASE_URL": server.url}
        words = ("refactor", "shop/cart.py:12", "--do", "simplify", "--apply")
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", WAITING, *words],
            cwd=project,
            env={**os.environ, **own, **keys, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            assert "moved\n" in iter(process.stderr.readline, "")
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == code
    assert (project / "shop/cart.py").read_text() != CART
    assert "+++ b/shop/cart.py" in out
    assert "\nwritten\n" in err
    assert "nothing is written" not in err
    assert left(project) == []
