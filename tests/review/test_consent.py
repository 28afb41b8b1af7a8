"""Nothing is sent on save before the person has said yes: in the settings, or to one question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.review.desk import CAPABILITIES, Desk, Editor, wrong
from tests.review.project import found

ASK = "[review]\npause_s = 0\n"
QUESTION = "window/showMessageRequest"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def questions(editor: Editor) -> list[dict[str, Any]]:
    return [said["params"] for said in editor.client.messages if said.get("method") == QUESTION]


def test_a_yes_is_asked_for_once_and_kept(desk: Desk) -> None:
    with desk.editor(wrong(), ASK, answers={QUESTION: {"title": "Review on save"}}) as editor:
        editor.open()
        editor.save()
        editor.wait_shown(1)
        (question,) = questions(editor)
        assert "claude-sonnet-5-5" in question["message"]
        assert [one["title"] for one in question["actions"]] == ["Review on save", "No"]
    with desk.editor([found()], ASK) as editor:
        editor.open()
        editor.type(editor.texts["stats.py"].replace("total", "whole"))
        editor.save()
        editor.wait_asked(1)
        assert questions(editor) == []


def test_a_no_is_kept_too(desk: Desk) -> None:
    with desk.editor(wrong(), ASK, answers={QUESTION: {"title": "No"}}) as editor:
        editor.open()
        editor.save()
        editor.until(lambda: questions(editor), "the question")
        editor.settled()
    with desk.editor(wrong(), ASK) as editor:
        editor.open()
        editor.save()
        assert editor.settled()["on_save"] == "off"
        assert (editor.asked, questions(editor)) == (0, [])


def test_who_does_not_answer_is_not_asked_again_and_nothing_is_sent(desk: Desk) -> None:
    with desk.editor(wrong(), ASK, answers={QUESTION: None}) as editor:
        editor.open()
        editor.save()
        editor.until(lambda: questions(editor), "the question")
        editor.settled()
        editor.save()
        assert editor.settled()["on_save"] == "ask"
        assert (editor.asked, len(questions(editor))) == (0, 1)


def test_without_a_key_or_a_lane_nobody_is_asked(desk: Desk) -> None:
    with desk.editor(wrong(), ASK, ANTHROPIC_API_KEY="") as editor:
        editor.open()
        editor.save()
        editor.settled()
        assert (editor.asked, questions(editor), editor.messages()) == (0, [], [])


def test_a_client_that_cannot_put_questions_is_told_of_the_setting_once(desk: Desk) -> None:
    plain = {**CAPABILITIES, "window": {"workDoneProgress": True}}
    with desk.editor(wrong(), ASK, capabilities=plain) as editor:
        editor.open()
        editor.save()
        editor.until(editor.messages, "a message")
        editor.save()
        editor.settled()
        (message,) = editor.messages()
        assert "review.on_save" in message
        assert editor.asked == 0


def test_off_is_off_and_a_workspace_cannot_turn_it_on(desk: Desk) -> None:
    (desk.project / "twolane.toml").write_text('[review]\non_save = "on"\n')
    with desk.editor(wrong(), '[review]\non_save = "off"\n') as editor:
        editor.open()
        editor.save()
        assert editor.settled()["on_save"] == "off"
        assert editor.asked == 0
