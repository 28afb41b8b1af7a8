"""`twolane index`: make the index of a workspace, or bring it up to date, and say what is in it."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path
from typing import Any

from ...context.graph.builder import Built
from ...context.graph.by_name import is_of_interest
from ...context.graph.live import LiveWorkspace
from ...context.graph.walk import EXCLUDED
from ...context.graph.watching import watch
from ..indexer import left_out_of, rules_of
from .configured import load_settings
from .files import workspace_of
from .outcome import DONE, FAILED, Bar, CommandError, emit, printable, say, warn


def run(arguments: argparse.Namespace) -> int:
    """Index the workspace of a folder as a server would; with `--watch` go on until interrupted."""
    root = _root(arguments.folder)
    settings = load_settings(root, trusted=arguments.trust).settings
    left_out = left_out_of(str(root), rules_of(settings.privacy.blocked))
    workspace = LiveWorkspace.open(root, left_out=left_out)
    bar = Bar(shown=sys.stderr.isatty() and not arguments.json)
    built = workspace.build(bar.show)
    bar.clear()
    if workspace.trouble:
        warn(workspace.trouble)
    _tell(built, workspace.trouble, arguments.json, _ExcludedBy(root, settings.privacy.blocked))
    if arguments.watch:
        _follow(workspace, arguments.json)
    return FAILED if workspace.trouble and not built.files else DONE


def document(built: Built, trouble: str = "") -> dict[str, Any]:
    """The figures as scripts rely on them; `trouble` stands there only where there is one."""
    told: dict[str, Any] = {
        "files": built.files,
        "symbols": built.symbols,
        "edges": built.edges,
        "seconds": round(built.seconds, 3),
        "skipped": built.skipped,
        "left_out": built.named,
    }
    return {**told, "trouble": trouble} if trouble else told


def _root(folder: str | None) -> Path:
    given = Path(folder or ".")
    try:
        path = given.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise CommandError(f"{given}: there is no such folder", kind="bad-input") from error
    if not path.is_dir():
        raise CommandError(f"{given}: it is a file; name a folder", kind="bad-input")
    around = workspace_of(path) or path
    if folder and around != path:
        warn(printable(f"{given} is indexed as a workspace of its own; for the one around it: twolane index {around}"))
    return path if folder else around


class _ExcludedBy:
    """Tells what excludes a path of the workspace, so that a person knows what to change to let it in."""

    def __init__(self, root: Path, blocked: tuple[str, ...]) -> None:
        self._ignored = left_out_of(str(root), rules_of(())) if blocked else None

    def __call__(self, path: str) -> str:
        if self._ignored is None or self._ignored(path.rstrip("/"), path.endswith("/")):
            return "an ignore file"
        return "privacy.blocked"


def _tell(built: Built, trouble: str, as_json: bool, excluded_by: _ExcludedBy) -> None:
    if as_json:
        emit(document(built, trouble))
        return
    counted = ", ".join(map(_counted, (built.files, built.symbols, built.edges), ("file", "symbol", "edge")))
    say(f"{counted} in {built.seconds:.1f} s ({built.read:,} read)")
    for reason, count in built.skipped.items():
        named = built.named.get(reason, [])
        told = [f"{path} ({excluded_by(path)})" if reason == EXCLUDED else path for path in named]
        more = f" and {count - len(named):,} more" if count > len(named) else ""
        say(printable(f"  left out: {count:,} {reason}: {', '.join(told)}{more}"))


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _follow(workspace: LiveWorkspace, as_json: bool) -> None:
    """Bring the index up to date at each change, and tell."""
    from ...context.languages.reading import language_of

    root = workspace.root
    for paths in watch(root, threading.Event(), interrupted=True):
        changed = sorted(path for path in paths if is_of_interest(path, language_of) or Path(root, path).is_dir())
        if paths and not changed:
            continue
        built = workspace.build()
        if not changed and not built.read:
            continue
        if as_json:
            emit({"changed": changed, **document(built, workspace.trouble)})
        else:
            shown = ", ".join(changed[:5] or ["meanwhile"]) + (
                f" and {len(changed) - 5} more" if len(changed) > 5 else ""
            )
            symbols = _counted(built.symbols, "symbol")
            say(printable(f"{shown}: {built.read} read in {built.seconds * 1000:.0f} ms, {symbols}"))
