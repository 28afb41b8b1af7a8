"""Weights and a vocabulary become a GGUF; without PyTorch, so that what ships can be written again by any test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import gguf

from . import layout
from .readback import NAMES, OUTSIDE, Array, permute
from .shapes import Shape


class Words(Protocol):
    """A vocabulary as a GGUF holds it: `plain` tokens of text, then the control tokens, and the rules of merging."""

    @property
    def plain(self) -> int:
        """How many tokens of text there are."""

    def control(self, number: int) -> int:
        """The id of a control token, given its index in `CONTROL`."""

    def tokens(self) -> list[str]:
        """All tokens by id, control tokens last."""

    def merges(self) -> list[str]:
        """The merge rules, each as two tokens with a blank between."""


def tensors(weights: Mapping[str, Array], shape: Shape) -> dict[str, Array]:
    """Every tensor under its GGUF name, from the training script's; queries and keys permuted."""
    named: dict[str, Array] = {}
    for name, array in weights.items():
        if name in OUTSIDE:
            named[OUTSIDE[name]] = array
        else:
            _, layer, part = name.removesuffix(".weight").split(".", 2)
            if part.endswith(".q"):
                array = permute(array, shape.heads)
            elif part.endswith(".k"):
                array = permute(array, shape.kv_heads)
            named[f"blk.{layer}.{NAMES[part]}.weight"] = array
    return named


def write(weights: Mapping[str, Array], shape: Shape, vocabulary: Words, out: Path, *, whole: bool = False) -> None:
    """Write the GGUF to `out`, replacing what is there in one step.

    Matrices are Q8_0 and norms float32; `whole` keeps every number in 32 bits.
    """
    fresh = out.with_name(out.name + ".new")
    writer = gguf.GGUFWriter(fresh, "llama")
    _describe(writer, shape, gguf.LlamaFileType.ALL_F32 if whole else gguf.LlamaFileType.MOSTLY_Q8_0)
    _add_vocabulary(writer, vocabulary)
    for name, array in tensors(weights, shape).items():
        if array.ndim == 1 or whole:
            writer.add_tensor(name, array)
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(array, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    fresh.replace(out)


def _describe(writer: gguf.GGUFWriter, shape: Shape, numbers: gguf.LlamaFileType) -> None:
    writer.add_name("twolane-starter")
    writer.add_description("A small fill-in-the-middle model, trained from scratch; see its model card.")
    writer.add_license("Apache-2.0")
    writer.add_string("twolane.layout", "suffix-first")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(numbers)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def _add_vocabulary(writer: gguf.GGUFWriter, vocabulary: Words) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(vocabulary.tokens())
    writer.add_token_types([gguf.TokenType.NORMAL] * vocabulary.plain + [gguf.TokenType.CONTROL] * len(layout.CONTROL))
    writer.add_token_merges(vocabulary.merges())
    keys = gguf.Keys.Tokenizer
    for key, number in (
        (keys.EOS_ID, layout.END),
        (keys.EOT_ID, layout.END),
        (keys.PAD_ID, layout.PAD),
        (keys.FIM_PRE_ID, layout.PREFIX),
        (keys.FIM_SUF_ID, layout.SUFFIX),
        (keys.FIM_MID_ID, layout.MIDDLE),
        (keys.FIM_PAD_ID, layout.PAD),
        (keys.FIM_REP_ID, layout.REPO),
        (keys.FIM_SEP_ID, layout.FILE),
    ):
        writer.add_uint32(key, vocabulary.control(number))
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
