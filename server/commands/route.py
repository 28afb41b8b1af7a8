"""`twolane route`: which model would answer a task about a file, and every rule that took part."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...routing.ask import project_name
from ...routing.decision import Decision, LaneState, Question
from ...routing.errors import LedgerClosed
from ...routing.forecast import with_cap
from ...routing.money.budget import Budget, Standing
from ...routing.money.days import local_day
from ...routing.money.store import Store, default_path
from ...routing.privacy.privacy import Privacy
from ...routing.privacy.tier import Verdict
from ...routing.rules import unpriced
from ..config import gateway
from ..config.settings import Settings
from ..lanes import PROVIDERS, set_up
from ..spending import caps, price_table
from .configured import load_settings
from .files import language_of, workspace_of
from .outcome import DONE, CommandError, emit, printable, say, warn


def run(arguments: argparse.Namespace) -> int:
    """Decide as the server would for this file as it stands on disk; nothing is sent."""
    path = Path(arguments.file)
    try:
        full = path.resolve(strict=True)
        size = full.stat().st_size
    except FileNotFoundError:
        raise CommandError(f"{path}: there is no such file", kind="bad-input") from None
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"{path}: it cannot be read ({reason})", kind="bad-input") from error
    if full.is_dir():
        raise CommandError(f"{path}: it is a folder; name a file", kind="bad-input")
    named = Path(os.path.normpath(Path.cwd() / path))
    root = workspace_of(named.parent) or workspace_of(full.parent)
    loaded = load_settings(root, trusted=arguments.trust)
    settings, fault = loaded.settings, gateway.fault(loaded)
    verdict = Privacy(gateway.privacy_rules(settings, fault)).tier(root, str(named), fresh=True)
    top = root.resolve() if root is not None else None
    relative = (full.relative_to(top) if top is not None and full.is_relative_to(top) else full).as_posix()
    question = Question(arguments.task, relative, language_of(full), size, verdict)
    states = _afforded(settings, top, set_up(settings, arguments.task, size))
    table, unusable = price_table(settings)
    for line in (*unusable, *unpriced(settings.routing.rules, table.models)):
        warn(line)
    decision = gateway.policy(settings, fault).decide(question, states)
    if arguments.json:
        emit(document(question, decision))
    else:
        _tell(verdict, decision)
    return DONE


def _afforded(settings: Settings, top: Path | None, states: Iterable[LaneState]) -> list[LaneState]:
    """The states with what the caps say of them, from the ledger as it stands; none is made."""
    store = Store(default_path())
    standing: Standing | LedgerClosed = Standing(local_day(time.time()), 0, 0, 0)
    if store.exists:
        try:
            standing = Budget(store).standing(project_name(top))
        except LedgerClosed as closed:
            standing = closed
        finally:
            store.close()
    return [with_cap(state, PROVIDERS[state.lane], caps(settings), standing) for state in states]


def document(question: Question, decision: Decision) -> dict[str, Any]:
    """The decision as scripts rely on it."""
    chosen = decision.chosen
    return {
        "task": question.task,
        "path": question.path,
        "tier": question.privacy.tier,
        "tier_reason": question.privacy.reason,
        "lane": chosen.lane if chosen else None,
        "model": chosen.model if chosen else None,
        "candidates": [
            {"lane": state.lane, "model": state.model, "price_usd": state.price_usd} for state in decision.candidates
        ],
        "max_price_usd": decision.max_price_usd,
        "deadline_s": decision.deadline_s,
        "reason": decision.reason,
        "rules": [{"rule": step.by, "effect": step.effect} for step in decision.steps],
    }


def _tell(verdict: Verdict, decision: Decision) -> None:
    chosen = decision.chosen
    if chosen is None:
        say("no model may answer")
    else:
        price = f", at most ${chosen.price_usd:.4f} for this file" if chosen.price_usd else ""
        say(printable(f"{chosen.name}{price}"))
    say(printable(f"  privacy: {verdict.tier}" + (f", because {verdict.reason}" if verdict.reason else "")))
    for step in decision.steps:
        say(printable(f"  {step}"))
