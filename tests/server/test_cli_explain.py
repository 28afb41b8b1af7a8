"""`twolane explain` and the completions in `twolane stats`: what every window asked for, told in the terminal."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests import fake_model_server
from tests.lsp_client import PATIENCE_S, LspClient, private_environment
from tests.server.history_factory import remember, trace, usage
from twolane.server import cli
from twolane.server.history.store import Store, default_path

MARK = "wholly_private_words"
TEXT = f"def {MARK}_total(value):\n    result = \n"
CURSOR = (1, 13)
Start = Callable[..., LspClient]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project in a home of its own."""
    for name, value in private_environment(tmp_path / "home").items():
        if name.startswith("XDG_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", "")
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    (project / "pyproject.toml").touch()
    monkeypatch.chdir(project)
    return project


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Open editor windows with a scripted model."""
    with ExitStack() as stack:

        def go(folder: Path = home, **script: Any) -> LspClient:
            command = [sys.executable, "-P", fake_model_server.__file__, json.dumps({"text": "value + 1"} | script)]
            client = LspClient(command, private_environment(home.parent / "home"), home.parent)
            stack.callback(client.close)
            client.initialize(rootUri=folder.as_uri())
            return client

        yield go


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    """The user's own history."""
    store = Store(default_path())
    yield store
    store.close()


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert cli.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def requests(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told(capsys, "explain", *words)["requests"]
    return found


def check(capsys: pytest.CaptureFixture[str], words: list[str], *expected: str) -> None:
    """The command succeeds and says all of this, in this order, for people."""
    assert cli.main(words) == 0
    output = capsys.readouterr().out
    at = [output.find(line) for line in expected]
    assert -1 not in at, output
    assert at == sorted(at), output


def leave(*windows: LspClient) -> None:
    for window in windows:
        assert window.shut_down() == 0, window.log()


def suggested(window: LspClient, uri: str) -> None:
    window.open(uri, TEXT)
    assert window.complete(uri, *CURSOR)


def test_what_an_editor_asked_for_is_told_when_it_is_gone(
    home: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    window, uri = start(), (home / "src" / "a.py").as_uri()
    suggested(window, uri)
    window.command("twolane.pause", True)
    assert window.complete(uri, *CURSOR) == []
    in_the_editor = window.command("twolane.explain")["requests"]
    leave(window)
    kept = requests(capsys)
    assert [request["shown"] for request in kept] == [True, False]
    assert [request["language"] for request in kept] == ["python", "python"]
    assert "paused" in kept[1]["reason"]
    for request, original in zip(kept, in_the_editor, strict=True):
        assert set(request) == {*original, "workspace"}
        assert request["words"] == original["words"]
        assert request["workspace"] == str(home)
        assert request["at"] == original["at"]
        assert request["ms"] == pytest.approx(original["ms"], abs=0.001)
        assert (request["path"], request["model"]) == ("src/a.py", original["model"])
    assert [request["reason"] for request in requests(capsys, "1")] == [kept[1]["reason"]]
    first = kept[0]
    assert (first["line"], first["column"], first["chars"], first["lines"]) == (2, 14, len("value + 1"), 1)
    assert (kept[1]["chars"], kept[1]["lines"]) == (0, 0)
    check(capsys, ["explain"], "src/a.py:2:14 (python)", "9 characters on 1 line, written when it was asked for")


def test_every_window_is_told_and_each_workspace_for_itself(
    home: Path, start: Start, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = home.parent / "elsewhere"
    elsewhere.mkdir()
    windows = [start(), start(home / "src"), start(elsewhere), start(home.parent)]
    suggested(windows[0], (home / "src" / "a.py").as_uri())
    suggested(windows[1], (home / "src" / "b.py").as_uri())
    suggested(windows[2], (elsewhere / "c.py").as_uri())
    suggested(windows[3], (home / "d.py").as_uri())
    leave(*windows)
    assert {request["path"] for request in requests(capsys)} == {"src/a.py", "b.py", "project/d.py"}
    assert {request["path"] for request in requests(capsys, "--all")} == {"src/a.py", "b.py", "c.py", "project/d.py"}
    (elsewhere / "pyproject.toml").touch()
    monkeypatch.chdir(elsewhere)
    assert [request["path"] for request in requests(capsys)] == ["c.py"]


def test_no_text_of_a_document_is_kept(home: Path, start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    window, uri = start(text=f"{MARK}_value + 1"), (home / "src" / "a.py").as_uri()
    suggested(window, uri)
    assert window.complete(f"data:text/plain,{MARK}", 0, 0) == []
    window.complete(uri, 99, 99)
    leave(window)
    assert len(requests(capsys, "--all")) == 3
    content = b"".join(part.read_bytes() for part in default_path().parent.glob("history*"))
    assert b"src/a.py" in content
    assert MARK.encode() not in content


def test_where_the_workspace_wants_it_nothing_is_kept(
    home: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "twolane.toml").write_text("[history]\nkeep_days = 0\n")
    window = start()
    suggested(window, (home / "src" / "a.py").as_uri())
    assert window.last_trace()["shown"]
    leave(window)
    assert not default_path().exists()
    check(capsys, ["explain"], f"no requests of {home} are kept; `twolane explain --all`", "connect an editor")
    check(capsys, ["explain", "--all"], "no requests are kept", "the server that an editor starts", "history.keep_days")
    assert requests(capsys) == []


def test_a_history_that_cannot_be_kept_is_a_problem_in_the_status_and_no_more(home: Path, start: Start) -> None:
    default_path().mkdir(parents=True)
    window = start()
    suggested(window, (home / "src" / "a.py").as_uri())
    deadline = time.monotonic() + PATIENCE_S
    while not (problems := window.command("twolane.status")["problems"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert str(default_path()) in problems[0]
    assert window.told("window/showMessage") == []
    assert window.complete((home / "src" / "a.py").as_uri(), *CURSOR)
    leave(window)


def test_a_history_that_another_holds_does_not_keep_an_editor_from_leaving(
    home: Path, start: Start, store: Store
) -> None:
    remember(store, home, trace())
    window = start()
    with closing(sqlite3.connect(default_path(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        suggested(window, (home / "src" / "a.py").as_uri())
        leave(window)
    assert window.told("window/showMessage") == []


def test_explained_to_people(home: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    typed = {"origin": "typed-through", "ms": 1.5, "stages": {"gate": 0.01, "filters": 0.1}, "prompt_tokens": 0}
    sent = [{"host": "models.example", "bytes": 4321}]
    remember(
        store,
        home,
        trace(lane="team", model="coder", sent=sent),
        trace(**typed, sources=[], filters=[]),
        trace(model=None, lane=None, shown=False, origin="", reason="The cursor stands inside a \x1b[31mcharacter."),
        trace(
            line=7,
            column=13,
            chars=1,
            lines=1,
            filters=["lines below (-23)"],
            checks=["syntax: fits", "names: cut (unknown name)"],
        ),
    )
    check(
        capsys,
        ["explain"],
        "src/a.py (python)",
        "shown after 84.2 ms: written when it was asked for (team lane, coder)",
        "time     gate 0.0, queue 1.0, prefill 2.0, decode 80.0, filters 0.2; 84.2 ms in all (goal 250 ms)",
        "tokens   1,570 of prompt: 1,560 known from before, 10 read; 6 written",
        "sources  1 piece of other files: src/b.py (1)",
        "filters  overlap",
        "sent     4,321 bytes to models.example",
        "shown after 1.5 ms: written for an earlier state that the typing agrees with (near lane, tiny)",
        "time     gate 0.0, filters 0.1; 1.5 ms in all",
        "nothing shown: The cursor stands inside a",
        "character. (no model)",
        "src/a.py:7:13 (python)",
        "shown after 84.2 ms: 1 character on 1 line, written when it was asked for (near lane, tiny)",
        "filters  lines that stand below already (23 characters less)",
        "checks   syntax: nothing wrong was found; names: its end was left out, because a name in it is",
    )
    check(capsys, ["explain", "1", "--all"], f"src/a.py:7:13 (python) in {home}")
    assert cli.main(["explain"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_a_damaged_history_is_told_once_and_begun_anew(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    default_path().parent.mkdir(parents=True, exist_ok=True)
    default_path().write_bytes(b"no database at all" * 100)
    assert cli.main(["explain", "--json"]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out) == {"requests": []}
    assert "was damaged" in output.err
    assert output.err.count("\n") == 1
    assert cli.main(["explain"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("words", [["explain"], ["stats"]])
def test_a_history_that_cannot_be_read_is_one_line(
    home: Path, store: Store, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with store.write() as connection:
        connection.execute("PRAGMA user_version = 99")
    store.close()
    assert cli.main([*words, "--json"]) == 1
    output = capsys.readouterr()
    assert json.loads(output.out)["error"]["kind"] == "history"
    assert "a later version of Twolane wrote it" in output.err
    assert output.err.count("\n") == 1


def test_what_was_spent_is_told_though_the_history_cannot_be_read(
    home: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    with store.write() as connection:
        connection.execute("PRAGMA user_version = 99")
    store.close()
    assert cli.main(["stats"]) == 1
    output = capsys.readouterr()
    assert "today         $0" in output.out
    assert "a later version of Twolane wrote it" in output.err


@pytest.mark.parametrize("words", [["0"], ["x"], ["-1"], ["1", "2"]])
def test_misuse(home: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert cli.main(["explain", *words]) == 2
    assert "twolane" in capsys.readouterr().err


def test_stats_add_up_the_completions(home: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    written = [asdict(usage(model_ms=100.0, prompt_tokens=number)) for number in range(1, 11)]
    once = {"prompt_tokens": 0, "reused_tokens": 0, "evaluated_tokens": 0, "generated_tokens": 0}
    nothing = {"shown": False, "reason": "The model had nothing to add here."}
    remember(
        store,
        home,
        *(trace(ms=float(number), work=work) for number, work in enumerate(written, 1)),
        trace(ms=5.0, origin="typed-through", work=written[3], **once),
        trace(ms=70.0, language="go", work=asdict(usage(model_ms=250.0)), **nothing),
        trace(origin="", model=None, shown=False, reason="Suggestions are paused.", work={}, **once),
        trace(at=time.time() - 20 * 86_400, shown=False, reason="Long ago."),
    )
    found = told(capsys, "stats", "--days", "7")["completions"]
    assert (found["requests"], found["shown"], found["shown_share"]) == (13, 11, 0.8462)
    assert found["origins"] == {"model": 10, "typed-through": 1}
    python, go = found["latency"]
    assert python == {"language": "python", "model": "tiny", "requests": 11, "p50": 5.0, "p90": 9.0, "p95": 10.0}
    assert (go["language"], go["requests"], go["p95"]) == ("go", 1, 70.0)
    assert found["tokens"] == {"prompt": 17_270, "reused": 17_160, "evaluated": 110, "generated": 66}
    assert {(silence["reason"], silence["requests"]) for silence in found["silences"]} == {
        ("The model had nothing to add here.", 1),
        ("Suggestions are paused.", 1),
    }
    assert found["model_ms"] == {"seen": 1000.0, "unseen": 250.0}
    check(
        capsys,
        ["stats", "--days", "7"],
        "today         $0 of",
        "completions   13 requests since",
        "11 showed something (85 %)",
        "came from     model 10, typed-through 1",
        "latency       python, tiny: 11 answers, p50 5.0 ms, p90 9.0, p95 10.0",
        "tokens        17,270 of prompts: 17,160 known from before (99 %), 110 read; 66 written",
        "model's time  1.2 s for answers, 0.2 s of it for answers of which nothing was shown",
        "silence       1 x ",
    )
    assert told(capsys, "stats")["completions"]["requests"] == 14


def test_stats_where_nothing_was_kept(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "stats")["completions"] is None
    check(capsys, ["stats", "--days", "1"], "completions   none in the last day", "connect an editor", "keep_days = 0")
    assert not default_path().exists()


def test_stats_where_nothing_was_kept_lately(home: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    remember(store, home, trace(at=time.time() - 20 * 86_400))
    check(capsys, ["stats", "--days", "7"], "completions   none in the last 7 days", "connect an editor")
    assert told(capsys, "stats")["completions"]["requests"] == 1
