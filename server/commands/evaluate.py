"""`twolane evaluate`: lines of a person's own code are hidden, and each lane is asked what stood there."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ...context.graph.live import LiveWorkspace
from ...evaluation import holes
from ...evaluation.asking import Answer, Asker, Place
from ...evaluation.breakdown import Difference, Figures, Row, by_task, figures, more, row
from ...evaluation.holes import Hole
from ...evaluation.intervals import Estimate
from ...evaluation.scoring import Score
from ...routing.ask import Quote
from ..config import gateway as rules
from ..config.settings import Loaded
from ..elsewhere import Elsewhere, build_gateway
from ..evaluating import ALONE, FAR, NEAR, NOT_ASKED, SIDES, FarSide, NearSide
from ..indexer import left_out_of, rules_of
from .answers import open_answers
from .configured import load_settings
from .ending import to_its_end
from .files import workspace_of
from .outcome import DONE, Bar, CommandError, emit, printable, say, warn

_QUOTED = 10
"""So many places are priced where nothing is asked; the others cost about the same."""


@dataclass(frozen=True, slots=True)
class _Price:
    """What the far lane would take for all places, or why it cannot be asked."""

    model: str | None = None
    likely_usd: float = 0.0
    worst_usd: float = 0.0
    reason: str = ""


@dataclass(slots=True)
class _Told:
    """What is known by now: what the first of the places were answered, and what asking the far lane takes.

    `stopped` says why the far lane was not asked about all of them, `ended` that a person or a pipeline ended it.
    """

    answers: list[dict[str, Answer]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    price: _Price = field(default_factory=_Price)
    stopped: str = ""
    ended: str = ""

    def end(self, drawn: int, *, far: bool) -> None:
        """Say how far it came."""
        asked = len(self.answers)
        self.ended = f"ended early: {asked} of {drawn} places were asked about"
        if far:
            reached = sum(FAR in told for told in self.answers)
            self.ended += f", the far lane about {reached}"
            self.stopped = self.ended
            for told in self.answers:
                told.setdefault(FAR, Answer(trouble=NOT_ASKED))
        if self.price.model is None:
            self.price = _Price(reason=self.ended)


def run(arguments: argparse.Namespace) -> int:
    """Ask the near lane, and with `--far` the far lane, about the same places."""
    root, folder = _folders(arguments.folder)
    loaded = load_settings(root, trusted=arguments.trust)
    settings = loaded.settings
    workspace = LiveWorkspace.open(root, left_out=left_out_of(str(root), rules_of(settings.privacy.blocked)))
    _note("reading the workspace", arguments.json)
    workspace.build()
    inside = folder.relative_to(root).parts
    paths = holes.worth(root / path for path in workspace.paths() if Path(path).parts[: len(inside)] == inside)
    if not paths:
        raise CommandError(
            f"{folder}: no source file of 1,500 to 100,000 bytes in a language that can be parsed, and that models may "
            "see; name a folder with code",
            kind="bad-input",
        )
    drawn = [hole for _, hole in holes.draw({root: paths}, arguments.places, arguments.seed)]
    if not drawn:
        raise CommandError(f"{folder}: nothing to hide was found in {len(paths)} files", kind="bad-input")
    return to_its_end(_run(arguments, loaded, root, drawn))


def _folders(given: str | None) -> tuple[Path, Path]:
    """The workspace, and the folder in it that is drawn from."""
    named = Path(given or ".")
    try:
        folder = named.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise CommandError(f"{named}: there is no such folder", kind="bad-input") from error
    if not folder.is_dir():
        raise CommandError(f"{named}: it is a file; name a folder", kind="bad-input")
    root = workspace_of(folder)
    if root is None:
        raise CommandError(
            f"{named} belongs to no workspace, so no model is asked about it: no folder around it has .git, "
            "pyproject.toml or twolane.toml (`git init` or an empty twolane.toml makes one)",
            kind="bad-input",
        )
    return root, folder


async def _run(arguments: argparse.Namespace, loaded: Loaded, root: Path, drawn: Sequence[Hole]) -> int:
    """Ask and tell; who ends it early is told what was asked by then, because it may be paid."""
    told = _Told()
    ended: asyncio.CancelledError | None = None
    elsewhere = build_gateway(loaded.settings, rules.fault(loaded))
    for problem in elsewhere.problems:
        warn(problem)
    try:
        try:
            await _ask(arguments, loaded, root, drawn, elsewhere, told)
        except asyncio.CancelledError as error:
            if not told.answers:
                raise
            ended = error
            told.end(len(drawn), far=arguments.far)
        rows = [row(hole, answers) for hole, answers in zip(drawn, told.answers, strict=ended is None)]
        if arguments.json:
            emit(document(root, arguments.seed, rows, told))
        else:
            _tell(root, rows, told, asked_far=arguments.far)
            if arguments.each:
                _tell_each(root, rows)
    finally:
        await elsewhere.close()
    if ended is not None:
        raise ended
    return DONE


async def _ask(
    arguments: argparse.Namespace,
    loaded: Loaded,
    root: Path,
    drawn: Sequence[Hole],
    elsewhere: Elsewhere,
    told: _Told,
) -> None:
    """Ask about all places; `told` has at any time what was answered by then."""
    asker = Asker(elsewhere.gateway)
    shown = sys.stderr.isatty() and not arguments.json
    if arguments.far:
        price = await _price(asker, [_place(root, hole) for hole in drawn])
        if price.model is None:
            raise CommandError(f"the far lane cannot be asked: {price.reason}", kind="no-candidate")
    await _near(loaded, root, drawn, told, Bar(shown=shown))
    told.price = await _price(asker, told.places)
    if not arguments.far:
        return
    bar, count = Bar(shown=shown), itertools.count(1)
    side = FarSide(asker, arguments.at_most)

    def done(number: int, answer: Answer) -> None:
        told.answers[number][FAR] = answer
        bar.show(FAR, next(count), len(drawn))

    try:
        await side.ask(told.places, done)
    finally:
        bar.clear()
    told.stopped = side.stopped


async def _near(loaded: Loaded, root: Path, drawn: Sequence[Hole], told: _Told, bar: Bar) -> None:
    """The near lane's answers, and the places as the far lane is shown them: with the same lines of other files."""
    try:
        async with open_answers(loaded) as answers:
            side = NearSide(answers, root)
            for number, hole in enumerate(drawn, 1):
                given, pieces = await side.ask(hole)
                told.answers.append(given)
                told.places.append(replace(_place(root, hole), pieces=pieces))
                bar.show(NEAR, number, len(drawn))
    finally:
        bar.clear()


def _place(root: Path, hole: Hole) -> Place:
    return Place(root, hole.path.relative_to(root).as_posix(), hole)


async def _price(asker: Asker, places: Sequence[Place]) -> _Price:
    """What the far lane would take, told from the first places that it may see."""
    quotes: list[Quote] = []
    able: list[Quote] = []
    for place in places:
        quotes.append(await asker.quote(place))
        able += [quotes[-1]] if quotes[-1].model is not None else []
        if len(able) == _QUOTED:
            break
    if not able:
        return _Price(reason=quotes[0].decision.reason or "no model may see these files")
    times = len(places) / len(quotes)
    return _Price(
        able[0].model,
        sum(quote.likely_usd for quote in able) * times,
        sum(quote.worst_usd for quote in able) * times,
    )


def document(root: Path, seed: int, rows: Sequence[Row], told: _Told) -> dict[str, Any]:
    """The breakdown as scripts rely on it."""
    price = told.price
    return {
        "workspace": str(root),
        "seed": seed,
        "places": len(rows),
        "files": len({one.hole.path for one in rows}),
        "ended": told.ended,
        "sides": _sides(rows),
        "tasks": {kind: {"places": len(of), "sides": _sides(of)} for kind, of in by_task(rows)},
        "differences": [_difference(one) for one in _differences(rows)],
        "far": {
            "model": price.model,
            "likely_usd": round(price.likely_usd, 6),
            "worst_usd": round(price.worst_usd, 6),
            "reason": price.reason,
            "stopped": told.stopped,
            "cost_usd": _paid(rows),
        },
        "answers": [_answers(root, one) for one in rows],
    }


def _paid(rows: Sequence[Row]) -> float:
    """What the far lane's answers cost, those of no use and those given up too."""
    return sum(one.answers[FAR].cost_usd for one in rows if FAR in one.answers)


def _sides(rows: Sequence[Row]) -> dict[str, Any]:
    return {side: _figures(found) for side in SIDES if (found := figures(rows, side)) is not None}


def _figures(found: Figures) -> dict[str, Any]:
    told = asdict(replace(found, models=()))
    told["models"] = [{"lane": lane, "model": model} for lane, model in found.models]
    return told


def _difference(found: Difference) -> dict[str, Any]:
    return asdict(found)


def _differences(rows: Sequence[Row]) -> list[Difference]:
    pairs = ((NEAR, ALONE), (FAR, NEAR))
    return [found for side, than in pairs if (found := more(rows, side, than)) is not None]


def _answers(root: Path, one: Row) -> dict[str, Any]:
    hole = one.hole
    start, end = _position(hole.before), _position(hole.before + hole.text)
    return {
        "path": hole.path.relative_to(root).as_posix(),
        "start": {"line": start[0], "column": start[1]},
        "end": {"line": end[0], "column": end[1]},
        "task": hole.kind,
        "language": hole.language,
        "expected": hole.text,
        "sides": {side: _answer(answer, one.scores.get(side)) for side, answer in _told(one)},
    }


def _told(one: Row) -> list[tuple[str, Answer]]:
    return [(side, one.answers[side]) for side in SIDES if side in one.answers]


def _answer(answer: Answer, score: Score | None) -> dict[str, Any]:
    return {
        "text": answer.text,
        "lane": answer.lane,
        "model": answer.model,
        "ms": round(answer.ms, 3),
        "cost_usd": answer.cost_usd,
        "exact": score.exact if score else None,
        "similarity": round(score.similarity, 4) if score else None,
        "parses": score.parses if score else None,
        "reason": answer.reason or answer.trouble,
    }


def _position(before: str) -> tuple[int, int]:
    """Line and column, counted from 1, behind a text; columns in code points."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _tell(root: Path, rows: Sequence[Row], told: _Told, *, asked_far: bool) -> None:
    files = len({one.hole.path for one in rows})
    say(printable(f"{len(rows)} places in {files} files of {root}: hidden one at a time, and asked for"))
    heads = ("exact", "similar", "parses", "silent", "p50 ms", "p95 ms", "cost")
    say(f"{'':24}{'answers':>8}" + "".join(f"{head:>9}" for head in heads))
    for side in SIDES:
        if (found := figures(rows, side)) is not None:
            say(_line(side, found))
            for lane, model in found.models if side != ALONE else ():
                say(printable(f"  {model}" + (f", {lane} lane" if lane != side else "")))
    sides = [side for side in SIDES if figures(rows, side) is not None]
    if sides:
        say()
        say(f"{'exact, by task':24}{'places':>8}" + "".join(f"{side:>22}" for side in sides))
    for kind, of in by_task(rows):
        shares = (figures(of, side) for side in sides)
        cells = (f"{100 * one.exact.value:.0f} %, {one.similarity.value:.2f}" if one else "-" for one in shares)
        say(f"{kind:24}{len(of):>8}" + "".join(f"{cell:>22}" for cell in cells))
    say()
    for difference in _differences(rows):
        for line in _comparison(difference):
            say(line)
    for reason, count in _troubles(rows).items():
        say(printable(f"not answered: {count} x {reason}"))
    if told.ended:
        warn(told.ended)
    _tell_price(rows, told, asked_far=asked_far)


def _line(side: str, found: Figures) -> str:
    cells = (
        f"{100 * found.exact.value:.0f} %",
        f"{found.similarity.value:.2f}",
        f"{100 * found.parses:.0f} %",
        f"{100 * found.silent:.0f} %",
        f"{found.ms_p50:,.0f}",
        f"{found.ms_p95:,.0f}",
        f"${found.cost_usd:.4f}" if found.cost_usd else "-",
    )
    return f"{side:24}{found.answered:>8}" + "".join(f"{cell:>9}" for cell in cells)


def _comparison(found: Difference) -> Iterator[str]:
    what = {ALONE: "other files are worth", NEAR: "the far lane is ahead by"}[found.than]
    exact, similar = found.exact, found.similarity
    yield f"{what:28}exact {exact} points{_chance(exact)}"
    yield f"{'':28}similarity {similar.value:+.2f} ({similar.low:+.2f} to {similar.high:+.2f}){_chance(similar)}"


def _chance(found: Estimate) -> str:
    return ": within chance" if found.low <= 0 <= found.high else ""


def _troubles(rows: Sequence[Row]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for one in rows:
        for side, answer in one.answers.items():
            if answer.trouble:
                key = f"{side}: {answer.trouble}"
                found[key] = found.get(key, 0) + 1
    return found


def _tell_price(rows: Sequence[Row], told: _Told, *, asked_far: bool) -> None:
    price = told.price
    if asked_far and figures(rows, FAR) is None and (paid := _paid(rows)):
        say(f"the far lane gave no answer of use, and took ${paid:.4f}")
    if told.ended:
        return
    if asked_far:
        if told.stopped:
            warn(printable(f"the far lane was not asked about all places: {told.stopped}"))
        return
    if price.model is None:
        say(printable(f"the far lane was not asked, and cannot be: {price.reason}"))
        return
    say(
        printable(
            f"the far lane was not asked; {price.model} would answer these {len(rows)} places for about "
            f"${price.likely_usd:.2f}, at most ${price.worst_usd:.2f}: --far asks it"
        )
    )


def _tell_each(root: Path, rows: Sequence[Row]) -> None:
    for one in rows:
        line, column = _position(one.hole.before)
        say()
        say(printable(f"{one.hole.path.relative_to(root).as_posix()}:{line}:{column} {one.hole.kind}"))
        for name, text in (("expected", one.hole.text), *((side, answer.text) for side, answer in _told(one))):
            shown = text.replace("\r\n", "\n").replace("\n", f"\n{'':24}")
            score = one.scores.get(name)
            say(printable(f"  {name + (' =' if score and score.exact else ''):22}{shown}"))


def _note(line: str, quiet: bool) -> None:
    if not quiet:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
