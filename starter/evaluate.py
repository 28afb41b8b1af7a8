"""Score GGUF files through llama.cpp: `python -m twolane.starter.evaluate --work DIR [--model FILE] [--against FILE]`.

Holes are drawn from the held-out packages that `twolane.starter.corpus` set aside, each package a workspace with its
symbol graph, and asked for as the product asks, once with and once without what other files say, and once without
taking back the word that the cursor stands in. The model answers greedily and alone: of the product, that word is taken
back and answers to holes of one line are cut there; nothing is filtered. Beside it the baseline, which has no model,
only the same visible text. Every arm answers the same holes; differences are paired. Prints tables, and with
`--json FILE` writes all figures. A hole is one of one line where no line break was in it, whatever its kind.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from tree_sitter import Parser

from ..clients.engine.prompt import Prompt
from ..completion.checks.trees import errors
from ..context import grammars
from . import languages, readback
from .asking import Asker, Sizes, Words
from .baseline import Baseline
from .corpus import load
from .runner import Answer, Runner
from .tasks import Task, tasks

_MAX_TOKENS = 64
_RESAMPLES = 1000
ALONE = ", no other files"
UNHEALED = ", no word taken back"
BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Score:
    """One answer; `parses` says that the file with it does: no worse than with what stood there, Python as a whole.

    `stopped` says that it ended by itself, `in_line` that it did so without a line break where the hole had none.
    """

    exact: float
    similarity: float
    parses: float
    stopped: float
    in_line: float


@dataclass(slots=True)
class Speed:
    """Tokens and seconds of all answers of one model so far; `controls` broke answers off or are spelled in them."""

    read: int = 0
    read_seconds: float = 0.0
    made: int = 0
    made_seconds: float = 0.0
    controls: int = 0
    nats: float = 0.0
    told: int = 0


@dataclass(slots=True)
class Figures:
    """Everything that was measured: per arm the scores, in the order of the tasks, and per model its speed."""

    tasks: list[tuple[str, ...]]
    scores: dict[str, list[Score]] = field(default_factory=dict)
    speeds: dict[str, Speed] = field(default_factory=dict)


def measure(drawn: Sequence[Task], models: dict[str, Path], vocabulary: Words, threads: int) -> Figures:
    """Have every arm answer every task."""
    asker = Asker(vocabulary)
    figures = Figures([task.groups for task in drawn])
    for task in drawn:
        baseline = Baseline(task.before[-2_500:], task.after[:700], list(task.extras))
        text = baseline.complete(task.hole.kind, several=not task.one_line)
        figures.scores.setdefault(BASELINE, []).append(score(task, Answer(text, 0, stopped=True)))
    for name, path in models.items():
        speed = figures.speeds[name] = Speed()
        with Runner(path, threads) as runner:
            for task in drawn:
                arms = ((name, task.with_context), (name + ALONE, task.without), (name + UNHEALED, task.unhealed))
                for arm, prompt in arms:
                    answer = _ask(runner, asker, prompt, speed)
                    speed.controls += answer.broken + runner.controls_in(answer.text)
                    figures.scores.setdefault(arm, []).append(score(task, answer))
                missing = asker.answer(task.with_context, task.middle)
                if len(task.with_context.tokens) + len(missing) <= runner.room:
                    speed.nats += runner.negative_log_likelihood(task.with_context.tokens, missing)
                    speed.told += len(missing)
    return figures


def _ask(runner: Runner, asker: Asker, prompt: Prompt, speed: Speed) -> Answer:
    begun = time.monotonic()
    runner.read(prompt.tokens)
    between = time.monotonic()
    answer = runner.generate(_MAX_TOKENS, prompt.taken, asker.agreeing)
    speed.read += len(prompt.tokens)
    speed.read_seconds += between - begun
    speed.made += answer.tokens
    speed.made_seconds += time.monotonic() - between
    return answer


def score(task: Task, answer: Answer) -> Score:
    """Compare an answer with what stood there."""
    text = answer.text.partition("\n")[0] if task.one_line else answer.text
    return Score(
        float(text.strip() == task.middle.strip()),
        SequenceMatcher(None, text, task.middle, autojunk=False).ratio(),
        float(_parses(task, text)),
        float(answer.stopped),
        float(answer.stopped and text == answer.text),
    )


def _parses(task: Task, answer: str) -> bool:
    """Whether the file with the answer is code: to Python's parser, else in no more places not than with the truth."""
    language = languages.of(task.source.path)
    text = task.before + answer + task.after
    if language == "python":
        return _is_python(text)
    return _errors(language, text) <= _errors(language, task.before + task.middle + task.after)


def _errors(language: str, text: str) -> int:
    grammar = grammars.language(language)
    if grammar is None:
        raise ValueError(f"nothing parses {language} here")
    return len(errors(Parser(grammar).parse(text.encode("utf-8", "replace")).root_node))


def _is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def mean(values: Sequence[float]) -> float:
    """The mean; 0 for none."""
    return sum(values) / len(values) if values else 0.0


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean."""
    rng = random.Random(0)
    means = sorted(mean(rng.choices(values, k=len(values))) for _ in range(_RESAMPLES)) if values else [0.0]
    return means[int(0.025 * len(means))], means[int(0.975 * (len(means) - 1))]


def groups(figures: Figures) -> list[str]:
    """The rows of the tables, all holes together last."""
    found = dict.fromkeys(group for of_task in figures.tasks for group in of_task)
    return [*sorted(group for group in found if group != "all"), *(["all"] if "all" in found else [])]


def table(figures: Figures) -> Iterator[str]:
    """Every arm's scores by kind of hole, as Markdown."""
    yield (
        "| hole | who answers | n | exact match, % | edit similarity | parses, % | ended by itself, %"
        " | ended within its line, % |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for group in groups(figures):
        for arm, scores in figures.scores.items():
            of = [one for one, held in zip(scores, figures.tasks, strict=True) if group in held]
            yield (
                f"| {group} | {arm} | {len(of)} | {_share([one.exact for one in of])}"
                f" | {_with_interval([one.similarity for one in of], 3)}"
                f" | {100 * mean([one.parses for one in of]):.1f}"
                f" | {_share([one.stopped for one in of])} | {_share([one.in_line for one in of])} |"
            )


def _share(values: Sequence[float]) -> str:
    return _with_interval([100 * value for value in values], 1)


def _with_interval(values: Sequence[float], digits: int) -> str:
    low, high = interval(values)
    return f"{mean(values):.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def differences(figures: Figures, first: str, second: str) -> Iterator[str]:
    """What the first arm has more than the second on the same holes, as Markdown; `*` where 0 is outside."""
    yield f"| {first} − {second} | n | exact match, points | edit similarity | ended, points | in its line, points |"
    yield "|---|---|---|---|---|---|"
    pairs = list(zip(figures.scores[first], figures.scores[second], figures.tasks, strict=True))
    for group in groups(figures):
        of = [(one, other) for one, other, held in pairs if group in held]
        shown = []
        for name, scale, digits in (("exact", 100, 1), ("similarity", 1, 3), ("stopped", 100, 1), ("in_line", 100, 1)):
            values = [scale * (getattr(one, name) - getattr(other, name)) for one, other in of]
            low, high = interval(values)
            sign = "*" if low > 0 or high < 0 else ""
            shown.append(f"{mean(values):+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f}){sign}")
        yield f"| {group} | {len(of)} | {' | '.join(shown)} |"


def speeds(figures: Figures) -> Iterator[str]:
    """A line on each model: loss of the missing text, speed, control tokens in answers."""
    for name, speed in figures.speeds.items():
        yield (
            f"{name}: {speed.nats / speed.told:.4f} nats a token of the missing text and its end; prompt "
            f"{speed.read / speed.read_seconds:.0f} tokens/s, decode {speed.made / speed.made_seconds:.0f} tokens/s; "
            f"control tokens in answers: {speed.controls}"
        )


def _same_words(model: Path, other: Path) -> bool:
    """Whether the tokens of one model mean the same to another: both are given the tokens of the first."""
    return readback.vocabulary(model) == readback.vocabulary(other)


def main() -> None:
    """Read the command line, evaluate, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with heldout.jsonl")
    parser.add_argument("--model", type=Path, default=Path(__file__).with_name("twolane-starter.gguf"))
    parser.add_argument("--against", type=Path, help="another GGUF of the same vocabulary, asked the same")
    parser.add_argument("--per-kind", type=int, default=100, help="holes of each kind")
    parser.add_argument(
        "--naming", type=int, default=0, help="holes beside these that name what only the lines of other files say"
    )
    parser.add_argument("--window", type=int, default=Sizes().window, help="tokens, prompt and answer together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write every score here")
    options = parser.parse_args()
    sizes = Sizes(options.window, options.window // 2)
    models = {"model": options.model} | ({"against": options.against} if options.against else {})
    with Runner(options.model) as words:
        if options.against and not _same_words(options.model, options.against):
            parser.error(f"--against {options.against}: its vocabulary is another than that of {options.model}")
        drawn = tasks(
            load(options.work / "heldout.jsonl"), words, options.per_kind, options.naming, options.seed, sizes
        )
        figures = measure(drawn, models, words, options.threads)
    if options.json:
        options.json.write_text(json.dumps(asdict(figures)), encoding="utf-8")
    print("\n".join(table(figures)))
    for other in (BASELINE, "model" + ALONE, "model" + UNHEALED, *(["against"] if options.against else [])):
        print("\n" + "\n".join(differences(figures, "model", other)))
    print("\n" + "\n".join(speeds(figures)))


if __name__ == "__main__":
    main()
