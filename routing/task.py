"""What a model is asked to do, and where models live."""

from __future__ import annotations

from typing import Literal, get_args

from ..clients.model import Lane

Task = Literal["completion", "refactor", "review", "tests", "docs", "explain", "commit", "evaluate"]
"""Ghost text; an edit; findings; generated tests; generated documentation; an explanation; a commit message; text that
is known, to see how near a model comes."""

TASKS: tuple[Task, ...] = get_args(Task)
LANES: tuple[Lane, ...] = get_args(Lane)
REMOTE: frozenset[Lane] = frozenset({"team", "far"})
"""Lanes that take text off this machine."""

DEFAULT_LANES: dict[Task, tuple[Lane, ...]] = {
    "completion": ("near",),
    "refactor": ("far", "team", "near"),
    "review": ("far", "team", "near"),
    "tests": ("far", "team", "near"),
    "docs": ("far", "team", "near"),
    "explain": ("far", "team", "near"),
    "commit": ("far", "team", "near"),
    "evaluate": ("far", "team", "near"),
}
"""Where each task goes without any rule, first choice first. Keystrokes leave the machine only where a rule says so."""
