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

from ..server.commands.masking import UnmaskableError
from .asking import Asker, Sizes
from .corpus import Source, load
from .holes import Hole, Lines, draw, inside_word
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
_MOST_FAILURES = 200


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


def make(order: Order) -> int:
    """Write one package's shard and return its tokens."""
    rng = random.Random(f"{order.seed} {order.name}")
    asker = Asker(Vocabulary.load(order.vocabulary))
    folder = "src/" if rng.random() < 0.3 else ""
    made: list[Example] = []
    total = 0
    with opened(order.name, order.sources, folder) as package:
        for source, hole in _holes(order.sources, rng):
            if total >= order.tokens:
                break
            try:
                example = _example(package, asker, source, hole, order.windows, rng)
            except UnmaskableError:
                continue
            made.append(example)
            total += len(example.ids)
    if made:
        write(order.out, made)
    return total


def _example(
    package: Package,
    asker: Asker,
    source: Source,
    hole: Hole,
    windows: tuple[tuple[int, float], ...],
    rng: random.Random,
) -> Example:
    window = rng.choices([size for size, _ in windows], [share for _, share in windows])[0]
    part = rng.choices([size for size, _ in _CONTEXT], [share for _, share in _CONTEXT])[0]
    sizes = Sizes(window, int(window * part))
    snapshot, offset = package.hide(source, hole, unimported=rng.random() < _UNIMPORTED)
    snippets = package.snippets(snapshot, offset, sizes.context) if sizes.context else NO_SNIPPETS
    usual = rng.random() < _USUAL_ORDER
    prompt = asker.ask(snapshot, offset, snippets, sizes, usual_order=usual, bare=rng.random() < _BARE)
    answer = asker.answer(prompt, source.text[hole.start : hole.end])
    return Example([*prompt.tokens, *answer], len(prompt.tokens), hole.kind, inside_word(source.text, hole.start))


def _holes(sources: Sequence[Source], rng: random.Random) -> Iterator[tuple[Source, Hole]]:
    """Holes without end, some of one file together; long files give more, but not in proportion."""
    weights = list(accumulate(min(len(source.text), 40_000) ** 0.8 for source in sources))
    failures = 0
    while failures < _MOST_FAILURES:
        source = rng.choices(sources, cum_weights=weights)[0]
        lines = Lines(source.text)
        for _ in range(_HOLES_A_VISIT):
            hole = draw(lines, rng)
            if hole is None:
                failures += 1
            else:
                yield source, hole


def orders(
    sources: Sequence[Source],
    tokens: int,
    out: Path,
    vocabulary: Path,
    windows: tuple[tuple[int, float], ...],
    seed: int,
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
        Order(name, by_package[name], int(tokens * size[name] / whole), place, vocabulary, windows, seed)
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
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    vocabulary = options.work / "vocabulary.json"
    waiting: list[Order] = []
    for split, tokens in (("heldout", options.tokens // 50), ("train", options.tokens)):
        out = options.work / "shards" / split
        out.mkdir(parents=True, exist_ok=True)
        sources = load(options.work / f"{split}.jsonl")
        waiting += orders(sources, tokens, out, vocabulary, options.windows, options.seed)
    with ProcessPoolExecutor(options.processes) as pool:
        for order, made in zip(waiting, pool.map(make, waiting), strict=True):
            print(f"{made:>9} tokens {order.name}", flush=True)


def _windows(text: str) -> tuple[tuple[int, float], ...]:
    pairs = [pair.partition(":") for pair in text.split(",")]
    return tuple((int(size), float(share or 1)) for size, _, share in pairs)


if __name__ == "__main__":
    main()
