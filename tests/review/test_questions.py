"""What a model is sent: the team's rules within bounds, long files in parts, and first what stays from save to save."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.review.accounting import Accounts
from benchmarks.review.caching import saves
from tests.review.test_proof import FILE, TEXT
from tests.review.test_regions import cut
from twolane.review import prompts
from twolane.review.changes import Lines
from twolane.review.finding import Finding
from twolane.review.subject import GUIDELINES, MOST_GUIDELINES, Neighbour, Subject
from twolane.server import changed, reviewing

SUBJECT = Subject(None, FILE, "python", (Neighbour("caller.py", 1, 1, "calls it", "mean([])"),), "Count in cents.")
FOUND = Finding("stats.py", 5, 5, "r", "error", "Wrong.", "Because.", "return total / len(values)")


def texts(subject: Subject, fence: str = "fence") -> list[str]:
    request = prompts.first(subject, "m", subject.sources(), 5, fence)
    return [block.text for block in (*request.system, *request.turns[0].blocks)]


def test_the_teams_rules_are_read_up_to_their_bound(tmp_path: Path) -> None:
    assert reviewing.guidelines(tmp_path) == ""
    (tmp_path / GUIDELINES).parent.mkdir()
    (tmp_path / GUIDELINES).write_text("Never use floats for money.\n" + "x" * 50_000)
    team = reviewing.guidelines(tmp_path)
    assert team.startswith("Never use floats for money.")
    assert len(team) == MOST_GUIDELINES
    (told,) = [text for text in texts(replace(SUBJECT, guidelines="y" * 50_000)) if "yyy" in text]
    assert told.count("y") < MOST_GUIDELINES + 20


def test_the_teams_rules_behind_a_link_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.md").write_text("secret")
    (tmp_path / ".twolane").mkdir()
    (tmp_path / GUIDELINES).symlink_to(tmp_path / "elsewhere.md")
    assert reviewing.guidelines(tmp_path) == ""


def test_both_questions_share_all_but_the_last_block() -> None:
    first = prompts.first(SUBJECT, "m", SUBJECT.sources(), 5, "fence")
    second = prompts.second(SUBJECT, "m", SUBJECT.sources(), [FOUND], "fence")
    assert first.system == second.system
    assert first.turns[0].blocks[:-1] == second.turns[0].blocks[:-1]
    assert first.turns[0].blocks[-1] != second.turns[0].blocks[-1]
    assert first.schema == second.schema


def test_what_stands_above_the_first_new_line_is_a_block_of_its_own() -> None:
    changed_below = replace(SUBJECT, file=replace(FILE, text=TEXT.replace("len(values)", "count(values)")))
    assert texts(SUBJECT)[:4] == texts(changed_below)[:4]
    assert texts(SUBJECT)[4] != texts(changed_below)[4]
    assert "5+|" in texts(SUBJECT)[4]


def test_code_is_set_apart_by_what_its_author_cannot_know() -> None:
    one, other = texts(SUBJECT, "0123"), texts(SUBJECT, "4567")
    assert any('<changed 0123 path="stats.py">' in text for text in one)
    assert not any("0123" in text for text in other)


def test_a_long_file_is_asked_about_in_parts(tmp_path: Path) -> None:
    functions = [f"def f{number}(x):\n" + "    x += 1\n" * 98 + "    return x\n" for number in range(30)]
    text = "\n\n".join(functions)
    lines = (Lines(1, text.count("\n")),)
    looked = reviewing.look(changed.Changed("long.py", text, lines))
    assert len(looked.regions) == 30
    parts = reviewing.subjects(tmp_path, looked, looked.regions, None, "")
    assert [len(part.file.regions) for part in parts] == [12, 12, 6]
    assert [region for part in parts for region in part.file.regions] == list(looked.regions)


async def test_later_saves_of_one_file_read_from_the_cache_what_did_not_change() -> None:
    paid = await saves(3)
    for finding, refuting in zip(paid[2::2], paid[3::2], strict=True):
        assert finding.read > 0.7 * finding.prompt
        assert refuting.written == 0
        assert refuting.read > 0.9 * refuting.prompt


def test_the_provider_of_the_measurement_remembers_only_whole_marked_beginnings() -> None:
    accounts = Accounts()
    long: dict[str, Any] = {"text": "word " * 3_000, "cache_control": {}}

    def body(*content: dict[str, Any]) -> dict[str, Any]:
        return {"model": "m", "messages": [{"content": list(content)}]}

    first = accounts.take(body(long, {"text": "one"}))
    again = accounts.take(body(long, {"text": "two"}))
    other = accounts.take(body({**long, "text": "other " * 3_000}, {"text": "two"}))
    short = accounts.take(body({"text": "few words", "cache_control": {}}))
    assert (first.read, again.read, other.read) == (0, first.written, 0)
    assert (short.read, short.written) == (0, 0)


def test_regions_that_do_not_change_keep_their_name_when_others_do() -> None:
    text = "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
    one, two = cut(text, Lines(2, 2), Lines(6, 6))
    again, other = cut(text.replace("return 2", "return 3"), Lines(2, 2), Lines(6, 6))
    assert one.digest == again.digest
    assert two.digest != other.digest
