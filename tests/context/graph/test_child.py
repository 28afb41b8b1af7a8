"""The process beside the server, the real one."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import psutil
import pytest

from tests.context.graph.built import garden, opened, store_of
from twolane.context.graph import frames
from twolane.context.graph.background import COMMAND, Background

PATIENCE_S = 30


class Heard:
    def __init__(self) -> None:
        self.events: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    def progress(self, what: str, done: int, total: int) -> None:
        assert 0 <= done <= total, what

    def published(self) -> None:
        self.events.put(("published", None))

    def built(self, figures: Mapping[str, Any], trouble: str, memory: bytes | None) -> None:
        self.events.put(("built", (figures, trouble, memory)))

    def changed(self, paths: Sequence[str]) -> None:
        self.events.put(("changed", paths))

    def ended(self) -> None:
        self.events.put(("ended", None))

    def gave_up(self) -> None:
        self.events.put(("gave up", None))

    def wait_for(self, kind: str) -> Any:
        while True:
            found, value = self.events.get(timeout=PATIENCE_S)
            if found == kind:
                return value


Start = Callable[..., tuple[Background, Heard]]


@pytest.fixture
def start() -> Iterator[Start]:
    made: list[Background] = []

    def begin(root: Path, **options: Any) -> tuple[Background, Heard]:
        heard = Heard()
        made.append(Background(root, heard, store=store_of(root), **options))
        made[-1].sync()
        return made[-1], heard

    yield begin
    for background in made:
        background.close()


def children() -> list[psutil.Process]:
    """The processes of an index that are alive: one that has ended may still be listed for a moment."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            if "twolane.context.graph" in " ".join(one.cmdline()):
                found.append(one)
    return found


def test_it_builds_says_so_and_leaves(tmp_path: Path, start: Start) -> None:
    root = garden(tmp_path)
    _, heard = start(root)
    figures, trouble, memory = heard.wait_for("built")
    assert (figures["files"], trouble, memory) == (4, "", None)
    heard.wait_for("ended")
    assert opened(root).importers("garden/tree.py") == ["garden/shed.py"]


def test_it_can_be_asked_again(tmp_path: Path, start: Start) -> None:
    root = garden(tmp_path)
    background, heard = start(root)
    heard.wait_for("ended")
    (root / "late.py").write_text("class Late: ...\n")
    background.sync()
    assert heard.wait_for("built")[0]["files"] == 5
    assert opened(root).defining("Late") == ["late.py"]


def test_while_watching_it_tells_what_changes(tmp_path: Path, start: Start) -> None:
    root = garden(tmp_path)
    _, heard = start(root, watch=True)
    heard.wait_for("built")
    heard.wait_for("built")  # once more when the watch stands: from then on single changes are told
    (root / "node_modules").mkdir()
    (root / "node_modules/x.js").write_text("")
    (root / "notes.txt").write_text("")
    (root / "late.py").write_text("class Late: ...\n")
    assert "late.py" in heard.wait_for("changed")


@pytest.mark.parametrize("name", ["orchard", "orchard.v2"])
def test_the_files_of_a_folder_that_was_moved_are_found_where_they_are(tmp_path: Path, start: Start, name: str) -> None:
    root = garden(tmp_path)
    _, heard = start(root, watch=True)
    heard.wait_for("built")
    heard.wait_for("built")
    (root / "garden").rename(root / name)
    while not (found := opened(root).defining("Tree")) or found != [f"{name}/tree.py"]:
        heard.wait_for("built")


def test_a_file_that_says_what_stays_out_has_the_whole_disk_looked_at(tmp_path: Path, start: Start) -> None:
    root = garden(tmp_path)
    _, heard = start(root, watch=True, command=(sys.executable, "-P", "-m", "twolane.server.indexer"))
    heard.wait_for("built")
    heard.wait_for("built")
    (root / ".aiexclude").write_text("shed.py\n")
    while heard.wait_for("built")[0]["files"] != 3:
        pass
    assert opened(root).importers("garden/tree.py") == []


def test_one_that_is_killed_is_replaced_and_finds_what_changed_meanwhile(tmp_path: Path, start: Start) -> None:
    root = garden(tmp_path)
    _, heard = start(root, watch=True, pause_s=0.01)
    heard.wait_for("built")
    heard.wait_for("built")
    (one,) = [child for child in children() if child.ppid() == psutil.Process().pid]
    (root / "late.py").write_text("class Late: ...\n")
    one.kill()
    while heard.wait_for("built")[0]["files"] != 5:
        pass
    assert opened(root).defining("Late") == ["late.py"]


def test_one_that_dies_again_and_again_is_left_alone(tmp_path: Path, start: Start) -> None:
    _, heard = start(garden(tmp_path), pause_s=0.01, command=("false",))
    heard.wait_for("gave up")
    psutil.wait_procs(children(), timeout=10)
    assert children() == []


def test_a_flood_of_changes_is_taken_in_at_once(tmp_path: Path, start: Start) -> None:
    root = garden(tmp_path)
    _, heard = start(root, watch=True)
    heard.wait_for("built")
    for number in range(300):
        (root / f"m{number}.py").write_text(f"class C{number}: ...\n")
    figures: dict[str, Any] = {}
    while figures.get("files") != 304:
        figures = heard.wait_for("built")[0]
    assert opened(root).defining("C299") == ["m299.py"]


def test_where_the_disk_takes_nothing_the_index_comes_over_the_pipe(tmp_path: Path, start: Start) -> None:
    root = garden(tmp_path)
    (tmp_path / "data").write_text("a file where the folder should be")
    _, heard = start(root)
    _, trouble, memory = heard.wait_for("built")
    assert "kept in memory" in trouble
    workspace = opened(root)
    assert workspace.take(memory)
    assert workspace.defining("Tree") == ["garden/tree.py"]
    assert workspace.facts("garden/tree.py") is not None


def test_closing_ends_it_in_the_middle_and_its_workers_too(tmp_path: Path, start: Start) -> None:
    root = garden(tmp_path, {f"many/m{n}.py": f"class C{n}: ...\n" * 200 for n in range(400)})
    background, _ = start(root)
    family = children()
    background.close()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert family
    assert not alive


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    root = garden(tmp_path, {f"many/m{n}.py": f"class C{n}: ...\n" * 200 for n in range(400)})
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    frames.send(process.stdin, {"root": str(root), "store": str(store_of(root)), "watch": True})
    while (frame := frames.receive(process.stdout)) is not None and frame[0][:1] != ["progress"]:
        pass
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    process.stdin.close()
    process.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert not alive
    process.wait()


def test_a_process_that_cannot_be_started_is_no_trouble(tmp_path: Path, start: Start) -> None:
    background, heard = start(garden(tmp_path), command=("/no/such/program",))
    background.sync()
    assert heard.events.empty()


@pytest.mark.parametrize("says", ["nonsense that is no frame", ""])
def test_a_process_that_talks_nonsense_is_let_go(tmp_path: Path, start: Start, says: str) -> None:
    _, heard = start(garden(tmp_path), command=("/bin/sh", "-c", f"echo '{says}'"))
    heard.wait_for("ended")
