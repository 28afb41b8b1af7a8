"""What is prepared while the typing rests serves the save of that very text, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.review.desk import Desk, Editor
from tests.review.project import found, git
from twolane.context.graph.live import LiveWorkspace
from twolane.review.memory import Memory
from twolane.server.commits import Commits
from twolane.server.lsp.review_preparing import File, Wish, prepare


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "-q", "-b", "main")
    (project / "a.py").write_text("one\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    return project


def known(commits: Commits, root: Path, path: str = "a.py") -> str | None:
    base = commits.known(root, path)
    return base.text if base is not None else "unknown"


def test_a_committed_text_is_known_until_there_is_another_commit(project: Path) -> None:
    commits = Commits()
    assert known(commits, project) == "unknown"
    assert commits.text(project, "a.py").text == "one\n"
    (project / "a.py").write_text("two\n")
    assert known(commits, project) == "one\n"
    git(project, "commit", "-q", "-a", "-m", "two")
    assert known(commits, project) == "unknown"
    assert commits.text(project, "a.py").text == "two\n"
    git(project, "reset", "-q", "--hard", "HEAD~")
    assert known(commits, project) == "unknown"


@pytest.mark.parametrize("way", ["branch", "detached", "packed", "amended", "worktree", "linked branch"])
def test_whichever_way_the_last_commit_becomes_another_it_is_seen(project: Path, way: str) -> None:
    commits = Commits()
    root = project
    git(project, "checkout", "-q", "-b", "other")
    (project / "a.py").write_text("other\n")
    git(project, "commit", "-q", "-a", "-m", "other")
    if way == "packed":
        git(project, "pack-refs", "--all")
    if way == "worktree":
        root = project.parent / "tree"
        git(project, "worktree", "add", "-q", "-b", "third", str(root))
    if way == "linked branch":
        git(project, "symbolic-ref", "refs/heads/link", "refs/heads/other")
        git(project, "symbolic-ref", "HEAD", "refs/heads/link")
    assert commits.text(root, "a.py").text == "other\n"
    if way == "linked branch":
        assert known(commits, root) == "unknown"
        return
    assert known(commits, root) == "other\n"
    match way:
        case "branch":
            git(root, "checkout", "-q", "main")
        case "detached":
            git(root, "checkout", "-q", "--detach", "main")
        case "amended":
            (root / "a.py").write_text("amended\n")
            git(root, "commit", "-q", "-a", "--amend", "-m", "amended")
        case _:
            git(root, "reset", "-q", "--hard", "main")
    assert known(commits, root) == "unknown"


def test_a_file_of_a_folder_below_and_one_that_git_does_not_know(project: Path, tmp_path: Path) -> None:
    (project / "sub").mkdir()
    (project / "sub/b.py").write_text("b\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "b")
    commits = Commits()
    assert commits.text(project / "sub", "b.py").text == "b\n"
    assert known(commits, project / "sub", "b.py") == "b\n"
    assert commits.text(project, "new.py").text == ""
    assert known(commits, project, "new.py") == ""
    (tmp_path / "plain").mkdir()
    assert commits.text(tmp_path / "plain", "a.py").text is None
    assert known(commits, tmp_path / "plain") is None


def test_what_stood_on_disk_before_is_not_taken_for_what_a_saved_text_says(project: Path) -> None:
    path = project / "a.py"
    path.write_text("def mean(values):\n    return sum(values)\n")
    workspace = LiveWorkspace.open(project, store=project.parent / "index")
    assert workspace.facts("a.py") is not None
    text = path.read_text() + "\n\ndef other():\n    return 1\n"
    path.write_text(text)
    file = File(path.as_uri(), project, "a.py", text, "python")
    memory = Memory(project.parent / "memory")
    for buffer in ("", text.replace("other", "more")):
        if buffer:
            workspace.update("a.py", "python", buffer)
        prepared = prepare(Wish(file, "", {}, frozenset()), lambda: (workspace, None), memory)
        assert [(one.first, one.last, one.symbol) for one in prepared.wanted] == [(1, 2, "mean"), (5, 6, "other")]
    memory.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with Desk(tmp_path_factory.mktemp("desk")).editor([found()]) as editor:
        editor.open()
        editor.save()
        editor.wait_asked(1)
        editor.settled()
        yield editor


@pytest.fixture
def editor(shared: Editor) -> Editor:
    shared.fresh()
    shared.provider.begin([found()])
    git(shared.project, "add", shared.path)
    git(shared.project, "commit", "-q", "-m", shared.path)
    shared.open()
    return shared


def rested(editor: Editor, text: str) -> None:
    """Have this text in the editor, and wait until a save of it is prepared."""
    editor.type(text)

    def prepared() -> bool:
        return bool(editor.client.command("twolane.status")["review"]["prepared"] == editor.path)

    editor.until(prepared, "what is prepared")


def test_a_prepared_save_asks_about_what_was_typed(editor: Editor) -> None:
    rested(editor, editor.text + "\n\ndef more(x):\n    return x - 1\n")
    assert editor.asked == 0
    editor.save()
    editor.wait_asked(1)
    editor.settled()
    assert "return x - 1" in editor.told(0)
    editor.save()
    editor.settled()
    assert editor.asked == 1


def test_what_was_typed_after_the_rest_is_what_is_asked_about(editor: Editor) -> None:
    rested(editor, editor.text + "\n\ndef more(x):\n    return x - 1\n")
    editor.type(editor.text.replace("x - 1", "x - 2"))
    editor.save()
    editor.wait_asked(1)
    editor.settled()
    assert "return x - 2" in editor.told(0)
    assert "return x - 1" not in editor.told(0)


def test_what_was_committed_after_the_rest_is_not_asked_about(editor: Editor) -> None:
    rested(editor, editor.text + "\n\ndef more(x):\n    return x - 1\n")
    (editor.project / editor.path).write_text(editor.text)
    git(editor.project, "commit", "-q", "-a", "-m", "more")
    editor.save()
    editor.settled()
    assert editor.asked == 0
