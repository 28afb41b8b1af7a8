from __future__ import annotations

from pathlib import Path

import pytest

from tests.context.graph.built import built, garden, indexed, opened
from twolane.context.graph.live import LiveWorkspace


def names(workspace: LiveWorkspace, path: str) -> list[str]:
    facts = workspace.facts(path)
    return [] if facts is None else [one.symbol for one in facts.definitions]


def test_before_the_first_index_files_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    workspace = opened(garden(tmp_path))
    assert not workspace.complete
    assert workspace.defining("Tree") == []
    assert workspace.is_file("garden/tree.py")
    assert names(workspace, "garden/tree.py") == ["Tree", "Tree.pick"]
    assert workspace.defining("Tree") == ["garden/tree.py"]
    assert workspace.facts("garden/none.py") is None


def test_an_open_buffer_speaks_before_the_disk(tmp_path: Path) -> None:
    workspace = indexed(garden(tmp_path))
    before = workspace.version
    assert workspace.update("garden/tree.py", "python", "class Shrub: ...\n") == ""
    assert workspace.version > before
    assert (workspace.defining("Tree"), workspace.defining("Shrub")) == ([], ["garden/tree.py"])
    assert workspace.read("garden/tree.py") == "class Shrub: ...\n"
    assert names(workspace, "garden/tree.py") == ["Shrub"]
    workspace.close("garden/tree.py")
    assert (workspace.defining("Tree"), workspace.defining("Shrub")) == (["garden/tree.py"], [])
    assert names(workspace, "garden/tree.py") == ["Tree", "Tree.pick"]


def test_a_buffers_imports_count(tmp_path: Path) -> None:
    workspace = indexed(garden(tmp_path))
    workspace.update("main.py", "python", "from garden.tree import Tree\n")
    assert workspace.imports("main.py") == ["garden/tree.py"]
    assert workspace.importers("garden/tree.py") == ["garden/shed.py", "main.py"]
    assert workspace.importers("garden/shed.py") == []
    assert workspace.using("Tree") == ["garden/shed.py", "main.py"]


def test_a_buffer_without_a_file_is_part_of_the_workspace_while_it_is_open(tmp_path: Path) -> None:
    workspace = indexed(garden(tmp_path))
    workspace.update("garden/new.py", "python", "class Bud: ...\n")
    assert "garden/new.py" in workspace.paths()
    assert workspace.is_file("garden/new.py")
    assert "garden/new.py" in workspace.within("garden")
    assert workspace.named("new.py") == ["garden/new.py"]
    workspace.close("garden/new.py")
    assert "garden/new.py" not in workspace.paths()
    assert not workspace.is_file("garden/new.py")


def test_a_buffer_that_cannot_be_parsed_has_no_facts_and_a_reason(tmp_path: Path) -> None:
    workspace = indexed(garden(tmp_path))
    reason = workspace.update("main.py", "python", "x = " + "(" * 100_000)
    assert reason == workspace.reason("main.py") == "nested too deeply"
    assert workspace.facts("main.py") is None
    assert workspace.using("store") == []
    workspace.update("main.py", "python", "from garden import shed\nshed.store(1)\n")
    assert workspace.using("store") == ["main.py"]


def test_a_buffer_that_privacy_keeps_out_speaks_for_itself_only(tmp_path: Path) -> None:
    root = garden(tmp_path)
    workspace = indexed(root, lambda path, folder: path == "keys.py")
    workspace.update("keys.py", "python", "class Secret: ...\nTree = 1\n")
    assert workspace.defining("Secret") == []
    assert workspace.defining("Tree") == ["garden/tree.py"]
    assert "keys.py" not in workspace.paths()
    assert names(workspace, "keys.py") == ["Secret", "Tree"]


def test_changes_on_disk_are_taken_in_one_by_one(tmp_path: Path) -> None:
    root = garden(tmp_path)
    workspace = indexed(root)
    (root / "garden/tree.py").write_text("class Shrub: ...\n")
    (root / "garden/shed.py").unlink()
    (root / "late.py").write_text("from garden.tree import Shrub\n")
    workspace.changed(["garden/tree.py", "garden/shed.py", "late.py", "never.py"])
    assert (workspace.defining("Tree"), workspace.defining("Shrub")) == ([], ["garden/tree.py"])
    assert list(workspace.paths()) == ["garden/__init__.py", "garden/tree.py", "late.py", "main.py"]
    assert workspace.importers("garden/tree.py") == ["late.py"]
    assert workspace.using("Tree") == []
    assert not workspace.is_file("garden/shed.py")
    assert workspace.imports("main.py") == []


def test_a_change_that_comes_to_nothing_leaves_nothing_behind(tmp_path: Path) -> None:
    root = garden(tmp_path)
    workspace = indexed(root)
    old = (root / "garden/tree.py").read_text()
    token = workspace.revision("garden/tree.py")
    (root / "garden/tree.py").write_text("class Shrub: ...\n")
    workspace.changed(["garden/tree.py"])
    assert workspace.revision("garden/tree.py") != token
    (root / "garden/tree.py").write_text(old)
    workspace.changed(["garden/tree.py"])
    assert workspace.revision("garden/tree.py") == token
    assert workspace.pending() == 0


def test_a_folder_that_is_gone_takes_its_files_with_it(tmp_path: Path) -> None:
    root = garden(tmp_path)
    workspace = indexed(root)
    (root / "garden").rename(tmp_path / "elsewhere")
    workspace.changed(["garden"])
    assert list(workspace.paths()) == ["main.py"]


def test_a_buffer_stays_what_it_is_when_its_file_changes(tmp_path: Path) -> None:
    root = garden(tmp_path)
    workspace = indexed(root)
    workspace.update("garden/tree.py", "python", "class Mine: ...\n")
    (root / "garden/tree.py").write_text("class Theirs: ...\n")
    workspace.changed(["garden/tree.py"])
    assert workspace.defining("Mine") == ["garden/tree.py"]
    workspace.close("garden/tree.py")
    assert workspace.defining("Theirs") == ["garden/tree.py"]


def test_what_another_process_built_is_taken_in_and_buffers_stay(tmp_path: Path) -> None:
    root = garden(tmp_path)
    mine, other = indexed(root), opened(root)
    mine.update("main.py", "python", "class Mine: ...\n")
    (root / "garden/tree.py").write_text("class Shrub: ...\n")
    mine.changed(["garden/tree.py"])
    assert mine.pending() == 1
    assert not mine.reload()
    built(other)
    assert mine.reload()
    assert mine.pending() == 0
    assert mine.defining("Shrub") == ["garden/tree.py"]
    assert mine.defining("Mine") == ["main.py"]


@pytest.mark.parametrize("path", ["../work/main.py", "/etc/passwd", "garden/../../x.py", "a\0b.py", "", "garden"])
def test_paths_that_lead_nowhere_have_nothing_to_say(tmp_path: Path, path: str) -> None:
    workspace = indexed(garden(tmp_path))
    known = list(workspace.paths())
    workspace.changed([path])
    assert workspace.facts(path) is None
    assert not workspace.imports(path)
    assert list(workspace.paths()) == known


def test_a_file_that_vanishes_while_it_is_read_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = garden(tmp_path)
    workspace = indexed(root)
    (root / "garden/tree.py").write_text("class Shrub: ...\n")
    opening = __import__("os").open

    def vanish(path: str, *rest: int) -> int:
        (root / "garden/tree.py").unlink(missing_ok=True)
        return int(opening(path, *rest))

    monkeypatch.setattr("twolane.context.graph.reading.os.open", vanish)
    workspace.changed(["garden/tree.py"])
    assert workspace.facts("garden/tree.py") is None
    assert workspace.defining("Shrub") == []


def test_files_that_share_rare_names_are_found(tmp_path: Path) -> None:
    common = {f"c{n}.py": "print(everybody)\n" for n in range(30)}
    rare = {"one.py": "unusual(everybody)\n", "two.py": "unusual(thing)\n", "three.py": "thing(everybody)\n"}
    workspace = indexed(garden(tmp_path, {**common, **rare}))
    found = workspace.sharing(["unusual", "everybody", "thing"])
    assert [path for path, _ in found] == ["two.py", "one.py", "three.py"]
    assert workspace.usage("unusual") == 2
    workspace.update("one.py", "python", "nothing()\n")
    assert [path for path, _ in workspace.sharing(["unusual"])] == ["two.py"]
