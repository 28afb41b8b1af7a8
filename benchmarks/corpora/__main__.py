"""`python -m benchmarks.corpora [NAME…]`: fetch the releases, print where each is."""

from __future__ import annotations

import argparse

from .corpus import CORPORA
from .fetch import NotFetched, by_name, fetch


def main() -> int:
    """Fetch what is asked for; 1 if any of it could not be had."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpora", description=__doc__)
    parser.add_argument("names", nargs="*", help="which releases; all of them when none is named")
    failed = 0
    for name in parser.parse_args().names or [corpus.name for corpus in CORPORA]:
        try:
            print(f"{name}: {fetch(by_name(name))}", flush=True)
        except NotFetched as problem:
            print(f"{name}: {problem}", flush=True)
            failed = 1
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
