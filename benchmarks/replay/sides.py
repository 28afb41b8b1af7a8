"""Who is asked for the holes: the real server with several settings, llama.cpp's own, and what needs no model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from twolane.completion.trace import Source
from twolane.evaluation.holes import Hole

from . import ngrams, peer
from .answers import Answers
from .scoring import Score, found, score
from .window import Window
from .window import opened as window_opened

OURS, WITHOUT_CONTEXT, WITHOUT_CHECKS = "Twolane", "Twolane, no other files", "Twolane, no checks"
WITHOUT_SEARCH, WITHOUT_COPIES = "Twolane, no search for lines", "Twolane, no copying"
INFILL, ALONE = "llama.cpp /infill", "llama.cpp, the model's own order"
AGAINST, BASELINE = "Twolane, the other model", "no model: n-grams of text shown"
SIDES: Final = (OURS, WITHOUT_CONTEXT, WITHOUT_CHECKS, WITHOUT_SEARCH, WITHOUT_COPIES, AGAINST, INFILL, ALONE, BASELINE)
BESIDE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no-context": WITHOUT_CONTEXT,
        "no-checks": WITHOUT_CHECKS,
        "no-search": WITHOUT_SEARCH,
        "no-copying": WITHOUT_COPIES,
        "infill": INFILL,
        "own-order": ALONE,
        "n-grams": BASELINE,
    }
)
"""What each is called on a command line."""
MAX_TOKENS = 64
_UNHURRIED: Final = MappingProxyType(
    {"goal_ms": 60_000, "time_limit_ms": 60_000, "max_tokens": MAX_TOKENS, "ahead": False}
)
"""Quality is compared, not speed: nobody is cut short by a busy machine."""

_ARMS: Final[Mapping[str, Mapping[str, object]]] = MappingProxyType(
    {
        OURS: {},
        WITHOUT_CONTEXT: {"context_tokens": 0},
        WITHOUT_CHECKS: {"check": False},
        WITHOUT_SEARCH: {"hypotheses": 1},
        WITHOUT_COPIES: {"copies": False},
    }
)
_TOLD = 40


@dataclass(slots=True)
class Sides:
    """All sides for one workspace; `settle_s` is how long a person looks at an opened file before asking.

    One request at a time goes to the peer; of our own documents several may be open. The n-grams see what Twolane
    showed its model for the same hole: asked before, and its answer not kept by a release that did not note that.
    """

    folder: Path

    windows: Mapping[str, Window]
    url: str
    settle_s: float
    answers: Answers
    native: bool
    _peer: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, hole: Hole, path: Path, relative: str, sides: Sequence[str]) -> dict[str, Score]:
        """The answers of `sides` for one hole in the file at `path`; those given before are taken over."""
        told: dict[str, Score] = {}
        for side in sides:
            if (known := self.answers.find(hole, side)) is None:
                known = await self._asked(side, hole, path, relative, told)
                if known is None:
                    continue
                self.answers.add(hole, side, known)
            told[side] = known
        return told

    async def _asked(self, side: str, hole: Hole, path: Path, relative: str, told: Mapping[str, Score]) -> Score | None:
        ours = told.get(OURS)
        if side == WITHOUT_CHECKS and ours is not None and not (found(ours, "withheld") or found(ours, "cut")):
            return ours
        if side in self.windows:
            return await self._ours(side, hole, path, relative)
        if side == AGAINST or (side == ALONE and not self.native):
            return None
        if side == BASELINE:
            lines = ours.sources if ours is not None else ()
            return score(hole, ngrams.answer(hole, self.folder, relative, lines, MAX_TOKENS), 0.0)
        async with self._peer:
            ask = peer.infill if side == INFILL else peer.alone
            text, ms = await asyncio.to_thread(ask, self.url, hole, MAX_TOKENS)
        return score(hole, _as_wanted(hole, text), ms)

    async def _ours(self, side: str, hole: Hole, path: Path, relative: str) -> Score:
        window = self.windows[side]
        window.open(path, hole.without, hole.language)
        await asyncio.sleep(self.settle_s)
        ms, text = await window.complete(path, hole.line, hole.column)
        trace = await window.told(relative, _TOLD)
        window.close(path)
        stages: dict[str, Any] = trace["stages"]
        ours = float(stages.get("filters", 0.0)) + float(stages.get("checks", 0.0))
        lines = ngrams.shown(Source(**source) for source in trace["sources"])
        return score(hole, text, ms, ours, tuple(trace["checks"]), trace["reason"], tuple(trace["filters"]), lines)


def _as_wanted(hole: Hole, text: str) -> str:
    """The peer writes on and on; it is told where a hole of one line ends, which nobody tells us."""
    return text if "\n" in hole.text.strip() else text.partition("\n")[0]


@asynccontextmanager
async def opened(
    folder: Path,
    env: Mapping[str, str],
    url: str,
    settle_s: float,
    answers: Answers,
    wanted: Collection[str],
    *,
    native: bool,
    against: Path | None = None,
) -> AsyncIterator[Sides]:
    """Start a server for each side on one workspace; `native` where the model has its own order of a prompt.

    `against` is another model, which a server of its own is told to use.
    """
    settings: dict[str, dict[str, Mapping[str, object]]] = {
        name: {"completion": {**_UNHURRIED, **own}} for name, own in _ARMS.items()
    }
    if against is not None:
        settings[AGAINST] = {"completion": dict(_UNHURRIED), "near": {"model": str(against)}}
    async with AsyncExitStack() as stack:
        windows = {
            name: await stack.enter_async_context(window_opened(env, folder, own))
            for name, own in settings.items()
            if name in wanted
        }
        yield Sides(folder, windows, url, settle_s, answers, native)
