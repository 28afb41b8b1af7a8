"""Make training examples: `python -m twolane.starter.examples --work DIR --tokens N [--processes N]`.

Reads the corpus that `twolane.starter.corpus` wrote to DIR. Each package becomes a workspace with a symbol graph; holes
are drawn in its files, hidden, and asked for exactly as the product would ask. Writes `DIR/shards/train/*.npz` and
`DIR/shards/heldout/*.npz`, one for each package; what is there already is not made again, so that the script can be
stopped and goes on. N counts tokens over all packages, the prompts among them.
"""

from __future__ import annotations

import argparse
import os
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from ..server.commands.masking import UnmaskableError
from .asking import Asker, Sizes
from .corpus import Source, load
from .holes import Hole, Lines, draw, inside_word
from .naming import Names, told
from .shards import Example, write
from .tokenizer import Vocabulary
from .workspaces import NO_SNIPPETS, Package, opened

WINDOWS = ((2048, 0.4), (1024, 0.35), (640, 0.25))
"""Windows in tokens and how often each is drawn: a slow machine's is shorter than the model's own."""
_CONTEXT = ((0.5, 0.55), (0.25, 0.3), (0.0, 0.15))
_USUAL_ORDER = 0.08
_BARE = 0.08
_UNIMPORTED = 0.3
_HOLES_A_VISIT = 4
_MOST_FAILURES = 1000


@dataclass(frozen=True, slots=True)
class Order:
    """What one package is to give: `tokens` in all, from `sources`, into `out`."""

    name: str
    sources: Sequence[Source]
    tokens: int
    out: Path
    vocabulary: Path
    windows: tuple[tuple[int, float], ...]
    seed: int
    naming: float = 0.0


def make(order: Order) -> int:
    """Write one package's shard and return its tokens."""
    rng = random.Random(f"{order.seed} {order.name}")
    asker = Asker(Vocabulary.load(order.vocabulary))
    folder = "src/" if rng.random() < 0.3 else ""
    made: list[Example] = []
    total = 0
    with opened(order.name, order.sources, folder) as package:
        drawing = Drawing(package, asker, order.windows, rng)
        for source, hole, names in _holes(order.sources, order.naming, rng):
            if total >= order.tokens:
                break
            try:
                example = drawing.example(source, hole, names)
            except UnmaskableError:
                continue
            if example is not None:
                made.append(example)
                total += len(example.ids)
    if made:
        write(order.out, made)
    return total


@dataclass(frozen=True, slots=True)
class Drawing:
    """Asks for holes of one package, each with a window and a share of other files by chance."""

    package: Package
    asker: Asker
    windows: tuple[tuple[int, float], ...]
    rng: random.Random

    def example(self, source: Source, hole: Hole, names: frozenset[str] = frozenset()) -> Example | None:
        """The prompt and what belongs there; None where `names` are wanted and what is shown has none of them.

        Raise `UnmaskableError` where the file cannot be parsed without the hole.
        """
        rng = self.rng
        window = rng.choices([size for size, _ in self.windows], [share for _, share in self.windows])[0]
        contexts = _CONTEXT[:-1] if names else _CONTEXT
        part = rng.choices([size for size, _ in contexts], [share for _, share in contexts])[0]
        sizes = Sizes(window, int(window * part))
        unimported = bool(names) or rng.random() < _UNIMPORTED
        snapshot, offset = self.package.hide(source, hole, unimported=unimported)
        snippets = self.package.snippets(snapshot, offset, sizes.context) if sizes.context else NO_SNIPPETS
        if names and not told(names, (snippet.text for snippet in snippets)):
            return None
        usual = rng.random() < _USUAL_ORDER
        prompt = self.asker.ask(snapshot, offset, snippets, sizes, usual_order=usual, bare=rng.random() < _BARE)
        answer = self.asker.answer(prompt, source.text[hole.start : hole.end])
        return Example([*prompt.tokens, *answer], len(prompt.tokens), hole.kind, inside_word(source.text, hole.start))


class _Place(NamedTuple):
    """A file, and the lines (0-based) among which holes of it begin; any where there are none."""

    source: Source
    lines: Lines
    among: Sequence[int]


def _holes(
    sources: Sequence[Source], naming: float, rng: random.Random
) -> Iterator[tuple[Source, Hole, frozenset[str]]]:
    """Holes without end, some of one file together; long files give more, but not in proportion.

    A share of them, `naming`, has names that only other files say; these come with the hole. A package that has no such
    place gives others.
    """
    names = Names(sources if naming else ())
    whole = [_Place(source, Lines(source.text), ()) for source in sources]
    near = (place._replace(among=names.lines(place.source)) for place in whole) if naming else ()
    telling = [place for place in near if place.among]
    of_whole, of_telling = _weights(whole), _weights(telling)
    failures = 0
    while failures < _MOST_FAILURES:
        drawn, weights = (telling, of_telling) if telling and rng.random() < naming else (whole, of_whole)
        source, lines, among = rng.choices(drawn, cum_weights=weights)[0]
        for _ in range(_HOLES_A_VISIT):
            hole = draw(lines, rng, among=among)
            missing = names.missing(source, hole) if hole and among else frozenset()
            if hole is None or (among and not missing):
                failures += 1
            else:
                yield source, hole, missing


def _weights(places: Sequence[_Place]) -> list[float]:
    return list(accumulate(min(len(place.source.text), 40_000) ** 0.8 for place in places))


def orders(
    sources: Sequence[Source],
    tokens: int,
    out: Path,
    vocabulary: Path,
    windows: tuple[tuple[int, float], ...],
    seed: int,
    naming: float = 0.0,
) -> list[Order]:
    """Share `tokens` among the packages, in no particular order; those that are written already are left out."""
    by_package: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_package[source.package].append(source)
    size = {name: sum(min(len(source.text), 40_000) ** 0.8 for source in files) for name, files in by_package.items()}
    whole = sum(size.values())
    names = sorted(by_package)
    random.Random(seed).shuffle(names)
    return [
        Order(name, by_package[name], int(tokens * size[name] / whole), place, vocabulary, windows, seed, naming)
        for name in names
        if not (place := out / f"{name}.npz").exists()
    ]


def main() -> None:
    """Read the command line and make the shards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with the corpus and vocabulary.json")
    parser.add_argument("--tokens", type=int, default=20_000_000, help="for training; a fiftieth more is held out")
    parser.add_argument("--processes", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--windows", type=_windows, default=WINDOWS, help="sizes and shares, as 2048:0.4,1024:0.6")
    parser.add_argument(
        "--naming", type=float, default=0.0, help="share of holes that name what only the lines of other files say"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    vocabulary = options.work / "vocabulary.json"
    waiting: list[Order] = []
    for split, tokens in (("heldout", options.tokens // 50), ("train", options.tokens)):
        out = options.work / "shards" / split
        out.mkdir(parents=True, exist_ok=True)
        sources = load(options.work / f"{split}.jsonl")
        waiting += orders(sources, tokens, out, vocabulary, options.windows, options.seed, options.naming)
    with ProcessPoolExecutor(options.processes) as pool:
        for order, made in zip(waiting, pool.map(make, waiting), strict=True):
            print(f"{made:>9} tokens {order.name}", flush=True)


def _windows(text: str) -> tuple[tuple[int, float], ...]:
    pairs = [pair.partition(":") for pair in text.split(",")]
    return tuple((int(size), float(share or 1)) for size, _, share in pairs)


if __name__ == "__main__":
    main()
