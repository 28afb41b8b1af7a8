"""Keys come from the environment, else from the system's keyring, and from nowhere else."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from twolane.clients.errors import KeyRefused
from twolane.server.config import keys


class Drawer(KeyringBackend):
    """A keyring that holds what a test puts in."""

    priority = -1  # never chosen by keyring itself

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False
        self.answers = threading.Event()
        self.answers.set()

    def get_password(self, service: str, username: str) -> str | None:
        self.answers.wait()
        if self.locked:
            raise KeyringLocked("the drawer is locked")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawer]:
    for name in (keys.ANTHROPIC_KEY, keys.ANTHROPIC_URL, keys.TEAM_KEY):
        monkeypatch.delenv(name, raising=False)
    before, mine = keyring.get_keyring(), Drawer()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def test_the_environment_comes_first_and_the_keyring_second(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (keys.anthropic(), keys.team(), keys.anthropic_url()) == (None, None, "")
    drawer.held = {("twolane", "anthropic"): "stored-far", ("twolane", "team"): "stored-team"}
    assert (keys.anthropic(), keys.team()) == ("stored-far", "stored-team")
    monkeypatch.setenv("ANTHROPIC_API_KEY", " from-environment \n")
    monkeypatch.setenv("TWOLANE_TEAM_KEY", "for-the-team")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://gateway.example.com")
    assert (keys.anthropic(), keys.team()) == ("from-environment", "for-the-team")
    assert keys.anthropic_url() == "https://gateway.example.com"


def test_a_locked_keyring_is_as_if_there_were_no_key(drawer: Drawer) -> None:
    drawer.locked = True
    assert keys.anthropic() is None


def test_a_keyring_that_does_not_answer_holds_nobody_up(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_PATIENCE_S", 0.02)
    drawer.held = {("twolane", "anthropic"): "stored-far"}
    drawer.answers.clear()
    assert keys.anthropic() is None
    drawer.answers.set()
    monkeypatch.setattr(keys, "_PATIENCE_S", 20)
    assert keys.anthropic() == "stored-far"


@pytest.mark.parametrize("bad", ["two words", "line\nbreak", "ключ", "nul\x7f"])
def test_a_key_that_cannot_be_one_is_named_and_not_shown(drawer: Drawer, bad: str) -> None:
    drawer.held = {("twolane", "anthropic"): bad}
    with pytest.raises(KeyRefused, match="anthropic") as refused:
        keys.anthropic()
    assert bad not in str(refused.value)


def test_a_file_in_the_workspace_is_not_read(drawer: Drawer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=planted\nANTHROPIC_BASE_URL=https://thief.example.com\n")
    monkeypatch.chdir(tmp_path)
    assert (keys.anthropic(), keys.anthropic_url()) == (None, "")


def test_no_keyring_is_loaded_before_one_is_needed() -> None:
    program = "import sys, twolane.server.config.keys, twolane.server.compose; sys.exit('keyring' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", program], timeout=60, check=False).returncode == 0
