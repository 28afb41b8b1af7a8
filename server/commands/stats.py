"""`twolane stats`: how suggestions did, from the history, and what models elsewhere cost, from the ledger."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ...completion.checks import meaning as checks
from ...routing.ask import project_name
from ...routing.money.amount import MICRO, shown
from ...routing.money.budget import Budget, Standing
from ...routing.money.days import local_day
from ...routing.money.history import Spread, Sum, entries, sums
from ...routing.money.store import Store, default_path
from ..history import store as history
from ..history.figures import Figures, figures
from ..history.offers import Acceptance, acceptance
from ..spending import caps
from .configured import load_settings
from .explain import NO_EDITOR_YET
from .files import workspace_of
from .ledger import first_day, model_name, standing_document, standing_lines
from .outcome import DONE, CommandError, emit, printable, say, warn

_FIRST_DAY = date(1970, 1, 2)


def run(arguments: argparse.Namespace) -> int:
    """Add up what the history and the ledger hold of the last days, of all workspaces."""
    root = workspace_of(Path.cwd())
    settings = load_settings(root, trusted=arguments.trust).settings
    limits, store = caps(settings), Store(default_path())
    standing, totals = Standing(local_day(time.time()), 0, 0, 0), list[Sum]()
    try:
        if store.exists:
            budget = Budget(store, settings.budget.keep_days)
            budget.reclaim()
            standing = budget.standing(project_name(root))
            totals = sums(entries(store, first_day(standing.day, arguments.days)))
    finally:
        store.close()
    since = first_day(standing.day, arguments.days)
    if arguments.json:
        completions = _completions(since)
        emit(
            {
                **standing_document(standing, limits, store),
                "days": arguments.days,
                "groups": [_document(total) for total in totals],
                "completions": _completions_document(completions) if completions is not None else None,
            }
        )
        return DONE
    for line in standing_lines(standing, limits):
        say(line)
    for total in totals:
        say(_line(total))
    completions = _completions(since)  # may fail, and what was spent is told all the same
    if completions is not None and completions.figures.requests:
        for line in _completions_lines(completions):
            say(printable(line))
    else:
        say(f"completions   none in the last {_days(arguments.days)}\n{NO_EDITOR_YET}")
    return DONE


class _Kept(NamedTuple):
    """What the history holds: the completions, and what became of those that were shown."""

    figures: Figures
    offers: tuple[Acceptance, ...]


def _completions(since: date) -> _Kept | None:
    """The kept completions since a day; None where none were ever kept."""
    store = history.Store(history.default_path())
    if not store.exists:
        return None
    try:
        begin = datetime.combine(max(since, _FIRST_DAY), datetime.min.time()).timestamp()
        found = _Kept(figures(store, begin), acceptance(store, begin))
    except history.HistoryUnusable as error:
        raise CommandError(str(error), kind="history") from error
    finally:
        store.close()
    if store.note:
        warn(store.note)
    return found


def _completions_document(kept: _Kept) -> dict[str, Any]:
    found = kept.figures
    return {
        "since": found.since,
        "requests": found.requests,
        "shown": found.shown,
        "shown_share": found.shown_share,
        "origins": found.origins,
        "latency": [asdict(latency) for latency in found.latency],
        "tokens": asdict(found.tokens),
        "silences": [{"reason": reason, "requests": count} for reason, count in found.silences],
        "checks": found.checks,
        "acceptance": [_acceptance_document(offers) for offers in kept.offers],
        "model_ms": {"seen": found.seen_model_ms, "unseen": found.unseen_model_ms},
    }


def _acceptance_document(offers: Acceptance) -> dict[str, Any]:
    told = asdict(offers)
    for name in ("survival", "followed"):
        told[name] = {str(seconds): value for seconds, value in told[name].items()}
    return told


def _completions_lines(kept: _Kept) -> list[str]:
    found = kept.figures
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.since))
    tokens, busy_ms = found.tokens, found.seen_model_ms + found.unseen_model_ms
    lines = [
        f"completions   {found.requests:,} requests since {since}, {found.shown:,} showed something "
        f"({100 * (found.shown_share or 0):.0f} %)",
    ]
    if found.origins:
        came = ", ".join(f"{origin or 'unknown'} {count:,}" for origin, count in found.origins.items())
        lines.append(f"came from     {came}")
    lines += [
        f"latency       {latency.language or 'no language'}, {model_name(latency.model)}: "
        f"{latency.requests:,} answers, p50 {latency.p50:,.1f} ms, p90 {latency.p90:,.1f}, p95 {latency.p95:,.1f}"
        for latency in found.latency
    ]
    if tokens.prompt:
        lines.append(
            f"tokens        {tokens.prompt:,} of prompts: {tokens.reused:,} known from before "
            f"({100 * tokens.reused / tokens.prompt:.0f} %), {tokens.evaluated:,} read; {tokens.generated:,} written"
        )
    if busy_ms:
        lines.append(
            f"model's time  {busy_ms / 1000:,.1f} s for answers, {found.unseen_model_ms / 1000:,.1f} s of it for "
            "answers of which nothing was shown"
        )
    lines += [_acceptance_line(offers) for offers in kept.offers]
    lines += [f"check         {count:,} x {checks.told(check)}" for check, count in found.checks.items()]
    lines += [f"silence       {count:,} x {reason}" for reason, count in found.silences]
    return lines


def _acceptance_line(offers: Acceptance) -> str:
    stays = ", ".join(f"{100 * share:.0f} % after {seconds} s" for seconds, share in offers.survival.items())
    return (
        f"accepted      {offers.language or 'no language'}, {model_name(offers.model)}: {offers.accepted:,} of "
        f"{offers.offered:,} suggestions whole, {offers.partly:,} in part; {offers.rejected:,} shown and not taken"
        + (f"; still there: {stays}" if stays else "")
    )


def _days(count: int) -> str:
    return "day" if count == 1 else f"{count:,} days"


def _document(total: Sum) -> dict[str, Any]:
    return {
        "lane": total.lane,
        "provider": total.provider,
        "model": total.model,
        "task": total.task,
        "calls": total.calls,
        "failed": total.failed,
        "cost_usd": total.charged / MICRO,
        "input_tokens": total.usage.input_tokens,
        "output_tokens": total.usage.output_tokens,
        "cache_read_tokens": total.usage.cache_read_tokens,
        "cache_write_tokens": total.usage.cache_write_tokens,
        "first_ms": {"p50": total.first.p50, "p95": total.first.p95},
        "ms": {"p50": total.whole.p50, "p95": total.whole.p95},
    }


def _line(total: Sum) -> str:
    usage = total.usage
    read = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    failed = f", {total.failed} failed" if total.failed else ""
    return printable(
        f"{total.lane} {model_name(total.model)}, {total.task}: {total.calls} calls{failed}, {shown(total.charged)}, "
        f"{read:,} tokens in ({usage.cache_read_tokens:,} from the cache), {usage.output_tokens:,} out, "
        f"first piece {_spread(total.first)}, whole answer {_spread(total.whole)}"
    )


def _spread(spread: Spread) -> str:
    if spread.p50 is None or spread.p95 is None:
        return "-"
    return f"{spread.p50:,.0f} ms (p95 {spread.p95:,.0f})"
