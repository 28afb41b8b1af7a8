"""The manual's page about settings says what the module says."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

from twolane.server.config import settings, settings_docs

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_has_not_drifted() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == settings_docs.render(), (
        "docs/settings.md is not what the settings say: "
        "run `python -P -m twolane.server.config.settings_docs > docs/settings.md`"
    )


def test_the_named_command_writes_the_page() -> None:
    command = [sys.executable, "-P", "-m", "twolane.server.config.settings_docs"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert done.stdout.decode() == PAGE.read_text(encoding="utf-8")


def test_the_example_on_the_page_is_the_default(tmp_path: Path) -> None:
    example = PAGE.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    assert list(tomllib.loads(example)) == [section.name for section in fields(settings.Settings)]
    file = tmp_path / "twolane.toml"
    file.write_text(example)
    loaded = settings.load(None, trusted=False, user_file=file)
    assert loaded.problems == ()
    assert loaded.settings == settings.Settings()


def test_every_setting_is_told_with_its_range_and_its_scope() -> None:
    page = settings_docs.render()
    for key, option in settings.options():
        entry = page.partition(f"### `{key}`\n")[2].partition("###")[0]
        assert option.metadata["doc"] in entry
        assert "- allowed: " in entry
        assert "- the workspace's file may " in entry
