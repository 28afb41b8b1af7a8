"""`python -m benchmarks.indexing.queries`: how long compiling each language's queries holds a process up."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from tree_sitter import Query

from twolane.context.languages import loading

from ..report import machine

_RUNS = 5
_GOAL_MS = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.indexing.queries", description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    where = machine()
    found = {name: _language(name) for name in loading.identifiers()}
    if options.json:
        print(json.dumps({"machine": where, "ms": found, "goal_ms": _GOAL_MS}))
        return 0
    print(
        f"queries: {where['processor']}, Python {where['python']}, load {where['load']}; processor ms, best of {_RUNS}"
    )
    for name, pieces in found.items():
        verdict = "" if max(pieces) <= _GOAL_MS else "  missed"
        print(f"  {name:16} longest {max(pieces):5.1f}  all {sum(pieces):5.1f}  of {len(pieces)}{verdict}")
    return 0


def _language(name: str) -> list[float]:
    """Milliseconds for each of a language's queries."""
    rules, grammar = loading.identifiers()[name], loading.grammar(name)
    assert grammar is not None
    files = (rules.structure_of(name), rules.references_of(name))
    texts = [text for some in files for text in loading.texts(rules, some, alone=False)]
    took = []
    for text in texts:
        best = float("inf")
        for _ in range(_RUNS):
            began = time.thread_time()
            Query(grammar, text)
            best = min(best, time.thread_time() - began)
        took.append(round(best * 1000, 2))
    return took


if __name__ == "__main__":
    sys.exit(main())
