from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from tests.context.graph.built import GARDEN, built, garden, indexed, opened, store_of, touch_back
from tests.denied import deny
from twolane.context.graph import store
from twolane.context.graph.builder import Built
from twolane.context.graph.indexing import Indexing
from twolane.context.graph.live import LiveWorkspace
from twolane.context.graph.old import forget
from twolane.context.graph.store import Store, own_ending

SOURCES = [path for path in sorted(GARDEN) if path.endswith(".py")]


def test_the_index_knows_names_imports_and_figures(tmp_path: Path) -> None:
    workspace = opened(garden(tmp_path))
    figures = built(workspace)
    assert list(workspace.paths()) == SOURCES
    assert workspace.defining("Tree") == ["garden/tree.py"]
    assert workspace.defining("pick") == ["garden/tree.py"]
    assert workspace.using("Tree") == ["garden/shed.py"]
    assert workspace.using("store") == ["main.py"]
    assert workspace.imports("garden/shed.py") == ["garden/tree.py"]
    assert workspace.importers("garden/shed.py") == ["main.py"]
    assert (figures.files, figures.symbols, figures.read, figures.skipped) == (4, 3, 4, {})
    assert figures.edges > 2


def test_a_warm_start_needs_no_build(tmp_path: Path) -> None:
    root = garden(tmp_path)
    indexed(root)
    workspace = opened(root)
    assert workspace.complete
    assert workspace.defining("Tree") == ["garden/tree.py"]
    assert workspace.imports("garden/shed.py") == ["garden/tree.py"]
    facts = workspace.facts("garden/tree.py")
    assert facts is not None
    assert [one.symbol for one in facts.definitions] == ["Tree", "Tree.pick"]


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    root = garden(tmp_path)
    for path in SOURCES:
        touch_back(root / path)
    workspace = indexed(root)
    assert built(workspace).read == 0
    (root / "garden/tree.py").write_text("class Shrub: ...\n")
    (root / "garden/shed.py").unlink()
    (root / "new.py").write_text("from garden.tree import Shrub\n")
    assert built(workspace).read == 2
    assert list(workspace.paths()) == ["garden/__init__.py", "garden/tree.py", "main.py", "new.py"]
    assert (workspace.defining("Tree"), workspace.defining("Shrub")) == ([], ["garden/tree.py"])
    assert workspace.importers("garden/tree.py") == ["new.py"]
    assert workspace.importers("garden/shed.py") == []


def test_what_was_read_before_a_stop_is_published_the_next_time(tmp_path: Path) -> None:
    root = garden(tmp_path)
    for path in SOURCES:
        touch_back(root / path)
    indexed(root)
    (root / "garden/tree.py").write_text("class Shrub: ...\n")
    touch_back(root / "garden/tree.py")
    stopped = Indexing(str(root), store_of(root))

    def stop_once_read(what: str, done: int, total: int) -> None:
        if (what, done) == ("reading", total):
            stopped.stop()

    assert stopped.run(stop_once_read, workers=1).read == 1
    workspace = indexed(root)
    assert (workspace.defining("Tree"), workspace.defining("Shrub")) == ([], ["garden/tree.py"])


def test_an_import_is_looked_up_again_when_its_target_appears(tmp_path: Path) -> None:
    root = garden(tmp_path, {"early.py": "from garden.late import Bloom\n"})
    workspace = indexed(root)
    assert workspace.imports("early.py") == ["garden/__init__.py"] or workspace.imports("early.py") == []
    (root / "garden/late.py").write_text("class Bloom: ...\n")
    built(workspace)
    assert "garden/late.py" in workspace.imports("early.py")


def test_files_that_cannot_be_used_are_counted_by_reason(tmp_path: Path) -> None:
    root = garden(
        tmp_path,
        {
            "deep.py": "x = " + "(\n" * 100_000 + ")\n" * 100_000,
            "braces.js": "{\n" * 200_000,
            "half.py": "x = \\\n" + "a + \\\n" * 40_000,
            "made.py": "# @generated\nclass Made: ...\n",
        },
    )
    (root / "bytes.py").write_bytes(b"a = '\xe4'\n")
    (root / "null.py").write_bytes(b"a = '\0'\n")
    with (root / "huge.py").open("wb") as file:
        file.truncate(50_000_000)
    workspace = opened(root)
    figures = built(workspace)
    assert figures.files >= 4
    assert workspace.defining("Tree") == ["garden/tree.py"]
    assert (
        figures.skipped.items()
        >= {
            "larger than 1 MB": 1,
            "not UTF-8": 1,
            "binary": 1,
            "generated": 1,
            "nested too deeply": 3,
        }.items()
    )
    assert workspace.skipped() == figures.skipped
    assert workspace.facts("made.py") is None


@pytest.mark.parametrize("damage", ["text", "cut", "empty", "format", "page", "table", "schema", "names"])
def test_a_damaged_index_is_built_again(tmp_path: Path, damage: str) -> None:
    root = garden(tmp_path)
    indexed(root)
    path = store_of(root)
    whole = path.read_bytes()
    if damage == "text":
        path.write_bytes(b"this is no database" * 500)
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 3])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "schema":
        path.write_bytes(whole.replace(b"CREATE TABLE", b"CREATE \xc6ABLE"))
    elif damage == "names":
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE facts SET names = x'00ff'")
        connection.close()
        (root / "garden/tree.py").write_text(GARDEN["garden/tree.py"] + "\n")
    elif damage == "page":
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version=7" if damage == "format" else "DROP TABLE files")
        connection.close()
    workspace = opened(root)
    assert list(workspace.paths()) in ([], SOURCES)
    assert built(workspace).read == (0 if damage == "none" else 4)
    assert workspace.trouble == ""
    assert workspace.defining("Tree") == ["garden/tree.py"]


def test_damaged_facts_are_read_from_the_file_again(tmp_path: Path) -> None:
    root = garden(tmp_path)
    indexed(root)
    with sqlite3.connect(store_of(root)) as connection:
        connection.execute("UPDATE facts SET body = x'00ff00ff'")
    connection.close()
    facts = opened(root).facts("garden/tree.py")
    assert facts is not None
    assert [one.symbol for one in facts.definitions] == ["Tree", "Tree.pick"]


def test_damaged_tables_are_no_answer_but_no_crash(tmp_path: Path) -> None:
    root = garden(tmp_path)
    indexed(root)
    with sqlite3.connect(store_of(root)) as connection:
        connection.execute("UPDATE parts SET data = x'ffffffffffffffff' WHERE name = 'def_files'")
    connection.close()
    workspace = opened(root)
    assert workspace.defining("Tree") == []
    assert workspace.facts("garden/tree.py") is not None


def test_where_the_disk_takes_nothing_it_works_from_memory_and_says_so(tmp_path: Path) -> None:
    root = garden(tmp_path)
    (tmp_path / "data").write_text("a file where the folder should be")
    workspace = opened(root)
    built(workspace)
    assert "it is kept in memory" in workspace.trouble
    assert workspace.defining("Tree") == ["garden/tree.py"]
    assert workspace.imports("garden/shed.py") == ["garden/tree.py"]


@pytest.mark.skipif(sys.platform == "win32", reason="the limit on a file's size is POSIX")
def test_where_nobody_may_look_it_works_from_memory_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = garden(tmp_path)
    deny(monkeypatch, store_of(root).parent)
    workspace = opened(root)
    built(workspace)
    assert "Permission denied; it is kept in memory" in workspace.trouble
    assert workspace.defining("Tree") == ["garden/tree.py"]


def test_a_full_disk_leaves_it_working_from_memory(tmp_path: Path) -> None:
    root = garden(tmp_path, {f"many/m{n}.py": f"def f{n}(): ...\n" * 50 for n in range(60)})
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        "from pathlib import Path\n"
        "from twolane.context.graph.live import LiveWorkspace\n"
        "w = LiveWorkspace.open(Path(sys.argv[1]), store=Path(sys.argv[2]))\n"
        "w.build(workers=1)\n"
        "assert 'kept in memory' in w.trouble, w.trouble\n"
        "assert w.defining('f7') == ['many/m7.py'], w.defining('f7')\n"
    )
    subprocess.run([sys.executable, "-P", "-c", script, root, store_of(root)], check=True, timeout=60)


def test_while_another_process_builds_this_one_waits_and_then_reads(tmp_path: Path) -> None:
    root = garden(tmp_path)
    indexed(root)
    waited: list[str] = []
    lock = FileLock(store_of(root).with_suffix(".lock"), thread_local=False)
    lock.acquire()

    def progress(what: str, _done: int, _total: int) -> None:
        waited.append(what)
        lock.release()

    with Indexing(os.path.realpath(root), store_of(root)) as indexing:
        figures = indexing.run(progress, workers=1)
    assert waited[0] == "waiting"
    assert figures.files == 4


def test_who_waits_can_be_stopped(tmp_path: Path) -> None:
    root = garden(tmp_path)
    store_of(root).parent.mkdir()
    with FileLock(store_of(root).with_suffix(".lock")), Indexing(os.path.realpath(root), store_of(root)) as indexing:
        assert indexing.run(lambda *_: indexing.stop()) == Built()


def test_a_process_that_is_killed_leaves_an_index_that_is_finished_the_next_time(tmp_path: Path) -> None:
    root = garden(tmp_path, {f"many/m{n}.py": f"class C{n}: ...\n" for n in range(600)})
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from twolane.context.graph.live import LiveWorkspace\n"
        "def kill(what, done, total):\n"
        "    if done: os.kill(os.getpid(), signal.SIGKILL)\n"
        "LiveWorkspace.open(Path(sys.argv[1]), store=Path(sys.argv[2])).build(kill, workers=1)\n"
    )
    killed = subprocess.run([sys.executable, "-P", "-c", script, root, store_of(root)], check=False, timeout=60)
    assert killed.returncode != 0
    workspace = opened(root)
    assert built(workspace).files == 604
    assert workspace.defining("C599") == ["many/m599.py"]


def test_facts_of_a_branch_that_was_here_before_are_still_there(tmp_path: Path) -> None:
    root = garden(tmp_path)
    workspace = indexed(root)
    old = (root / "garden/tree.py").read_text()
    (root / "garden/tree.py").write_text("class Shrub: ...\n")
    built(workspace)
    (root / "garden/tree.py").write_text(old)
    built(workspace)
    assert workspace.defining("Tree") == ["garden/tree.py"]
    read = Store.reading(store_of(root))
    assert read is not None
    assert read.count_symbols() == 3
    read.close()


def test_indexes_that_nobody_asked_for_in_months_are_removed(tmp_path: Path) -> None:
    root = garden(tmp_path)
    indexed(root)
    kept, unused, held = store_of(root), tmp_path / "data/unused.sqlite3", tmp_path / "data/held.sqlite3"
    for path in (unused, held):
        shutil.copy(kept, path)
        os.utime(path, (0, 0))
    with FileLock(held.with_suffix(".lock")):
        assert forget(kept.parent) == 1
    assert kept.exists()
    assert held.exists()
    assert not unused.exists()
    assert opened(root).defining("Tree") == ["garden/tree.py"]


def test_what_versions_of_other_formats_have_left_is_removed_sooner(tmp_path: Path) -> None:
    own, others, in_use = (tmp_path / f"garden{ending}" for ending in (own_ending(), ".sqlite3", "-7.sqlite3"))
    for path in (own, others, in_use):
        path.touch()
    month_ago, week_ago = time.time() - 30 * 86_400, time.time() - 7 * 86_400
    for path, then in ((own, month_ago), (others, month_ago), (in_use, week_ago)):
        os.utime(path, (then, then))
    assert forget(tmp_path) == 1
    assert (own.exists(), others.exists(), in_use.exists()) == (True, False, True)


def test_two_versions_used_side_by_side_leave_each_others_index_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    root = garden(tmp_path)
    for path in SOURCES:
        touch_back(root / path)

    def read_by(version: int) -> int:
        monkeypatch.setattr(store, "_VERSION", version)
        workspace = LiveWorkspace.open(root)
        read = built(workspace).read
        assert workspace.defining("Tree") == ["garden/tree.py"]
        return read

    assert [read_by(version) for version in (70, 80, 70, 80)] == [4, 4, 0, 0]


def test_a_build_notes_that_the_index_is_in_use(tmp_path: Path) -> None:
    root = garden(tmp_path)
    indexed(root)
    os.utime(store_of(root), (0, 0))
    built(opened(root))
    assert forget(store_of(root).parent) == 0


def test_an_empty_folder_and_one_that_is_gone_are_empty_workspaces(tmp_path: Path) -> None:
    for root in (tmp_path / "empty", tmp_path / "gone"):
        if root.name == "empty":
            root.mkdir()
        workspace = indexed(root)
        assert list(workspace.paths()) == []
        assert workspace.facts("x.py") is None
