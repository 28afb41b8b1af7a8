"""GGUF files with the shapes of real models and random weights: `python -m benchmarks.shapes 0.5B [PATH]`.

Speed does not depend on what the weights say, so that latency can be measured at real sizes without anybody's
model. What such a model writes is noise. The shapes are those of Qwen2.5-Coder's own configurations
(arXiv 2409.12186, table 1). The text side is the starter's: its tokens are shorter than Qwen's, so that a text
costs more of them, and the rest of Qwen's vocabulary is there but never said.
"""

from __future__ import annotations

import argparse
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import gguf
import numpy as np
import numpy.typing as npt
import platformdirs

Kind = Literal["q8_0", "q4_0"]
Blocks = npt.NDArray[Any]

STARTER = Path(__file__).resolve().parent.parent / "starter" / "twolane-starter.gguf"
EDITION = 1
"""Counts the changes of what this module writes; a file of an older edition is not used again."""

_CONTROL = {
    "<|endoftext|>": 151_643,
    "<|fim_prefix|>": 151_659,
    "<|fim_middle|>": 151_660,
    "<|fim_suffix|>": 151_661,
    "<|fim_pad|>": 151_662,
    "<|repo_name|>": 151_663,
    "<|file_sep|>": 151_664,
}
"""Qwen's control tokens at Qwen's own numbers."""

_BLOCK = 32
_POOL_BLOCKS = 999_983
"""Prime, so that no two rows of a matrix are cut from the same place."""

_PIECE_BLOCKS = 1 << 18


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of a Qwen2 model; `tied` says that it writes with the matrix that it reads with."""

    width: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    vocabulary: int
    tied: bool
    context: int = 32_768
    rope_base: float = 1_000_000.0

    @property
    def head_width(self) -> int:
        """Numbers in one head."""
        return self.width // self.heads


SHAPES = {
    "0.5B": Shape(896, 24, 14, 2, 4864, 151_936, tied=True),
    "1.5B": Shape(1536, 28, 12, 2, 8960, 151_936, tied=True),
    "3B": Shape(2048, 36, 16, 2, 11_008, 151_936, tied=True),
    "7B": Shape(3584, 28, 28, 4, 18_944, 152_064, tied=False),
}


@dataclass(frozen=True, slots=True)
class _Format:
    """A block of `_BLOCK` weights: its layout, and the standard deviation of its integers when they are random."""

    layout: np.dtype[Any]
    spread: float
    type: gguf.GGMLQuantizationType
    file_type: gguf.LlamaFileType


_FORMATS: dict[Kind, _Format] = {
    "q8_0": _Format(
        np.dtype([("scale", "<f2"), ("numbers", "u1", 32)]),
        73.9,
        gguf.GGMLQuantizationType.Q8_0,
        gguf.LlamaFileType.MOSTLY_Q8_0,
    ),
    "q4_0": _Format(
        np.dtype([("scale", "<f2"), ("numbers", "u1", 16)]),
        4.6,
        gguf.GGMLQuantizationType.Q4_0,
        gguf.LlamaFileType.MOSTLY_Q4_0,
    ),
}


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A tensor to write. Its values have the standard deviation `spread`; a vector without one holds ones.

    Rows from `silent_from` on are zero, so that a token they stand for is never the likeliest.
    """

    name: str
    shape: tuple[int, ...]
    spread: float = 0.0
    silent_from: int | None = None


def cached(size: str, kind: Kind = "q8_0") -> Path:
    """Return the file of this size from the user's cache folder, writing it there once."""
    folder = platformdirs.user_cache_path("twolane", appauthor=False) / "shapes"
    path = folder / f"random-qwen2.5-coder-{size.lower()}-{kind}-{EDITION}.gguf"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write(path, SHAPES[size], kind, name=f"random Qwen2.5-Coder {size}")
    return path


def starter_as(folder: Path, *, prefix_first: bool = False, window: int = 0) -> Path:
    """Return a copy of the starter in `folder`, asked in the order that most families want, with so large a window."""
    data = STARTER.read_bytes()
    if prefix_first:
        data = data.replace(b"twolane.layout", b"twolane.unused", 1)
    if window:
        key, number = b"llama.context_length", struct.pack("<I", gguf.GGUFValueType.UINT32)
        at = data.index(key + number) + len(key + number)
        data = data[:at] + struct.pack("<I", window) + data[at + 4 :]
    copy = folder / f"starter-{'prefix' if prefix_first else 'suffix'}-first.gguf"
    copy.write_bytes(data)
    return copy


def write(path: Path, shape: Shape, kind: Kind = "q8_0", *, name: str = "random", seed: int = 0) -> Path:
    """Write the model to `path`, replacing what is there in one step."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        _write(fresh, shape, _FORMATS[kind], name, np.random.default_rng(seed))
        return fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _write(path: Path, shape: Shape, form: _Format, name: str, random: np.random.Generator) -> None:
    writer = gguf.GGUFWriter(path, "qwen2")
    _describe(writer, shape, form, name)
    spoken = _add_vocabulary(writer, shape)
    tensors = list(_tensors(shape, spoken))
    for tensor in tensors:
        if len(tensor.shape) == 1:
            writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.float32), 4 * tensor.shape[0])
        else:
            size = tensor.shape[0] * tensor.shape[1] // _BLOCK * form.layout.itemsize
            writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.int8), size, form.type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    pool = _pool(random, form)
    with path.open("ab") as file:
        for tensor in tensors:
            file.write(bytes(-file.tell() % writer.data_alignment))
            for piece in _data(tensor, random, pool, form):
                file.write(piece.tobytes())
        file.write(bytes(-file.tell() % writer.data_alignment))


def _describe(writer: gguf.GGUFWriter, shape: Shape, form: _Format, name: str) -> None:
    writer.add_name(name)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(form.file_type)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def _add_vocabulary(writer: gguf.GGUFWriter, shape: Shape) -> int:
    """Add the starter's words and Qwen's control tokens; return how many tokens are words."""
    fields = gguf.GGUFReader(STARTER).fields
    words: list[str] = fields["tokenizer.ggml.tokens"].contents()
    kinds: list[int] = fields["tokenizer.ggml.token_type"].contents()
    spoken = next((at for at, kind in enumerate(kinds) if kind != gguf.TokenType.NORMAL), len(words))
    tokens = [*words[:spoken], *(f"[unused {number}]" for number in range(spoken, shape.vocabulary))]
    types = [gguf.TokenType.NORMAL] * spoken + [gguf.TokenType.UNUSED] * (shape.vocabulary - spoken)
    for text, number in _CONTROL.items():
        tokens[number], types[number] = text, gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(fields["tokenizer.ggml.merges"].contents())
    writer.add_eos_token_id(_CONTROL["<|endoftext|>"])
    writer.add_pad_token_id(_CONTROL["<|endoftext|>"])
    writer.add_add_bos_token(False)
    return spoken


def _tensors(shape: Shape, spoken: int) -> Iterator[_Tensor]:
    """Yield every tensor; the spreads keep numbers near one from layer to layer.

    Words count little beside what the layers add, else a model that writes with its reading matrix would
    say the last word again for ever; queries are large, so that attention picks instead of averaging.
    """
    width, keys = shape.width, shape.kv_heads * shape.head_width
    even = width**-0.5
    words = (shape.vocabulary, width)
    yield _Tensor("token_embd.weight", words, 3 * even, silent_from=spoken)
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        yield _Tensor(f"{block}.attn_norm.weight", (width,))
        yield _Tensor(f"{block}.ffn_norm.weight", (width,))
        for part, rows, spread in (("q", width, 3 * even), ("k", keys, even), ("v", keys, even)):
            yield _Tensor(f"{block}.attn_{part}.weight", (rows, width), spread)
            yield _Tensor(f"{block}.attn_{part}.bias", (rows,), 0.1)
        yield _Tensor(f"{block}.attn_output.weight", (width, width), even)
        yield _Tensor(f"{block}.ffn_gate.weight", (shape.feed_forward, width), even)
        yield _Tensor(f"{block}.ffn_up.weight", (shape.feed_forward, width), even)
        yield _Tensor(f"{block}.ffn_down.weight", (width, shape.feed_forward), shape.feed_forward**-0.5)
    yield _Tensor("output_norm.weight", (width,))
    if not shape.tied:
        yield _Tensor("output.weight", words, 3 * even, silent_from=spoken)


def _pool(random: np.random.Generator, form: _Format) -> Blocks:
    """Random blocks whose values have the standard deviation one; the sign of the scale makes their mean zero."""
    pool = np.frombuffer(random.bytes(_POOL_BLOCKS * form.layout.itemsize), form.layout).copy()
    pool["scale"] = random.choice([-1.0, 1.0], _POOL_BLOCKS)
    return pool


def _data(tensor: _Tensor, random: np.random.Generator, pool: Blocks, form: _Format) -> Iterator[Blocks]:
    """Yield the tensor's data in pieces of a few megabytes."""
    if len(tensor.shape) == 1:
        values = random.normal(scale=tensor.spread, size=tensor.shape) if tensor.spread else np.ones(tensor.shape)
        yield values.astype("<f4")
        return
    rows, columns = tensor.shape
    blocks = rows * columns // _BLOCK
    spoken = blocks if tensor.silent_from is None else tensor.silent_from * columns // _BLOCK
    at = int(random.integers(_POOL_BLOCKS))
    for start in range(0, blocks, _PIECE_BLOCKS):
        places = np.arange(start, min(blocks, start + _PIECE_BLOCKS))
        piece = pool[(places + at) % _POOL_BLOCKS]
        piece["scale"] = np.where(places < spoken, piece["scale"] * (tensor.spread / form.spread), 0.0)
        yield piece


def main(arguments: list[str]) -> int:
    """Write one file and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shapes", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("size", choices=SHAPES)
    parser.add_argument("path", nargs="?", type=Path, help="where to write it; the user's cache folder if not given")
    parser.add_argument("--type", choices=_FORMATS, default="q8_0", help="how weights are stored (%(default)s)")
    given = parser.parse_args(arguments)
    if given.path is None:
        print(cached(given.size, given.type))
    else:
        print(write(given.path, SHAPES[given.size], given.type, name=f"random Qwen2.5-Coder {given.size}"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
