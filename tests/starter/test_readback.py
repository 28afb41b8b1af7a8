"""Training can go on from what ships: its weights, read back, are the model that llama.cpp runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from gguf import GGUFReader

from twolane.starter import readback, writing
from twolane.starter.layout import CONTROL
from twolane.starter.readback import permute, unpermute
from twolane.starter.reference_prompts import PROMPTS
from twolane.starter.runner import Runner
from twolane.starter.shapes import Shape

from .conftest import MODEL

Array = npt.NDArray[np.float32]


def norm(x: Array, weight: Array, epsilon: float) -> Array:
    normed: Array = x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon) * weight
    return normed


def turn(x: Array, shape: Shape) -> Array:
    """Rotary positions on (length, heads, head), halves against each other."""
    half = shape.head // 2
    angles = np.arange(len(x))[:, None] * shape.rope_base ** (-np.arange(half) / half)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    a, b = x[..., :half], x[..., half:]
    return np.concatenate((a * cos - b * sin, b * cos + a * sin), axis=-1)


def last_logits(ids: list[int], shape: Shape, weights: dict[str, Array]) -> Array:
    """A Llama's logits after the last token, written down once more, plainly."""
    x = weights["embedding.weight"][ids]
    future = np.triu(np.full((len(ids), len(ids)), -np.inf), 1)
    for layer in range(shape.layers):
        w = {name.removeprefix(f"layers.{layer}."): a for name, a in weights.items() if f"layers.{layer}." in name}
        y = norm(x, w["attention_norm.weight"], shape.epsilon)
        q = turn((y @ w["attention.q.weight"].T).reshape(len(ids), shape.heads, shape.head), shape)
        k = turn((y @ w["attention.k.weight"].T).reshape(len(ids), shape.kv_heads, shape.head), shape)
        v = (y @ w["attention.v.weight"].T).reshape(len(ids), shape.kv_heads, shape.head)
        shared = shape.heads // shape.kv_heads
        k, v = k.repeat(shared, axis=1), v.repeat(shared, axis=1)
        scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(shape.head) + future
        share = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = np.einsum("hqk,khd->qhd", share / share.sum(-1, keepdims=True), v)
        x = x + mixed.reshape(len(ids), -1) @ w["attention.o.weight"].T
        y = norm(x, w["feed_norm.weight"], shape.epsilon)
        gate = y @ w["gate.weight"].T
        x = x + (gate / (1 + np.exp(-gate)) * (y @ w["up.weight"].T)) @ w["down.weight"].T
    logits: Array = norm(x[-1], weights["norm.weight"], shape.epsilon) @ weights["embedding.weight"].T
    return logits


@pytest.mark.parametrize("segments", [segments for _, segments in PROMPTS], ids=[name for name, _ in PROMPTS])
def test_the_logits_agree(starter: Runner, segments: list[int | str]) -> None:
    ids = starter.encode_segments(segments)
    ours = last_logits(ids, readback.shape_of(MODEL), readback.weights(MODEL))
    theirs = starter.read(ids)
    assert int(ours.argmax()) == int(theirs.argmax())
    assert np.abs(ours - theirs).max() < 0.3


class Kept:
    """The vocabulary of the file that ships, as it stands there."""

    def __init__(self) -> None:
        self._fields = GGUFReader(MODEL).fields
        self.plain = len(self.tokens()) - len(CONTROL)

    def control(self, number: int) -> int:
        return self.plain + number

    def tokens(self) -> list[str]:
        return self._told("tokenizer.ggml.tokens")

    def merges(self) -> list[str]:
        return self._told("tokenizer.ggml.merges")

    def _told(self, key: str) -> list[str]:
        words: list[str] = self._fields[key].contents()
        return words


def test_what_ships_is_the_same_to_the_byte_when_it_is_read_back_and_written_again(tmp_path: Path) -> None:
    again = tmp_path / "again.gguf"
    writing.write(readback.weights(MODEL), readback.shape_of(MODEL), Kept(), again)
    assert again.read_bytes() == MODEL.read_bytes()


def test_queries_and_keys_come_back_in_order() -> None:
    weight = np.arange(48, dtype=np.float32).reshape(16, 3)
    assert np.array_equal(unpermute(permute(weight, 2), 2), weight)
    assert not np.array_equal(permute(weight, 2), weight)
