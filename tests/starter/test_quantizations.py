"""Coarser numbers are written by llama.cpp, load again, and are measured on the same examples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from twolane.starter.quantizations import Row, measured, quantized, table
from twolane.starter.reference_prompts import PROMPTS
from twolane.starter.runner import Runner
from twolane.starter.shards import Example

from .conftest import MODEL


def test_a_coarser_file_is_smaller_and_is_measured_for_itself(starter: Runner, tmp_path: Path) -> None:
    prompt = starter.encode_segments([5, "shop\n", 6, "shop.py\n", 3, "\n", 1, "def add(a, b):\n    return a", 2])
    ids = [*prompt, *starter.encode(" + b"), starter.end]
    examples = [Example(ids, len(prompt), "line", inside_word=False)]
    rows = [measured(kind, quantized(MODEL, kind, tmp_path), examples, 1) for kind in ("Q8_0", "Q4_0")]
    assert rows[0].size > 1.5 * rows[1].size
    assert rows[0].loss == pytest.approx(starter.negative_log_likelihood(prompt, ids[len(prompt) :]) / 3, abs=1e-3)
    assert rows[1].loss == pytest.approx(rows[0].loss, rel=0.2)
    assert rows[1].loss != rows[0].loss
    assert min(row.writing for row in rows) > 0


def test_coarser_numbers_say_more_other_things_than_finer_ones(starter: Runner, tmp_path: Path) -> None:
    prompts = [starter.encode_segments(segments) for _, segments in PROMPTS]
    told: dict[str, list[npt.NDArray[np.float32]]] = {}
    for kind in ("F16", "Q8_0", "Q6_K", "Q4_0"):
        with Runner(quantized(MODEL, kind, tmp_path)) as runner:
            told[kind] = [runner.read(prompt) for prompt in prompts]

    def strays(kind: str) -> list[float]:
        return [float(np.abs(one - finest).mean()) for one, finest in zip(told[kind], told["F16"], strict=True)]

    finer, middling, coarser = strays("Q8_0"), strays("Q6_K"), strays("Q4_0")
    assert all(4 * near < far for near, far in zip(finer, coarser, strict=True))
    assert all(near < between < far for near, between, far in zip(finer, middling, coarser, strict=True))


def test_no_such_quantization_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Q5_9 is no quantization"):
        quantized(MODEL, "Q5_9", tmp_path)


def test_no_example_that_fits_is_said(starter: Runner) -> None:
    long = Example([1] * 4000, 3990, "line", inside_word=False)
    with pytest.raises(ValueError, match="no held-out example"):
        measured("Q8_0", MODEL, [long], 1)


def test_losses_stand_beside_the_first() -> None:
    rows = [Row("F16", 9_000_000, 1.5, 4000, 500), Row("Q4_0", 3_000_000, 1.75, 4100, 600)]
    assert list(table(rows))[-1] == "| Q4_0 | 3.0 | 1.7500 | +0.2500 | 4100 | 600 |"
