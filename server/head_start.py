"""The engine starts, and loads its model, while the server itself is still being loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..clients.errors import ModelError
from .config.settings import load
from .near import engine_options, model_spec

if TYPE_CHECKING:
    from ..clients.engine.client import LocalEngine


def engine_for(
    folders: tuple[str, ...], *, trusted: bool, editor: Mapping[str, Any], user_file: Path | None
) -> LocalEngine | None:
    """The engine that keystrokes will go to, by the settings as they are; None where they go elsewhere, or nowhere.

    `folders` are the URIs of the workspace's; the others as `config.settings.load` has them. Reads files.
    """
    from ..clients.engine.client import LocalEngine
    from .text.workspace import Workspace

    root, *others = Workspace(folders).in_order or (None,)
    settings = load(root, trusted=trusted, editor=editor, user_file=user_file, others=others).settings
    if not settings.completion.enabled or settings.team.completion:
        return None
    return LocalEngine(model_spec(settings), engine_options(settings))


async def give(engine: LocalEngine) -> None:
    """Have the model loaded. What goes wrong is told when somebody asks for an answer."""
    try:
        with contextlib.suppress(ModelError):
            await engine.info()
    finally:
        await engine.close()
