"""The process that indexes a workspace for a server: `context`'s, with the privacy rules to tell what stays out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..completion.tended import Indexer

if TYPE_CHECKING:
    from ..context.graph.walk import LeftOut
    from .config.settings import Settings

COMMAND = (sys.executable, "-P", "-m", f"{__package__}.indexer")


def rules_of(blocked: tuple[str, ...]) -> dict[str, Any]:
    """The patterns of `privacy.blocked` as the process takes them."""
    return {"blocked": list(blocked)}


def left_out_of(root: str, rules: dict[str, Any]) -> LeftOut:
    """What is left out of the workspace at a root."""
    from ..routing.privacy.leaving_out import LeftOut as Rules

    leaves_out: Callable[[str, bool], bool] = Rules(root, tuple(rules.get("blocked", ())))
    return leaves_out


def indexer_for(
    settings: Settings,
    *,
    watch: bool = False,
    progress: Callable[[Path, str, int, int], None] = lambda *_: None,
    built: Callable[[Path], None] = lambda _: None,
    trouble: Callable[[str], None] = lambda _: None,
) -> Indexer | None:
    """How the settings want workspaces indexed; None where they want it not done."""
    if not settings.workspace.index:
        return None
    rules = rules_of(settings.privacy.blocked)
    return Indexer(COMMAND, rules, lambda root: left_out_of(root, rules), watch, progress, built, trouble)


if __name__ == "__main__":
    from ..context.graph import child

    child.main(left_out_of)
