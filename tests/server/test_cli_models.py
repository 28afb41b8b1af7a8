"""`twolane models`: what is known, what suits a machine, a file fetched through every trouble, one put to the test."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import sys
import threading
import tomllib
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests import gguf_factory
from twolane.server import cli
from twolane.server.commands.outcome import CommandError
from twolane.server.config.near_model import use_model
from twolane.server.models import catalogue, pulling, sizing
from twolane.server.models.pulling import PullError, pull
from twolane.server.models.sizing import Room

GB = 10**9


@dataclass
class Host:
    """A server of files as model hosts are: it redirects, names checksums, and answers ranges."""

    data: bytes
    etag: str = "one"
    names_checksum: bool = True
    breaks_after: list[int] = field(default_factory=list)
    status: int = 200
    asked: list[str] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    model = gguf_factory.write(tmp_path / "source.gguf")
    host = Host(model.read_bytes())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/resolve/"):
                self._redirect()
            else:
                self._serve()

        def _redirect(self) -> None:
            self.send_response(302 if host.status == 200 else host.status)
            self.send_header("Location", "/store/" + self.path.rpartition("/")[2])
            if host.names_checksum:
                self.send_header("X-Linked-Etag", f'"{hashlib.sha256(host.data).hexdigest()}"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _serve(self) -> None:
            asked = self.headers.get("Range", "")
            host.asked.append(asked)
            start = 0
            if asked and self.headers.get("If-Range") == f'"{host.etag}"':
                start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(host.data):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(host.data)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            rest = host.data[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(host.data) - 1}/{len(host.data)}")
            self.send_header("ETag", f'"{host.etag}"')
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            if host.breaks_after:
                rest = rest[: host.breaks_after.pop(0)]
                self.close_connection = True
            host.sent.append(len(rest))
            self.wfile.write(rest)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    host.url = f"http://127.0.0.1:{server.server_port}/resolve/tiny.gguf"
    yield host
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("RUNTIME_DIR", "STATE_HOME", "DATA_HOME", "CONFIG_HOME", "CACHE_HOME"):
        folder = tmp_path / name.lower()
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{name}", str(folder))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fetch(host: Host, path: Path, sha256: str = "") -> pulling.Pulled:
    return pull(host.url, path, sha256=sha256, progress=lambda done, total: None, pause=lambda _: None)


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert cli.main([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


# What there is, and what suits.


def test_the_catalogue_is_in_order_and_complete() -> None:
    entries = catalogue.shipped().entries
    assert [entry.bytes for entry in entries] == sorted(entry.bytes for entry in entries)
    for entry in entries:
        assert entry.url("https://example.com/").startswith(f"https://example.com/{entry.repository}/resolve/")
        assert entry.sha256 == "" or len(bytes.fromhex(entry.sha256)) == 32


@pytest.mark.parametrize(
    ("room", "name"),
    [
        (Room("processor", "the processor", 16 * GB, 2), "qwen2.5-coder-0.5b"),
        (Room("processor", "the processor", 64 * GB, 16), "qwen2.5-coder-1.5b"),
        (Room("processor", "the processor", 1 * GB, 16), None),
        (Room("card", "a card", 8 * GB, 8), "qwen2.5-coder-1.5b"),
        (Room("card", "a card", 16 * GB, 8), "qwen2.5-coder-7b"),
        (Room("card", "a card", 24 * GB, 8), "qwen2.5-coder-7b"),
        (Room("card", "a card", 32 * GB, 8), "qwen2.5-coder-14b"),
    ],
)
def test_what_is_recommended(room: Room, name: str | None) -> None:
    advice = sizing.advise(catalogue.shipped().entries, room)
    assert [one.entry.name for one in advice if one.recommended] == ([name] if name else [])
    assert all(one.fits for one in advice if one.recommended)
    assert all("GiB" in one.why for one in advice if not one.fits)


def test_a_card_counts_before_the_processor_and_one_without_memory_of_its_own_by_half() -> None:
    own = {
        "name": "CUDA0",
        "description": "a card",
        "free_bytes": 1,
        "total_bytes": 16 * GB,
        "shares_main_memory": False,
    }
    shared = {**own, "description": "a chip", "total_bytes": 24 * GB, "shares_main_memory": True}
    machine = {"cores": 8, "total_bytes": 64 * GB, "devices": [shared, own]}
    assert sizing.room(machine) == Room("card", "a card", 16 * GB, 8)
    assert sizing.room({**machine, "devices": []}) == Room("processor", "the processor", 64 * GB, 8)


def test_this_machine_is_looked_at(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = told(capsys, "models", "recommend")
    assert answer["device"]["bytes"] > 0
    assert len(answer["models"]) == len(catalogue.shipped().entries)


def test_the_list_tells_what_is_here(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = catalogue.folder()
    folder.mkdir(parents=True)
    gguf_factory.write(folder / "qwen2.5-coder-0.5b-q8_0.gguf")
    gguf_factory.write(folder / "chat.gguf", control=("<|endoftext|>",))
    (folder / "broken.gguf").write_bytes(b"GGUF")
    answer = told(capsys, "models", "list")
    assert {Path(one["path"]).name: one["family"] for one in answer["here"]} == {
        "broken.gguf": "",
        "chat.gguf": "",
        "qwen2.5-coder-0.5b-q8_0.gguf": "qwen-coder",
    }
    assert [one["name"] for one in answer["known"] if one["here"]] == ["qwen2.5-coder-0.5b"]
    assert answer["used"].endswith("twolane-starter.gguf")


# Fetching.


def test_a_file_arrives_whole_with_its_progress(host: Host, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    path = tmp_path / "models" / "tiny.gguf"
    pulled = pull(host.url, path, sha256="", progress=lambda *step: steps.append(step))
    assert path.read_bytes() == host.data
    assert pulled.family == "qwen-coder"
    assert pulled.compared_with == "the server's own checksum"
    assert steps[-1] == (len(host.data), len(host.data))
    assert [one.name for one in path.parent.iterdir()] == ["tiny.gguf"]


def test_what_breaks_off_goes_on_from_there(host: Host, tmp_path: Path) -> None:
    host.breaks_after = [1000, 500]
    path = tmp_path / "tiny.gguf"
    fetch(host, path)
    assert path.read_bytes() == host.data
    assert host.asked == ["", "bytes=1000-", "bytes=1500-"]
    assert sum(host.sent) == len(host.data)


def test_a_later_pull_goes_on_where_the_last_one_gave_up(host: Host, tmp_path: Path) -> None:
    host.breaks_after = [1000, 0, 0, 0, 0]
    path = tmp_path / "tiny.gguf"
    with pytest.raises(PullError, match="1,000 bytes are kept"):
        fetch(host, path)
    assert not path.exists()
    host.breaks_after = []
    fetch(host, path)
    assert path.read_bytes() == host.data
    assert host.asked[-1] == "bytes=1000-"


def test_a_file_that_has_changed_meanwhile_begins_anew(host: Host, tmp_path: Path) -> None:
    host.breaks_after = [1000, 0, 0, 0, 0]
    path = tmp_path / "tiny.gguf"
    with pytest.raises(PullError):
        fetch(host, path)
    host.breaks_after, host.etag = [], "two"
    host.data = gguf_factory.write(tmp_path / "other.gguf", seed=1).read_bytes()
    fetch(host, path)
    assert path.read_bytes() == host.data


def test_a_part_that_is_complete_is_only_checked(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    (tmp_path / "tiny.gguf.part").write_bytes(host.data)
    (tmp_path / "tiny.gguf.part.json").write_text('{"etag": "one"}')
    fetch(host, path)
    assert path.read_bytes() == host.data
    assert host.sent == []


def test_a_wrong_checksum_leaves_nothing_behind(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "models" / "tiny.gguf"
    with pytest.raises(PullError, match="damaged"):
        fetch(host, path, sha256="ab" * 32)
    assert not path.exists()
    assert not path.with_name("tiny.gguf.part").exists()


def test_a_server_that_names_no_checksum_is_said(host: Host, tmp_path: Path) -> None:
    host.names_checksum = False
    pulled = fetch(host, tmp_path / "tiny.gguf")
    assert pulled.compared_with == ""
    assert pulled.sha256 == hashlib.sha256(host.data).hexdigest()


@pytest.mark.parametrize("data", [b"<html>sign in</html>" * 10, b""])
def test_what_is_no_model_is_refused(host: Host, tmp_path: Path, data: bytes) -> None:
    host.data = data
    with pytest.raises(PullError, match=r"GGUF|empty|fetched"):
        fetch(host, tmp_path / "models" / "tiny.gguf")
    assert not (tmp_path / "models" / "tiny.gguf").exists()


def test_a_model_that_only_chats_is_refused(host: Host, tmp_path: Path) -> None:
    host.data = gguf_factory.write(tmp_path / "chat.gguf", control=("<|endoftext|>",)).read_bytes()
    with pytest.raises(PullError, match="cannot fill in the middle"):
        fetch(host, tmp_path / "models" / "tiny.gguf")


@pytest.mark.parametrize(("status", "words"), [(404, "is not there"), (401, "licence"), (500, "status 500")])
def test_a_refusal_says_what_to_do(host: Host, tmp_path: Path, status: int, words: str) -> None:
    host.status = status
    with pytest.raises(PullError, match=words):
        fetch(host, tmp_path / "tiny.gguf")


def test_a_disk_without_room_is_told_before_anything_is_written(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(PullError, match="make room"):
        fetch(host, tmp_path / "tiny.gguf")
    assert host.sent == [] or (tmp_path / "tiny.gguf.part").stat().st_size == 0


@pytest.mark.parametrize("hops", [["http://b.example/x.gguf"], ["http://b.example/x.gguf", "https://c.example/x.gguf"]])
def test_a_redirect_to_where_anybody_can_listen_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hops: list[str]
) -> None:
    asked: list[str] = []
    way = dict(pairwise(["https://a.example/x.gguf", *hops]))

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        following = way.get(asked[-1])
        return httpx2.Response(302, headers={"Location": following}) if following else httpx2.Response(200)

    transport, client = httpx2.MockTransport(answer), httpx2.Client
    monkeypatch.setattr(httpx2, "Client", lambda **options: client(transport=transport, **options))
    with pytest.raises(PullError, match=r"https://a\.example/x\.gguf leads to b\.example without encryption"):
        pull("https://a.example/x.gguf", tmp_path / "x.gguf", sha256="", progress=lambda done, total: None)
    assert asked == ["https://a.example/x.gguf"]
    assert not (tmp_path / "x.gguf").exists()


def test_two_pulls_of_one_file_do_not_meet(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    errors: list[str] = []

    def second(done: int, total: int) -> None:
        try:
            fetch(host, path)
        except PullError as error:
            errors.append(str(error))

    pull(host.url, path, sha256="", progress=second)
    assert errors
    assert all("another pull" in error for error in errors)
    assert path.read_bytes() == host.data


@pytest.mark.skipif(sys.platform == "win32", reason="locks are others there")
def test_a_disk_without_locks_is_no_other_pull(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def none(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    assert fetch(host, tmp_path / "tiny.gguf").bytes == len(host.data)


def test_pulled_and_in_use(home: Path, host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    answer = told(capsys, "models", "pull", host.url, "--use")
    assert answer["new"] is True
    settings = tomllib.loads(Path(answer["settings"]).read_text())
    assert settings == {"near": {"model": answer["path"]}}
    assert told(capsys, "models", "list")["used"] == answer["path"]
    assert told(capsys, "models", "pull", host.url)["new"] is False


def test_a_checksum_that_is_given_counts_however_it_is_written(
    home: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.names_checksum = False
    checksum = hashlib.sha256(host.data).hexdigest()
    assert told(capsys, "models", "pull", host.url, "--sha256", checksum.upper())["compared_with"] == "what you gave"
    assert told(capsys, "models", "pull", host.url, "--sha256", checksum)["new"] is False
    refusal = told(capsys, "models", "pull", host.url, "--sha256", "ab" * 32, code=1)
    assert checksum in refusal["error"]["message"]


def test_an_entry_comes_from_the_server_that_is_set(
    home: Path, host: Host, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", host.url.rpartition("/resolve")[0])
    host.status = 404
    answer = told(capsys, "models", "pull", "qwen2.5-coder-0.5b", code=1)
    assert "qwen2.5-coder-0.5b-q8_0.gguf" in answer["error"]["message"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nonsense",),
        ("http://example.com/x.gguf",),
        ("https://example.com/x.zip",),
        ("ftp://a/x.gguf",),
        ("http://localhost.example.com/x.gguf",),
        ("http://127.0.0.1@example.com/x.gguf",),
        ("https://[/x.gguf",),
        ("qwen2.5-coder-0.5b", "--sha256", "abc"),
    ],
)
def test_what_cannot_be_pulled_is_misuse(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert told(capsys, "models", "pull", *words, code=2)["error"]["kind"] == "misused"


# The settings file.


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# mine\n[near]\n# the model\nthreads = 2\n",
        '[near]\nmodel = "old.gguf" # was here\nthreads = 2\n\n[completion]\nmultiline = "never"\n',
        '[completion]\nmax_tokens = 9\n[near] # here\n[team]\nmodel = "theirs"\n',
        "[completion]\nmax_tokens = 9",
    ],
)
def test_only_the_model_changes_in_the_settings(tmp_path: Path, text: str) -> None:
    file = tmp_path / "conf" / "twolane.toml"
    if text:
        file.parent.mkdir()
        file.write_text(text)
    path = tmp_path / 'a "model" é.gguf'
    assert use_model(path, file) == file
    before, after = tomllib.loads(text), tomllib.loads(file.read_text())
    assert after.pop("near") == {**before.pop("near", {}), "model": str(path)}
    assert after == before
    for comment in [line for line in text.splitlines() if line.startswith("#")]:
        assert comment in file.read_text()


@pytest.mark.parametrize("start", [b"", BOM_UTF8])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_settings_keep_the_form_that_their_editor_gave_them(tmp_path: Path, start: bytes, end: bytes) -> None:
    file = tmp_path / "twolane.toml"
    file.write_bytes(start + end.join([b"# mine", b"[near] # here", b"threads = 2", b"[completion]", b""]))
    use_model(Path("/m.gguf"), file)
    lines = [b"# mine", b"[near] # here", b'model = "/m.gguf"', b"threads = 2", b"[completion]", b""]
    assert file.read_bytes() == start + end.join(lines)


@pytest.mark.parametrize("text", ["near = { threads = 2 }\n", "near.threads = 2\n", "[near\n", "near = 5\n"])
def test_settings_that_are_not_understood_are_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "twolane.toml"
    file.write_text(text)
    with pytest.raises(CommandError, match="was left alone"):
        use_model(tmp_path / "m.gguf", file)
    assert file.read_text() == text
    assert [one.name for one in tmp_path.iterdir()] == ["twolane.toml"]


# Putting one to the test.


def test_the_starter_is_put_to_the_test(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = told(capsys, "models", "probe")
    cli.main(["engine", "stop"])
    assert answer["model"]["family"] == "starter"
    assert answer["leaks"] == 0
    assert answer["filled"] >= 1
    assert answer["reused"] > 0.5
    assert len(answer["answers"]) == answer["gaps"] == 6


def test_a_model_of_noise_is_found_out(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = gguf_factory.write(home / "noise.gguf")
    answer = told(capsys, "models", "probe", str(noise), code=1)
    cli.main(["engine", "stop"])
    assert answer["usable"] is False
    assert answer["filled"] == 0


def test_a_home_that_is_not_there_is_no_fault_of_ours(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = told(capsys, "models", "probe", "~nobody-of-this-name/own.gguf", code=1)["error"]
    assert error == {"kind": "failed", "message": "~nobody-of-this-name/own.gguf is not there"}


@pytest.mark.parametrize(
    "words", [("recommend", "--use"), ("list", "qwen2.5-coder-7b"), ("probe", "--sha256", "ab" * 32)]
)
def test_what_an_action_does_not_take_is_said(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    error = told(capsys, "models", *words, code=2)["error"]
    assert error["kind"] == "misused"
    assert "models pull" in error["message"]


def test_a_model_that_is_not_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = told(capsys, "models", "probe", "qwen2.5-coder-7b", code=1)["error"]["message"]
    assert "twolane models pull qwen2.5-coder-7b" in message
