"""Record what PyTorch says, so that llama.cpp's reading of the GGUF can be checked without PyTorch.

`python -m twolane.starter.reference --work DIR --out FILE` writes, for a few prompts, the token ids, the
highest logits, and the greedy continuation. The weights are taken as the GGUF holds them, rounded to Q8_0.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import gguf
import torch

from . import layout
from .export import load_model
from .model import Model
from .reference_prompts import PROMPTS
from .tokenizer import Vocabulary

_TOP = 5
_GREEDY = 12
_CLOSE = 0.3


@torch.no_grad()
def as_stored(model: Model) -> Model:
    """The model with its matrices rounded as Q8_0 rounds them."""
    kind = gguf.GGMLQuantizationType.Q8_0
    for weight in model.parameters():
        if weight.ndim == 2:
            rounded = gguf.quants.dequantize(gguf.quants.quantize(weight.numpy(), kind), kind)
            weight.copy_(torch.from_numpy(rounded))
    return model


@torch.no_grad()
def record(model: Model, vocabulary: Vocabulary) -> list[dict[str, object]]:
    """One record per prompt: segments, ids, highest logits as (id, value), greedy ids."""
    records: list[dict[str, object]] = []
    for name, segments in PROMPTS:
        ids = vocabulary.encode_segments(segments)
        logits = model(torch.tensor([ids]))[0, -1]
        top = torch.topk(logits, _TOP)
        made = _greedy(model, ids, vocabulary.control(layout.END))
        records.append(
            {
                "name": name,
                "segments": segments,
                "ids": ids,
                "top": [[int(i), round(float(v), 3)] for i, v in zip(top.indices, top.values, strict=True)],
                "greedy": made,
            }
        )
    return records


def _greedy(model: Model, ids: list[int], end: int) -> list[int]:
    """The likeliest tokens in turn, up to the end or to a choice too close to survive another rounding."""
    made: list[int] = []
    while len(made) < _GREEDY and (not made or made[-1] != end):
        best = torch.topk(model(torch.tensor([ids + made]))[0, -1], 2)
        if made and float(best.values[0] - best.values[1]) < _CLOSE:
            break
        made.append(int(best.indices[0]))
    return made


def main() -> None:
    """Read the command line and write the records."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with checkpoint.pt and vocabulary.json")
    parser.add_argument("--out", type=Path, required=True, help="where to write, as JSON")
    options = parser.parse_args()
    model = as_stored(load_model(options.work / "checkpoint.pt"))
    records = record(model, Vocabulary.load(options.work / "vocabulary.json"))
    options.out.write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
