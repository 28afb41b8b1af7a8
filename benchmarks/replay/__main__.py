"""`python -m benchmarks.replay`: code is hidden and asked for again, of us and of llama.cpp with the same model."""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from ..report import machine, own_places, quantile
from ..typing.peer.process import ModelServer
from . import intervals
from .holes import KINDS, Hole, draw
from .scoring import Score, found
from .sides import INFILL, OURS, WITHOUT_CHECKS, WITHOUT_CONTEXT, opened

HELD_OUT = ("attr", "click", "markdown_it", "requests", "tomlkit")
"""Packages that the starter was not trained on, as far as they are installed here."""

Row = dict[str, Score]


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("--repository", type=Path, action="append", help="a project's folder; may be given again")
    parser.add_argument("--holes", type=int, default=300, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", type=Path, help="a GGUF file; the starter where not given")
    parser.add_argument("--settle", type=float, default=0.3, metavar="S", help="after a file is opened (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every score here, too")
    options = parser.parse_args(arguments)
    folders = [folder.resolve() for folder in options.repository or _held_out()]
    if not folders:
        parser.error("none of the default packages is installed: name a project with --repository")
    where = machine()
    rows = _replay(folders, options)
    if not rows:
        parser.error("nothing to hide was found")
    if options.json:
        told = [
            {"kind": hole.kind, "language": hole.language, "path": hole.path.name, "hidden": hole.text}
            | {name: asdict(score) for name, score in row.items()}
            for hole, row in rows
        ]
        options.json.write_text(json.dumps({"machine": where, "rows": told}), encoding="utf-8")
    names = ", ".join(folder.name for folder in folders)
    print(f"replay: {len(rows)} holes in {names}; {where['processor']}, load {where['load']}")
    for line in table(rows):
        print(line)
    return 0


def _held_out() -> list[Path]:
    specs = [importlib.util.find_spec(name) for name in HELD_OUT]
    return [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin]


def _replay(folders: Sequence[Path], options: argparse.Namespace) -> list[tuple[Hole, Row]]:
    model = options.model or Path(str(files("twolane.starter") / "twolane-starter.gguf"))
    rows: list[tuple[Hole, Row]] = []
    drawn = sorted(draw(folders, options.holes, options.seed), key=lambda found: str(found[0]))
    with tempfile.TemporaryDirectory(prefix="twolane-replay-") as place, own_places() as env:
        settings = Path(env["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
        settings.parent.mkdir()
        settings.write_text(f"[near]\nmodel = {json.dumps(str(model))}\nthreads = 1\n", encoding="utf-8")
        with ModelServer(model, 1) as server:
            url = f"http://127.0.0.1:{server.port}"
            for folder, group in groupby(drawn, key=lambda found: found[0]):
                workspace = Path(place, folder.name)
                shutil.copytree(folder, workspace / folder.name, ignore=shutil.ignore_patterns("__pycache__", ".git"))
                (workspace / ".git").mkdir()
                rows += _of(workspace, folder, [hole for _, hole in group], env, url, options)
    return rows


def _of(
    workspace: Path, folder: Path, holes: Sequence[Hole], env: Mapping[str, str], url: str, options: argparse.Namespace
) -> list[tuple[Hole, Row]]:
    rows = []
    with opened(workspace, env, url, options.settle) as sides_:
        first = workspace / folder.name / holes[0].path.relative_to(folder)
        sides_.ask(holes[0], first, options.model is None)
        for number, hole in enumerate(holes, 1):
            path = workspace / folder.name / hole.path.relative_to(folder)
            rows.append((hole, sides_.ask(hole, path, options.model is None)))
            print(f"\r{folder.name}: {number} of {len(holes)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return rows


def table(rows: Sequence[tuple[Hole, Row]]) -> list[str]:
    """The figures for people, in percent unless said otherwise."""
    names = list(rows[0][1])
    scores = {name: [row[name] for _, row in rows] for name in names}
    heads = ("exact", "similar", "parses", "silent", "+errors", "repeats", "leaks")
    lines = ["  ".join(["", f"{'':32}", *(f"{head:>7}" for head in heads)])]
    for name in names:
        of = scores[name]
        shown = [one for one in of if one.shown] or of
        shares = (
            _share([one.exact for one in of]),
            _share([one.similarity for one in of]),
            _share([one.valid for one in of]),
            _share([not one.shown for one in of]),
            _share([one.more_errors > 0 for one in shown]),
            _share([one.repeats for one in shown]),
        )
        leaks = sum(one.leaks for one in of)
        lines.append("  ".join(["", f"{name:32}", *(f"{share:7.1f}" for share in shares), f"{leaks:7}"]))
    lines.append("  exact, by kind")
    for kind in KINDS:
        of_kind = [row for hole, row in rows if hole.kind == kind]
        if of_kind:
            each = ", ".join(f"{name} {_share([row[name].exact for row in of_kind]):.1f}" for name in names)
            lines.append(f"    {kind} ({len(of_kind)}): {each}")
    exact = {name: [float(one.exact) for one in scores[name]] for name in names}
    lines += [
        f"  exact, {OURS} more than {other}: {intervals.difference(exact[OURS], exact[other])} points"
        for other in names[1:]
    ]
    if WITHOUT_CONTEXT in exact and INFILL in exact:
        own = intervals.difference(exact[WITHOUT_CONTEXT], exact[INFILL])
        lines.append(f"  exact, without other files more than {INFILL}: {own} points")
    lines += _checks(rows)
    spent = [one.filters_ms for one in scores[OURS]]
    each = f"p50 {quantile(spent, 0.5):.2f} ms, p95 {quantile(spent, 0.95):.2f}, most {max(spent):.2f}"
    lines.append(f"  filters and checks: {each}")
    return lines


def _checks(rows: Sequence[tuple[Hole, Row]]) -> list[str]:
    """Were the checks right: where they cut or withheld, was what had been shown without them wrong?"""
    lines = []
    for word, touched in (
        ("withheld", [row for _, row in rows if found(row[OURS], "withheld")]),
        ("cut", [row for _, row in rows if found(row[OURS], "cut")]),
    ):
        wrong = [row for row in touched if not row[WITHOUT_CHECKS].exact]
        better = sum(row[OURS].similarity > row[WITHOUT_CHECKS].similarity for row in touched)
        share = f"{_share([not row[WITHOUT_CHECKS].exact for row in touched]):.1f} %" if touched else "-"
        lines.append(
            f"  {word}: {len(touched)} of {len(rows)}, rightly {share} ({len(wrong)})"
            + (f", nearer to the truth than before {better}" if word == "cut" else "")
        )
    return lines


def _share(values: Sequence[float]) -> float:
    return 100 * sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main())
