"""What an edit of Python newly imports from the workspace itself is there; a model makes up names that sound right."""

from __future__ import annotations

import re
from typing import Final

from ...context.facts import Import
from ..faults import Fault
from ..known import Known
from ..original import Change
from ..outline import Outline

_MADE_UP_AS_IT_RUNS: Final = re.compile(r"__getattr__|globals\(|import \*|setattr\(")


def faults(change: Change, before: Outline | None, after: Outline, ahead: Known | None) -> list[Fault]:
    """Name each new import of a name that its file does not even mention; `ahead` is the workspace after the edit."""
    found: list[Fault] = []
    for one in _new(before, after) if ahead is not None else ():
        if one.name in ("", "*") or ahead is None:
            continue
        targets = ahead.resolver.targets(change.path, one)
        texts = [ahead.workspace.read(target.path) for target in targets]
        if targets and not any(text is None or _may_hold(text, one.name) for text in texts):
            said = f"{change.path}, line {one.start_line}: there is no {one.name} in {targets[0].path}."
            found.append(Fault("imports", said, change.path, one.start_line))
    return found


def nowhere(change: Change, before: Outline | None, after: Outline, ahead: Known | None) -> list[str]:
    """New imports of modules of this workspace that are not in its index; a generated or compiled one may be there."""
    if ahead is None or not ahead.complete:
        return []
    return sorted(
        {
            f"{'.' * one.level}{one.module}"
            for one in _new(before, after)
            if _is_own(one, ahead) and not ahead.resolver.targets(change.path, one)
        }
    )


def _new(before: Outline | None, after: Outline) -> list[Import]:
    if after.facts.language != "python":
        return []
    had = {(one.module, one.name, one.level) for one in before.facts.imports} if before is not None else set()
    return [one for one in after.facts.imports if (one.module, one.name, one.level) not in had]


def _is_own(one: Import, known: Known) -> bool:
    """Whether an import can only mean a module of this workspace."""
    if one.level:
        return True
    first = one.module.partition(".")[0]
    return "." in one.module and any(
        known.workspace.within(folder) for folder in (first, f"src/{first}") if known.workspace.is_folder(folder)
    )


def _may_hold(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None or _MADE_UP_AS_IT_RUNS.search(text) is not None
