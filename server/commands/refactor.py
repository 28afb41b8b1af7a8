"""`twolane refactor`: an edit by a model as a diff, with what was checked; written only when that is asked for."""

from __future__ import annotations

import argparse
import asyncio
import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...context.graph.live import LiveWorkspace
from ...refactor.command import CannotRefactor, Command, Diagnostic
from ...refactor.conversation import Bill
from ...refactor.gathering import Gathered
from ...refactor.guarding import PASSED
from ...refactor.known import Known
from ...refactor.outcome import Outcome, counted
from ...refactor.refactoring import Refactoring
from ...refactor.tasks import TASKS
from ...refactor.writing import HalfWritten, Stale, protected, write
from ...routing.ask import Quote
from ...routing.errors import GatewayError
from .. import refactoring
from ..config import gateway as rules
from ..config.settings import Loaded
from ..elsewhere import build_gateway
from ..indexer import left_out_of, rules_of
from .configured import load_settings
from .ending import to_its_end
from .files import UnreadableError, language_of, lines_of, read_snapshot, workspace_of
from .outcome import DONE, FAILED, CommandError, MisuseError, emit, printable, say, warn


def run(arguments: argparse.Namespace) -> int:
    """Carry one command out; exit code 1 where there is no edit."""
    if TASKS[arguments.task].needs == "instruction" and not (arguments.instruction or "").strip():
        raise MisuseError(f"--do {arguments.task} needs --instruction TEXT, which says what is to be done")
    root, path, first, last = _place(arguments.target)
    loaded = load_settings(root, trusted=arguments.trust)
    return to_its_end(_run(arguments, loaded, root, path, first, last))


def _place(target: str) -> tuple[Path, str, int, int]:
    """Read FILE:L1-L2; return the workspace, the path in it and the lines."""
    name, _, numbers = target.rpartition(":")
    low, _, high = numbers.partition("-")
    words = (low, high or low)
    if not name or not all(word.isascii() and word.isdigit() and len(word) < 8 for word in words):
        raise MisuseError(f"{target}: not of the form FILE:LINE or FILE:LINE-LINE")
    first, last = int(words[0]), int(words[1])
    if 1 <= last < first:
        raise MisuseError(f"{target}: the first line comes first: {name}:{last}-{first}")
    try:
        file = Path(name)
        folder = file.resolve().parent
        root = workspace_of(folder) or folder
        snapshot = read_snapshot(file, root)
        if min(first, last) < 1:
            raise UnreadableError(f"{target}: there is no line 0; {lines_of(snapshot.text)}")
        return root, snapshot.path, first, last
    except (UnreadableError, RuntimeError, ValueError) as error:
        raise CommandError(str(error), kind="bad-input") from error


async def _run(arguments: argparse.Namespace, loaded: Loaded, root: Path, path: str, first: int, last: int) -> int:
    settings = loaded.settings
    elsewhere = build_gateway(settings, rules.fault(loaded))
    for problem in elsewhere.problems:
        warn(problem)
    analysis = ThreadPoolExecutor(1, thread_name_prefix="analysis")
    bill = Bill()
    try:
        original = refactoring.read(root, path, language_of(Path(path)))
        if original is None:
            raise CommandError(f"{path}: not a text file of this workspace that can be changed", kind="bad-input")
        if workspace_of(root) is None:
            raise CommandError(
                f"{path} belongs to no workspace, so its text stays here: no folder around it has .git, "
                "pyproject.toml or twolane.toml (`git init` or an empty twolane.toml makes one)",
                kind="bad-input",
            )
        if arguments.apply and protected(root / path):
            raise CommandError(f"{path}: write-protected, so --apply could not write it", kind="bad-input")
        line_count = original.line_count - original.plain.endswith("\n")
        command = Command(
            TASKS[arguments.task],
            root,
            original,
            first,
            min(last, max(first, line_count)),
            arguments.instruction or "",
            tuple(Diagnostic(first, last, words) for words in arguments.diagnostic or ()),
        )
        refactorings = Refactoring(elsewhere.gateway, analysis, refactoring.options(settings))
        known = await _indexed(root, settings.privacy.blocked, analysis, quiet=arguments.json)
        gathered = await refactorings.gather(command, known, lambda other: refactoring.read(root, other))
        if arguments.show_context:
            return await _context(arguments, refactorings, gathered)
        outcome = await refactorings.run(gathered, known, _Teller(arguments.json).say, bill)
        return _told(arguments, root, outcome)
    except CannotRefactor as error:
        raise CommandError(str(error), kind="bad-input") from error
    except GatewayError as error:
        raise CommandError(f"{error}{_charged(bill)}", kind=error.kind) from error
    except asyncio.CancelledError:
        warn(f"given up; nothing is written.{_charged(bill)}")
        raise
    finally:
        await elsewhere.close()
        analysis.shutdown(wait=False, cancel_futures=True)


async def _indexed(root: Path, blocked: tuple[str, ...], analysis: Executor, *, quiet: bool) -> Known:
    """The index of the workspace, brought up to date."""

    def build() -> Known:
        workspace = LiveWorkspace.open(root, left_out=left_out_of(str(root), rules_of(blocked)))
        workspace.build()
        return refactoring.known(workspace)

    if not quiet:
        _note("reading the workspace")
    return await asyncio.get_running_loop().run_in_executor(analysis, build)


async def _context(arguments: argparse.Namespace, refactorings: Refactoring, gathered: Gathered) -> int:
    """Say what would be sent, and what it would cost."""
    quote = await refactorings.quote(gathered)
    if arguments.json:
        emit({**_quoted(quote), "shown": [asdict(one) for one in gathered.shown], **_scope(gathered)})
        return DONE
    say(_price(quote))
    say("would be shown:")
    for one in gathered.shown:
        say(printable(f"  {one.path}:{one.first}-{one.last}  {one.tokens:,} tokens, {one.why}"))
    for dropped in quote.dropped:
        say(printable(f"  not {dropped.path}: {dropped.reason}"))
    for line in gathered.left_out:
        say(printable(f"  not {line}"))
    say("may change:")
    for line in gathered.scope.described():
        say(printable(f"  {line}"))
    return DONE


def _told(arguments: argparse.Namespace, root: Path, outcome: Outcome) -> int:
    """Write where that is wanted, and tell. In one go: who gives up meanwhile is told what has become of the files."""
    applied = False
    problem = outcome.reason
    if outcome.changes and arguments.apply:
        try:
            write(root, outcome.changes)
            applied = True
        except (Stale, HalfWritten) as error:
            problem = str(error)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            problem = f"{where}{error.strerror or error}; nothing is written, and the edit is told here."
    if arguments.json:
        emit(document(outcome, applied=applied, reason=problem))
    else:
        _print(arguments, outcome, applied, problem)
    return FAILED if problem or not outcome.changes else DONE


def _print(arguments: argparse.Namespace, outcome: Outcome, applied: bool, problem: str) -> None:
    if outcome.changes:
        diff = outcome.diff
        sys.stdout.write(printable(diff.replace("\r\n", "\n")) if sys.stdout.isatty() else diff)
        sys.stdout.flush()
        _note(printable(outcome.summary))
    added, removed = counted(outcome.changes)
    if outcome.changes:
        _note(f"checked: {', '.join(PASSED)}; +{added} -{removed} in {len(outcome.changes)} files")
    for verdict in outcome.checks:
        _note(printable(f"{verdict.name}: {verdict.state}" + (f" ({verdict.detail})" if verdict.detail else "")))
        if verdict.state == "failed":
            _note(printable(verdict.output.rstrip()))
    for line in (*outcome.notes, *outcome.steps[1:]):
        _note(printable(line))
    asks = f"{outcome.asks} {'answer' if outcome.asks == 1 else 'answers'}"
    _note(f"{outcome.lane} lane, {outcome.model}: {asks}, ${outcome.cost_usd:.4f}, {outcome.ms / 1000:.1f} s")
    if problem:
        warn(printable(problem))
    elif applied:
        _note("written")
    elif outcome.changes and not arguments.apply:
        _note("nothing is written; --apply writes it")


def document(outcome: Outcome, *, applied: bool, reason: str) -> dict[str, Any]:
    """The outcome as scripts rely on it."""
    added, removed = counted(outcome.changes)
    return {
        "applied": applied,
        "diff": outcome.diff,
        "files": [
            {"path": change.path, "new": change.original is None, "edits": len(change.edits)}
            for change in outcome.changes
        ],
        "added": added,
        "removed": removed,
        "summary": outcome.summary,
        "reason": reason,
        "notes": list(outcome.notes),
        "checks": [{"name": name, "state": "passed", "detail": ""} for name in PASSED if outcome.changes]
        + [{"name": one.name, "state": one.state, "detail": one.detail} for one in outcome.checks],
        "faults": [{"kind": one.kind, "path": one.path, "line": one.line, "said": one.said} for one in outcome.faults],
        "lane": outcome.lane,
        "model": outcome.model,
        "cost_usd": outcome.cost_usd,
        "asks": outcome.asks,
        "ms": round(outcome.ms, 3),
        "steps": list(outcome.steps),
        "shown": [asdict(one) for one in outcome.shown],
        "sent": [{"host": one.host, "bytes": one.bytes} for one in outcome.sent],
    }


def _quoted(quote: Quote) -> dict[str, Any]:
    return {
        "lane": quote.lane,
        "model": quote.model,
        "likely_usd": quote.likely_usd,
        "worst_usd": quote.worst_usd,
        "reason": quote.decision.reason,
        "dropped": [{"path": one.path, "reason": one.reason} for one in quote.dropped],
    }


def _scope(gathered: Gathered) -> dict[str, Any]:
    return {"may_change": list(gathered.scope.described()), "left_out": list(gathered.left_out)}


def _price(quote: Quote) -> str:
    if quote.model is None:
        return printable(quote.decision.reason)
    price = f"about ${quote.likely_usd:.3f}, at most ${quote.worst_usd:.3f} an answer"
    return printable(f"{quote.lane} lane, {quote.model}: {price}")


def _charged(bill: Bill) -> str:
    """What was paid for nothing, another sentence; '' where nothing was."""
    return f" It cost ${bill.dollars:.4f}." if bill.cost else ""


class _Teller:
    """Tells on stderr what goes on, each line once; nothing under `--json`."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._head = ""

    def say(self, line: str) -> None:
        head = line.partition(":")[0].partition(",")[0]
        if not self._quiet and head != self._head:
            self._head = head
            _note(printable(head))


def _note(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
