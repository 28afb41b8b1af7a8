"""What is shown, laid out by how often it changes: a slow block in front, a small one that follows the cursor behind.

The model reads again what stands behind the first token that changed, the text around the cursor with it. So both
blocks stay as they are while somebody types near one place. Elsewhere in the file the small one, and where the file was
left or nobody touched it for a while the slow one, too, may be chosen anew, if what that gains is worth what must be
read again. A file that is opened begins with what another shows, as far as that pays: the model has read it already.
"""

from __future__ import annotations

import functools
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, takewhile

import numpy as np

from .candidates import Candidate
from .packer import Price, choose, header, snippets
from .ranking.pool import Floats, Pool
from .ranking.weights import (
    BEHIND,
    FAST_AGREES,
    FAST_TOKENS,
    SLOW_AGREES,
    STEADINESS,
    TOKENS_FOR_ALL,
    TOKENS_OF_AN_OPENED_FILE,
)
from .snippet import Packed, Snippet

REST_S = 3.0
STEADY_LINES = 12
"""The small block stays while the cursor is this near to where it was chosen: all of the document stands behind it."""
MAX_HELD = 64
_MOST_OTHERS = 16
"""So many other documents are looked at for a beginning, those that were asked about last."""

_MOST_FAST_SHARE = 0.25


@dataclass(slots=True)
class _Held:
    """`laid` are the candidates of which all was made anew when it was last asked for; None where it was kept then.

    `packed` is what was shown last, for a `budget` and from a `pool`.
    """

    slow: tuple[Snippet, ...]
    fast: tuple[Snippet, ...]
    line: int
    seen: float
    named: dict[str, int]
    laid: Sequence[Candidate] | None = None
    packed: Packed | None = None
    budget: int = 0
    pool: Pool | None = None

    def again(self, pool: Pool, budget: int, line: int) -> Packed | None:
        """The same once more, at most of the keys; None where something else may have to be shown."""
        near = abs(line - self.line) <= STEADY_LINES
        return self.packed if self.pool is pool and self.budget == budget and self.slow and near else None


@dataclass(frozen=True, slots=True)
class _Costs:
    """What snippets cost, each what it was placed with: a count that is learnt later moves nothing that stands.

    `named` has the same for the line that names a file: one for each file, or, where a model counts, for each run of
    lines of one file.
    """

    pool: Pool
    price: Price | None
    named: dict[str, int]

    def of(self, shown: Sequence[Snippet]) -> int:
        paths: Iterable[str] = {snippet.path for snippet in shown}
        if self.price is not None:
            paths = (path for path, _ in groupby(shown, lambda snippet: snippet.path))
        return sum(map(self.header, paths)) + sum(snippet.tokens for snippet in shown)

    def header(self, path: str) -> int:
        if (known := self.named.get(path)) is None:
            known = self.named[path] = header(self.pool, path, self.price)
        return known


@dataclass(slots=True)
class _Layout:
    """Both blocks, in prompt order."""

    slow: list[Snippet]
    fast: list[Snippet]

    @property
    def shown(self) -> tuple[Snippet, ...]:
        return (*self.slow, *self.fast)


class Blocks:
    """Holds the blocks of each open document. One thread asks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._last = ""

    def arrange(
        self,
        path: str,
        line: int,
        pool: Pool,
        ranked: Callable[[], tuple[Floats, Floats]],
        budget: int,
        stale: Callable[[Snippet], bool],
        price: Price | None = None,
    ) -> Packed:
        """What to show in `path` at `line` for `budget` tokens; `stale` says that a snippet's lines are others by now.

        `ranked` tells what each candidate is worth at the cursor, asked only where something is chosen; and 1 for those
        that begin with what is typed of a name, else 0: the small block goes by it, and the slow one hardly, since it
        stays when the name is written.
        A budget that shrinks takes from the end, one that grows adds nothing before something else changes. `price`
        is the model's own count, for what is placed now.
        """
        now = self._clock()
        held = self._held.get(path)
        opened = held is None
        fresh = held is None or self._last != path or (now - held.seen >= REST_S and not _is_rested(held, pool, line))
        self._last = path
        if held is None:
            held = _Held((), (), line, now, {})
        elif not fresh and (packed := held.again(pool, budget, line)) is not None:
            held.seen, held.laid = now, None
            self._held.move_to_end(path)
            return packed
        costs = _Costs(pool, price, held.named)
        layout = _Layout(*([one for one in block if not stale(one)] for block in (held.slow, held.fast)))
        if opened:
            ranked = functools.cache(ranked)
            layout.slow = self._beginning(costs, ranked()[0], budget - _room(budget), stale)
        while layout.slow and costs.of(layout.slow) > budget:
            del layout.slow[-1]
        while layout.fast and costs.of(layout.shown) > budget:
            del layout.fast[-1]
        chosen_at = held.line
        anew = bool(pool.candidates) and (opened or not layout.slow)
        changed = layout.shown != (*held.slow, *held.fast)
        if fresh or anew or changed or abs(line - held.line) > STEADY_LINES:
            layout = _best(costs, layout, held, ranked(), budget, fresh=fresh or anew, keep=not anew)
            chosen_at = line
        shown = layout.shown
        named = {snippet.path: costs.header(snippet.path) for snippet in shown}
        laid = pool.candidates if fresh else None
        packed = Packed(shown, costs.of(shown), 0.0, len(layout.slow))
        slow, fast = tuple(layout.slow), tuple(layout.fast)
        self._held[path] = _Held(slow, fast, chosen_at, now, named, laid, packed, budget, pool)
        self._held.move_to_end(path)
        if len(self._held) > MAX_HELD:
            self._held.popitem(last=False)
        return packed

    def _beginning(self, costs: _Costs, scores: Floats, budget: int, stale: Callable[[Snippet], bool]) -> list[Snippet]:
        """What another document begins with that may stand here, too: the likeliest to be needed, and the longest."""
        worth, best, most = _Worth(costs.pool, scores), [], 0.0
        for held in islice(reversed(self._held.values()), _MOST_OTHERS):
            shared = list(takewhile(lambda one: not stale(one), held.slow))
            while shared and costs.of(shared) > budget:
                del shared[-1]
            value = worth.likely(shared) + sum(snippet.tokens for snippet in shared) / TOKENS_OF_AN_OPENED_FILE
            if value > most:
                best, most = shared, value
        return best

    def forget(self, path: str) -> None:
        """Let go of a document's blocks."""
        self._held.pop(path, None)


def _room(budget: int) -> int:
    """What the small block may take."""
    return min(FAST_TOKENS, int(budget * _MOST_FAST_SHARE))


def _is_rested(held: _Held, pool: Pool, line: int) -> bool:
    """Whether all was made anew since the last key, for much the same place: who types on need not wait for more."""
    return held.laid is pool.candidates and abs(line - held.line) <= STEADY_LINES


def _best(
    costs: _Costs,
    kept: _Layout,
    held: _Held,
    ranked: tuple[Floats, Floats],
    budget: int,
    *,
    fresh: bool,
    keep: bool,
) -> _Layout:
    """The layout with the most worth: `kept`, or with another small block, or where it is `fresh` with both made anew.

    Without `keep` there is nothing to stay with.
    """
    scores, agree = ranked
    room = _room(budget)
    worth = _Worth(costs.pool, scores + SLOW_AGREES * agree, (*held.slow, *held.fast))

    def with_small(slow: list[Snippet]) -> _Layout:
        favoured = scores + FAST_AGREES * agree
        return _Layout(slow, _following(costs, favoured, min(room, budget - costs.of(slow)), slow, kept.fast))

    found = [kept, with_small(kept.slow)] if keep else []
    if fresh:
        dear = TOKENS_FOR_ALL if keep else TOKENS_OF_AN_OPENED_FILE
        slow = _renewed(costs, scores + SLOW_AGREES * agree, budget - room, kept.slow, dear)
        if not keep or slow != kept.slow:
            found.append(with_small(slow))
    return max(found, key=lambda layout: worth.of(layout.shown))


class _Worth:
    """How likely something that is shown is needed, less what must be read again for it."""

    def __init__(self, pool: Pool, scores: Floats, before: Sequence[Snippet] = ()) -> None:
        likely = np.exp(scores - scores.max()) if len(scores) else scores
        self._likely = likely / max(float(likely.sum()), 1e-9)
        self._number = pool.places
        self._before = before

    def likely(self, shown: Iterable[Snippet]) -> float:
        """How likely one of these is what is needed."""
        places = {(snippet.path, snippet.start_line) for snippet in shown}
        return float(sum(self._likely[self._number[place]] for place in places if place in self._number))

    def of(self, shown: Sequence[Snippet]) -> float:
        """The same, less its cost where `before` was shown until now."""
        likely = self.likely(shown)
        same = 0
        for one, other in zip(self._before, shown, strict=False):
            if (one.path, one.start_line, one.text) != (other.path, other.start_line, other.text):
                break
            same += 1
        if same == len(shown) == len(self._before):
            return likely
        return likely - (sum(snippet.tokens for snippet in shown[same:]) + BEHIND) / TOKENS_FOR_ALL


def _following(
    costs: _Costs, scores: Floats, budget: int, slow: Sequence[Snippet], before: Sequence[Snippet]
) -> list[Snippet]:
    """The small block for where the cursor is; what was in it is favoured."""
    pool = costs.pool
    favoured = scores.copy()
    if before:
        places = {(snippet.path, snippet.start_line) for snippet in before}
        favoured[[number for number, one in enumerate(pool.candidates) if one.place in places]] += STEADINESS
    chosen, _ = choose(pool, favoured, budget, slow, costs.price)
    return _in_order(snippets(pool, scores, chosen, costs.price), before)


def _renewed(
    costs: _Costs, scores: Floats, budget: int, held: Sequence[Snippet], tokens_for_all: float
) -> list[Snippet]:
    """The slow block with the most worth: how likely it holds what is needed, less what must be read again for it.

    Of what is held a beginning stays, of any length; what stands behind it is chosen anew, in the old order as far as
    it goes.
    """
    pool, price = costs.pool, costs.price
    if not held:
        return snippets(pool, scores, choose(pool, scores, budget, (), price)[0], price)
    worth = _Worth(pool, scores)
    best: list[Snippet] = list(held) if costs.of(held) <= budget else []
    most = worth.likely(best) if best else -1.0
    step = max(1, len(held) // 3)
    for kept in (*range(0, len(held), step), len(held)):
        begin = list(held[:kept])
        left = budget - costs.of(begin)
        if left <= 0:
            break
        chosen, _ = choose(pool, scores, left, begin, price)
        new = _in_order(snippets(pool, scores, chosen, price), held)
        value = worth.likely([*begin, *new]) - sum(snippet.tokens for snippet in new) / tokens_for_all
        if value > most:
            best, most = [*begin, *new], value
    return best


def _in_order(new: list[Snippet], before: Sequence[Snippet]) -> list[Snippet]:
    """What was there before keeps its place, by file; new files stand behind."""
    places = {(snippet.path, snippet.start_line): number for number, snippet in enumerate(before)}
    files: dict[str, int] = {}
    for snippet in before:
        files.setdefault(snippet.path, len(files))
    last = len(before)
    return sorted(
        new,
        key=lambda one: (
            files.get(one.path, len(files)),
            one.path,
            places.get((one.path, one.start_line), last),
            one.start_line,
        ),
    )
