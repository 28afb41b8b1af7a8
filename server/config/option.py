"""One setting: its default, its line in the manual, what it allows, and who may set it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any, Literal

Scope = Literal["workspace", "tighten", "add", "trusted", "user"]
"""What the workspace's file may do: set it; only make it stricter; add to it, as every source does; set it where
the user trusts the workspace; nothing, because it belongs to the machine or the person."""

Layer = Literal["user", "workspace", "editor"]


def option(
    default: Any,
    doc: str,
    scope: Scope,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    path: bool = False,
    adapters: bool = False,
    read: Callable[[Any, Layer], Any] | None = None,
    allowed: str = "",
) -> Any:
    """Declare a field of a section.

    `read` makes the value from what a source of that layer holds, raises `ValueError` with what is wrong, and
    takes the place of every other check; `allowed` then tells the manual what it takes.
    """
    metadata: dict[str, Any] = {"doc": doc, "scope": scope, "low": low, "high": high, "choices": choices, "path": path}
    metadata |= {"adapters": adapters, "read": read, "allowed": allowed}
    return field(default=default, metadata=metadata)
