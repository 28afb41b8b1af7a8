"""A report in the forms that other programs read: nothing in a finding can break out of its place."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.review.sarif_form import faults
from twolane.review.finding import Finding, Related
from twolane.review.reports import document, github, sarif, text
from twolane.review.reports.report import Report
from twolane.review.reviewing import Review

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


@pytest.mark.parametrize(
    "text", ["a\r\nb", "100%", "::error::x", "a%0Ab", "%25", "], x=1,y::z", "::set-output name=a::b", "é\u2028\x1b[31m"]
)
def test_nothing_that_is_said_ends_a_workflow_command_or_begins_one(text: str) -> None:
    finding = replace(FINDING, path=text, title=text, why=text)
    told = github.render(report(finding, incomplete=text))
    lines = told.split("\n")[:-1]
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
        assert data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%") == text


def test_sarif_is_of_the_form_that_the_standard_demands() -> None:
    related = replace(FINDING, related=(Related("b ü.py", 2, "the caller"),))
    for one in (report(), report(FINDING, related), report(FINDING, incomplete="no key")):
        log = sarif.render(one, "1.2.3")
        assert list(faults(json.loads(json.dumps(log)))) == []
    broken = sarif.render(report(FINDING), "1.0.0")
    broken["runs"][0]["results"][0]["levl"] = broken["runs"][0]["results"][0].pop("level")
    broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert len(list(faults(broken))) == 2


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
