"""Which fine-tunes are put on the model, as the settings say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.clients.engine.spec import Adapter
from twolane.server import near
from twolane.server.config import settings
from twolane.server.config.settings import Loaded


def load(folder: Path, *, user: str = "", workspace: str = "", trusted: bool = False) -> Loaded:
    (folder / "user.toml").write_text(user)
    (folder / settings.FILE_NAME).write_text(workspace)
    return settings.load(folder, trusted=trusted, user_file=folder / "user.toml")


def test_paths_and_strengths_reach_the_engine(tmp_path: Path) -> None:
    user = '[near]\nadapters = ["own.gguf", { path = "/m/other.gguf", scale = 0.5 }, { path = "third.gguf" }]\n'
    loaded = load(tmp_path, user=user + 'kv_type = "q8_0"\nflash_attention = "on"\ndraft_model = "small.gguf"\n')
    assert loaded.problems == ()
    spec = near.model_spec(loaded.settings)
    assert spec.adapters == (
        Adapter(str(tmp_path / "own.gguf")),
        Adapter("/m/other.gguf", 0.5),
        Adapter(str(tmp_path / "third.gguf")),
    )
    assert (spec.kv_type, spec.flash_attention, spec.draft_model) == ("q8_0", "on", str(tmp_path / "small.gguf"))


@pytest.mark.parametrize(
    "value",
    ['"own.gguf"', "[7]", '[""]', "[{ scale = 1 }]", '[{ path = "a", scale = "much" }]', '[{ path = "a", rank = 4 }]',
     '[{ path = "a", scale = 1000 }]', '[{ path = "a", scale = nan }]'],
)  # fmt: skip
def test_anything_else_is_named_with_what_is_allowed(tmp_path: Path, value: str) -> None:
    loaded = load(tmp_path, user=f"[near]\nadapters = {value}\n")
    assert loaded.settings.near.adapters == ()
    (problem,) = loaded.problems
    assert problem.key == "near.adapters"
    assert "a list of paths, or of tables with a path and a scale" in problem.message


def test_only_a_trusted_workspace_chooses_them_and_then_in_place_of_the_users(tmp_path: Path) -> None:
    user, workspace = '[near]\nadapters = ["/m/mine.gguf"]\n', '[near]\nadapters = ["own.gguf"]\n'
    refused = load(tmp_path, user=user, workspace=workspace)
    assert refused.settings.near.adapters == (Adapter("/m/mine.gguf"),)
    assert "trust" in refused.problems[0].message
    allowed = load(tmp_path, user=user, workspace=workspace, trusted=True)
    assert allowed.settings.near.adapters == (Adapter(str(tmp_path / "own.gguf")),)
    assert allowed.problems == ()
