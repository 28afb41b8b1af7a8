"""What is exported is what was trained: llama.cpp computes its logits, and it can be read back to the byte."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from twolane.starter import export, readback, writing
from twolane.starter.corpus import Source
from twolane.starter.model import Model
from twolane.starter.runner import Runner
from twolane.starter.shapes import Shape
from twolane.starter.tokenizer import Vocabulary, train

TEXT = "def add(first, second):\n    return first + second\n\n\nclass Shop:\n    items = [1, 2, 3]\n"


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return train([Source("shop", "shop.py", TEXT * 50)], 290, tmp_path_factory.mktemp("vocabulary") / "vocabulary.json")


@pytest.fixture
def model(tiny: Shape, vocabulary: Vocabulary) -> Model:
    torch.manual_seed(2)
    made: Model = Model(replace(tiny, vocabulary=vocabulary.size)).eval()
    with torch.no_grad():
        for name, weight in made.named_parameters():
            if weight.ndim == 1:
                weight.uniform_(0.5, 1.5)
            elif name.startswith("layers"):
                weight.mul_(3)
    return made


def ours(model: Model, ids: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with torch.no_grad():
        logits = model(torch.tensor([ids]))[0, -1].numpy()
    return np.asarray(logits, dtype=np.float32)


@pytest.mark.parametrize(("whole", "bound"), [(True, 0.01), (False, 0.1)])
def test_llama_cpp_computes_the_logits_of_pytorch(
    model: Model, vocabulary: Vocabulary, tmp_path: Path, whole: bool, bound: float
) -> None:
    """The usual difference is below a share of the logits' spread: of 32-bit numbers (keys have 16), and of eight."""
    export.write(model, vocabulary, tmp_path / "tiny.gguf", whole=whole)
    with Runner(tmp_path / "tiny.gguf") as runner:
        assert runner.encode(TEXT) == vocabulary.encode(TEXT)
        for length in (1, 7, len(runner.encode(TEXT))):
            ids = [runner.control(1), *runner.encode(TEXT)[:length]]
            wanted, found = ours(model, ids), runner.read(ids)
            assert np.sqrt(np.square(wanted - found).mean()) < bound * wanted.std()


def test_what_is_read_back_is_written_the_same_to_the_byte(
    model: Model, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.gguf", tmp_path / "second.gguf"
    export.write(model, vocabulary, first)
    again = Model(readback.shape_of(first))
    again.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in readback.weights(first).items()})
    assert asdict(again.shape) == pytest.approx(asdict(model.shape))
    export.write(again, Vocabulary.from_gguf(first), second)
    assert second.read_bytes() == first.read_bytes()


def test_a_checkpoint_is_exported_as_it_was_saved(model: Model, vocabulary: Vocabulary, tmp_path: Path) -> None:
    torch.save({"shape": asdict(model.shape), "model": model.state_dict()}, tmp_path / "checkpoint.pt")
    export.write(model, vocabulary, tmp_path / "direct.gguf")
    export.write(export.load_model(tmp_path / "checkpoint.pt"), vocabulary, tmp_path / "kept.gguf")
    assert (tmp_path / "kept.gguf").read_bytes() == (tmp_path / "direct.gguf").read_bytes()


def test_coarser_numbers_are_written_where_it_is_said(
    model: Model, vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save({"shape": asdict(model.shape), "model": model.state_dict()}, tmp_path / "checkpoint.pt")
    vocabulary.save(tmp_path / "vocabulary.json")
    sizes = {}
    for numbers in export.NUMBERS:
        out = tmp_path / "trial" / f"{numbers}.gguf"
        out.parent.mkdir(exist_ok=True)
        words = ["export", "--work", tmp_path, "--out", out, "--numbers", numbers]
        monkeypatch.setattr("sys.argv", list(map(str, words)))
        export.main()
        sizes[numbers] = out.stat().st_size
        assert [left.name for left in out.parent.iterdir() if left.suffix != ".gguf"] == []
        with Runner(out) as runner:
            ids = [runner.control(1), *runner.encode(TEXT)]
            wanted, found = ours(model, ids), runner.read(ids)
            assert np.sqrt(np.square(wanted - found).mean()) < 0.3 * wanted.std()
    assert sizes["Q6_K"] <= sizes["Q8_0"]


def test_a_crash_while_writing_leaves_the_file_before(
    model: Model, vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "tiny.gguf"
    place.write_bytes(b"the one before")

    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(writing, "tensors", broken)
    with pytest.raises(OSError, match="no space"):
        export.write(model, vocabulary, place)
    assert place.read_bytes() == b"the one before"
