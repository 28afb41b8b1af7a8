"""Numbers in a GGUF's header that no model can have: llama.cpp ends the process on them instead of refusing.

The bounds are those of its own assertions (read in llama.cpp of llama-cpp-python 0.3.36). What it refuses by itself,
tensors of the wrong shape for instance, is left to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .gguf_check import Header

_MOST_LAYERS = 512
_MOST_EXPERTS = 1024
_MOST_WIDTH = 1 << 20
_MOST_TOKENS = 1 << 23
_LEAST_CONTEXT = 64
_WITHOUT_HEADS = ("mamba", "rwkv", "arwkv")
_ROPE_SCALINGS = ("none", "linear", "yarn", "longrope")
_TURNED_WHOLE = (
    "apertus", "arcee", "arctic", "baichuan", "codeshell", "dbrx", "deepseek", "dots1", "dream", "ernie4_5",
    "exaone", "exaone4", "falcon", "granite", "granitemoe", "grok", "internlm2", "llama", "llama4", "mellum",
    "mistral3", "olmo", "olmo2", "olmoe", "orion", "plamo", "qwen2", "qwen2moe", "qwen3", "qwen3moe",
    "seed_oss", "smallthinker", "smollm3", "starcoder2", "xverse",
)  # fmt: skip
"""Architectures whose graph asserts that positions turn the whole of each head."""


def impossible(header: Header) -> str:
    """Say what cannot be, in a few words; empty where nothing is amiss."""
    return next(_faults(header), "")


def _faults(header: Header) -> Iterator[str]:
    layers = header.number("block_count")
    if layers is None or not 1 <= layers <= _MOST_LAYERS:
        yield f"it claims {_shown(layers)} layers"
        return
    width = header.number("embedding_length")
    if width is None or not 1 <= width <= _MOST_WIDTH:
        yield f"it claims a width of {_shown(width)}"
        return
    if (header.number("context_length") or _LEAST_CONTEXT) < _LEAST_CONTEXT:
        yield f"it was trained for {header.number('context_length')} tokens of context"
    if header.tokens is not None and not 1 <= header.tokens <= _MOST_TOKENS:
        yield f"its vocabulary has {header.tokens} tokens"
    if header.repeated_token:
        yield f"its vocabulary has the token {header.repeated_token!r} twice"
    if (header.number("nextn_predict_layers") or 0) > layers:
        yield "it predicts with more layers than it has"
    if header.text("rope.scaling.type", "linear") not in _ROPE_SCALINGS:
        yield "it scales its rope in an unknown way"
    yield from _heads(header, layers, width)
    yield from _experts(header)
    yield from _epsilons(header)


def _heads(header: Header, layers: int, width: int) -> Iterator[str]:
    heads = header.each("attention.head_count", layers)
    keys = header.each("attention.head_count_kv", layers) or heads
    if len(heads) != layers or len(keys) != layers:
        yield "its head counts are not one for each layer"
        return
    if not any(heads):
        if not header.architecture.startswith(_WITHOUT_HEADS):
            yield "it claims 0 heads"
        return
    for all_heads, key_heads in zip(heads, keys, strict=True):
        if all_heads < 0 or key_heads < 0 or all_heads > width:
            yield f"it claims {all_heads} heads"
            return
        if key_heads and all_heads % key_heads:
            yield f"its {all_heads} heads cannot share {key_heads}"
            return
        if key_heads > all_heads:
            yield f"it claims {key_heads} heads of keys for {all_heads} heads"
            return
    yield from _head_width(header, max(heads), width)


def _head_width(header: Header, heads: int, width: int) -> Iterator[str]:
    whole = header.number("attention.key_length")
    whole = width // heads if whole is None else whole
    value = header.number("attention.value_length")
    value = whole if value is None else value
    if not (1 <= whole <= _MOST_WIDTH and 1 <= value <= _MOST_WIDTH):
        yield f"it claims heads {_shown(whole)} wide"
        return
    turned = header.number("rope.dimension_count")
    if turned is None:
        turned = whole
    partly = turned != whole and header.architecture in _TURNED_WHOLE
    if partly or turned < 0 or turned % 2 or turned > whole:
        yield f"it turns {turned} of the {whole} numbers of a head"


def _experts(header: Header) -> Iterator[str]:
    experts = header.number("expert_count") or 0
    used = max(header.each("expert_used_count", header.number("block_count") or 0), default=0)
    groups = header.number("expert_group_count") or 0
    if not 0 <= experts <= _MOST_EXPERTS:
        yield f"it claims {experts} experts"
    elif used > experts or (experts and used < 1) or used < 0:
        yield f"it uses {used} of {experts} experts"
    elif groups and (groups >= max(1, experts) or experts % groups):
        yield f"it splits {experts} experts into {groups} groups"
    elif groups > 1 and not 0 < (header.number("expert_group_used_count") or 0) < groups:
        yield f"it uses an impossible part of {groups} groups of experts"


def _epsilons(header: Header) -> Iterator[str]:
    for key in ("attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon"):
        value = header.values.get(f"{header.architecture}.{key}", 0.0)
        if isinstance(value, float) and not (math.isfinite(value) and value >= 0):
            yield f"its {key} is {value}"


def _shown(number: int | None) -> str:
    return "no number of" if number is None else str(number)
