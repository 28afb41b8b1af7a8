"""A report in the forms that other programs read: nothing in a finding can break out of its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.review.sarif_schema import faults, schema
from twolane.review.finding import Finding, Related
from twolane.review.reports import document, github, sarif, text
from twolane.review.reports.report import Report
from twolane.review.reviewing import Review, together

FINDING = Finding("src/ä b,c:d.py", 3, 4, "off-by-one", "warning", "One, two: 100%", "first\n::error::x", "a[i]\nb")


def report(*findings: Finding, incomplete: str = "") -> Report:
    return Report((Review("a.py", findings, incomplete=incomplete),), {})


def test_a_workflow_command_stays_one_line_whatever_is_said() -> None:
    (line,) = github.render(report(FINDING)).splitlines()
    assert line == (
        "::warning file=src/ä b%2Cc%3Ad.py,line=3,endLine=4,title=One%2C two%3A 100%25 [off-by-one]::first%0A::error::x"
    )


def test_an_incomplete_review_is_told_in_every_form() -> None:
    one = report(incomplete="no key")
    assert "no key" in github.render(one)
    assert "no key" in text.render(one)
    assert document.render(one)["incomplete"] == [{"path": "a.py", "reason": "no key"}]
    (invocation,) = sarif.render(one, "1.0.0")["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False


def test_what_was_found_in_one_part_of_a_file_is_told_though_another_part_broke_off() -> None:
    parts = [Review("a.py", (FINDING,), cost_usd=0.5), Review("a.py", incomplete="the budget is spent")]
    whole = Report((together(parts),), {})
    assert list(whole.findings) == [FINDING]
    assert document.render(whole)["incomplete"] == [{"path": "a.py", "reason": "the budget is spent"}]


@pytest.mark.parametrize(
    "text", ["a\r\nb", "100%", "::error::x", "a%0Ab", "%25", "], x=1,y::z", "::set-output name=a::b", "é\u2028\x1b[31m"]
)
def test_nothing_that_is_said_ends_a_workflow_command_or_begins_one(text: str) -> None:
    finding = replace(FINDING, path=text, title=text, why=text)
    told = github.render(report(finding, incomplete=text))
    lines = told.split("\n")[:-1]
    shown = "".join(char if char.isprintable() or char in "\r\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
    assert len(lines) == 2
    assert "\r" not in told
    for line in lines:
        command, _, data = line.removeprefix("::").partition("::")
        name, _, properties = command.partition(" ")
        assert name == "warning"
        assert [one.partition("=")[0] for one in properties.split(",")] in (
            ["file", "line", "endLine", "title"],
            ["file", "title"],
        )
        assert data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%") == shown


@pytest.mark.parametrize("said", ["::error::x", "##[add-path]/tmp", "##vso[task.setvariable]", "\x1b[31m\n::notice::x"])
def test_no_line_of_a_report_in_words_is_a_command_to_a_pipeline_or_a_terminal(said: str) -> None:
    finding = replace(FINDING, path=said, title=said, why=said, related=(Related(said, 1, said),))
    told = text.render(Report((Review(said, (finding,)), Review(said, incomplete=said)), {said: 1}, {said: [said]}))
    for line in told.split("\n"):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line
        assert "\x1b" not in line


def test_a_name_that_is_no_text_is_an_address_in_sarif_and_costs_no_report() -> None:
    finding = replace(FINDING, path=b"caf\xe9.py".decode("utf-8", "surrogateescape"))
    one = Report((Review(finding.path, (finding,)), Review(finding.path, incomplete="no key")), {})
    (run,) = sarif.render(one, "1.0.0")["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "caf%E9.py"
    for told in (github.render(one), text.render(one), json.dumps(document.render(one))):
        assert told.encode("utf-8")


def test_sarif_makes_no_link_of_what_a_model_says() -> None:
    finding = replace(FINDING, title="See [the fix](https://evil.example).", why="[a](command:b)")
    (run,) = sarif.render(report(finding), "1.0.0")["runs"]
    assert "](" not in run["results"][0]["message"]["text"]


def test_sarif_is_valid_by_the_standards_own_schema() -> None:
    assert schema()["title"] == "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
    related = replace(FINDING, related=(Related("b ü.py", 2, "the caller"),))
    for one in (report(), report(FINDING, related), report(FINDING, incomplete="no key"), report(incomplete="x")):
        log = json.loads(json.dumps(sarif.render(one, "1.2.3")))
        assert list(faults(log)) == []
        for part in _parts(log):
            assert part.get("uri", "").isascii()


@pytest.mark.parametrize(
    "broken",
    [
        lambda run: run["results"][0].update(levl="error"),
        lambda run: run["results"][0].update(level="fatal"),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda run: run["tool"].pop("driver"),
        lambda run: run["results"][0].pop("message"),
    ],
    ids=["a name that there is not", "a level that there is not", "line 0", "no tool", "no message"],
)
def test_the_schema_tells_a_log_that_is_none(broken: Callable[[dict[str, Any]], None]) -> None:
    log = sarif.render(report(FINDING), "1.0.0")
    broken(log["runs"][0])
    assert len(list(faults(log))) >= 1


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _parts(one)


def test_sarif_names_rule_place_and_fingerprint() -> None:
    moved = replace(FINDING, start_line=30, end_line=31, path="moved.py")
    other = replace(FINDING, rule="a-leak", related=(Related("b.py", 2, "the caller"),))
    (run,) = sarif.render(report(FINDING, moved, other), "1.0.0")["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["a-leak", "off-by-one"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    marks = {result["partialFingerprints"]["twolane/v1"] for result in run["results"]}
    assert len(marks) == 2
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    assert "src/%C3%A4%20b%2Cc%3Ad.py" in places
