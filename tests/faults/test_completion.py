"""Ghost text under haste: cancels, overtaking requests, edits under way, a model that fails."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Start
from tests.lsp_client import LspClient, message

URI = "file:///work.py"
TEXT = "def total(value):\n    result = \n"
CURSOR = (1, 13)
SLOW = {"pieces": ["val", "ue", " + 1"], "delay_s": 0.15}


def typed(text: str, at: tuple[int, int] = CURSOR) -> dict[str, Any]:
    place = {"line": at[0], "character": at[1]}
    return {"range": {"start": place, "end": place}, "text": text}


def begun(client: LspClient, diary: Path, count: int = 1) -> None:
    """Wait until the model has begun that many answers."""
    deadline = time.monotonic() + 20
    while not diary.exists() or events(diary).count("begin") < count:
        assert time.monotonic() < deadline
        assert client.process.poll() is None
        time.sleep(0.01)


def falls_silent(client: LspClient) -> None:
    """Ask until nothing is suggested any more."""
    deadline = time.monotonic() + 20
    while client.complete(URI, *CURSOR):
        assert time.monotonic() < deadline


def events(diary: Path) -> list[str]:
    """What became of the generations that somebody asked for."""
    return [event for event in diary.read_text().split() if ":" not in event]


def becomes(diary: Path, expected: list[str]) -> None:
    """Wait until just this has happened."""
    deadline = time.monotonic() + 20
    while events(diary) != expected:
        assert time.monotonic() < deadline, events(diary)
        time.sleep(0.01)


def test_a_suggestion_is_a_plain_list_with_its_range(start: Start) -> None:
    client = start(text="value + 1")
    client.open(URI, TEXT)
    place = {"line": 1, "character": 13}
    assert client.complete(URI, *CURSOR) == [{"insertText": "value + 1", "range": {"start": place, "end": place}}]
    trace = client.last_trace()
    assert (trace["shown"], trace["lane"], trace["model"]) == (True, "near", "fake")
    assert trace["generated_tokens"] == 1


def test_cancelling_a_running_request(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(pieces=["x"] * 100, delay_s=0.1, diary=str(diary))
    client.open(URI, TEXT)
    call = client.ask_completion(URI, *CURSOR)
    begun(client, diary)
    client.notify("$/cancelRequest", {"id": call})
    client.notify("$/cancelRequest", {"id": call})
    assert client.answer(call)["error"]["code"] == -32800
    becomes(diary, ["begin", "cancelled"])
    assert len(client.answers(call)) == 1
    assert "cancelled" in client.last_trace()["reason"]


def test_cancelling_what_does_not_run(start: Start) -> None:
    client = start(text="value + 1")
    client.open(URI, TEXT)
    call = client.ask_completion(URI, *CURSOR)
    client.notify("$/cancelRequest", {"id": call})
    assert client.answer(call)["error"]["code"] == -32800
    finished = client.ask_completion(URI, *CURSOR)
    assert client.answer(finished)["result"] != []
    strangers: list[Any] = [finished, "nobody", None, [], {}]
    for unknown in strangers:
        client.notify("$/cancelRequest", {"id": unknown})
    client.notify("$/cancelRequest", None)
    client.notify("$/cancelRequest", [1])
    client.command("twolane.status")
    assert len(client.answers(finished)) == len(client.answers(call)) == 1


def test_an_id_that_is_in_use_is_refused_and_free_afterwards(start: Start) -> None:
    client = start(**SLOW)
    client.open(URI, TEXT)
    call = client.ask_completion(URI, *CURSOR)
    client.send(id=call, method="textDocument/hover")
    assert client.nth_answer(call, 1)["error"]["code"] == -32600
    assert client.nth_answer(call, 2)["result"] != []
    client.send(id=call, method="textDocument/hover")
    assert client.nth_answer(call, 3)["error"]["code"] == -32601


def test_of_requests_that_come_at_one_go_the_newest_is_answered(start: Start) -> None:
    client = start(**SLOW)
    client.open(URI, TEXT)
    place = {"textDocument": {"uri": URI}, "position": {"line": CURSOR[0], "character": CURSOR[1]}}
    params = {**place, "context": {"triggerKind": 2}}
    calls = ["first", "second", "third"]
    client.send_bytes(
        b"".join(message(id=call, method="textDocument/inlineCompletion", params=params) for call in calls)
    )
    assert [client.answer(call)["result"] != [] for call in calls] == [False, False, True]
    reasons = [trace["reason"] for trace in client.command("twolane.explain")["requests"]]
    assert sum("newer request" in reason for reason in reasons) == 2


def test_the_newest_request_for_a_document_wins(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(**SLOW, diary=str(diary))
    client.open(URI, TEXT)
    client.open("file:///other.py", TEXT)
    other = client.ask_completion("file:///other.py", *CURSOR)
    first = client.ask_completion(URI, *CURSOR)
    begun(client, diary, 2)
    second = client.ask_completion(URI, 1, 4)
    assert client.answer(first)["result"] == []
    assert client.answer(second)["result"] is not None
    assert client.answer(other)["result"] != []
    reasons = [trace["reason"] for trace in client.command("twolane.explain")["requests"]]
    assert any("newer request" in reason for reason in reasons)
    assert sorted(events(diary)) == ["begin", "begin", "begin", "cancelled", "end", "end"]


def test_what_was_typed_meanwhile_is_taken_off_the_answer(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(**SLOW, diary=str(diary))
    client.open(URI, TEXT)
    call = client.ask_completion(URI, *CURSOR)
    begun(client, diary)
    client.change(URI, 2, typed("va"))
    place = {"line": 1, "character": 15}
    (item,) = client.answer(call)["result"]
    assert (item["insertText"], item["range"]) == ("lue + 1", {"start": place, "end": place})


def test_a_position_belongs_to_the_text_before_the_next_edit(start: Start) -> None:
    client = start(text="value + 1", delay_s=0.15)
    client.open(URI, TEXT)
    params = {
        "textDocument": {"uri": URI},
        "position": {"line": CURSOR[0], "character": CURSOR[1]},
        "context": {"triggerKind": 1},
    }
    for version in range(2, 10, 2):
        call = f"burst {version}"
        identity = {"uri": URI, "version": version}
        edit = {"textDocument": identity, "contentChanges": [typed("va")]}
        client.send_bytes(
            message(id=call, method="textDocument/inlineCompletion", params=params)
            + message(method="textDocument/didChange", params=edit)
        )
        assert [item["insertText"] for item in client.answer(call)["result"]] == ["lue + 1"]
        client.change(URI, version + 1, {"text": TEXT})


def test_cancelling_in_the_same_breath_leaves_no_generation_behind(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(**SLOW, diary=str(diary))
    client.open(URI, TEXT)
    params = {
        "textDocument": {"uri": URI},
        "position": {"line": CURSOR[0], "character": CURSOR[1]},
        "context": {"triggerKind": 2},
    }
    client.send_bytes(
        message(id="brief", method="textDocument/inlineCompletion", params=params)
        + message(method="$/cancelRequest", params={"id": "brief"})
    )
    assert client.answer("brief")["error"]["code"] == -32800
    assert client.complete(URI, *CURSOR) != []
    assert events(diary)[-2:] == ["begin", "end"]
    assert events(diary).count("end") == 1


def test_an_answer_that_the_document_overtook_is_not_shown(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(**SLOW, diary=str(diary))
    for version, change in enumerate([typed("no"), typed("va", (0, 0)), {"text": "all new\n"}], 1):
        client.open(URI, TEXT)
        call = client.ask_completion(URI, *CURSOR)
        begun(client, diary, version)
        client.change(URI, 2, change)
        assert client.answer(call)["result"] == []
        assert "changed while" in client.last_trace()["reason"]
    client.open(URI, "\n" + TEXT)
    call = client.ask_completion(URI, CURSOR[0] + 1, CURSOR[1])
    begun(client, diary, 4)
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert client.answer(call)["result"] == []


def test_a_storm_of_typing_keeps_one_generation_alive(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(**SLOW, diary=str(diary))
    client.open(URI, TEXT)
    calls = []
    for version in range(2, 302):
        client.change(URI, version, typed("v", (0, 3)))
        calls.append(client.ask_completion(URI, *CURSOR))
        time.sleep(0.005)
    for call in calls:
        answer = client.answer(call)
        assert answer.get("result") == [] or call == calls[-1], answer
    assert client.answer(calls[-1])["result"] != []
    alive = most = 0
    for event in events(diary):
        alive += 1 if event == "begin" else -1
        most = max(most, alive)
    assert (alive, most) == (0, 1)
    assert client.state(URI)["synced"] is True
    assert len(client.command("twolane.explain")["requests"]) == 100


def test_other_requests_are_answered_while_the_model_writes(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(pieces=["x"] * 1000, delay_s=0.1, diary=str(diary))
    for number in range(10):
        client.open(f"file:///{number}.py", TEXT)
        client.ask_completion(f"file:///{number}.py", *CURSOR)
    begun(client, diary, 10)
    assert client.request("textDocument/hover")["error"]["code"] == -32601


def test_a_model_that_fails_costs_empty_answers_and_one_message(start: Start) -> None:
    client = start(crash=True)
    client.open(URI, TEXT)
    for _ in range(5):
        assert client.complete(URI, *CURSOR) == []
    assert "died" in client.last_trace()["reason"]
    (message,) = client.told("window/showMessage")
    assert "the engine died in mid-answer" in message["message"]


def test_the_way_of_the_model_is_shown_where_the_client_can(start: Start) -> None:
    states = [
        {"kind": "loading", "message": "reading fake.gguf", "progress": 0.1},
        {"kind": "loading", "message": "reading fake.gguf", "progress": 0.6},
        {"kind": "ready", "message": "fake is ready"},
    ]
    client = start(greet=False, states=states)
    client.answers_to["window/workDoneProgress/create"] = None
    client.initialize(capabilities={"window": {"workDoneProgress": True}})
    client.wait(lambda: any(said["value"]["kind"] == "end" for said in client.told("$/progress")), "the end")
    kinds = [said["value"]["kind"] for said in client.told("$/progress")]
    assert kinds[0] == "begin"
    assert kinds.count("end") == 1
    assert len({said["token"] for said in client.told("$/progress")}) == 1
    assert client.command("twolane.status")["state"] == "ready"
    silent = start(states=states)
    silent.open(URI, TEXT)
    assert silent.complete(URI, *CURSOR) == []
    assert silent.told("$/progress") == silent.told("window/workDoneProgress/create") == []


def test_pausing(start: Start) -> None:
    client = start(text="value + 1")
    client.open(URI, TEXT)
    assert client.command("twolane.pause") == {"paused": True}
    assert client.complete(URI, *CURSOR) == []
    assert "paused" in client.last_trace()["reason"]
    assert client.command("twolane.status")["paused"] is True
    assert client.command("twolane.pause") == {"paused": False}
    assert client.complete(URI, *CURSOR) != []


def test_what_a_message_quotes_of_a_strangers_file_makes_no_link(start: Start) -> None:
    client = start(greet=False)
    client.initialize({"completion": {"[here](command:evil)": 1}})
    told = client.wait_told("window/showMessage")["message"]
    assert "[here] (command:evil) = 1 is not used" in told


def test_settings_from_the_editor(start: Start) -> None:
    client = start(greet=False, text="value + 1")
    client.initialize({"completion": {"disabled_languages": ["markdown"], "max_tokens": "lots"}, "other": 1})
    told = client.wait_told("window/showMessage")["message"]
    assert "completion.max_tokens" in told
    client.open(URI, TEXT)
    client.open("file:///a.md", "result = \n", "markdown")
    assert client.complete(URI, *CURSOR) != []
    assert client.complete("file:///a.md", 0, 9) == []
    assert "markdown" in client.last_trace()["reason"]
    off = {document["uri"]: document["off"] for document in client.command("twolane.status")["documents"]}
    assert off[URI] == ""
    assert "turned off for markdown" in off["file:///a.md"]
    assert client.command("twolane.status")["disabled_languages"] == ["markdown"]
    client.notify("workspace/didChangeConfiguration", {"settings": {"twolane": {"completion": {"enabled": False}}}})
    falls_silent(client)
    assert "turned off" in client.last_trace()["reason"]
    wrong = {"settings": {"completion": {"enabled": "yes", "max_tokens": "lots"}}}
    for _ in range(3):
        client.notify("workspace/didChangeConfiguration", wrong)
    client.wait(lambda: len(client.told("window/showMessage")) == 2, "the second problem")
    client.command("twolane.status")
    messages = [said["message"] for said in client.told("window/showMessage")]
    assert len(messages) == 2
    assert "completion.enabled" in messages[1]
    assert client.complete(URI, *CURSOR) == []


def test_another_model_takes_over_without_a_restart(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(text="value + 1", diary=str(diary))
    client.open(URI, TEXT)
    assert client.complete(URI, *CURSOR) != []
    client.notify("workspace/didChangeConfiguration", {"settings": {"near": {"threads": 1}}})
    deadline = time.monotonic() + 20
    while "closed" not in events(diary):
        assert time.monotonic() < deadline
        client.command("twolane.status")
    assert client.complete(URI, *CURSOR) != []
    assert client.shut_down() == 0
    assert events(diary).count("closed") == 2


def test_ranges_are_in_the_units_of_the_client(start: Start) -> None:
    client = start(greet=False, text="value + 1")
    client.initialize(capabilities={"general": {"positionEncodings": ["utf-8"]}})
    client.open(URI, "é🎉 = \n")
    place = {"line": 0, "character": len("é🎉 = ".encode())}
    (item,) = client.complete(URI, 0, place["character"])
    assert item["range"] == {"start": place, "end": place}
    assert client.complete(URI, 0, 3) == []
    assert "inside a character" in client.last_trace()["reason"]


def test_settings_that_the_client_must_be_asked_for(start: Start) -> None:
    client = start(greet=False, text="value + 1")
    client.answers_to["workspace/configuration"] = [{"completion": {"enabled": False}}]
    client.initialize(capabilities={"workspace": {"configuration": True}})
    client.open(URI, TEXT)
    assert client.complete(URI, *CURSOR) != []
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.wait_told("workspace/configuration")
    falls_silent(client)


def test_settings_of_a_folder_that_is_opened_later(start: Start, tmp_path: Path) -> None:
    client = start(text="value + 1")
    (tmp_path / "twolane.toml").write_text("[completion]\nenabled = false\n")
    uri = (tmp_path / "a.py").as_uri()
    client.open(uri, TEXT)
    client.open(URI, TEXT)
    assert client.complete(uri, *CURSOR) != []
    event = {"added": [{"uri": tmp_path.as_uri(), "name": "late"}], "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    falls_silent(client)
    client.complete(uri, *CURSOR)
    assert client.last_trace()["path"] == "a.py"
    (tmp_path / "twolane.toml").write_text("")
    change = {"uri": (tmp_path / "twolane.toml").as_uri(), "type": 2}
    client.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
    deadline = time.monotonic() + 20
    while not client.complete(uri, *CURSOR):
        assert time.monotonic() < deadline


def test_no_text_of_the_document_reaches_the_log(start: Start) -> None:
    client = start(text="value + 1")
    client.open(URI, "my_secret_name = \n")
    client.complete(URI, 0, 17)
    client.change(URI, 2, typed("my_secret_name", (0, 17)))
    client.change(URI, 1, typed("my_secret_name", (0, 17)))
    client.complete(URI, 0, 17)
    client.send_bytes(b'Content-Length: 20\r\n\r\n{"my_secret_name" 1}}')
    assert client.shut_down() == 0
    assert "my_secret_name" not in client.log()


def test_a_settings_file_full_of_nonsense_costs_one_message(start: Start, tmp_path: Path) -> None:
    (tmp_path / "twolane.toml").write_text("[near]\n" + "".join(f"key{number} = 1\n" for number in range(300)))
    client = start(greet=False, text="value + 1")
    client.initialize(rootUri=tmp_path.as_uri())
    client.open(URI, TEXT)
    assert client.complete(URI, *CURSOR) != []
    (message,) = client.told("window/showMessage")
    assert "near.key0" in message["message"]
    assert "51 more" in message["message"], "fifty, and that the rest is not read"
    client.notify("workspace/didChangeConfiguration", {"settings": {}})
    client.command("twolane.status")
    assert len(client.told("window/showMessage")) == 1


def test_typing_through_a_suggestion_asks_the_model_once(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(text="value + 1", diary=str(diary))
    client.open(URI, TEXT)
    assert client.complete(URI, *CURSOR) != []
    for version, letter in enumerate("value", 2):
        client.change(URI, version, typed(letter, (1, CURSOR[1] + version - 2)))
        (item,) = client.complete(URI, 1, CURSOR[1] + version - 1)
        assert item["insertText"] == "value + 1"[version - 1 :]
        assert client.last_trace()["origin"] == "typed-through"
    assert events(diary) == ["begin", "end"]


def test_typing_while_the_model_writes_keeps_its_work(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(pieces=["val", "ue", " + 1"], delay_s=0.3, diary=str(diary))
    client.open(URI, TEXT)
    first = client.ask_completion(URI, *CURSOR)
    begun(client, diary)
    client.send_bytes(
        message(method="$/cancelRequest", params={"id": first})
        + message(
            method="textDocument/didChange",
            params={"textDocument": {"uri": URI, "version": 2}, "contentChanges": [typed("va")]},
        )
    )
    second = client.ask_completion(URI, 1, CURSOR[1] + 2)
    assert [item["insertText"] for item in client.answer(second)["result"]] == ["lue + 1"]
    assert client.last_trace()["origin"] == "adopted"
    assert events(diary) == ["begin", "end"]


def test_a_person_who_asks_for_a_suggestion_gets_a_new_one(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(text="value + 1", diary=str(diary))
    client.open(URI, TEXT)
    assert client.complete(URI, *CURSOR) != []
    params = {
        "textDocument": {"uri": URI},
        "position": {"line": CURSOR[0], "character": CURSOR[1]},
        "context": {"triggerKind": 1},
    }
    assert client.request("textDocument/inlineCompletion", params)["result"] != []
    assert events(diary)[:4] == ["begin", "end"] * 2
    assert events(diary)[4:].count("begin") == 3, "what the model says word by word, and two more beside it"


@pytest.mark.parametrize("change", [typed("other"), {"text": TEXT[:-1] + "other\n"}], ids=["range", "whole text"])
def test_the_model_reads_while_the_person_types(start: Start, tmp_path: Path, change: dict[str, Any]) -> None:
    diary = tmp_path / "diary"
    client = start(text="value + 1", diary=str(diary))
    client.open(URI, TEXT)
    assert client.complete(URI, *CURSOR) != []
    client.change(URI, 2, change)
    deadline = time.monotonic() + 20
    while "warm:begin" not in diary.read_text().split():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    client.command("twolane.pause")
    client.change(URI, 3, typed("thing"))
    warm = diary.read_text().count("warm:begin")
    time.sleep(0.2)
    assert diary.read_text().count("warm:begin") == warm


def test_a_language_goes_by_the_name_that_vim_has_for_it(start: Start) -> None:
    client = start(greet=False, text="\n    echo first\n    echo second\n}\n")
    client.initialize({"completion": {"disabled_languages": ["cs"]}})
    for language, shown in (("sh", True), ("bash.template", True), ("cs", False), ("csharp", False)):
        client.open(f"file:///{language}", "greet() {", language)
        found = [item["insertText"] for item in client.complete(f"file:///{language}", 0, 9)]
        assert found == (["\n    echo first\n    echo second\n}"] if shown else []), language
        assert client.last_trace()["language"] == ("shellscript" if shown else "csharp")


def test_turning_suggestions_off_stops_what_is_written_for_nobody(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(pieces=["va", *["lue"] * 30], delay_s=0.2, diary=str(diary))
    client.open(URI, TEXT)
    assert client.complete(URI, *CURSOR) != []
    deadline = time.monotonic() + 20
    while "speculative:begin" not in diary.read_text().split():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    client.notify("workspace/didChangeConfiguration", {"settings": {"completion": {"enabled": False}}})
    while "speculative:cancelled" not in (told := diary.read_text().split()):
        assert "speculative:end" not in told
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_written_when_the_settings_change_is_told_as_that(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(pieces=["x"] * 1000, delay_s=0.1, diary=str(diary))
    client.open(URI, TEXT)
    call = client.ask_completion(URI, *CURSOR)
    begun(client, diary)
    client.notify("workspace/didChangeConfiguration", {"settings": {"near": {"threads": 1}}})
    assert client.answer(call)["result"] == []
    assert client.last_trace()["reason"] == "The settings changed while the model wrote."
    assert client.told("window/showMessage") == []
