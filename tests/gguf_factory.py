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
    name: str = "tiny",
    width: int = 64,
    layers: int = 2,
    context: int = 512,
    seed: int = 0,
    endless: bool = False,
) -> Path:
    """Write a Llama-architecture model of random weights to `path`; the first of `control` ends texts.

    An `endless` model never chooses a control token, so that its answers run to their limit.
    """
    random = np.random.default_rng(seed)
    tokens = [*_byte_letters(), "th", "er", *control]
    plain = len(tokens) - len(control)
    heads = 4
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(width * 2)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_rope_dimension_count(width // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_merges(["t h", "e r"])
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
    for layer in range(layers):
        block = f"blk.{layer}"
        tensor(f"{block}.attn_norm.weight", width)
        tensor(f"{block}.ffn_norm.weight", width)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"{block}.{part}.weight", width, width)
        tensor(f"{block}.ffn_gate.weight", width * 2, width)
        tensor(f"{block}.ffn_up.weight", width * 2, width)
        tensor(f"{block}.ffn_down.weight", width, width * 2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
