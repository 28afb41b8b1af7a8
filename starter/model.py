"""A small Llama: RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied embeddings.

Rows hold several examples each; `documents` numbers them, and no position sees another example's. Positions count
through a row: rotary attention knows distances only. On a CPU attention is computed example by example, elsewhere
through a mask; both give the same numbers.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from .shapes import Shape

Span = tuple[int, int, int]
"""Row, first and last position (exclusive) of one example."""
Seen: TypeAlias = "Tensor | list[Span] | None"
"""Which positions see which: a mask (batch, 1, length, length), the examples' places, or simply all before."""


class Attention(nn.Module):
    """Causal self-attention with rotary positions (first half of a head turned against the second)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.q = nn.Linear(shape.width, shape.heads * shape.head, bias=False)
        self.k = nn.Linear(shape.width, shape.kv_heads * shape.head, bias=False)
        self.v = nn.Linear(shape.width, shape.kv_heads * shape.head, bias=False)
        self.o = nn.Linear(shape.heads * shape.head, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, seen: Seen) -> Tensor:
        """(batch, length, width) to the same."""
        batch, length, _ = x.shape
        shape = self.shape
        q = rotate(self.q(x).view(batch, length, shape.heads, shape.head).transpose(1, 2), cos, sin)
        k = rotate(self.k(x).view(batch, length, shape.kv_heads, shape.head).transpose(1, 2), cos, sin)
        v = self.v(x).view(batch, length, shape.kv_heads, shape.head).transpose(1, 2)
        if shape.kv_heads != shape.heads:
            k = k.repeat_interleave(shape.heads // shape.kv_heads, dim=1)
            v = v.repeat_interleave(shape.heads // shape.kv_heads, dim=1)
        mixed = attend(q, k, v, seen)
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

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, seen: Seen) -> Tensor:
        """(batch, length, width) to the same."""
        x = x + self.attention(self.attention_norm(x), cos, sin, seen)
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

    def hidden(self, ids: Tensor, seen: Seen = None) -> Tensor:
        """(batch, length) token ids to normed last states (batch, length, width)."""
        length = ids.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, cos, sin, seen)
        out: Tensor = self.norm(x)
        return out

    def forward(self, ids: Tensor, seen: Seen = None) -> Tensor:
        """(batch, length) token ids to logits (batch, length, vocabulary)."""
        return functional.linear(self.hidden(ids, seen), self.embedding.weight)

    def loss(
        self, ids: Tensor, weights: Tensor, seen: Seen = None, *, gathered: bool = False, against: bool = False
    ) -> Tensor:
        """The weighted mean loss of the predicted tokens.

        `ids` is (batch, length + 1), `weights` (batch, length). Where `against` says that there are weights below
        zero, such a token costs minus the logarithm of the probability that it is not said. With `gathered` only what
        has a weight is predicted, which is less work but of another size each time.
        """
        states = self.hidden(ids[:, :-1], seen).flatten(0, 1)
        wanted, share = ids[:, 1:].flatten().long(), weights.flatten()
        if gathered:
            chosen = share.nonzero()[:, 0]
            states, wanted, share = states[chosen], wanted[chosen], share[chosen]
        logits = functional.linear(states, self.embedding.weight).float()
        each = functional.cross_entropy(logits, wanted, reduction="none")
        if not against:
            return (each * share).sum() / share.sum()
        others = logits.scatter(1, wanted[:, None], -math.inf)
        not_said = logits.logsumexp(1) - others.logsumexp(1)
        size = share.abs()
        return (torch.where(share < 0, not_said, each) * size).sum() / size.sum()


def seen_by(documents: Tensor) -> Seen:
    """What `attend` needs to keep the examples of (batch, length) `documents` apart."""
    if documents.device.type != "cpu":
        same = documents[:, None, :, None] == documents[:, None, None, :]
        return same & torch.ones(same.shape[-2:], dtype=torch.bool, device=documents.device).tril()
    spans: list[Span] = []
    for row, numbers in enumerate(documents.tolist()):
        start = 0
        for at in range(1, len(numbers) + 1):
            if at == len(numbers) or numbers[at] != numbers[start]:
                spans.append((row, start, at))
                start = at
    return spans


def attend(q: Tensor, k: Tensor, v: Tensor, seen: Seen) -> Tensor:
    """Causal attention, (batch, heads, length, head) each, within examples where `seen` tells them."""
    if seen is None:
        return functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    if not isinstance(seen, list):
        return functional.scaled_dot_product_attention(q, k, v, attn_mask=seen)
    rows: list[list[Tensor]] = [[] for _ in range(len(q))]
    for row, start, end in seen:
        part = [x[row : row + 1, :, start:end] for x in (q, k, v)]
        rows[row].append(functional.scaled_dot_product_attention(*part, is_causal=True))
    return torch.cat([torch.cat(parts, dim=2) for parts in rows])


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
