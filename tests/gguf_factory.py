"""Small GGUF files for tests: random weights, real format; a vocabulary of bytes and whatever control tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import gguf
import numpy as np

FIM_TOKENS = (
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
)


def _byte_letters() -> list[str]:
    """The printable stand-ins that byte-level BPE uses for the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in plain}
    for extra, byte in enumerate(byte for byte in range(256) if byte not in letters):
        letters[byte] = chr(256 + extra)
    return [letters[byte] for byte in range(256)]


def write(
    path: Path,
    *,
    control: Sequence[str] = FIM_TOKENS,
    metadata: Mapping[str, str] | None = None,
    numbers: Mapping[str, float | int | str | list[int]] | None = None,
    name: str = "tiny",
    width: int = 64,
    layers: int = 2,
    context: int = 512,
    seed: int = 0,
    endless: bool = False,
    idle_layers: int = 0,
    merges: Sequence[str] = ("t h", "e r"),
    pre_tokenizer: str = "qwen2",
) -> Path:
    """Write a Llama-architecture model of random weights to `path`; the first of `control` ends texts.

    An `endless` model never chooses a control token, so that its answers run to their limit. `numbers` are keys of the
    architecture in place of the right ones, or beside them. `idle_layers` make it slower and change nothing it says.
    The vocabulary is bytes and what `merges` make of them, within the words of `pre_tokenizer`, as llama.cpp names it.
    """
    random = np.random.default_rng(seed)
    tokens = [*_byte_letters(), *(merge.replace(" ", "") for merge in merges), *control]
    plain = len(tokens) - len(control)
    heads = 4
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(name)
    shape: dict[str, float | int | str | list[int]] = {
        "context_length": context,
        "embedding_length": width,
        "block_count": layers + idle_layers,
        "feed_forward_length": width * 2,
        "attention.head_count": heads,
        "attention.head_count_kv": heads,
        "rope.dimension_count": width // heads,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "vocab_size": len(tokens),
    }
    for key, number in (shape | dict(numbers or {})).items():
        _add(writer, f"llama.{key}", number)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre_tokenizer)
    writer.add_token_list(tokens)
    writer.add_token_merges(list(merges))
    writer.add_token_types([gguf.TokenType.NORMAL] * plain + [gguf.TokenType.CONTROL] * len(control))
    writer.add_eos_token_id(plain)
    writer.add_add_bos_token(False)
    for key, value in (metadata or {}).items():
        writer.add_string(key, value)

    def tensor(label: str, *shape: int) -> None:
        scale = 1.0 if len(shape) == 1 else 2.0 / np.sqrt(shape[-1])
        data = np.ones(shape) if len(shape) == 1 else random.normal(size=shape) * scale
        writer.add_tensor(label, data.astype(np.float32))

    tensor("token_embd.weight", len(tokens), width)
    tensor("output_norm.weight", width)
    if endless:
        output = random.normal(size=(len(tokens), width))
        output[plain:] = 0.0
        writer.add_tensor("output.weight", output.astype(np.float32))

    def silent(label: str, *shape: int) -> None:
        writer.add_tensor(label, np.zeros(shape, np.float32))

    for layer in range(layers + idle_layers):
        last = tensor if layer < layers else silent
        block = f"blk.{layer}"
        tensor(f"{block}.attn_norm.weight", width)
        tensor(f"{block}.ffn_norm.weight", width)
        for part in ("attn_q", "attn_k", "attn_v"):
            tensor(f"{block}.{part}.weight", width, width)
        last(f"{block}.attn_output.weight", width, width)
        tensor(f"{block}.ffn_gate.weight", width * 2, width)
        tensor(f"{block}.ffn_up.weight", width * 2, width)
        last(f"{block}.ffn_down.weight", width, width * 2)
    return _written(writer, path)


def write_adapter(
    path: Path,
    *,
    architecture: str = "llama",
    kind: str = "adapter",
    form: str = "lora",
    alpha: float = 16.0,
    tensor: str = "output.weight",
    inputs: int = 64,
    outputs: int = 265,
    rank: int = 4,
    seed: int = 1,
) -> Path:
    """Write a LoRA adapter that turns one matrix of a model of this module into something else."""
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_type(kind)
    writer.add_string("adapter.type", form)
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_tensor(f"{tensor}.lora_a", random.normal(size=(rank, inputs)).astype(np.float32))
    writer.add_tensor(f"{tensor}.lora_b", random.normal(size=(outputs, rank)).astype(np.float32))
    return _written(writer, path)


def _add(writer: gguf.GGUFWriter, key: str, value: float | int | str | list[int]) -> None:
    if isinstance(value, str):
        writer.add_string(key, value)
    elif isinstance(value, list):
        writer.add_array(key, value)
    elif isinstance(value, float):
        writer.add_float32(key, value)
    else:
        writer.add_uint32(key, value)


def _written(writer: gguf.GGUFWriter, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
