"""Muon: momentum whose matrices are orthogonalised before they are applied.

After Jordan et al. (2024), with the update size of Liu et al. (2025, "Muon is scalable"), under which a
learning rate and a weight decay mean what they mean for AdamW. Matrices of one shape are stacked.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_STEPS = 5


class Muon(torch.optim.Optimizer):
    """For the two-dimensional weights inside the layers; embeddings and norms belong to AdamW."""

    def __init__(self, weights: Iterable[Tensor], lr: float, momentum: float = 0.95, decay: float = 0.05) -> None:
        super().__init__(list(weights), {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Apply one update from the gradients; `closure` is not supported."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            by_shape: dict[tuple[int, ...], list[Tensor]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    by_shape[tuple(weight.shape)].append(weight)
            for shape, weights in by_shape.items():
                self._apply(shape, weights, group)

    def _apply(self, shape: tuple[int, ...], weights: list[Tensor], group: dict[str, Any]) -> None:
        momentum: float = group["momentum"]
        moved: list[Tensor] = []
        for weight in weights:
            gradient = weight.grad
            if gradient is None:
                continue
            state = self.state[weight]
            buffer = state.setdefault("momentum", torch.zeros_like(gradient))
            buffer.lerp_(gradient, 1 - momentum)
            moved.append(gradient.lerp(buffer, momentum))
        updates = orthogonalize(torch.stack(moved))
        size = 0.2 * math.sqrt(max(shape))
        for weight, update in zip(weights, updates, strict=True):
            weight.mul_(1 - group["lr"] * group["decay"])
            weight.add_(update.to(weight.dtype), alpha=-group["lr"] * size)


def orthogonalize(matrices: Tensor) -> Tensor:
    """(n, rows, columns) to nearly orthogonal matrices of the same row and column spaces, in bfloat16 on a GPU."""
    a, b, c = _COEFFICIENTS
    x = matrices.bfloat16() if matrices.is_cuda else matrices.float()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(_STEPS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x
