"""Who is asked for the holes: the real server with several settings, and llama.cpp's own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ..editor import Editor
from . import peer
from .holes import Hole
from .scoring import Score, score

OURS, WITHOUT_CONTEXT, WITHOUT_CHECKS = "Twolane", "Twolane, no other files", "Twolane, no checks"
INFILL, ALONE = "llama.cpp /infill", "llama.cpp, the model's own order"
MAX_TOKENS = 64
_UNHURRIED: Final = MappingProxyType({"goal_ms": 60_000, "time_limit_ms": 60_000, "max_tokens": MAX_TOKENS})
"""Quality is compared, not speed: nobody is cut short by a busy machine."""

_ARMS: Final[Mapping[str, Mapping[str, object]]] = MappingProxyType(
    {OURS: {}, WITHOUT_CONTEXT: {"context_tokens": 0}, WITHOUT_CHECKS: {"check": False}}
)


@dataclass(slots=True)
class Sides:
    """All sides for one workspace; `settle_s` is how long a person looks at an opened file before asking."""

    editors: Mapping[str, Editor]
    url: str
    settle_s: float

    def ask(self, hole: Hole, path: Path, native: bool) -> dict[str, Score]:
        """Every side's answer for one hole in the file at `path`; `native` where the model has its own order."""
        told = {}
        for editor in self.editors.values():
            editor.open(path, hole.without, hole.language)
        time.sleep(self.settle_s)
        for name, editor in self.editors.items():
            ms, text = editor.complete(path, hole.line, hole.column)
            trace = editor.explain(1)[-1]
            stages: dict[str, Any] = trace["stages"]
            ours = float(stages.get("filters", 0.0)) + float(stages.get("checks", 0.0))
            told[name] = score(hole, text, ms, ours, tuple(trace["checks"]), trace["reason"])
            editor.close(path)
        text, ms = peer.infill(self.url, hole, MAX_TOKENS)
        told[INFILL] = score(hole, _as_wanted(hole, text), ms)
        if native:
            text, ms = peer.alone(self.url, hole, MAX_TOKENS)
            told[ALONE] = score(hole, _as_wanted(hole, text), ms)
        return told


def _as_wanted(hole: Hole, text: str) -> str:
    """The peer writes on and on; it is told where a hole of one line ends, which nobody tells us."""
    return text if "\n" in hole.text.strip() else text.partition("\n")[0]


@contextmanager
def opened(folder: Path, env: Mapping[str, str], url: str, settle_s: float) -> Iterator[Sides]:
    """Start a server for each setting on one workspace."""
    with ExitStack() as stack:
        editors = {}
        for name, own in _ARMS.items():
            editors[name] = editor = stack.enter_context(Editor(env, folder))
            editor.initialize({"completion": {**_UNHURRIED, **own}})
            editor.status()
        yield Sides(editors, url, settle_s)
