"""Examples survive the disk, and are packed without meeting each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from twolane.starter import layout, shards
from twolane.starter.batches import Packer, epochs, sample, weights_of
from twolane.starter.shards import Example

VOCABULARY = 4096
FIRST = VOCABULARY - len(layout.CONTROL)


def example(text: int, length: int) -> Example:
    """`length` tokens besides the control tokens, in an extra, the suffix, the prefix and the middle alike."""
    part = [text] * (length // 4)
    head = [FIRST + layout.FILE, *part, FIRST + layout.SUFFIX, *part, FIRST + layout.PREFIX, *part]
    ids = [*head, FIRST + layout.MIDDLE, *part, FIRST + layout.END]
    return Example(ids, len(head) + 1, "line", inside_word=False)


def test_examples_come_back_from_disk(tmp_path: Path) -> None:
    written = [example(number, 20 + 4 * number) for number in range(5)]
    shards.write(tmp_path / "a.npz", written)
    back = list(shards.read(tmp_path))
    assert [list(one.ids) for one in back] == [one.ids for one in written]
    assert [(one.middle, one.kind, one.inside_word) for one in back] == [
        (one.middle, one.kind, one.inside_word) for one in written
    ]
    assert len(sample(tmp_path, 3, seed=0)) == 3


def test_no_shards_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"twolane\.starter\.examples"):
        list(shards.read(tmp_path))


def test_learnt_from_is_what_the_model_is_to_write() -> None:
    one = example(7, 40)
    weights = weights_of(one, VOCABULARY)
    by_part = [weights[at + 1 : at + 11] for at, token in enumerate(one.ids) if token >= FIRST][:4]
    assert all(len(set(part.tolist())) == 1 for part in by_part)
    other_files, suffix, prefix, middle = (float(part[0]) for part in by_part)
    assert 0 == other_files < suffix < prefix < middle
    assert weights[one.middle - 1] == 0
    assert weights[-1] > 1


def test_from_nothing_all_tokens_are_learnt_from() -> None:
    one = example(7, 40)
    ids = list(map(int, one.ids))
    weights = weights_of(one, VOCABULARY, even=True).tolist()
    control = [at for at, token in enumerate(ids[:-1]) if token >= FIRST]
    assert all(weights[at] == 0 for at in control)
    assert weights[one.middle :] == [2.0] * (len(ids) - one.middle)
    assert {weight for at, weight in enumerate(weights[: one.middle]) if at not in control} == {1.0}


def test_rows_hold_whole_examples_each_with_a_number_of_its_own() -> None:
    made = [example(number, 40 + 4 * (number % 20)) for number in range(200)]
    seen: list[int] = []
    for batch in Packer(made, VOCABULARY, 256, seed=0).batches(2):
        assert batch.ids.shape == (2, 257)
        assert batch.weights.shape == batch.documents.shape == (2, 256)
        for ids, documents in zip(batch.ids, batch.documents, strict=True):
            for number in range(1, int(documents.max()) + 1):
                texts = {int(token) for token in ids[:-1][documents == number] if token < FIRST}
                assert len(texts) == 1
                seen += texts
            assert np.all(ids[:-1][documents == 0] == FIRST + layout.PAD)
    assert len(seen) == len(set(seen)) > 150


def test_examples_that_break_off_in_a_loop_are_learnt_against() -> None:
    made = [example(number, 40 + 4 * (number % 20)) for number in range(200)]

    def against(loops: float) -> bool:
        return any((batch.weights < 0).any() for batch in Packer(made, VOCABULARY, 256, 0, loops).batches(2))

    assert against(0.5)
    assert not against(0.0)


def test_shards_added_meanwhile_take_part(tmp_path: Path) -> None:
    shards.write(tmp_path / "a.npz", [example(1, 40) for _ in range(400)])
    stream = epochs(tmp_path, VOCABULARY, 1, 64, seed=0)
    next(stream)
    shards.write(tmp_path / "b.npz", [example(2, 40) for _ in range(400)])
    assert any(2 in next(stream).ids for _ in range(80))


def test_too_few_examples_are_named(tmp_path: Path) -> None:
    shards.write(tmp_path / "a.npz", [example(1, 40)])
    with pytest.raises(ValueError, match="not enough examples"):
        next(epochs(tmp_path, VOCABULARY, 4, 64, seed=0))
