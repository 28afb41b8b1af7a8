"""Real repairs: what changed in functions from one patch release to the next, taken back, is a change with a defect.

The same change forward is taken for clean. Neither is always true: a patch release also tidies up, and a repair may
bring a defect of its own; whoever reads the figures should know. The packages are permissively licensed and pure
Python; they are fetched as `benchmarks.typing.releases` says, and nothing of them is run.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass

from twolane.context.facts import Definition
from twolane.context.languages.reading import read_text
from twolane.context.parsing import Refused
from twolane.review.changes import Lines, between

from ..typing.releases import Release, texts

MOST_LINES = 15
"""A repair that changes more lines of a function is no small one."""


@dataclass(frozen=True, slots=True)
class Case:
    """One changed function of one file: `base` is the text before, `text` the one under review.

    `defect`: the change takes a repair back. Without it the change is the repair.
    """

    name: str
    path: str
    base: str
    text: str
    lines: tuple[Lines, ...]
    defect: bool


def cases(releases: tuple[Release, ...], most: int, seed: int) -> list[Case]:
    """Pairs of a defect and its repair from all releases, `most` pairs drawn by `seed`, those of one pair in a row."""
    pairs = [pair for release in releases for pair in _of(release)]
    random.Random(seed).shuffle(pairs)
    return [case for pair in pairs[:most] for case in pair]


def _of(release: Release) -> Iterator[tuple[Case, Case]]:
    before, after = texts(release.package, release.before), texts(release.package, release.after)
    for path in sorted(before.keys() & after.keys()):
        if before[path] != after[path]:
            yield from in_file(f"{release.package} {release.after.number} {path}", path, before[path], after[path])


def in_file(name: str, path: str, before: str, after: str) -> Iterator[tuple[Case, Case]]:
    """Each repaired function alone: the rest of the file is as it is after the repair."""
    old, new = _functions(before), _functions(after)
    rows = after.split("\n")
    for symbol in sorted(old.keys() & new.keys()):
        was = before.split("\n")[old[symbol].start_line - 1 : old[symbol].last_line]
        now = rows[new[symbol].start_line - 1 : new[symbol].last_line]
        if not _does_otherwise("\n".join(was), "\n".join(now)):
            continue
        taken_back = "\n".join([*rows[: new[symbol].start_line - 1], *was, *rows[new[symbol].last_line :]])
        broken, repaired = between(after, taken_back), between(taken_back, after)
        if any(sum(one.last - one.first + 1 for one in lines) > MOST_LINES for lines in (broken, repaired)):
            continue
        if broken and repaired:
            yield (
                Case(f"{name}:{symbol}", path, after, taken_back, broken, defect=True),
                Case(f"{name}:{symbol}", path, taken_back, after, repaired, defect=False),
            )


def _functions(text: str) -> dict[str, Definition]:
    facts = read_text("python", text)
    if isinstance(facts, Refused):
        return {}
    found = [one for one in facts.definitions if one.kind in ("function", "method")]
    names = [one.symbol for one in found]
    return {one.symbol: one for one in found if names.count(one.symbol) == 1}


def _does_otherwise(was: str, now: str) -> bool:
    """Whether the two differ in more than white space, comments, documentation and annotations."""
    try:
        return _bare(was) != _bare(now)
    except SyntaxError:
        return False


def _bare(text: str) -> str:
    indent = len(text) - len(text.lstrip(" "))
    tree = ast.parse("\n".join(row[indent:] if row[:indent].isspace() else row for row in text.split("\n")))
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                node.returns = None
                if ast.get_docstring(node, clean=False) is not None:
                    node.body = node.body[1:] or [ast.Pass()]
            case ast.arg():
                node.annotation = None
            case ast.AnnAssign():
                node.annotation = ast.Constant(None)
            case _:
                pass
    return ast.dump(tree)
