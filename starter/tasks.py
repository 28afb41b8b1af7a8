"""What models are asked when they are compared: holes of packages that were never trained on, with their prompts."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ..clients.engine.prompt import Prompt
from ..server.commands.masking import UnmaskableError
from .asking import Asker, Sizes, Words
from .corpus import Source
from .holes import KINDS, Hole, Kind, Lines, draw, inside_word
from .naming import Names, told
from .workspaces import Package, opened

NAMES_OTHERS = "names what only other files say"
SINGLE: frozenset[Kind] = frozenset({"rest-of-line", "line", "argument"})
SINGLES = "rest-of-line, line and argument"
_ATTEMPTS = 2000


@dataclass(frozen=True, slots=True)
class Task:
    """One hole: what the two prompts are made of, what the baseline sees, and what belongs there.

    `without` shows no other files, and more of its own for them, as the product does where none are wanted; `unhealed`
    is the first with the word that the cursor stands in.
    `names_others` says that it was drawn because it names what only the lines shown of other files say.
    """

    source: Source
    hole: Hole
    before: str
    after: str
    middle: str
    with_context: Prompt
    without: Prompt
    unhealed: Prompt
    extras: tuple[str, ...]
    names_others: bool = False

    @property
    def one_line(self) -> bool:
        """Whether the hole is one of one line: no line break was in it."""
        return "\n" not in self.middle

    @property
    def groups(self) -> tuple[str, ...]:
        """The rows of the table that the hole counts in; one drawn for what it names counts nowhere else."""
        if self.names_others:
            return (NAMES_OTHERS,)
        inside = inside_word(self.source.text, self.hole.start)
        single = self.hole.kind in SINGLE
        return ("all", self.hole.kind, *([SINGLES] if single else []), *(["inside a word"] if inside else []))


def holes_of(sources: Sequence[Source], per_kind: int, seed: int) -> list[tuple[Source, Hole]]:
    """`per_kind` holes of each kind, each with its file; every package alike."""
    rng = random.Random(seed)
    by_package: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if len(source.text) > 1500:
            by_package[source.package].append(source)
    names = sorted(by_package)
    drawn: list[tuple[Source, Hole]] = []
    kinds: list[Kind] = [kind for kind, _ in KINDS if kind != "span"]
    for kind in kinds:
        count = 0
        while count < per_kind:
            source = rng.choice(by_package[names[count % len(names)]])
            hole = draw(Lines(source.text), rng, kind)
            if hole is not None and hole.kind == kind and source.text[hole.start : hole.end].strip():
                drawn.append((source, hole))
                count += 1
    return drawn


def tasks(
    sources: Sequence[Source], vocabulary: Words, per_kind: int, naming: int, seed: int, sizes: Sizes
) -> list[Task]:
    """Draw the holes, and have each package's symbol graph say what to show at them.

    To `per_kind` of each kind come `naming` of any kind that name what only the lines shown of other files say.
    """
    asker = Asker(vocabulary)
    by_package: dict[str, list[tuple[Source, Hole]]] = defaultdict(list)
    for source, hole in holes_of(sources, per_kind, seed):
        by_package[source.package].append((source, hole))
    names = sorted({source.package for source in sources})
    made: list[Task] = []
    for number, name in enumerate(names):
        of_package = [source for source in sources if source.package == name]
        with opened(name, of_package) as package:
            drawn = (_task(package, asker, source, hole, sizes) for source, hole in by_package[name])
            made += [task for task in drawn if task is not None]
            wanted = naming // len(names) + (number < naming % len(names))
            made += islice(_naming(package, asker, of_package, sizes, random.Random(f"{seed} {name}")), wanted)
    return made


def _naming(
    package: Package, asker: Asker, sources: Sequence[Source], sizes: Sizes, rng: random.Random
) -> Iterator[Task]:
    """Tasks at holes that name what the lines of other files say and the shown text of their own file does not."""
    names = Names(sources)
    places = [(Lines(source.text), source, among) for source in sources if (among := names.lines(source))]
    for _ in range(_ATTEMPTS if places else 0):
        lines, source, among = rng.choice(places)
        hole = draw(lines, rng, among=among)
        missing = names.missing(source, hole) if hole else frozenset()
        if hole is None or not missing:
            continue
        task = _task(package, asker, source, hole, sizes)
        if task is not None and (found := told(missing, task.extras)) and not told(found, (task.before, task.after)):
            yield replace(task, names_others=True)


def _task(package: Package, asker: Asker, source: Source, hole: Hole, sizes: Sizes) -> Task | None:
    """One hole with its prompts; None where the file cannot be parsed without it."""
    try:
        snapshot, offset = package.hide(source, hole, unimported=False)
    except UnmaskableError:
        return None
    snippets = package.snippets(snapshot, offset, sizes.context)
    return Task(
        source,
        hole,
        snapshot.text[:offset],
        snapshot.text[offset:],
        source.text[hole.start : hole.end],
        asker.ask(snapshot, offset, snippets, sizes),
        asker.ask(snapshot, offset, (), replace(sizes, context=0)),
        asker.ask(snapshot, offset, snippets, sizes, heals=False),
        tuple(snippet.text for snippet in snippets),
    )
