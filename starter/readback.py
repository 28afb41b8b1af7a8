"""The weights of a GGUF that `export` wrote, as the training script holds them: to go on from what ships."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from .shapes import Shape

Array = npt.NDArray[np.float32]

NAMES = {
    "attention_norm": "attn_norm",
    "attention.q": "attn_q",
    "attention.k": "attn_k",
    "attention.v": "attn_v",
    "attention.o": "attn_output",
    "feed_norm": "ffn_norm",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}
"""A layer's weights: here, and in a GGUF."""
OUTSIDE = {"embedding.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}
"""The weights outside of layers: here, and in a GGUF."""


def permute(weight: Array, heads: int) -> Array:
    """Reorder each head's rows from halves turned against each other to neighbours, as llama.cpp turns them."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def unpermute(weight: Array, heads: int) -> Array:
    """Undo `permute`."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def shape_of(path: Path) -> Shape:
    """The sizes that a GGUF states."""
    fields = gguf.GGUFReader(path).fields

    def stated(key: str) -> float:
        value: float = fields[f"llama.{key}"].contents()
        return value

    return Shape(
        vocabulary=int(stated("vocab_size")),
        width=int(stated("embedding_length")),
        layers=int(stated("block_count")),
        heads=int(stated("attention.head_count")),
        kv_heads=int(stated("attention.head_count_kv")),
        head=int(stated("attention.key_length")),
        hidden=int(stated("feed_forward_length")),
        context=int(stated("context_length")),
        rope_base=float(stated("rope.freq_base")),
    )


def vocabulary(path: Path) -> list[str]:
    """The tokens of a GGUF, in order."""
    tokens: list[str] = gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents()
    return tokens


def weights(path: Path) -> dict[str, Array]:
    """Every weight under the training script's name, in float32, queries and keys in its order of rows."""
    shape = shape_of(path)
    inner = {
        f"blk.{layer}.{theirs}.weight": f"layers.{layer}.{ours}.weight"
        for layer in range(shape.layers)
        for ours, theirs in NAMES.items()
    }
    names = inner | {theirs: ours for ours, theirs in OUTSIDE.items()}
    found: dict[str, Array] = {}
    for tensor in gguf.GGUFReader(path).tensors:
        name = names[tensor.name]
        array = np.asarray(gguf.quants.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        if name.endswith(".q.weight"):
            array = unpermute(array, shape.heads)
        elif name.endswith(".k.weight"):
            array = unpermute(array, shape.kv_heads)
        found[name] = array
    return found
