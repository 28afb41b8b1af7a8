"""No placeholder comes in that stands for nothing: those that stand for secrets have become secrets again by now."""

from __future__ import annotations

import re
from typing import Final

from ..faults import Fault
from ..original import Change

_PLACEHOLDER: Final = re.compile(r"Veiled_\w+")


def faults(change: Change) -> list[Fault]:
    """Name what looks like a placeholder and stood nowhere in the file before."""
    had = set(_PLACEHOLDER.findall(change.original.text)) if change.original is not None else set()
    strange = [match for match in _PLACEHOLDER.finditer(change.plain) if match[0] not in had]
    if not strange:
        return []
    line = change.plain.count("\n", 0, strange[0].start()) + 1
    said = f"{change.path}, line {line}: {strange[0][0][:60]} stands for no value; keep placeholders as they are shown."
    return [Fault("names", said, change.path, line)]
