"""Random models of real shapes: taken for the family whose shape they have, and never at a loss for words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import shapes
from twolane.clients.engine.families import detect
from twolane.clients.engine.gguf_check import read_header
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model, Sequences

SMALL = shapes.Shape(64, 2, 2, 1, 128, 151_936, tied=True)


@pytest.mark.parametrize("kind", ["q8_0", "q4_0"])
def test_it_is_read_as_its_family_and_goes_on_writing(tmp_path: Path, kind: shapes.Kind) -> None:
    path = shapes.write(tmp_path / "m.gguf", SMALL, kind)
    assert [file.name for file in tmp_path.iterdir()] == ["m.gguf"]
    assert read_header(path).tokens == 151_936
    model = Model(Library(), path, 0, lambda _: None)
    assert detect("random", model.metadata, model.special).name == "qwen-coder"
    sequences = Sequences(model, context_tokens=256, slots=1, threads=1, batch_tokens=64, movable=True)
    said = model.tokenize("def f(x):\n    return ")
    last = sequences.add(0, 0, said, outputs=1)
    sequences.decode()
    for _ in range(40):
        assert np.isfinite(sequences.logits(last.start)).all()
        said.append(sequences.likeliest(last.start))
        assert not model.ends(said[-1])
        last = sequences.add(0, len(said) - 1, said[-1:], outputs=1)
        sequences.decode()
    assert len(set(said[-40:])) > 8
    sequences.close()
    model.close()


def test_the_shapes_are_those_of_the_real_models() -> None:
    millions = {
        size: (
            shape.vocabulary * shape.width * (1 if shape.tied else 2)
            + shape.layers
            * shape.width
            * (2 * shape.width + 2 * shape.kv_heads * shape.head_width + 3 * shape.feed_forward)
        )
        / 1e6
        for size, shape in shapes.SHAPES.items()
    }
    assert {size: round(count) for size, count in millions.items()} == {
        "0.5B": 494,
        "1.5B": 1544,
        "3B": 3086,
        "7B": 7615,
    }
