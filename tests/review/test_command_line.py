"""`twolane review` as a person or a pipeline uses it, over the real gateway, against a scripted server."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.clients.scripted.server import Conversation, Script
from tests.refactor.bench import said
from tests.review.project import AFTER, CLAIM, Terminal, found, git, holds
from tests.review.sarif_schema import faults


def wrong() -> list[Script]:
    return [found(CLAIM), holds(1)]


async def test_a_finding_that_holds_is_told_and_fails(terminal: Terminal) -> None:
    code, out, _, server = await terminal.run(wrong(), "--json")
    document = json.loads(out)
    assert code == 1
    assert [(one["path"], one["start_line"]) for one in document["findings"]] == [("stats.py", 3)]
    asked = json.dumps(server.requests[0].json)
    assert "return mean(rows)" in asked
    assert len(server.requests) == 2


async def test_what_is_refuted_is_not_told(terminal: Terminal) -> None:
    code, out, _, _ = await terminal.run([found(CLAIM), holds(1, so=False)], "--json")
    assert code == 0
    assert json.loads(out)["findings"] == []
    assert json.loads(out)["dropped"] == {"refuted": 1}


async def test_a_quote_that_is_not_there_is_never_shown(terminal: Terminal) -> None:
    code, out, _, server = await terminal.run([found({**CLAIM, "quote": "return total / 0"})], "--json")
    assert code == 0
    assert json.loads(out)["findings"] == []
    assert len(server.requests) == 1


async def test_severities_below_the_limit_do_not_fail(terminal: Terminal) -> None:
    scripts = [found({**CLAIM, "severity": "warning"}), holds(1)]
    assert (await terminal.run(scripts))[0] == 0
    assert (await terminal.run(scripts, "--fail-on", "warning"))[0] == 1
    assert (await terminal.run(scripts, "--fail-on", "never"))[0] == 0


async def test_a_baseline_hides_what_was_there(terminal: Terminal, tmp_path: Path) -> None:
    file = str(tmp_path / "baseline.json")
    assert (await terminal.run(wrong(), "--write-baseline", file))[0] == 0
    code, out, _, _ = await terminal.run(wrong(), "--baseline", file, "--json")
    assert code == 0
    assert json.loads(out)["dropped"] == {"dismissed before": 1}


async def test_without_a_key_the_exit_code_is_its_own(terminal: Terminal) -> None:
    terminal.monkeypatch.delenv("ANTHROPIC_API_KEY")
    code, out, _, server = await terminal.run(wrong(), "--json")
    assert code == 3
    assert json.loads(out)["incomplete"][0]["path"] == "stats.py"
    assert server.requests == []


@pytest.mark.parametrize("answer", [said("no JSON"), said('{"findings": [', "max_tokens"), said("", "refusal")])
async def test_an_answer_that_cannot_be_used_is_not_taken_for_nothing_found(terminal: Terminal, answer: Script) -> None:
    code, out, _, _ = await terminal.run([answer] * 8, "--json")
    assert code == 3
    assert json.loads(out)["incomplete"][0]["reason"]


async def test_a_private_file_is_not_sent_and_the_report_says_so(terminal: Terminal) -> None:
    (terminal.project / "twolane.toml").write_text('[privacy]\nnear_only = ["stats.py"]\n')
    code, out, _, server = await terminal.run(wrong(), "--json", "stats.py")
    document = json.loads(out)
    assert server.requests == []
    assert (code, document["incomplete"]) == (0, [])
    assert "privacy.near_only" in json.dumps([document["skipped"], document["incomplete"]])


async def test_only_named_files_are_reviewed_and_a_new_one_is_new_as_a_whole(terminal: Terminal) -> None:
    (terminal.project / "fresh.py").write_text("def fresh():\n    return 1\n")
    _, out, _, server = await terminal.run([found()], "fresh.py", "--json")
    assert json.loads(out)["files"] == 1
    asked = json.dumps(server.requests[0].json)
    assert "def fresh" in asked
    assert "total / len(values)" not in asked
    _, out, _, server = await terminal.run([found()], "caller.py", "--json")
    assert json.loads(out)["files"] == 0
    assert server.requests == []


async def test_nothing_of_the_repository_is_run(terminal: Terminal) -> None:
    mark = terminal.project.parent / "ran"
    git(terminal.project, "config", "filter.mine.clean", f"touch {mark}; cat")
    git(terminal.project, "config", "diff.mine.textconv", f"touch {mark}; cat")
    (terminal.project / ".gitattributes").write_text("*.py filter=mine diff=mine\n")
    os.utime(terminal.project / "caller.py", (1, 1))
    code, _, _, _ = await terminal.run(wrong())
    assert code == 1
    assert not mark.exists()


async def test_what_is_found_in_a_file_whose_name_is_no_text_is_told(terminal: Terminal) -> None:
    (terminal.project / "stats.py").replace(os.fsdecode(os.fsencode(terminal.project) + b"/caf\xe9.py"))
    git(terminal.project, "add", ".")
    code, out, _, server = await terminal.run([found({**CLAIM, "path": "caf?.py"}), holds(1)], "--json")
    assert "caf?.py" in json.dumps(server.requests[0].json)
    assert code == 1
    assert [os.fsencode(one["path"]) for one in json.loads(out)["findings"]] == [b"caf\xe9.py"]


async def test_a_secret_is_in_no_sentence_of_a_report(terminal: Terminal, tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5" * 4
    (terminal.project / "stats.py").write_text(f'TOKEN = "{secret}"\n{AFTER}')

    async def says(talk: Conversation) -> None:
        placeholder = re.findall(r"Veiled_[a-z]{6}_\w{4}", json.dumps(talk.request.json["messages"]))[0]
        told = f"The token {placeholder} is in the code."
        claim = {**CLAIM, "start_line": 1, "end_line": 1, "quote": placeholder, "title": told, "why": told}
        await found({**claim, "see": [{"path": "stats.py", "quote": "return total", "note": told}]})(talk)

    for form in ("text", "github", "sarif", "json"):
        _, out, err, _ = await terminal.run([says, holds(1)], "--format", form)
        assert "The token \N{HORIZONTAL ELLIPSIS} is in the code." in out.replace("\\u2026", "\N{HORIZONTAL ELLIPSIS}")
        assert "Veiled" not in out
        assert secret not in err
        if form in ("text", "github"):
            assert secret not in out
        else:
            assert out.count(secret) == 1  # in the line that is quoted


async def test_forms_for_pipelines(terminal: Terminal, tmp_path: Path) -> None:
    _, out, _, _ = await terminal.run(wrong(), "--format", "github")
    assert out.startswith("::error file=stats.py,line=3,endLine=3,title=")
    file = tmp_path / "review.sarif"
    _, out, _, _ = await terminal.run(wrong(), "--format", "sarif", "--output", str(file))
    assert out == ""
    log = json.loads(file.read_text())
    assert list(faults(log)) == []
    assert log["runs"][0]["results"][0]["level"] == "error"


async def test_a_commit_that_is_not_there_is_told(terminal: Terminal) -> None:
    code, _, err, _ = await terminal.run([], "--diff", "--output=gone")
    assert code == 2
    code, _, err, _ = await terminal.run([], "--diff", "gone")
    assert code == 1
    assert "no such commit" in err
