"""`python -m benchmarks.resolution [CORPUS…]`: our imports against jedi's and the TypeScript compiler's."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

from tests.context.memory_workspace import MemoryWorkspace

from ..corpora.corpus import CORPORA
from ..corpora.fetch import NotFetched, by_name, fetch
from . import jedi_gold, typescript_gold
from .judged import Gold, judge

_GOLD = {"python": jedi_gold.gold, "typescript": typescript_gold.gold}
_KEPT = (".py", ".pyi", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".toml", ".cfg")
_MOST_BYTES = 1_000_000


def main() -> int:
    """Print a table, a row for each release; 1 if any could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resolution", description=__doc__)
    parser.add_argument("names", nargs="*", help="which releases; all that there is gold for when none is named")
    parser.add_argument("--sample", type=int, default=2000, help="imported names judged in each (default 2000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=0, help="examples shown of each way to fail")
    arguments = parser.parse_args()
    names = arguments.names or [corpus.name for corpus in CORPORA if corpus.language in _GOLD]
    failed = 0
    columns = ("corpus", "judged", "agree", "same file", "other line", "wrong", "missed", "not ours", "unknown", "µs")
    print(" ".join(f"{column:>10}" for column in columns))
    for name in names:
        try:
            corpus = by_name(name)
            _row(name, fetch(corpus), corpus.language, arguments)
        except (NotFetched, typescript_gold.NoCompiler) as problem:
            print(f"{name}: {problem}", flush=True)
            failed = 1
    return failed


def _row(name: str, root: Path, language: str, arguments: argparse.Namespace) -> None:
    texts = _texts(root)
    workspace = MemoryWorkspace(texts, dedent=False)
    golds = list(_GOLD[language](root, texts, arguments.sample, arguments.seed))
    tally = judge(workspace, golds)
    counts = tally.counts
    print(
        f"{name:>10} {tally.judged:>10} {tally.agreement:>10.2%} {tally.file_agreement:>10.2%}"
        + "".join(f" {counts[verdict]:>10}" for verdict in ("right file", "wrong", "missed", "not ours", "unknown"))
        + f" {_micros(workspace, golds):>10.1f}",
        flush=True,
    )
    for verdict in ("right file", "wrong", "missed", "not ours", "unknown"):
        for example in tally.examples.get(verdict, [])[: arguments.examples]:
            print(f"    {verdict}: {example}")


def _micros(workspace: MemoryWorkspace, golds: Iterable[Gold]) -> float:
    """Microseconds that `targets` takes for an import of these files, warm."""
    paths = sorted({gold.path for gold in golds})
    items = [(path, item) for path in paths if (facts := workspace.facts(path)) is not None for item in facts.imports]
    for path, item in items:
        workspace.resolver.targets(path, item)
    start = time.process_time()
    for path, item in items:
        workspace.resolver.targets(path, item)
    return (time.process_time() - start) / max(1, len(items)) * 1e6


def _texts(root: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        if path.suffix in _KEPT and path.is_file() and not path.is_symlink() and path.stat().st_size < _MOST_BYTES:
            texts[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8", errors="replace")
    return texts


if __name__ == "__main__":
    raise SystemExit(main())
