"""Score a GGUF through llama.cpp: `python -m twolane.starter.evaluate --work DIR [--model FILE]`.

Holes are drawn from the held-out packages that `twolane.starter.corpus` set aside. The model answers
greedily and alone; of the product's filters only the cut after the first line is imitated, in rows of
its own. Scored per kind of hole: exact match, edit
similarity, whether the model stopped by itself; beside it the baseline, which has no model, only the
visible text. Prints a table, and with `--json FILE` writes all figures.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from . import layout
from .baseline import Baseline
from .corpus import Source, load
from .holes import Kind, Lines, draw
from .runner import Answer, Runner

_KINDS: tuple[Kind, ...] = ("rest-of-line", "line", "argument", "block")
_MAX_TOKENS = 96
_PROMPT_TOKENS = 900
_RESAMPLES = 1000
WITH_EXTRAS = "holes of files with imports of their own package: model"
WITHOUT_EXTRAS = "the same holes, imported signatures not shown: model"


@dataclass(frozen=True, slots=True)
class Task:
    """One hole of a held-out file."""

    source: Source
    kind: Kind
    prefix: str
    middle: str
    suffix: str
    extras: list[tuple[str, str]]


@dataclass(slots=True)
class Score:
    """Per-task results of one arm on one kind of hole; edit similarity runs from 0 to 1."""

    exact: list[float] = field(default_factory=list)
    similarity: list[float] = field(default_factory=list)
    stopped: list[float] = field(default_factory=list)

    def add(self, wanted: str, answer: str, stopped: bool) -> None:
        """Score one answer."""
        self.exact.append(float(answer.strip() == wanted.strip()))
        self.similarity.append(SequenceMatcher(None, answer, wanted, autojunk=False).ratio())
        self.stopped.append(float(stopped))

    def summary(self) -> dict[str, float | list[float]]:
        """Means, with bootstrapped 95 % intervals for the first two."""
        return {
            "n": len(self.exact),
            "exact": mean(self.exact),
            "exact_95": interval(self.exact),
            "similarity": mean(self.similarity),
            "similarity_95": interval(self.similarity),
            "stopped": mean(self.stopped),
        }


def mean(values: list[float]) -> float:
    """The mean, rounded to four places; 0 for none."""
    return round(sum(values) / len(values), 4) if values else 0.0


def interval(values: list[float]) -> list[float]:
    """The 95 % bootstrap interval of the mean."""
    rng = random.Random(0)
    means = sorted(mean(rng.choices(values, k=len(values))) for _ in range(_RESAMPLES)) if values else [0.0]
    return [means[int(0.025 * len(means))], means[int(0.975 * (len(means) - 1))]]


def tasks(sources: list[Source], per_kind: int, seed: int) -> list[Task]:
    """Draw `per_kind` holes of each kind, every held-out package alike."""
    rng = random.Random(seed)
    packages = sorted({source.package for source in sources})
    by_package = {name: [s for s in sources if s.package == name and len(s.text) > 1500] for name in packages}
    drawn: list[Task] = []
    for kind in _KINDS:
        while sum(task.kind == kind for task in drawn) < per_kind:
            source = rng.choice(by_package[rng.choice(packages)])
            hole = draw(Lines(source.text), rng, kind)
            if hole is None or hole.kind != kind or not source.text[hole.start : hole.end].strip():
                continue
            room = int(_PROMPT_TOKENS * layout.CHARACTERS_PER_TOKEN)
            suffix = layout.cut_suffix(source.text, hole.end, room // 4)
            extras = layout.choose_extras(source, rng, room // 4)
            prefix = layout.cut_prefix(source.text, hole.start, room - len(suffix) - sum(len(t) for _, t in extras))
            drawn.append(Task(source, kind, prefix, source.text[hole.start : hole.end], suffix, extras))
    return drawn


def held_out_loss(runner: Runner, drawn: list[Task]) -> float:
    """Mean negative log-likelihood per token of the missing texts and their end, in nats."""
    total, count = 0.0, 0
    for task in drawn:
        middle = [*runner.encode(task.middle), runner.end]
        total += runner.negative_log_likelihood(_ids(runner, task, True), middle)
        count += len(middle)
    return total / count


def _ids(runner: Runner, task: Task, with_extras: bool) -> list[int]:
    extras = task.extras if with_extras else []
    return runner.encode_segments(
        layout.prompt(task.source.package, task.source.path, extras, task.prefix, task.suffix)
    )


def evaluate(model: Path, sources: list[Source], per_kind: int, seed: int, threads: int) -> dict[str, object]:
    """All figures of one GGUF."""
    with Runner(model, threads) as runner:
        return _measure(runner, model, sources, per_kind, seed, threads)


def _measure(
    runner: Runner, model: Path, sources: list[Source], per_kind: int, seed: int, threads: int
) -> dict[str, object]:
    drawn = tasks(sources, per_kind, seed)
    scores: dict[str, Score] = {}
    speed = Speed()
    for task in drawn:
        answer = speed.ask(runner, _ids(runner, task, with_extras=True))
        guess = Baseline(task.prefix, task.suffix, [text for _, text in task.extras]).complete(task.kind)
        scores.setdefault(f"{task.kind}: model", Score()).add(task.middle, answer.text, answer.stopped)
        if task.kind in ("rest-of-line", "line"):
            first = answer.text.split("\n", 1)[0]
            scores.setdefault(f"{task.kind}: model, cut after its first line", Score()).add(task.middle, first, True)
        scores.setdefault(f"{task.kind}: baseline", Score()).add(task.middle, guess, True)
        if task.extras:
            alone = speed.ask(runner, _ids(runner, task, with_extras=False))
            scores.setdefault(WITH_EXTRAS, Score()).add(task.middle, answer.text, answer.stopped)
            scores.setdefault(WITHOUT_EXTRAS, Score()).add(task.middle, alone.text, alone.stopped)
    return {
        "model": model.name,
        "seed": seed,
        "holes": len(drawn),
        "held_out_middle_loss": round(held_out_loss(runner, drawn), 4),
        "threads": threads,
        "prompt_tokens_per_second": round(speed.read / speed.read_seconds),
        "decode_tokens_per_second": round(speed.made / speed.made_seconds),
        "scores": {name: score.summary() for name, score in scores.items()},
    }


@dataclass(slots=True)
class Speed:
    """Tokens and seconds of all answers so far."""

    read: int = 0
    read_seconds: float = 0.0
    made: int = 0
    made_seconds: float = 0.0

    def ask(self, runner: Runner, ids: list[int]) -> Answer:
        """Answer one prompt, timed."""
        begun = time.monotonic()
        runner.read(ids)
        between = time.monotonic()
        answer = runner.generate(_MAX_TOKENS)
        self.read += len(ids)
        self.read_seconds += between - begun
        self.made += answer.tokens
        self.made_seconds += time.monotonic() - between
        return answer


def table(figures: dict[str, object]) -> str:
    """The scores as a Markdown table."""
    rows = ["| hole: who answers | n | exact match | edit similarity | stopped by itself |", "|---|---|---|---|---|"]
    scores = figures["scores"]
    if not isinstance(scores, dict):
        raise TypeError("scores: expected a table per arm and kind")
    for name, one in scores.items():
        low, high = one["exact_95"]
        least, most = one["similarity_95"]
        rows.append(
            f"| {name} | {one['n']} | {100 * one['exact']:.1f} % ({100 * low:.1f}–{100 * high:.1f})"
            f" | {one['similarity']:.3f} ({least:.3f}–{most:.3f}) | {100 * one['stopped']:.1f} % |"
        )
    return "\n".join(rows)


def main() -> None:
    """Read the command line, evaluate, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with heldout.jsonl")
    parser.add_argument("--model", type=Path, default=Path(__file__).with_name("twolane-starter.gguf"))
    parser.add_argument("--per-kind", type=int, default=200, help="holes of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write all figures here")
    options = parser.parse_args()
    sources = load(options.work / "heldout.jsonl")
    figures = evaluate(options.model, sources, options.per_kind, options.seed, options.threads)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(table(figures))
    print(f"held-out loss of the missing text: {figures['held_out_middle_loss']} nats a token")
    print(
        f"prompt {figures['prompt_tokens_per_second']} tokens/s, decode {figures['decode_tokens_per_second']} tokens/s"
        f" on {options.threads} thread(s)"
    )


if __name__ == "__main__":
    main()
