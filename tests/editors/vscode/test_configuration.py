"""What is generated of the VS Code extension says what the server's settings say; no Node is needed for that."""

from __future__ import annotations

import json
import re
from typing import Any

from editors.vscode import configuration
from twolane.server.config.settings import options
from twolane.server.wire.handshake import COMMANDS

MANIFEST: dict[str, Any] = json.loads(configuration.MANIFEST.read_text(encoding="utf-8"))
SOURCES = configuration.MANIFEST.parent / "src"


def settings() -> dict[str, dict[str, Any]]:
    groups = MANIFEST["contributes"]["configuration"]
    return {key: schema for group in groups for key, schema in group["properties"].items()}


def test_the_settings_have_not_drifted() -> None:
    assert configuration.MANIFEST.read_text(encoding="utf-8") == configuration.render(), "make docs"


def test_a_workspace_can_loosen_nothing_of_the_machine() -> None:
    declared = settings()
    restricted = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    for key, option in options():
        scope, schema = option.metadata["scope"], declared[f"twolane.{key}"]
        if scope in ("user", "add"):
            assert schema["scope"] == "machine", key
        if scope in ("trusted", "tighten"):
            assert f"twolane.{key}" in restricted, key
        if scope == "tighten" and not key.startswith("completion."):
            assert schema["scope"] == "machine", key
    assert {"twolane.server.path", "twolane.server.environment"} <= restricted


def test_every_command_of_the_palette_is_there_and_none_takes_a_name_of_the_servers() -> None:
    contributed = {one["command"].removeprefix("twolane.") for one in MANIFEST["contributes"]["commands"]}
    table = (SOURCES / "commands.ts").read_text(encoding="utf-8").partition("function table(")[2].partition("\n  };")[0]
    written = set(re.findall(r"^    (\w+): ", table, re.MULTILINE))
    assert written - contributed == {"instruct"}
    assert contributed <= written
    assert not {f"twolane.{name}" for name in contributed} & {*COMMANDS, "twolane.review"}


def test_the_walkthrough_leads_to_commands_and_pages_that_exist() -> None:
    (walkthrough,) = MANIFEST["contributes"]["walkthroughs"]
    commands = {one["command"] for one in MANIFEST["contributes"]["commands"]}
    for step in walkthrough["steps"]:
        assert (SOURCES.parent / step["media"]["markdown"]).is_file()
        for command in re.findall(r"command:(twolane\.\w+)", step["description"]):
            assert command in commands


def test_the_lock_file_names_no_registry() -> None:
    assert "://" not in re.sub(r'"(?:url|funding)": .*', "", (SOURCES.parent / "package-lock.json").read_text())
