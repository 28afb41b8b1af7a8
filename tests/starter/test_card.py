"""What the model card says is what ships."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import pytest
from gguf import GGUFReader

from twolane.starter import curve

from . import card
from .conftest import MODEL

LOGS = ("training", "continued", "third", "fourth")


def test_the_parameters_and_the_vocabulary_are_those_of_the_file() -> None:
    reader = GGUFReader(MODEL)
    sizes = {tensor.name: int(tensor.n_elements) for tensor in reader.tensors}
    said = re.match(r"([\d.]+) million \(([\d.]+) million of them embeddings\)", card.row("Parameters"))
    assert said is not None
    assert said[1] == f"{sum(sizes.values()) / 1e6:.2f}"
    assert said[2] == f"{sizes['token_embd.weight'] / 1e6:.2f}"
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    assert card.row("Vocabulary").startswith(f"{len(tokens):,}: ")


@pytest.mark.parametrize("log", LOGS)
def test_each_curve_is_drawn_from_its_log(log: str) -> None:
    folder = MODEL.parent
    with (folder / f"{log}-log.csv").open(encoding="utf-8", newline="") as lines:
        drawn = curve.draw(list(csv.DictReader(lines)))
    assert (folder / f"{log}-curve.svg").read_text("utf-8") == drawn


def test_every_log_and_every_curve_is_among_them() -> None:
    assert {path.name for path in Path(MODEL.parent).glob("*.csv")} == {f"{log}-log.csv" for log in LOGS}
    assert {path.name for path in Path(MODEL.parent).glob("*.svg")} == {f"{log}-curve.svg" for log in LOGS}


def test_the_file_is_the_one_that_the_card_names() -> None:
    said = card.row("File")
    assert f"`{MODEL.name}`, Q8_0, {MODEL.stat().st_size / 1e6:.1f} MB" in said
    named = re.search("sha256 `([0-9a-f]{64})`", said)
    assert named is not None, "the card has to say the file's sha256"
    assert named[1] == hashlib.sha256(MODEL.read_bytes()).hexdigest()
    for count in re.findall(r"([\d,]{7,}) bytes", said):
        assert int(count.replace(",", "")) == MODEL.stat().st_size
