"""Small GGUF files of random weights whose memory is of another kind: recurrent, half of it, with a sliding window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from tests.gguf_factory import FIM_TOKENS, _byte_letters

_WIDTH, _LAYERS, _HEADS = 64, 2, 4

Tensor = Callable[..., None]


def _begin(path: Path, architecture: str) -> tuple[Any, Tensor]:
    """Open a file with Qwen's control tokens; return the writer, and what adds a tensor of random numbers."""
    random = np.random.default_rng(0)
    tokens = [*_byte_letters(), "th", *FIM_TOKENS]
    plain = len(tokens) - len(FIM_TOKENS)
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_name(architecture)
    writer.add_context_length(2048)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_WIDTH * 2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_merges(["t h"])
    writer.add_token_types([gguf.TokenType.NORMAL] * plain + [gguf.TokenType.CONTROL] * len(FIM_TOKENS))
    writer.add_eos_token_id(plain)
    writer.add_add_bos_token(False)

    def tensor(label: str, *shape: int, value: float | None = None) -> None:
        scale = 2.0 / np.sqrt(shape[-1])
        data = random.normal(size=shape) * scale if value is None else np.full(shape, value)
        if label == "token_embd.weight":
            data[plain:] = 0.0
        writer.add_tensor(label, data.astype(np.float32))

    tensor("token_embd.weight", len(tokens), _WIDTH)
    tensor("output_norm.weight", _WIDTH, value=1.0)
    return writer, tensor


def _end(writer: Any, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_recurrent(path: Path) -> Path:
    """Write a Mamba: what it remembers of a text cannot be cut."""
    inner, state, convolution, rank = 2 * _WIDTH, 8, 4, 8
    writer, tensor = _begin(path, "mamba")
    writer.add_ssm_conv_kernel(convolution)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    writer.add_head_count(0)
    for layer in range(_LAYERS):
        block = f"blk.{layer}"
        tensor(f"{block}.attn_norm.weight", _WIDTH, value=1.0)
        tensor(f"{block}.ssm_in.weight", 2 * inner, _WIDTH)
        tensor(f"{block}.ssm_conv1d.weight", inner, convolution)
        tensor(f"{block}.ssm_conv1d.bias", inner, value=0.0)
        tensor(f"{block}.ssm_x.weight", rank + 2 * state, inner)
        tensor(f"{block}.ssm_dt.weight", inner, rank)
        tensor(f"{block}.ssm_dt.bias", inner, value=0.1)
        tensor(f"{block}.ssm_a", inner, state, value=-1.0)
        tensor(f"{block}.ssm_d", inner, value=1.0)
        tensor(f"{block}.ssm_out.weight", _WIDTH, inner)
    return _end(writer, path)


def write_hybrid(path: Path) -> Path:
    """Write a Granite 4: its first layer is recurrent, as Mamba 2 is, and its second attends."""
    inner, state, convolution, groups, steps = 2 * _WIDTH, 8, 4, 1, 4
    writer, tensor = _begin(path, "granitehybrid")
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv([0, _HEADS])
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_ssm_conv_kernel(convolution)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_group_count(groups)
    writer.add_ssm_time_step_rank(steps)
    wide = inner + 2 * groups * state
    for layer in range(_LAYERS):
        block = f"blk.{layer}"
        tensor(f"{block}.attn_norm.weight", _WIDTH, value=1.0)
        if layer == 0:
            tensor(f"{block}.ssm_in.weight", inner + wide + steps, _WIDTH)
            tensor(f"{block}.ssm_conv1d.weight", wide, convolution)
            tensor(f"{block}.ssm_conv1d.bias", wide, value=0.0)
            tensor(f"{block}.ssm_dt.bias", steps, value=0.1)
            tensor(f"{block}.ssm_a", steps, 1, value=-1.0)
            tensor(f"{block}.ssm_d", steps, 1, value=1.0)
            tensor(f"{block}.ssm_norm.weight", groups, inner // groups, value=1.0)
            tensor(f"{block}.ssm_out.weight", _WIDTH, inner)
        else:
            for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
                tensor(f"{block}.{part}.weight", _WIDTH, _WIDTH)
        tensor(f"{block}.ffn_norm.weight", _WIDTH, value=1.0)
        tensor(f"{block}.ffn_gate.weight", 2 * _WIDTH, _WIDTH)
        tensor(f"{block}.ffn_up.weight", 2 * _WIDTH, _WIDTH)
        tensor(f"{block}.ffn_down.weight", _WIDTH, 2 * _WIDTH)
    return _end(writer, path)


def write_sliding(path: Path, window: int) -> Path:
    """Write a Gemma 2 of which every second layer sees the last `window` tokens only."""
    writer, tensor = _begin(path, "gemma2")
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_key_length(_WIDTH // _HEADS)
    writer.add_value_length(_WIDTH // _HEADS)
    writer.add_sliding_window(window)
    for layer in range(_LAYERS):
        block = f"blk.{layer}"
        for norm in ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"):
            tensor(f"{block}.{norm}.weight", _WIDTH, value=1.0)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"{block}.{part}.weight", _WIDTH, _WIDTH)
        tensor(f"{block}.ffn_gate.weight", 2 * _WIDTH, _WIDTH)
        tensor(f"{block}.ffn_up.weight", 2 * _WIDTH, _WIDTH)
        tensor(f"{block}.ffn_down.weight", _WIDTH, 2 * _WIDTH)
    return _end(writer, path)
