"""`twolane refactor` as a person or a script uses it, against a server that answers from a scenario."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.clients.scripted.server import Conversation, Script
from tests.refactor.bench import said, scenario
from tests.refactor.desk import CART, SHOP, answered, symbol
from tests.terminal import ScriptedTerminal, own_places

SUM = """\
    def total(self) -> Money:
        return sum(self.items, Money(0, "EUR"))
"""


class Terminal(ScriptedTerminal):
    """`twolane refactor` in a small project."""

    command = "refactor"

    async def answer(self, scripts: Sequence[Script], *words: str) -> tuple[int, dict[str, Any]]:
        code, out, _, _ = await self.run(scripts, *words, "--json")
        document: dict[str, Any] = json.loads(out)
        return code, document

    def text(self, path: str) -> str:
        return (self.project / path).read_bytes().decode()


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    own_places(tmp_path, monkeypatch)
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    for path, text in SHOP.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)
    monkeypatch.chdir(project)
    return Terminal(project, monkeypatch, capsys)


async def test_an_edit_is_shown_as_a_diff_and_written_only_when_asked(terminal: Terminal) -> None:
    where = ("shop/cart.py:12-16", "--do", "simplify")
    code, out, err, _ = await terminal.run(scenario("right"), *where)
    assert code == 0
    assert "--- a/shop/cart.py\n+++ b/shop/cart.py\n" in out
    assert '+        return sum(self.items, Money(0, "EUR"))\n' in out
    assert "parses" in err
    assert "$0.0" in err
    assert "nothing is written" in err
    assert terminal.text("shop/cart.py") == CART

    code, document = await terminal.answer(scenario("right"), *where, "--apply")
    assert code == 0
    assert document["applied"] is True
    assert document["files"] == [{"path": "shop/cart.py", "new": False, "edits": 1}]
    assert {"name": "parses", "state": "passed", "detail": ""} in document["checks"]
    assert document["cost_usd"] > 0
    assert document["sent"][0]["bytes"] > 1_000
    assert SUM in terminal.text("shop/cart.py")


async def test_what_cannot_be_used_fails_and_writes_nothing(terminal: Terminal) -> None:
    code, document = await terminal.answer(scenario("other_file"), "shop/cart.py:12", "--do", "simplify", "--apply")
    assert code == 1
    assert document["applied"] is False
    assert document["diff"] == ""
    assert document["faults"][0]["kind"] == "scope"
    assert "shop/money.py" in document["reason"]
    assert {path: terminal.text(path) for path in SHOP} == dict(SHOP)


async def test_what_would_be_sent_is_shown_and_nothing_is_sent(terminal: Terminal) -> None:
    where = ("shop/cart.py:20-21", "--do", "signature", "--instruction", "take a currency", "--show-context")
    code, out, _, server = await terminal.run(scenario("right"), *where)
    assert code == 0
    assert "shop/cart.py:1-" in out
    assert "tests/test_cart.py:" in out
    assert "about $" in out
    assert "may change:" in out
    assert server.requests == []
    code, document = await terminal.answer([said("")], *where)
    assert {one["path"] for one in document["shown"]} >= {"shop/cart.py", "tests/test_cart.py"}
    assert document["model"] == "claude-sonnet-5-5"


async def test_bytes_that_are_not_edited_stay(terminal: Terminal) -> None:
    file = terminal.project / "shop/cart.py"
    data = b"\xef\xbb\xbf" + CART.replace("\n", "\r\n").rstrip().encode()
    file.write_bytes(data)
    file.chmod(0o640)
    code, _ = await terminal.answer(scenario("right"), "shop/cart.py:12", "--do", "simplify", "--apply")
    assert code == 0
    before, after = CART.index("    def total"), CART.index("\n\ndef describe")
    expected = CART[:before] + SUM + CART[after:]
    assert file.read_bytes() == b"\xef\xbb\xbf" + expected.replace("\n", "\r\n").rstrip().encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(terminal.project.rglob(".twolane-*")) == []


async def test_the_diff_of_the_first_lines_of_a_file_with_a_byte_order_mark_applies(terminal: Terminal) -> None:
    file = terminal.project / "shop/one.py"
    file.write_bytes(b"\xef\xbb\xbfdef one(a):\n    b = a\n    return b\n")
    edit = answered(symbol("shop/one.py", "one", "def one(a):\n    return a\n"))
    _, out, err, _ = await terminal.run([said(edit)], "shop/one.py:2", "--do", "simplify")
    assert "+1 -2 in 1 files" in err
    apply = ("git", "apply", "-")
    await asyncio.to_thread(subprocess.run, apply, cwd=terminal.project, input=out.encode(), check=True)
    assert file.read_bytes() == b"\xef\xbb\xbfdef one(a):\n    return a\n"


@pytest.mark.parametrize("ending", ["\r\n", ""])
async def test_the_diff_of_a_file_with_windows_line_ends_applies(terminal: Terminal, ending: str) -> None:
    file = terminal.project / "shop/cart.py"
    file.write_bytes(CART.replace("\n", "\r\n").rstrip().encode() + ending.encode())
    where = ("shop/cart.py:12-16", "--do", "simplify")
    _, out, err, _ = await terminal.run(scenario("right"), *where)
    assert "+1 -4 in 1 files" in err
    applying = ("git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-")
    await asyncio.to_thread(subprocess.run, applying, cwd=terminal.project, input=out.encode(), check=True)
    before, after = CART.index("    def total"), CART.index("\n\ndef describe")
    expected = CART[:before] + SUM + CART[after:]
    assert file.read_bytes() == expected.replace("\n", "\r\n").rstrip().encode() + ending.encode()


async def test_a_file_that_changed_meanwhile_is_not_written(terminal: Terminal) -> None:
    file = terminal.project / "shop/cart.py"

    async def script(talk: Any) -> None:
        await asyncio.to_thread(file.write_text, f"{CART}\n# typed meanwhile\n")
        await said(answered(symbol("shop/cart.py", "Cart.total", SUM)))(talk)

    code, document = await terminal.answer([script], "shop/cart.py:12", "--do", "simplify", "--apply")
    assert code == 1
    assert document["applied"] is False
    assert "changed meanwhile" in document["reason"]
    assert file.read_text() == f"{CART}\n# typed meanwhile\n"


async def test_an_edit_that_cannot_be_written_is_told_all_the_same_because_it_is_paid(terminal: Terminal) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(self))

    terminal.monkeypatch.setattr(Path, "replace", refuse)
    code, document = await terminal.answer(scenario("right"), "shop/cart.py:12", "--do", "simplify", "--apply")
    assert code == 1
    assert (document["applied"], document["cost_usd"] > 0) == (False, True)
    assert "No space left" in document["reason"]
    assert "+++ b/shop/cart.py" in document["diff"]
    assert terminal.text("shop/cart.py") == CART


async def test_a_write_protected_file_is_told_before_anything_is_paid(terminal: Terminal) -> None:
    (terminal.project / "shop/cart.py").chmod(0o444)
    code, out, err, server = await terminal.run(scenario("right"), "shop/cart.py:12", "--do", "simplify", "--apply")
    assert (code, out, server.requests) == (1, "", [])
    assert "write-protected" in err
    assert (await terminal.run(scenario("right"), "shop/cart.py:12", "--do", "simplify"))[0] == 0


async def test_nothing_is_done_through_a_link(terminal: Terminal, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text(CART)
    (terminal.project / "linked.py").symlink_to(outside)
    (terminal.project / "elsewhere").symlink_to(terminal.project / "shop", target_is_directory=True)
    code, document = await terminal.answer(scenario("right"), "linked.py:12", "--do", "simplify", "--apply")
    assert code == 1
    assert "belongs to no workspace" in document["error"]["message"]
    assert outside.read_text() == CART


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("shop/cart.py:12", "--do", "dance"), 2, "invalid choice"),
        (("shop/cart.py", "--do", "simplify"), 2, "not of the form"),
        (("shop/cart.py:9-3", "--do", "simplify"), 2, "the first line comes first: shop/cart.py:3-9"),
        (("shop/cart.py:0-3", "--do", "simplify"), 1, "there is no line 0; the file has lines 1 to"),
        (("shop/gone.py:1", "--do", "simplify"), 1, "no such file"),
        (("shop/cart.py:999", "--do", "simplify"), 1, "name some of them"),
        (("shop/cart.py:12", "--do", "do"), 2, "--instruction TEXT"),
        (("shop/cart.py:12", "--do", "fix"), 1, "no diagnostic"),
    ],
)
async def test_misuse_is_told_in_one_line(terminal: Terminal, words: tuple[str, ...], code: int, told: str) -> None:
    ended, document = await terminal.answer(scenario("right"), *words)
    assert ended == code
    assert told in document["error"]["message"]


async def test_a_file_outside_of_any_workspace_is_told_what_makes_one(terminal: Terminal) -> None:
    (terminal.project / ".git").rmdir()
    code, document = await terminal.answer(scenario("right"), "shop/cart.py:12", "--do", "simplify", "--show-context")
    assert code == 1
    assert "belongs to no workspace" in document["error"]["message"]
    assert "`git init`" in document["error"]["message"]


async def test_without_a_key_the_price_says_whose_key_is_missing(terminal: Terminal) -> None:
    terminal.monkeypatch.delenv("ANTHROPIC_API_KEY")
    code, out, _, _ = await terminal.run(scenario("right"), "shop/cart.py:12", "--do", "simplify", "--show-context")
    assert code == 0
    assert out.startswith("no model may answer: ")
    assert "near only fills in the middle" in out
    assert "set ANTHROPIC_API_KEY" in out


async def test_a_file_that_may_not_leave_is_refused_before_anything_is_sent(terminal: Terminal) -> None:
    (terminal.project / "twolane.toml").write_text('[privacy]\nnear_only = ["shop/"]\n')
    code, out, _, server = await terminal.run(scenario("right"), "shop/cart.py:12", "--do", "simplify", "--json")
    assert code == 1
    assert "privacy.near_only" in json.loads(out)["error"]["message"]
    assert server.requests == []


async def test_a_workspaces_commands_run_only_where_it_is_trusted(terminal: Terminal) -> None:
    mark = terminal.project.parent / "ran"
    (terminal.project / "twolane.toml").write_text(f'[checks]\ntests = "touch {mark}"\n')
    where = ("shop/cart.py:12", "--do", "simplify")
    code, document = await terminal.answer(scenario("right"), *where)
    assert code == 0
    assert not mark.exists()
    code, document = await terminal.answer(scenario("right"), *where, "--trust")
    assert code == 0
    assert {"name": "tests", "state": "passed", "detail": ""} in document["checks"]
    assert mark.exists()


async def test_what_a_failed_answer_cost_is_told(terminal: Terminal) -> None:
    code, document = await terminal.answer(scenario("no_json"), "shop/cart.py:12", "--do", "simplify")
    assert code == 1
    assert document["error"]["kind"] == "failed"
    assert "It cost $0.0" in document["error"]["message"]


async def test_a_secret_is_in_no_sentence_of_a_summary(terminal: Terminal) -> None:
    secret = "ghp_" + "a1B2c3D4e5" * 4
    file = terminal.project / "shop/cart.py"
    file.write_text(CART.replace("class Cart", f'TOKEN = "{secret}"\n\n\nclass Cart', 1))

    def says(*edits: dict[str, str]) -> Script:
        async def script(talk: Conversation) -> None:
            name = re.findall(r"Veiled_[a-z]{6}_\w{4}", json.dumps(talk.request.json["messages"]))[0]
            summary = f"Sums up; the token is {name}."
            await said(
                {"edits": [{**one, "text": one["text"].replace("NAME", name)} for one in edits], "summary": summary}
            )(talk)

        return script

    changes = symbol("shop/cart.py", "Cart.total", SUM.replace("EUR", "NAME"))
    for edits in ([changes], []):
        code, out, err, server = await terminal.run([says(*edits)], "shop/cart.py:15-19", "--do", "simplify")
        assert code == (0 if edits else 1), err
        assert secret.encode() not in server.requests[0].body
        assert "Sums up; the token is \N{HORIZONTAL ELLIPSIS}." in err
        assert secret not in err
        assert (secret in out) == bool(edits)
        _, document = await terminal.answer([says(*edits)], "shop/cart.py:15-19", "--do", "simplify")
        told = document["summary"] if edits else document["reason"]
        assert told == "Sums up; the token is \N{HORIZONTAL ELLIPSIS}."
