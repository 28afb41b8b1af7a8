"""`twolane review`: what is wrong with the changed lines, for a terminal, a script or CI.

Exit codes: 0 nothing at or above `--fail-on`, 1 something is, or the command failed, 2 misused, 3 not reviewed to
the end (no key, no lane, no budget, the answer broke off, or it was ended), which a pipeline may take as neutral.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from ... import __version__
from ...context.graph.live import LiveWorkspace
from ...review.dismissals import Dismissals, UnreadableDismissals
from ...review.finding import at_least
from ...review.reports import document, github, sarif, text
from ...review.reports.report import Report
from ...review.reviewing import Review, Reviewer, together
from ...review.subject import Subject
from ...routing.errors import PrivacyRefused
from ...routing.money.amount import MICRO
from .. import changed, reviewing
from ..config import gateway as rules
from ..config.settings import Loaded
from ..elsewhere import build_gateway
from ..indexer import left_out_of, rules_of
from .configured import load_settings
from .ending import to_its_end
from .files import workspace_of
from .outcome import DONE, FAILED, CommandError, printable, say, warn

_log = logging.getLogger(__name__)

INCOMPLETE = 3
AT_ONCE = 3


def run(arguments: argparse.Namespace) -> int:
    """Review what changed and tell it."""
    here = Path.cwd().resolve()
    root = workspace_of(here)
    if root is None:
        raise CommandError(f"{here}: belongs to no workspace; run this in a git repository.", kind="bad-input")
    named = [_relative(root, name) for name in arguments.files]
    _look_ahead(arguments)
    loaded = load_settings(root, trusted=arguments.trust)
    try:
        changes = changed.since(root, arguments.diff, named)
        report = to_its_end(_review(arguments, loaded, root, changes))
    except (changed.NoRevision, UnreadableDismissals) as error:
        raise CommandError(str(error), kind="bad-input") from error
    if not _tell(arguments, report):
        return FAILED
    if arguments.write_baseline:
        return _keep(Path(arguments.write_baseline), report)
    limit = arguments.fail_on
    if limit != "never" and any(at_least(one.severity, limit) for one in report.findings):
        return FAILED
    return INCOMPLETE if report.incomplete else DONE


def _relative(root: Path, name: str) -> str:
    """The path of a file or folder in the workspace; a folder's ends in "/"."""
    path = Path(name).absolute()
    if not path.is_file() and not path.is_dir():
        raise CommandError(f"{name}: no such file or folder", kind="bad-input")
    try:
        inside = path.resolve().relative_to(root).as_posix()
    except ValueError:
        raise CommandError(f"{name}: is not in the workspace {root}", kind="bad-input") from None
    if not path.is_dir():
        return inside
    return "/" if inside == "." else f"{inside}/"


def _look_ahead(arguments: argparse.Namespace) -> None:
    """Find out what would be in the way of the report before anything is paid for."""
    for place in (arguments.output, arguments.write_baseline):
        if place and (reason := _not_writable(Path(place).absolute())):
            raise CommandError(f"{place}: {reason}", kind="bad-input")
    baseline = arguments.baseline
    if baseline and baseline != arguments.write_baseline and not Path(baseline).is_file():
        raise CommandError(f"{baseline}: no such baseline (--write-baseline makes one)", kind="bad-input")


def _not_writable(path: Path) -> str:
    """Why no report can be written to a file; '' where it can."""
    if not path.parent.is_dir():
        return "there is no such folder to write to"
    if path.is_dir():
        return "is a folder; name a file in it"
    return "" if os.access(path if path.exists() else path.parent, os.W_OK) else "may not be written"


async def _review(arguments: argparse.Namespace, loaded: Loaded, root: Path, changes: changed.Changes) -> Report:
    skipped = Counter(reason for _, reason in changes.skipped)
    left = {each: [path for path, reason in changes.skipped if reason == each] for each in skipped}
    if not changes.files:
        return Report((), skipped, left)
    elsewhere = build_gateway(loaded.settings, rules.fault(loaded))
    for problem in elsewhere.problems:
        warn(problem)
    analysis = ThreadPoolExecutor(1, thread_name_prefix="analysis")
    loop = asyncio.get_running_loop()
    more = [Path(arguments.baseline)] if arguments.baseline else []
    dismissed = reviewing.dismissed(root, *more)
    spent: Counter[str] = Counter()
    reviewer = Reviewer(
        elsewhere.gateway,
        reviewing.options(loaded.settings, arguments.max),
        lambda record: spent.update({record.path: record.cost}),
    )
    places = asyncio.Semaphore(AT_ONCE)
    done: dict[str, list[Review]] = {file.path: [] for file in changes.files}

    def indexed() -> LiveWorkspace:
        workspace = LiveWorkspace.open(root, left_out=left_out_of(str(root), rules_of(loaded.settings.privacy.blocked)))
        workspace.build()
        return workspace

    async def one(file: changed.Changed) -> None:
        def gathered() -> tuple[Subject, ...]:
            looked = reviewing.look(file)
            return reviewing.subjects(root, looked, looked.regions, workspace, team)

        async with places:
            parts = await loop.run_in_executor(analysis, gathered)
            for part in parts:
                done[file.path].append(await reviewer.review(part, dismissed))

    try:
        workspace = await loop.run_in_executor(analysis, indexed)
        team = reviewing.guidelines(root)
        tasks = [asyncio.create_task(one(file)) for file in changes.files]
        await _ended(tasks)
        asked = []
        for file, task in zip(changes.files, tasks, strict=True):
            if broken := _broken(file.path, task):
                paid = sum(review.cost_usd for review in done[file.path])
                done[file.path].append(replace(broken, cost_usd=spent[file.path] / MICRO - paid))
            asked.append(together(done[file.path], arguments.max) if done[file.path] else Review(file.path))
    finally:
        await elsewhere.close()
        analysis.shutdown(wait=False, cancel_futures=True)
    private = [review for review in asked if isinstance(review.trouble, PrivacyRefused)]
    skipped.update(review.incomplete for review in private)
    return Report(tuple(review for review in asked if review not in private), skipped, left)


def _keep(path: Path, report: Report) -> int:
    """Add what was found to a baseline; it was told before, because it is paid."""
    try:
        Dismissals(path, lock=reviewing.lock("baseline"), in_words=True).add(report.findings, "baseline")
    except UnreadableDismissals as error:
        warn(str(error))
        return FAILED
    return INCOMPLETE if report.incomplete else DONE


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait for all of them, whatever becomes of each; a wish to end hangs up, and what is paid by then is told."""
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        if (here := asyncio.current_task()) is not None:
            here.uncancel()


def _broken(path: str, task: asyncio.Task[None]) -> Review | None:
    """The rest of a file's review that did not come to its end; None where it did."""
    if task.cancelled():
        return Review(path, incomplete="it was given up")
    if (error := task.exception()) is None:
        return None
    _log.error("a fault of Twolane's own; please report the lines below.", exc_info=error)
    return Review(path, incomplete=f"a fault of Twolane's own ({type(error).__name__})")


def _tell(arguments: argparse.Namespace, report: Report) -> bool:
    """Tell the report where it is wanted; False where that took it not, and it was told on stdout instead."""
    form = "json" if arguments.json else arguments.format
    match form:
        case "json":
            told = json.dumps(document.render(report)) + "\n"
        case "sarif":
            told = json.dumps(sarif.render(report, __version__), indent=1) + "\n"
        case "github":
            told = github.render(report)
        case _:
            told = printable(text.render(report))
    written = True
    if arguments.output:
        try:
            Path(arguments.output).write_text(told, encoding="utf-8")
        except OSError as error:
            warn(f"{arguments.output}: {error.strerror or error}; the report is told here")
            written = False
    if told and not (arguments.output and written):
        say(told.removesuffix("\n"))
    for review in report.incomplete:
        if form in ("sarif", "github") or arguments.output:
            warn(printable(f"{review.path}: not reviewed to the end: {review.incomplete}"))
    return written
