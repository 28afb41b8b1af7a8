"""`twolane doctor`: every trouble it knows is found, named, and comes with what mends it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import twolane
from tests import gguf_factory
from tests.clients.scripted import messages_api as api
from tests.clients.scripted.provider import provider
from tests.clients.scripted.server import Conversation, Script
from tests.denied import deny
from tests.routing.money_factory import spent
from twolane.server import cli
from twolane.server.checks import backend, machine, places
from twolane.server.checks.backend import Library
from twolane.server.config import settings

FOLDERS = ("RUNTIME_DIR", "STATE_HOME", "DATA_HOME", "CONFIG_HOME", "CACHE_HOME")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine of this test's own: every XDG folder is in here, and a small sound model is set.

    Its path is short, as sockets' names must be.
    """
    with tempfile.TemporaryDirectory(prefix="tl") as place, monkeypatch.context() as moved:
        folder = Path(place).resolve()
        for name in FOLDERS:
            (folder / name.lower()).mkdir(mode=0o700)
            moved.setenv(f"XDG_{name}", str(folder / name.lower()))
        (folder / "work").mkdir()
        moved.chdir(folder / "work")
        configure(folder, f'[near]\nmodel = "{gguf_factory.write(folder / "tiny.gguf")}"\n')
        yield folder


def configure(home: Path, text: str) -> None:
    file = home / "config_home" / "twolane" / "twolane.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def examine(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, Any]]]:
    code = cli.main(["doctor", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert all(list(check) == ["name", "ok", "level", "detail", "fix"] for check in document["checks"])
    assert document["ok"] == (code == 0)
    return code, {check["name"]: check for check in document["checks"]}


def test_a_sound_machine_needs_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = examine(capsys)
    assert code == 0
    assert set(checks) >= {
        "python",
        "llama.cpp",
        "compiler",
        "make",
        "git",
        "device",
        "settings",
        "model",
        "config",
        "data",
        "state",
        "log",
        "runtime",
        "engine",
        "disk",
    }
    assert "tiny" in checks["model"]["detail"]
    assert "not running" in checks["engine"]["detail"]
    assert cli.main(["doctor"]) == 0
    assert "Nothing must be mended." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "does not exist"), (b"", "empty"), (b"x" * 100, "not a GGUF"), (b"GGUF" + b"\3" * 99, "damaged")],
)
def test_a_model_that_cannot_be_used_is_named_with_the_file_to_edit(
    home: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, reason: str
) -> None:
    model = home / "broken.gguf"
    if content is not None:
        model.write_bytes(content)
    configure(home, f'[near]\nmodel = "{model}"\n')
    code, checks = examine(capsys)
    assert code == 1
    assert checks["model"]["level"] == "error"
    assert reason in checks["model"]["detail"]
    assert "near.model" in checks["model"]["fix"]
    assert "config_home" in checks["model"]["fix"]


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ('adapters = ["own.gguf"]', "The adapter"),
        ('draft_model = "own.gguf"', "set near.draft_model to a GGUF file"),
    ],
)
def test_an_adapter_or_a_draft_model_that_is_not_there_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], setting: str, reason: str
) -> None:
    configure(home, f'[near]\nmodel = "{home / "tiny.gguf"}"\n{setting}\n')
    code, checks = examine(capsys)
    assert code == 1
    assert reason in checks["model"]["detail"]
    assert "own.gguf does not exist" in checks["model"]["detail"]
    assert "config_home" in checks["model"]["fix"]


@pytest.mark.parametrize(
    ("content", "name", "level", "reason"),
    [
        ("[team]\ncompletion = true\n", "team", "warning", "team.url is empty"),
        ('[team]\nurl = "models.example.com"\n', "team", "error", "not the address of a server"),
        ('[team]\nurl = "http://models.example.com"\n', "team", "error", "team.plain_http"),
        ('[team]\nurl = "http://127.0.0.1:9"\n', "team", "error", "Nothing listens at 127.0.0.1:9"),
        ('[budget]\nprices = ["nonsense"]\n', "policy", "error", '"nonsense" is not a price'),
    ],
)
def test_a_model_elsewhere_that_cannot_be_asked_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], content: str, name: str, level: str, reason: str
) -> None:
    configure(home, content)
    code, checks = examine(capsys)
    assert checks[name]["level"] == level
    assert code == (level == "error")
    assert reason in checks[name]["detail"]
    assert "config_home" in checks[name]["fix"]


def test_a_model_larger_than_the_memory_is_refused_before_it_is_loaded(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Memory:
        available = 1 << 20

    monkeypatch.setattr("psutil.virtual_memory", Memory)
    code, checks = examine(capsys)
    assert code == 1
    assert "1 MiB of memory" in checks["model"]["detail"]


def test_settings_that_cannot_be_used_are_warnings(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (Path.cwd() / "twolane.toml").write_text('[near]\nmodel = "own.gguf"\n[completion]\nmax_token = 3\n')
    code, _ = examine(capsys)
    assert code == 0
    assert cli.main(["doctor"]) == 0
    output = capsys.readouterr().out
    assert "near.model" in output
    assert "completion.max_tokens" in output
    assert f"→ ${{EDITOR:-vi}} {Path.cwd() / 'twolane.toml'}" in output


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("enabled = false", "turned off by the setting completion.enabled"),
        ('disabled_languages = ["go", "rust"]', "turned off for go, rust"),
    ],
)
def test_suggestions_that_are_turned_off_are_pointed_out(
    home: Path, capsys: pytest.CaptureFixture[str], setting: str, said: str
) -> None:
    (Path.cwd() / "twolane.toml").write_text(f"[completion]\n{setting}\n")
    code, _ = examine(capsys)
    assert code == 0
    assert cli.main(["doctor"]) == 0
    assert said in capsys.readouterr().out


def test_a_socket_that_is_taken_by_something_else_is_found(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "runtime_dir" / "twolane"
    folder.mkdir(mode=0o700)
    (folder / "engine.sock").write_text("not a socket")
    code, checks = examine(capsys)
    assert code == 1
    assert "engine.sock" in checks["engine"]["detail"]
    assert checks["engine"]["fix"] == f"rm -r {folder / 'engine.sock'}"


@pytest.mark.parametrize(("version", "level"), [(twolane.__version__, "ok"), ("0.0.7", "warning")])
def test_an_engine_of_another_version_is_pointed_out(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, version: str, level: str
) -> None:
    async def status(*_: object) -> dict[str, Any]:
        return {"running": True, "pid": 7, "version": version, "clients": 2, "model": "fake"}

    monkeypatch.setattr("twolane.clients.engine.control.status", status)
    code, checks = examine(capsys)
    assert (code, checks["engine"]["level"]) == (0, level)
    assert checks["engine"]["detail"].startswith("process 7 answers: fake, 1 other client")
    assert ("0.0.7" in checks["engine"]["detail"]) == bool(checks["engine"]["fix"]) == (level != "ok")


@pytest.mark.skipif(sys.platform == "win32", reason="locks are others there")
def test_a_folder_without_locks_is_found(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def none(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    code, checks = examine(capsys)
    assert code == 1
    assert "No locks available" in checks["engine"]["detail"]
    assert "XDG_RUNTIME_DIR" in checks["engine"]["fix"]


@pytest.mark.parametrize(
    ("variable", "check", "fix"), [("XDG_RUNTIME_DIR", "runtime", "XDG_RUNTIME_DIR"), ("XDG_DATA_HOME", "data", "mv ")]
)
def test_a_folder_that_cannot_be_had_is_told_with_what_mends_it(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, variable: str, check: str, fix: str
) -> None:
    (home / "file").write_text("")
    (home / "file").chmod(0o755)
    monkeypatch.setenv(variable, str(home / "file" / "below"))
    code, checks = examine(capsys)
    assert code == 1
    assert str(home / "file") in checks[check]["detail"]
    assert fix in checks[check]["fix"]


def test_folders_into_which_nobody_may_look_are_told_among_the_rest(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = home / "locked"
    locked.mkdir()
    for name in ("DATA_HOME", "STATE_HOME", "CONFIG_HOME"):
        monkeypatch.setenv(f"XDG_{name}", str(locked / "deep"))
    deny(monkeypatch, locked)
    monkeypatch.setattr(os, "access", lambda path, mode: path != locked)
    code, checks = examine(capsys)
    assert code == 1
    assert all(checks[name]["level"] == "error" for name in ("data", "state", "config", "budget", "policy"))
    assert all(str(locked) in checks[name]["fix"] for name in ("data", "state", "config"))


def test_folders_are_judged_by_what_can_be_done_in_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert places.folder("state", tmp_path / "new" / "deep").level == "ok"
    file = tmp_path / "file"
    file.write_text("")
    assert places.folder("state", file).level == "error"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for folder in (tmp_path, tmp_path / "new"):
        locked = places.folder("state", folder)
        assert locked.level == "error"
        assert "not writable" in locked.detail
        assert "chown" in locked.fix


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no owners")
def test_nobody_is_told_to_own_what_others_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, home = Path("/"), tmp_path / "home"
    (home / ".local").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(os, "getuid", lambda: root.stat().st_uid + 4711)
    for name, folder in (("data", root / "none" / "twolane"), ("state", root), ("data", home / "twolane")):
        fix = places.folder(name, folder).fix
        assert "chown" not in fix
        assert fix.startswith(f"export XDG_{name.upper()}_HOME=")
    assert "export XDG_CONFIG_HOME=" in places.config(root).fix
    assert f"chown $(id -un) {home / '.local'}" in places.folder("data", home / ".local" / "share").fix


def test_settings_that_no_model_could_work_with_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = gguf_factory.write(home / "tiny.gguf")
    configure(home, f'[near]\nmodel = "{model}"\nkv_type = "q4_0"\nflash_attention = "off"\n')
    code, checks = examine(capsys)
    assert code == 1
    assert "near.flash_attention" in checks["model"]["detail"]


def test_a_library_that_is_missing_or_crashes_is_told_with_the_build_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check, built = backend.library()
    assert check.level == "ok"
    assert built is not None
    for probe, reason in (
        ("raise ModuleNotFoundError(\"No module named 'llama_cpp'\")", "not installed"),
        ("raise OSError('libllama.so: cannot open')", "libllama.so: cannot open"),
        ("import os; os.abort()", "signal 6"),
    ):
        monkeypatch.setattr(backend, "_PROBE", probe)
        check, built = backend.library()
        assert (check.level, built) == ("error", None)
        assert reason in check.detail
        assert f"{sys.executable} -m pip install" in check.fix


def tool(folder: Path, name: str, output: str, code: int = 0) -> None:
    script = folder / name
    script.write_text(f"#!/bin/sh\necho '{output}'\nexit {code}\n")
    script.chmod(0o755)


def test_a_gpu_counts_only_when_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    processor = Library("0.3", offloads=False, devices=("CPU",))
    tool(tmp_path, "nvcc", "compiler")
    tool(tmp_path, "vulkaninfo", "deviceName = llvmpipe (LLVM 15)")
    tool(tmp_path, "nvidia-smi", "No devices were found", code=9)
    assert backend.device(processor).detail.startswith("no GPU answers")

    tool(tmp_path, "vulkaninfo", "    deviceName = Radeon 780M")
    check = backend.device(processor)
    assert check.level == "warning"
    assert "Radeon 780M" in check.detail
    assert "-DGGML_VULKAN=on" in check.fix

    tool(tmp_path, "nvidia-smi", "GPU 0: NVIDIA H200 (UUID: GPU-1)")
    check = backend.device(processor)
    assert "NVIDIA H200" in check.detail
    assert "-DGGML_CUDA=on" in check.fix
    assert backend.device(Library("0.3", offloads=True, devices=("CUDA0",))).level == "ok"


def test_build_tools_matter_only_until_the_library_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert {check.level for check in machine.tools(needed=False)} == {"note"}
    needed = {check.name: check for check in machine.tools(needed=True)}
    assert needed["compiler"].level == needed["make"].level == "error"
    tool(tmp_path, "apt-get", "")
    assert machine.tools(needed=True)[0].fix == "sudo apt-get install g++"


def test_a_full_disk_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.disk(tmp_path / "not" / "there").level == "ok"

    class Usage:
        free = 1

    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage)
    assert machine.disk(tmp_path).level == "warning"


def test_nothing_of_llama_cpp_is_loaded_by_the_doctor_itself(home: Path) -> None:
    probe = (
        "import sys\nfrom twolane.server import cli\ncli.main(['doctor'])\n"
        "sys.exit(1 if 'llama_cpp' in sys.modules else 0)\n"
    )
    done = subprocess.run([sys.executable, "-P", "-c", probe], capture_output=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_the_starter_is_named_when_no_model_is_set() -> None:
    check = places.model(settings.Loaded(settings.Settings()), offloads=False)
    assert "twolane-starter.gguf" in check.detail


def models(*names: str) -> Script:
    """A provider that lists these models."""

    async def script(talk: Conversation) -> None:
        listed = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"} for name in names
        ]
        await talk.whole(200, json.dumps({"data": listed, "has_more": False}).encode())

    return script


@pytest.fixture
def keyless(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return home


def test_the_far_lane_is_told_with_where_its_key_comes_from(
    keyless: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, checks = examine(capsys)
    assert (code, checks["far"]["level"]) == (0, "note")
    assert "set ANTHROPIC_API_KEY" in checks["far"]["detail"]
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-not-a-real-one")
    code, checks = examine(capsys)
    assert (code, checks["far"]["level"]) == (0, "ok")
    assert "the key comes from the variable ANTHROPIC_API_KEY" in checks["far"]["detail"]
    assert "api.anthropic.com" in checks["far"]["detail"]
    assert cli.main(["doctor"]) == 0
    assert "sk-not-a-real-one" not in capsys.readouterr().out
    configure(keyless, '[far]\nmodel = "nobody-knows-it"\n')
    code, checks = examine(capsys)
    assert (code, checks["far"]["level"]) == (1, "error")
    assert "has no price" in checks["far"]["detail"]
    configure(keyless, "[far]\nenabled = false\n")
    assert "turned off by far.enabled" in examine(capsys)[1]["far"]["detail"]


@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        (models("claude-sonnet-5-5", "claude-x"), 0, "takes the key"),
        (models("claude-x"), 0, "does not offer claude-sonnet-5-5: it offers claude-x"),
        (api.refuses(401, "authentication_error"), 1, "does not accept the key"),
    ],
)
def test_the_provider_is_asked_only_where_that_is_wanted(
    keyless: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    script: Script,
    code: int,
    told: str,
) -> None:
    with provider(script) as server:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-not-a-real-one")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        assert examine(capsys)[0] == 0
        assert server.requests == []
        assert cli.main(["doctor", "--ask", "--json"]) == code
        answered = capsys.readouterr().out
        assert told in {check["name"]: check for check in json.loads(answered)["checks"]}["far"]["detail"]
        assert "sk-not-a-real-one" not in answered
        assert [request.path.partition("?")[0] for request in server.requests] == ["/v1/models"]


def test_a_broken_file_of_the_workspace_is_the_one_to_mend(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = Path.cwd() / "twolane.toml"
    broken.write_text("[near]\nthreads three\n")
    code, checks = examine(capsys)
    assert code == 1
    for name in ("settings", "policy"):
        assert f"{broken}: line 2, column 9 is not TOML (" in checks[name]["detail"]
        assert checks[name]["detail"].endswith("so nothing in the file counts until that is mended")
        assert checks[name]["fix"].endswith(f" {broken}")


def test_a_policy_that_keeps_all_text_here_is_an_error(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(home, '[budget]\nday_dolars = 1\n[[routing.rules]]\nmodels = ["claude-next"]\n')
    code, checks = examine(capsys)
    assert code == 1
    assert checks["policy"]["level"] == "error"
    assert "nothing leaves this machine" in checks["policy"]["detail"]
    assert 'did you mean "budget.day_dollars"' in checks["policy"]["detail"]
    assert "twolane.toml" in checks["policy"]["fix"]
    assert "the model claude-next has no price" in checks["prices"]["detail"]


def test_what_is_spent_of_each_cap_is_told(keyless: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "$0 of $5.00 spent today" in examine(capsys)[1]["budget"]["detail"]
    assert not (keyless / "data_home" / "twolane" / "ledger.sqlite3").exists()
    spent(keyless / "data_home" / "twolane" / "ledger.sqlite3", 5)
    check = examine(capsys)[1]["budget"]
    assert "$5.00 of $5.00 spent today" in check["detail"]
    assert check["fix"].endswith("budget.day_dollars")
    (keyless / "data_home" / "twolane" / "ledger.sqlite3").write_bytes(b"damaged, and no database any more")
    code, checks = examine(capsys)
    assert (code, checks["budget"]["fix"]) == (1, "twolane ledger --acknowledge DOLLARS")
