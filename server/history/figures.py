"""What the kept requests add up to: how often something was shown, where it came from, how fast, and why nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from json import loads

from .store import Store

_REASONS = 10
_QUERY = """
    SELECT at, language, ms, model, prompt_tokens, reused_tokens, evaluated_tokens, generated_tokens,
           origin, shown, reason, work, details
    FROM request WHERE kind = 'completion' AND at >= ? ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long completions took that found an answer, in milliseconds, of one language and model."""

    language: str
    model: str
    requests: int
    p50: float
    p90: float
    p95: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of all prompts and answers: `reused` were known from before, `evaluated` had to be read."""

    prompt: int = 0
    reused: int = 0
    evaluated: int = 0
    generated: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The completions since `since` (Unix seconds of the oldest; None where there are none).

    `origins` counts where what was shown came from, `silences` the commonest reasons for nothing, commonest first.
    The model's time for answers of which something was shown, and for those of which nothing was; what it began for
    nobody or did not end is in neither, the engine's own account has it. `checks` counts what the checks found.
    """

    since: float | None
    requests: int
    shown: int
    origins: dict[str, int]
    latency: tuple[Latency, ...]
    tokens: Tokens
    silences: tuple[tuple[str, int], ...]
    checks: dict[str, int]
    seen_model_ms: float
    unseen_model_ms: float

    @property
    def shown_share(self) -> float | None:
        """The share of requests that showed something; None where there were none."""
        return round(self.shown / self.requests, 4) if self.requests else None


def figures(store: Store, since: float) -> Figures:
    """Add up the completions of all workspaces since a moment in Unix seconds. Raises `HistoryUnusable`."""
    oldest: float | None = None
    requests = shown_count = 0
    prompt = reused = evaluated = generated = 0
    origins: Counter[str] = Counter()
    silences: Counter[str] = Counter()
    checks: Counter[str] = Counter()
    times: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    seen: dict[str, bool] = {}
    with store.read() as connection:
        for row in connection.execute(_QUERY, (since,)):
            at, language, ms, model, *tokens, origin, shown, reason, work, details = row
            oldest = at if oldest is None else min(oldest, at)
            requests += 1
            prompt, reused, evaluated, generated = (
                total + count for total, count in zip((prompt, reused, evaluated, generated), tokens, strict=True)
            )
            if shown:
                shown_count += 1
                origins[origin] += 1
            else:
                silences[reason] += 1
            if origin:
                times[language, model or ""].append(ms)
                seen[work] = seen.get(work, False) or bool(shown)
                checks.update(loads(details).get("checks", ()))
    spent = {work: float(loads(work).get("model_ms", 0.0)) for work in seen}
    return Figures(
        since=oldest,
        requests=requests,
        shown=shown_count,
        origins=dict(origins.most_common()),
        latency=tuple(_latency(*key, found) for key, found in sorted(times.items(), key=lambda item: -len(item[1]))),
        tokens=Tokens(prompt, reused, evaluated, generated),
        silences=tuple(silences.most_common(_REASONS)),
        checks=dict(checks.most_common()),
        seen_model_ms=round(sum((spent[work] for work, was_seen in seen.items() if was_seen), 0.0), 1),
        unseen_model_ms=round(sum((spent[work] for work, was_seen in seen.items() if not was_seen), 0.0), 1),
    )


def _latency(language: str, model: str, times: Sequence[float]) -> Latency:
    ordered = sorted(times)
    p50, p90, p95 = (round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) for share in (0.5, 0.9, 0.95))
    return Latency(language, model, len(ordered), p50, p90, p95)
