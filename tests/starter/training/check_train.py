"""A training run on a tiny corpus: the loss falls, the budget of tokens ends it, it goes on where it was stopped."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
import torch

from twolane.starter import layout, shards
from twolane.starter.shapes import Shape
from twolane.starter.shards import Example
from twolane.starter.train import Plan, Run

LENGTH = 96


def example(rng: random.Random, shape: Shape) -> Example:
    """A text that is to be said again, word for word, in the middle."""
    first = shape.vocabulary - len(layout.CONTROL)
    text = [rng.randrange(20) for _ in range(rng.randint(6, 12))]
    head = [first + layout.SUFFIX, *text, first + layout.PREFIX, *text[:2], first + layout.MIDDLE]
    return Example([*head, *text[2:], first + layout.END], len(head), "line", inside_word=False)


@pytest.fixture
def work(tmp_path: Path, tiny: Shape) -> Path:
    rng = random.Random(0)
    for split, count in (("train", 400), ("heldout", 20)):
        folder = tmp_path / "shards" / split
        folder.mkdir(parents=True)
        shards.write(folder / "one.npz", [example(rng, tiny) for _ in range(count)])
    return tmp_path


def plan(tokens: int) -> Plan:
    return Plan(60, rows=4, length=LENGTH, warmup=5, tokens=tokens, even=True)


def logged(work: Path) -> list[dict[str, str]]:
    with (work / "training-log.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_loss_falls_and_the_tokens_end_it(work: Path, tiny: Shape) -> None:
    run = Run(work, tiny, plan(60_000), threads=1)
    run.train()
    rows = logged(work)
    assert [int(rows[0][key]) for key in ("step", "tokens")] == [0, 0]
    assert 60_000 <= run.progress.tokens <= 60_000 + 4 * LENGTH
    assert int(rows[-1]["tokens"]) == run.progress.tokens
    assert float(rows[-1]["held-out all"]) < 0.75 * float(rows[0]["held-out all"])


def test_a_run_goes_on_at_the_step_with_the_weights_where_it_was_stopped(work: Path, tiny: Shape) -> None:
    first = Run(work, tiny, plan(4_000), threads=1)
    first.train()
    stopped = first.progress.step
    kept = {name: weight.clone() for name, weight in first.model.state_dict().items()}
    second = Run(work, tiny, plan(8_000), threads=1)
    second.resume()
    assert (second.progress.step, second.progress.tokens) == (stopped, first.progress.tokens)
    assert all(torch.equal(weight, kept[name]) for name, weight in second.model.state_dict().items())
    momenta = [next(iter(run.optimizers[0].state.values()))["momentum"] for run in (first, second)]
    assert torch.equal(*momenta)
    second.train()
    assert second.progress.tokens >= 8_000
    steps = [int(row["step"]) for row in logged(work)]
    assert steps == [0, stopped, stopped, second.progress.step]
    assert stopped < second.progress.step <= stopped + 4_000 // 200


def test_a_run_that_used_its_tokens_up_does_nothing_more(work: Path, tiny: Shape) -> None:
    Run(work, tiny, plan(1_000), threads=1).train()
    again = Run(work, tiny, plan(1_000), threads=1)
    again.resume()
    before = again.progress.step
    again.train()
    assert again.progress.step == before


def test_a_crash_while_saving_leaves_the_checkpoint_before(
    work: Path, tiny: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(work, tiny, plan(1_000), threads=1)
    run.train()
    whole = run.checkpoint.read_bytes()

    def broken(_: object, place: Path) -> None:
        place.write_bytes(b"half of")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", broken)
    with pytest.raises(OSError, match="no space"):
        run.save()
    assert run.checkpoint.read_bytes() == whole
    again = Run(work, tiny, plan(2_000), threads=1)
    again.resume()
    assert again.progress.step == run.progress.step


def test_nothing_to_resume_is_said(work: Path, tiny: Shape) -> None:
    with pytest.raises(FileNotFoundError, match=r"checkpoint\.pt"):
        Run(work, tiny, plan(1_000), threads=1).resume()


def test_the_rate_warms_up_stays_and_falls() -> None:
    one = Plan(10, rate=1.0, warmup=10, decay_from=0.5)
    rates = [one.rate_at(step, progress) for step, progress in ((0, 0.0), (9, 0.1), (99, 0.5), (99, 0.75), (99, 1.0))]
    assert rates == pytest.approx([0.1, 1.0, 1.0, 0.5, 0.01])
