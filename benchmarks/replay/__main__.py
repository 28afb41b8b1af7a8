"""`python -m benchmarks.replay`: code is hidden and asked for again, of us and of llama.cpp with the same model."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from twolane.evaluation import intervals
from twolane.evaluation.holes import KINDS, Hole, below, draw

from ..editor import TWOLANE
from ..report import machine, own_places, quantile
from ..typing.peer.process import ModelServer
from .answers import Answers
from .projects import every_language
from .scoring import Score, found
from .sides import BESIDE, INFILL, OURS, SIDES, WITHOUT_CHECKS, WITHOUT_CONTEXT, Sides, opened

HELD_OUT = ("attr", "click", "markdown_it", "requests", "tomlkit")
"""Packages that the starter was not trained on, as far as they are installed here."""

_HEAD_BYTES = 65_536
"""Of a GGUF, in which its short keys stand."""

Row = dict[str, Score]


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("--repository", type=Path, action="append", help="a project's folder; may be given again")
    parser.add_argument(
        "--every-language", action="store_true", help="fetch releases in all of them, and draw from those"
    )
    parser.add_argument("--holes", type=int, default=300, help="how many (%(default)s)")
    parser.add_argument("--compared", type=int, help="of how many of them all sides are asked; of all where not given")
    parser.add_argument(
        "--beside",
        choices=BESIDE,
        action="append",
        help="ask only these, too: quicker, for many holes; may be given again",
    )
    parser.add_argument("--kind", choices=KINDS, action="append", help="holes of this kind only; may be given again")
    parser.add_argument("--flight", type=int, default=1, help="files asked about at the same time (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", type=Path, help="a GGUF file; the starter where not given")
    parser.add_argument("--against", type=Path, metavar="FILE", help="another GGUF, asked the same through the product")
    parser.add_argument("--settle", type=float, default=0.3, metavar="S", help="after a file is opened (%(default)s)")
    parser.add_argument("--answers", type=Path, metavar="FILE", help="keep answers here, and go on from those in it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every score here, too")
    options = parser.parse_args(arguments)
    folders = list(_folders(options))
    if not folders:
        parser.error("none of the default packages is installed: name a project with --repository")
    where = machine()
    rows = asyncio.run(_replay(folders, options))
    if not rows:
        parser.error("nothing to hide was found")
    if options.json:
        told = [
            {
                "kind": hole.kind,
                "language": hole.language,
                "path": str(hole.path),
                "start": len(hole.before),
                "hidden": hole.text,
            }
            | {name: asdict(score) for name, score in row.items()}
            for hole, row in rows
        ]
        options.json.write_text(json.dumps({"machine": where, "rows": told}), encoding="utf-8")
    names = ", ".join(folder.name for folder in folders)
    print(
        f"replay: {len(rows)} holes in {names}; {where['processor']}, load {where['load']}, {options.flight} in flight"
    )
    for line in table(rows):
        print(line)
    return 0


def _folders(options: argparse.Namespace) -> Iterator[Path]:
    """The projects to draw from, those told of on stderr that could not be had."""
    if options.every_language:
        for folder, problem in every_language():
            if problem:
                print(f"{folder}: {problem}", file=sys.stderr)
            else:
                yield folder
        return
    yield from (folder.resolve() for folder in options.repository or _held_out())


def _held_out() -> list[Path]:
    specs = [importlib.util.find_spec(name) for name in HELD_OUT]
    return [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin]


async def _replay(folders: Sequence[Path], options: argparse.Namespace) -> list[tuple[Hole, Row]]:
    model = options.model or Path(str(files("twolane.starter") / "twolane-starter.gguf"))
    rows: list[tuple[Hole, Row]] = []
    answers = Answers(options.answers)
    compared = options.holes if options.compared is None else options.compared
    beside = (OURS, *(BESIDE[name] for name in options.beside)) if options.beside else SIDES
    drawn = [
        (folder, hole, beside if number < compared else SIDES[:1])
        for number, (folder, hole) in enumerate(
            draw({folder: below(folder) for folder in folders}, options.holes, options.seed, options.kind or KINDS)
        )
    ]
    drawn.sort(key=lambda found: str(found[0]))
    with tempfile.TemporaryDirectory(prefix="twolane-replay-") as place, own_places() as env:
        _set(env, model)
        with ModelServer(model, 1) as server:
            url = f"http://127.0.0.1:{server.port}"
            for folder, group in groupby(drawn, key=lambda found: found[0]):
                workspace = Path(place, folder.name)
                shutil.copytree(folder, workspace / folder.name, ignore=shutil.ignore_patterns("__pycache__", ".git"))
                (workspace / ".git").mkdir()
                await _indexed(workspace, env)
                native = _has_own_order(model)
                holes = [(hole, wanted) for _, hole, wanted in group]
                asked = {side for hole, wanted in holes for side in wanted if answers.find(hole, side) is None}
                async with opened(
                    workspace, env, url, options.settle, answers, asked, native=native, against=options.against
                ) as sides:
                    rows += await _of(sides, workspace, folder, holes, options.flight)
                shutil.rmtree(workspace)
    return rows


async def _indexed(workspace: Path, env: Mapping[str, str]) -> None:
    """Have the workspace indexed, as it is where somebody has worked in it before."""
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        TWOLANE, "index", cwd=workspace, env=dict(env), stdin=quiet, stdout=quiet, stderr=quiet
    )
    if await process.wait():
        raise RuntimeError(f"{workspace} could not be indexed")


def _has_own_order(model: Path) -> bool:
    """Whether a GGUF says that its prompt is laid out as the starter's is."""
    with model.open("rb") as file:
        return b"twolane.layout" in file.read(_HEAD_BYTES)


def _set(env: Mapping[str, str], model: Path) -> None:
    settings = Path(env["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
    settings.parent.mkdir()
    settings.write_text(f"[near]\nmodel = {json.dumps(str(model))}\nthreads = 1\n", encoding="utf-8")


async def _of(
    sides: Sides, workspace: Path, folder: Path, holes: Sequence[tuple[Hole, Sequence[str]]], flight: int
) -> list[tuple[Hole, Row]]:
    """Ask about the holes of one workspace, `flight` files at a time and each file once at a time."""
    rows: list[tuple[Hole, Row] | None] = [None] * len(holes)
    waiting = iter(enumerate(holes))
    busy: dict[Path, asyncio.Lock] = {}

    async def work() -> None:
        for number, (hole, wanted) in waiting:
            relative = f"{folder.name}/{hole.path.relative_to(folder).as_posix()}"
            async with busy.setdefault(hole.path, asyncio.Lock()):
                rows[number] = hole, await sides.ask(hole, workspace / relative, relative, wanted)
            done = sum(row is not None for row in rows)
            print(f"\r{folder.name}: {done} of {len(holes)} ", end="", file=sys.stderr, flush=True)

    async with asyncio.TaskGroup() as group:
        for _ in range(flight):
            group.create_task(work())
    print(file=sys.stderr)
    return [row for row in rows if row is not None]


def table(rows: Sequence[tuple[Hole, Row]]) -> list[str]:
    """The figures for people, in percent unless said otherwise."""
    compared = [(hole, row) for hole, row in rows if len(row) > 1]
    names = [name for name in SIDES if compared and name in compared[0][1]]
    lines = _head("")
    lines += [_line(OURS, [row[OURS] for _, row in rows])] if len(compared) < len(rows) else []
    if compared:
        lines += [f"  of {len(compared)} of them"] if len(compared) < len(rows) else []
        lines += [_line(name, [row[name] for _, row in compared]) for name in names]
        lines += _differences(compared, names)
    if len(languages := sorted({hole.language for hole, _ in rows})) > 1:
        lines += _head(f"{OURS}, by language")
        for language in languages:
            of = [row[OURS] for hole, row in rows if hole.language == language]
            lines.append(_line(f"  {language} ({len(of)})", of))
    lines += _checks(compared) if WITHOUT_CHECKS in names else []
    spent = [one.filters_ms for _, row in rows for one in (row[OURS],)]
    each = f"p50 {quantile(spent, 0.5):.2f} ms, p95 {quantile(spent, 0.95):.2f}, most {max(spent):.2f}"
    lines.append(f"  filters and checks: {each}")
    return lines


def _head(title: str) -> list[str]:
    heads = ("exact", "similar", "parses", "silent", "+errors", "repeats", "leaks")
    return ["  ".join(["", f"{title:32}", *(f"{head:>7}" for head in heads)])]


def _line(name: str, of: Sequence[Score]) -> str:
    """One side's figures; what may be wrong with an answer is counted among those shown."""
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
    return "  ".join(["", f"{name:32}", *(f"{share:7.1f}" for share in shares), f"{leaks:7}"])


def _differences(rows: Sequence[tuple[Hole, Row]], names: Sequence[str]) -> list[str]:
    lines = ["  exact, by kind"]
    for kind in KINDS:
        of_kind = [row for hole, row in rows if hole.kind == kind]
        if of_kind:
            lines.append(f"    {kind} ({len(of_kind)})")
            for name in names:
                exact_ones = _with_interval([float(row[name].exact) for row in of_kind])
                similar = _with_interval([row[name].similarity for row in of_kind])
                lines.append(f"      {name:32}{exact_ones:>20}   similar {similar:>20}")
    exact = {name: [float(row[name].exact) for _, row in rows] for name in names}
    lines += [
        f"  exact, {OURS} more than {other}: {intervals.difference(exact[OURS], exact[other])} points"
        for other in names
        if other != OURS
    ]
    alike = {name: [row[name].similarity for _, row in rows] for name in names}
    lines += [
        f"  similarity, {OURS} more than {other}: {intervals.difference(alike[OURS], alike[other])} points"
        for other in names
        if other != OURS
    ]
    if WITHOUT_CONTEXT in exact and INFILL in exact:
        own = intervals.difference(exact[WITHOUT_CONTEXT], exact[INFILL])
        lines.append(f"  exact, without other files more than {INFILL}: {own} points")
    return lines


def _checks(rows: Sequence[tuple[Hole, Row]]) -> list[str]:
    """Were the checks right: where they cut or withheld, was what had been shown without them wrong?"""
    lines = []
    for check in ("syntax", "names"):
        for word in ("withheld", "cut"):
            touched = [row for _, row in rows if found(row[OURS], word, check)]
            wrong = [row for row in touched if not row[WITHOUT_CHECKS].exact]
            better = sum(row[OURS].similarity > row[WITHOUT_CHECKS].similarity for row in touched)
            share = f"{_share([not row[WITHOUT_CHECKS].exact for row in touched]):.1f} %" if touched else "-"
            lines.append(
                f"  {check}: {word} {len(touched)} of {len(rows)}, rightly {share} ({len(wrong)})"
                + (f", nearer to the truth than before {better}" if word == "cut" else "")
            )
    return lines


def _with_interval(values: Sequence[float]) -> str:
    of = intervals.mean(values)
    return f"{100 * of.value:.1f} ({100 * of.low:.1f}–{100 * of.high:.1f})"


def _share(values: Sequence[float]) -> float:
    return 100 * sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main())
