"""Review on save in an editor, over the real protocol, the real gateway and a scripted provider."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.review.desk import Desk, Editor, wrong
from tests.review.project import AFTER, BEFORE, CLAIM, found, holds

LINE = "    return total / len(values)"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with Desk(tmp_path_factory.mktemp("desk")).editor([found()]) as editor:
        yield editor


@pytest.fixture
def editor(shared: Editor) -> Editor:
    """One editor for all tests that need nothing else, each with a file of its own."""
    shared.fresh()
    shared.provider.begin(wrong(path=shared.path))
    return shared


def test_a_save_shows_what_is_wrong_with_source_code_severity_and_related_places(editor: Editor) -> None:
    editor.open()
    editor.save()
    (shown,) = editor.wait_shown(1)
    assert (shown["source"], shown["code"], shown["severity"]) == ("twolane", "division-by-zero", 1)
    assert shown["range"] == {"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": 30}}
    assert "ZeroDivisionError" in shown["message"]
    (related,) = shown["relatedInformation"]
    assert related["location"]["uri"] == editor.uri()
    assert related["location"]["range"]["start"]["line"] == 1
    assert editor.published()[-1]["version"] == 1
    assert editor.asked == 2
    assert editor.settled()["findings"] >= 1


def test_diagnostics_move_with_the_text_and_vanish_when_it_changes(editor: Editor) -> None:
    editor.open()
    editor.save()
    editor.wait_shown(1)
    editor.edit(0, 0, 0, "import math\n\n\n")
    editor.client.wait(lambda: editor.shown()[0]["range"]["start"]["line"] == 5, "the diagnostic at its new place")
    editor.edit(4, 4, 4, "größe = '𝒳'; ")
    editor.edit(5, 11, 16, "value")
    editor.wait_shown(0)


def test_unchanged_content_is_not_sent_twice_not_even_after_a_restart(desk: Desk) -> None:
    with desk.editor(wrong()) as editor:
        editor.open()
        editor.save()
        editor.wait_shown(1)
        editor.save()
        editor.settled()
        assert editor.asked == 2
    with desk.editor(wrong()) as editor:
        editor.open()
        editor.save()
        editor.wait_shown(1)
        assert editor.asked == 0
        assert editor.actions()[0]["title"].startswith("Fix: ")


def test_only_the_function_that_changed_is_sent(editor: Editor) -> None:
    editor.open()
    editor.save()
    editor.wait_shown(1)
    editor.type(editor.text + "\n\ndef other():\n    return 1\n")
    editor.save()
    editor.wait_asked(3)
    assert "def other" in editor.told(2)
    assert "len(values)" not in editor.told(2)
    editor.settled()
    assert len(editor.shown()) == 1


def test_not_a_problem_is_remembered_for_me_across_a_restart(desk: Desk) -> None:
    with desk.editor(wrong()) as editor:
        editor.open()
        editor.save()
        editor.wait_shown(1)
        (mine,) = [one for one in editor.actions() if one["title"].startswith("Not a problem, for me")]
        assert editor.run(editor.client.result("codeAction/resolve", mine)) == {"dismissed": 1, "reason": ""}
        editor.wait_shown(0)
        assert not (desk.project / ".twolane").exists()
    with desk.editor(wrong()) as editor:
        editor.open()
        editor.type(editor.texts["stats.py"].replace("total = sum(values)", "total = sum(values) + 0"))
        editor.save()
        editor.wait_asked(1)
        editor.settled()
        assert editor.asked == 1
        assert editor.shown() == []


def test_not_a_problem_for_everybody_stands_in_the_repository(editor: Editor) -> None:
    editor.open()
    editor.save()
    editor.wait_shown(1)
    (everybody,) = [one for one in editor.actions() if "for everybody" in one["title"]]
    editor.run(everybody)
    editor.wait_shown(0)
    shared = editor.project / ".twolane/dismissed.json"
    (entry,) = json.loads(shared.read_text())["dismissed"].values()
    assert (entry["rule"], entry["path"]) == ("division-by-zero", editor.path)
    shared.unlink()


def test_a_list_of_dismissals_behind_a_link_is_not_written(desk: Desk) -> None:
    (desk.project / ".twolane").symlink_to(desk.folder)
    with desk.editor(wrong()) as editor:
        editor.open()
        editor.save()
        editor.wait_shown(1)
        answer = editor.client.command(
            "twolane.dismiss", {"finding": editor.shown()[0]["data"]["finding"], "everybody": True}
        )
        assert answer["dismissed"] == 0
        assert "through a link" in answer["reason"]
        assert len(editor.shown()) == 1


def test_fifty_edits_and_saves_never_bring_a_dismissed_finding_back(editor: Editor) -> None:
    dice = random.Random(11)

    def claims(text: str) -> Any:
        line = text.split("\n").index(LINE) + 1
        return found({**CLAIM, "path": editor.path, "start_line": line, "end_line": line})

    editor.open()
    editor.save()
    editor.wait_shown(1)
    editor.client.command("twolane.dismiss", {"finding": editor.shown()[0]["data"]["finding"]})
    editor.wait_shown(0)
    told = len(editor.published())
    for number in range(50):
        rows = editor.text.split("\n")
        place = dice.choice([0, rows.index(LINE), len(rows) - 1])
        indent = "    " if 0 < place < len(rows) - 1 else ""
        rows.insert(place, f"{indent}step_{number} = {dice.randrange(99)}")
        editor.type("\n".join(rows))
        editor.provider.begin([claims(editor.text), holds(1)])
        editor.save()
        editor.settled()
        assert editor.asked <= 1
    assert all(one["diagnostics"] == [] for one in editor.published()[told:])


def test_a_fix_is_a_versioned_edit_of_these_lines_only(editor: Editor) -> None:
    editor.open()
    editor.save()
    editor.wait_shown(1)
    fix = editor.actions()[0]
    assert fix["isPreferred"]
    edit = editor.client.result("codeAction/resolve", fix)["edit"]
    (change,) = edit["documentChanges"]
    assert change["textDocument"] == {"uri": editor.uri(), "version": 1}
    (one,) = change["edits"]
    assert one["newText"] == "    return total / max(1, len(values))\n"
    assert one["range"]["start"] == {"line": 2, "character": 0}
    editor.edit(0, 0, 0, "\n")
    assert "disabled" in editor.client.result("codeAction/resolve", fix)


def test_a_fix_that_would_break_the_file_is_not_offered(desk: Desk) -> None:
    plain = {"textDocument": {"codeAction": {}}, "workspace": {"workspaceEdit": {"documentChanges": True}}}
    with desk.editor(wrong(**{"with": "max(1, len(values)"}), capabilities=plain) as editor:
        editor.open()
        editor.save()
        editor.wait_shown(1)
        assert [one["title"].split(":")[0] for one in editor.actions()] == [
            "Not a problem, for me",
            "Not a problem, for everybody (.twolane/dismissed.json)",
        ]


def test_what_another_tool_says_there_is_not_said_again(editor: Editor) -> None:
    editor.open()
    place = {"start": {"line": 2, "character": 11}, "end": {"line": 2, "character": 30}}
    said = {"range": place, "message": "possible division by zero: empty list", "source": "checker"}
    params = {
        "textDocument": {"uri": editor.uri()},
        "range": place,
        "context": {"diagnostics": [said]},
    }
    editor.client.result("textDocument/codeAction", params)
    editor.edit(0, 0, 0, "\n")
    editor.provider.begin([found({**CLAIM, "path": editor.path, "start_line": 4, "end_line": 4})])
    editor.save()
    editor.wait_asked(1)
    editor.settled()
    assert (editor.asked, editor.shown()) == (1, [])
    trace = editor.client.last_trace()
    assert (trace["kind"], trace["filters"]) == ("findings", ["1 another tool says it"])


def test_the_command_reviews_all_that_changed_and_the_findings_of_closed_files_follow(desk: Desk) -> None:
    with desk.editor(wrong(), settings='[review]\non_save = "off"\n') as editor:
        editor.open("caller.py")
        answer = editor.client.command("twolane.review")
        assert [one["path"] for one in answer["findings"]] == ["stats.py"]
        assert answer["cost_usd"] > 0
        editor.wait_shown(1)
        assert "version" not in editor.published()[-1] or editor.published()[-1]["version"] is None
        (desk.project / "stats.py").write_text("# above\n" + AFTER)
        changes = {"changes": [{"uri": editor.uri(), "type": 2}]}
        editor.client.notify("workspace/didChangeWatchedFiles", changes)
        editor.client.wait(lambda: editor.shown()[0]["range"]["start"]["line"] == 3, "the new place")
        (desk.project / "stats.py").unlink()
        editor.client.notify("workspace/didChangeWatchedFiles", changes)
        editor.wait_shown(0)


def test_the_command_takes_one_file_and_asks_again_only_when_told(editor: Editor) -> None:
    editor.provider.begin([*wrong(path=editor.path)[:2], *wrong(path=editor.path)[:2]])
    editor.open()
    assert len(editor.client.command("twolane.review", editor.uri())["findings"]) == 1
    assert len(editor.client.command("twolane.review", {"uri": editor.uri()})["findings"]) == 1
    assert editor.asked == 2
    assert len(editor.client.command("twolane.review", {"uri": editor.uri(), "again": True})["findings"]) == 1
    assert editor.asked == 4
    assert editor.client.command("twolane.review", "file:///elsewhere.py")["files"] == 0


def test_while_a_merge_is_not_decided_nothing_is_asked_and_what_was_found_stays(editor: Editor) -> None:
    editor.open()
    editor.save()
    editor.wait_shown(1)
    asked, before = editor.asked, editor.text
    editor.type(f"{before}\n<<<<<<< HEAD\nA = 1\n=======\nA = 2\n>>>>>>> other\n")
    editor.save()
    told = [one["reason"] for one in editor.settled()["incomplete"] if one["path"] == editor.path]
    assert told == ["Not reviewed while it holds the marks of a merge conflict."]
    assert editor.asked == asked
    assert len(editor.shown()) == 1
    editor.type(before)
    editor.save()
    assert [one for one in editor.settled()["incomplete"] if one["path"] == editor.path] == []


def test_the_command_does_not_call_an_open_file_unknown_to_git(editor: Editor) -> None:
    editor.provider.begin([found()])
    editor.open()
    skipped = editor.client.command("twolane.review")["skipped"]
    others = [one for one in editor.project.glob("case_*.py") if one.name not in editor.texts]
    assert sum(count for reason, count in skipped.items() if "git does not know" in reason) == len(others)


def test_without_git_the_text_when_it_was_opened_is_what_changes_are_told_from(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.project / ".git").rename(tmp_path / "gone")
    (desk.project / "stats.py").write_text(BEFORE)
    with desk.editor(wrong()) as editor:
        editor.open()
        editor.save()
        editor.settled()
        assert editor.asked == 0
        editor.type(AFTER)
        editor.save()
        editor.wait_shown(1)
