"""What of a document decides which definitions of other files it may need.

Most keys that somebody types change nothing of it: half a name that nobody knows, a line further down. As long as it
is the same, what was gathered stays right but for the lines on which things stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..columns import column
from ..differing import common_end, common_start
from ..document import Snapshot
from ..facts import TYPES
from .pool import Pool
from .profile import Profile

_WORD = re.compile(r"[^\W\d]\w*")
_HOLDING = frozenset({"field", "constant", "variable"})


@dataclass(frozen=True, slots=True)
class Needs:
    """Equal for two states of a document where the same would be gathered for both."""

    masked: frozenset[str]
    imports: frozenset[tuple[object, ...]]
    uses: frozenset[tuple[str, str]]
    own: frozenset[tuple[object, ...]]
    locals: tuple[tuple[str, tuple[str, ...]], ...]
    receivers: frozenset[str]


def needs(snapshot: Snapshot, own: Profile, known: Callable[[str], bool]) -> Needs:
    """What a document needs, as its facts say; `known` tells of a name whether another file defines it.

    A name that others only use says a little about which files resemble this one: it counts from the next change on.
    """
    facts = own.facts
    names = column(facts.locals, "name")
    here = {*own.by_name, *names, *(item.bound.partition(".")[0] for item in facts.imports)}

    def words(text: str) -> tuple[str, ...]:
        """The names that tell a type; none where one link of a chain is unknown, so that it leads nowhere."""
        found = [word for word in _WORD.findall(text) if word in here or known(word)]
        chained = text.startswith("=") or text.endswith("()")
        return () if chained and len(found) < len(_WORD.findall(text)) else tuple(found)

    used = set(zip(column(facts.references, "name"), column(facts.references, "use"), strict=True))
    held = [
        (name, told) for name, text in zip(names, column(facts.locals, "type"), strict=True) if (told := words(text))
    ]
    return Needs(
        snapshot.masked_imports,
        frozenset((one.module, one.name, one.bound, one.level, one.top, one.passes_on) for one in facts.imports),
        frozenset(pair for pair in used if known(pair[0])),
        frozenset(
            (
                one.symbol,
                one.kind in TYPES,
                words(" ".join(one.bases)),
                words(one.gives) if one.kind in _HOLDING else (),
            )
            for one in facts.definitions
        ),
        tuple(sorted(held)),
        frozenset(
            text
            for text in set(column(facts.references, "receiver"))
            if text and all(word in here or known(word) for word in _WORD.findall(text))
        ),
    )


def moved(pool: Pool, before: str, snapshot: Snapshot, own: Profile) -> Pool:
    """The pool of an earlier text (`before`) for a document that needs the same, its lines put right."""
    text = snapshot.text
    start = common_start(before, text)
    end = common_end(before, text, min(len(before), len(text)) - start)
    row = before.count("\n", 0, start)
    more = text.count("\n", start, len(text) - end) - before.count("\n", start, len(before) - end)
    held = pool.held
    if more:
        held = tuple(
            replace(
                one,
                first=one.first + more * (one.first > row),
                last=one.last + more * (one.last >= row),
                line=one.line + more * (one.line > row),
            )
            for one in held
        )
    uses = sorted(
        (line - 1, pool.names[name]) for name, lines in own.uses.items() if name in pool.names for line in lines
    )
    return replace(
        pool,
        version=snapshot.version,
        held=held,
        use_name=np.array([name for _, name in uses], np.int32),
        use_line=np.array([line for line, _ in uses], np.int32),
    )
