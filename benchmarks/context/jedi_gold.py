"""A second opinion on Python points: where jedi knows what a name means, it must be the definition that we found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import jedi

from .points import Point
from .repository import Repository


def agreed(repository: Repository, points: Iterable[Point]) -> Iterator[Point]:
    """The points that jedi does not contradict: it knows the same file, or nothing."""
    project = jedi.Project(str(repository.root), smart_sys_path=True)
    verdicts: dict[tuple[str, int, str], bool] = {}
    scripts: dict[str, jedi.Script] = {}
    for point in points:
        if not point.path.endswith(".py"):
            yield point
            continue
        key = point.path, point.line, point.name
        if key not in verdicts:
            verdicts[key] = _agrees(repository, project, scripts, point)
        if verdicts[key]:
            yield point


def _agrees(repository: Repository, project: jedi.Project, scripts: dict[str, jedi.Script], point: Point) -> bool:
    text = repository.texts[point.path]
    if point.path not in scripts:
        scripts.clear()
        scripts[point.path] = jedi.Script(text, path=repository.root / point.path, project=project)
    line = text.split("\n")[point.line - 1]
    column = line.find(point.name)
    try:
        names = scripts[point.path].goto(point.line, column, follow_imports=True)
    except Exception:  # jedi's own faults are many; what it cannot say does not count against a point
        return True
    places = {Path(name.module_path).resolve() for name in names if name.module_path is not None}
    return not places or (repository.root / point.golds[0].path).resolve() in places
