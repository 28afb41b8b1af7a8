"""Write a checkpoint as a GGUF: `python -m twolane.starter.export --work DIR [--out FILE] [--numbers Q6_K]`.

Llama architecture, float32 norms, matrices in Q8_0 or as llama.cpp makes them coarser. Without `--out` it becomes the
file that ships. It is written beside its place and renamed into it, so that whoever reads it meanwhile sees the old or
the new one, whole.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from . import writing
from .model import Model
from .quantizations import quantized
from .readback import Array
from .shapes import Shape
from .tokenizer import Vocabulary

NUMBERS = ("Q8_0", "Q6_K")


def load_model(checkpoint: Path) -> Model:
    """The model in a checkpoint that `train` wrote, on the CPU in float32."""
    kept: dict[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    model = Model(Shape(**kept["shape"]))
    model.load_state_dict(kept["model"])
    return model.float().eval()


def weights(model: Model) -> dict[str, Array]:
    """Every weight of a model under the training script's name, in 32 bits."""
    return {name: tensor.float().numpy() for name, tensor in model.state_dict().items()}


def write(model: Model, vocabulary: Vocabulary, out: Path, *, whole: bool = False, numbers: str = "Q8_0") -> None:
    """Write the GGUF to `out`, replacing what is there in one step; `whole` keeps every number in 32 bits.

    `numbers` other than Q8_0 are made by llama.cpp out of those; rows that do not fit them stay finer.
    """
    if whole or numbers == "Q8_0":
        writing.write(weights(model), model.shape, vocabulary, out, whole=whole)
        return
    with TemporaryDirectory(prefix="twolane-export-", dir=out.parent) as place:
        source = Path(place, "F32.gguf")
        writing.write(weights(model), model.shape, vocabulary, source, whole=True)
        quantized(source, numbers, Path(place)).replace(out)


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with checkpoint.pt and vocabulary.json")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).with_name("twolane-starter.gguf"),
        help="where to write; the file that ships where not given",
    )
    parser.add_argument("--numbers", choices=NUMBERS, default=NUMBERS[0], help="of the matrices (%(default)s)")
    options = parser.parse_args()
    model = load_model(options.work / "checkpoint.pt")
    write(model, Vocabulary.load(options.work / "vocabulary.json"), options.out, numbers=options.numbers)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
