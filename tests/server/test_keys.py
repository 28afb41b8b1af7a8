"""Keys come from the environment, else from the system's keyring, and from nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from twolane.clients.errors import KeyRefused
from twolane.server.config import keys

from . import keyring_drawer


@dataclass
class Drawer:
    """A keyring that holds what a test puts in."""

    path: Path

    def put(self, *, locked: bool = False, silent: bool = False, **keys: str) -> None:
        told = {"locked": locked, "silent": silent, "held": {"twolane": keys}}
        self.path.write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Drawer:
    for name in (keys.ANTHROPIC_KEY, keys.ANTHROPIC_URL, keys.TEAM_KEY):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"{keyring_drawer.__name__}.Drawer")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv(keyring_drawer.HELD_IN, str(tmp_path / "drawer.json"))
    drawer = Drawer(tmp_path / "drawer.json")
    drawer.put()
    return drawer


def test_the_environment_comes_first_and_the_keyring_second(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (keys.anthropic(), keys.team(), keys.anthropic_url()) == (None, None, "")
    drawer.put(anthropic="stored-far", team="stored-team")
    assert (keys.anthropic(), keys.team()) == ("stored-far", "stored-team")
    monkeypatch.setenv("ANTHROPIC_API_KEY", " from-environment \n")
    monkeypatch.setenv("TWOLANE_TEAM_KEY", "for-the-team")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://gateway.example.com")
    assert (keys.anthropic(), keys.team()) == ("from-environment", "for-the-team")
    assert keys.anthropic_url() == "https://gateway.example.com"


def test_a_locked_keyring_is_as_if_there_were_no_key(drawer: Drawer) -> None:
    drawer.put(locked=True, anthropic="stored-far")
    assert keys.anthropic() is None


def test_a_keyring_that_does_not_answer_holds_nobody_up(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_PATIENCE_S", 0.02)
    drawer.put(silent=True, anthropic="stored-far")
    assert keys.anthropic() is None
    drawer.put(anthropic="stored-far")
    monkeypatch.setattr(keys, "_PATIENCE_S", 20)
    assert keys.anthropic() == "stored-far"


@pytest.mark.parametrize("bad", ["two words", "line\nbreak", "ключ", "nul\x7f"])
def test_a_key_that_cannot_be_one_is_named_and_not_shown(drawer: Drawer, bad: str) -> None:
    drawer.put(anthropic=bad)
    with pytest.raises(KeyRefused, match="anthropic") as refused:
        keys.anthropic()
    assert bad not in str(refused.value)


def test_a_file_in_the_workspace_is_not_read(drawer: Drawer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=planted\nANTHROPIC_BASE_URL=https://thief.example.com\n")
    monkeypatch.chdir(tmp_path)
    assert (keys.anthropic(), keys.anthropic_url()) == (None, "")


def test_no_keyring_is_loaded_into_the_server() -> None:
    program = (
        "import sys, twolane.server.compose; from twolane.server.config import keys; keys.anthropic(); "
        "sys.exit('keyring' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-P", "-c", program], timeout=60, check=False).returncode == 0
