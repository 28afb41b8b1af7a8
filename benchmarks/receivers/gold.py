"""What jedi says a member is, against what we say."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

from jedi.api import Script
from jedi.api.project import Project

from tests.context.memory_workspace import MemoryWorkspace
from twolane.context.facts import Reference
from twolane.context.types.receiver import Receivers


def compare(workspace: MemoryWorkspace, folder: Path, wanted: int, examples: int) -> dict[str, Any]:
    """Members with a receiver that jedi finds in the folder: how many we find there too, elsewhere, or not at all."""
    chance = random.Random(3)
    project = Project(str(folder), load_unsafe_extensions=False)
    told: Counter[str] = Counter()
    misses: list[str] = []
    paths = [path for path in workspace.paths() if path.endswith(".py")]
    chance.shuffle(paths)
    share = max(3, wanted // max(1, len(paths)) + 1)
    for path in paths:
        facts, text = workspace.facts(path), workspace.read(path)
        if facts is None or text is None:
            continue
        asked = [item for item in facts.references if item.receiver]
        script = Script(code=text, path=str(folder / path), project=project)
        receivers = Receivers(workspace, workspace.resolver)
        for item in chance.sample(asked, min(share, len(asked))):
            gold = _gold(script, folder, item)
            if not gold:
                continue
            ours = receivers.member(path, item.line, item.receiver, item.name)
            places = {(found.path, found.definition.start_line) for found in ours}
            verdict = "agreed" if places & gold else "wrong" if places else "missed"
            told[verdict] += 1
            if verdict != "agreed":
                misses.append(f"{verdict} {path}:{item.line} {item.receiver}.{item.name} jedi {sorted(gold)[:2]}")
            if told.total() >= wanted:
                break
        if told.total() >= wanted:
            break
    total = max(1, told.total())
    return {
        "members judged": told.total(),
        **{name: f"{100 * told[name] / total:.1f} %" for name in ("agreed", "wrong", "missed")},
        "examples": misses[:examples],
    }


def _gold(script: Script, folder: Path, item: Reference) -> set[tuple[str, int]]:
    try:
        names = script.goto(item.line, item.column, follow_imports=True)
    except Exception:
        return set()
    found: set[tuple[str, int]] = set()
    for name in names:
        path = name.module_path
        if path is None or name.line is None or name.type == "module" or not path.is_relative_to(folder):
            continue
        found.add((path.relative_to(folder).as_posix(), name.line))
    return found
