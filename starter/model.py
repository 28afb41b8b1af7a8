"""A small Llama: RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied embeddings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model. Heads are `head` wide; `width` = `heads` × `head`."""

    vocabulary: int = 4096
    width: int = 256
    layers: int = 5
    heads: int = 4
    kv_heads: int = 2
    head: int = 64
    hidden: int = 640
    context: int = 2048
    rope_base: float = 500_000.0
    epsilon: float = 1e-5


PRESETS: dict[str, Shape] = {
    "2m": Shape(width=192, layers=4, heads=3, kv_heads=3, hidden=512),
    "4m": Shape(),
    "9m": Shape(width=320, layers=7, heads=5, kv_heads=5, hidden=832),
    "16m": Shape(width=448, layers=7, heads=7, kv_heads=7, hidden=1152, vocabulary=6144),
    "32m": Shape(width=512, layers=10, heads=8, kv_heads=4, hidden=1408, vocabulary=8192),
    "60m": Shape(width=640, layers=12, heads=10, kv_heads=5, hidden=1728, vocabulary=8192),
}
"""The one setting of size, from about 2 to 60 million parameters."""


class Attention(nn.Module):
    """Causal self-attention with rotary positions (first half of a head turned against the second)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.q = nn.Linear(shape.width, shape.heads * shape.head, bias=False)
        self.k = nn.Linear(shape.width, shape.kv_heads * shape.head, bias=False)
        self.v = nn.Linear(shape.width, shape.kv_heads * shape.head, bias=False)
        self.o = nn.Linear(shape.heads * shape.head, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """(batch, length, width) to the same."""
        batch, length, _ = x.shape
        shape = self.shape
        q = rotate(self.q(x).view(batch, length, shape.heads, shape.head).transpose(1, 2), cos, sin)
        k = rotate(self.k(x).view(batch, length, shape.kv_heads, shape.head).transpose(1, 2), cos, sin)
        v = self.v(x).view(batch, length, shape.kv_heads, shape.head).transpose(1, 2)
        if shape.kv_heads != shape.heads:
            k = k.repeat_interleave(shape.heads // shape.kv_heads, dim=1)
            v = v.repeat_interleave(shape.heads // shape.kv_heads, dim=1)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        out: Tensor = self.o(mixed.transpose(1, 2).reshape(batch, length, -1))
        return out


class Layer(nn.Module):
    """Attention and a gated feed-forward part, each on a normed copy and added back."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(shape.width, shape.epsilon)
        self.attention = Attention(shape)
        self.feed_norm = nn.RMSNorm(shape.width, shape.epsilon)
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """(batch, length, width) to the same."""
        x = x + self.attention(self.attention_norm(x), cos, sin)
        y = self.feed_norm(x)
        out: Tensor = x + self.down(functional.silu(self.gate(y)) * self.up(y))
        return out


class Model(nn.Module):
    """Token ids to next-token logits; `shape.context` bounds nothing here, it is written to the file."""

    cos: Tensor
    sin: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, shape.epsilon)
        angles = _angles(shape)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        self._initialize()

    def _initialize(self) -> None:
        nn.init.normal_(self.embedding.weight, std=1 / math.sqrt(self.shape.width))
        for name, weight in self.named_parameters():
            if weight.ndim == 2 and not name.startswith("embedding"):
                scale = 1 / math.sqrt(weight.shape[1])
                if name.endswith(("o.weight", "down.weight")):
                    scale /= math.sqrt(2 * self.shape.layers)
                nn.init.normal_(weight, std=0.6 * scale)

    def hidden(self, ids: Tensor) -> Tensor:
        """(batch, length) token ids to normed last states (batch, length, width)."""
        length = ids.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, cos, sin)
        out: Tensor = self.norm(x)
        return out

    def forward(self, ids: Tensor) -> Tensor:
        """(batch, length) token ids to logits (batch, length, vocabulary)."""
        return functional.linear(self.hidden(ids), self.embedding.weight)

    def loss(self, ids: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """The weighted mean loss to train on, and the plain loss of each predicted token (unreduced).

        `ids` is (batch, length + 1), `weights` (batch, length) for the predicted tokens.
        """
        logits = self(ids[:, :-1]).float()
        each = functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten().long(), reduction="none")
        each = each.view_as(weights)
        return (each * weights).sum() / weights.sum(), each.detach()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair (i, i + half) of the last dimension by its position's angle."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


def _angles(shape: Shape) -> Tensor:
    half = shape.head // 2
    frequencies = shape.rope_base ** (-torch.arange(half, dtype=torch.float64) / half)
    return (torch.arange(shape.context, dtype=torch.float64)[:, None] * frequencies).float()


_FAST_PAIRS = 6
_SHARPNESS = 12.0
_MATCH_GAIN = 30.0
_COPY_GAIN = 10.0


@torch.no_grad()
def plant_copying(model: Model) -> None:
    """Start with one ready-made induction circuit, so that copying from the context works from the first step.

    The first layer's head 0 attends to the previous token (constant queries and keys, one position apart
    under the rotation) and writes a projection of that token into a reserved part of the stream. The third
    layer's head 0 compares the current token's projection with that part on the slowly turning
    dimensions, and adds what followed the match to the output. Training changes all of it freely.
    """
    shape = model.shape
    head, half, width = shape.head, shape.head // 2, shape.width
    generator = torch.Generator().manual_seed(7)
    reserved = slice(width - half, width)
    embedding = model.embedding.weight
    embedding[:, reserved] = 0
    embedding[:, 0] = 0.25
    first, second = model.layers[0].attention, model.layers[2].attention
    unit = embedding.norm(dim=1).mean().item() / math.sqrt(width)
    projection = torch.randn(half, width, generator=generator) / math.sqrt(width)
    projection[:, reserved] = 0
    projection[:, 0] = 0

    frequencies = shape.rope_base ** (-torch.arange(half) / half)
    constant = unit / 0.25
    fast = torch.arange(_FAST_PAIRS)
    strength = math.sqrt(_SHARPNESS * math.sqrt(head))
    first.q.weight[:head] = 0
    first.k.weight[:head] = 0
    first.q.weight[fast, 0] = strength * constant
    first.k.weight[fast, 0] = strength * constant * torch.cos(frequencies[fast])
    first.k.weight[half + fast, 0] = strength * constant * torch.sin(frequencies[fast])
    first.v.weight[:half] = projection
    first.o.weight[:, :half] = 0
    first.o.weight[reserved, :half] = torch.eye(half) * unit * 2

    slow = torch.arange(half)[frequencies < 1 / 300]
    rows = torch.cat((slow, slow + half))[:half]
    gain = math.sqrt(_MATCH_GAIN * math.sqrt(head) / len(rows))
    second.q.weight[:head] = 0
    second.k.weight[:head] = 0
    second.q.weight[rows] = projection[: len(rows)] * gain
    second.k.weight[rows, width - half : width - half + len(rows)] = torch.eye(len(rows)) * gain
    copy = torch.randn(head, width, generator=generator) / math.sqrt(width)
    copy[:, reserved] = 0
    copy[:, 0] = 0
    second.v.weight[:head] = copy
    second.o.weight[:, :head] = copy.T * unit * _COPY_GAIN
