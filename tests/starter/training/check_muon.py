"""Muon: updates are orthogonal in the gradient's own directions, and of one size whatever the gradient's."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from twolane.starter.muon import Muon, orthogonalize


@pytest.mark.parametrize(("rows", "columns"), [(24, 24), (16, 48), (48, 16)])
def test_an_update_is_nearly_orthogonal_and_keeps_its_directions(rows: int, columns: int) -> None:
    torch.manual_seed(0)
    matrices = torch.randn(3, rows, columns) * torch.tensor([1e-3, 1.0, 1e3])[:, None, None]
    updates = orthogonalize(matrices)
    assert updates.shape == matrices.shape
    for matrix, update in zip(matrices, updates, strict=True):
        left, sizes, right = torch.linalg.svd(matrix, full_matrices=False)
        turned = left.T @ update @ right.T
        assert torch.linalg.matrix_norm(turned - torch.diag(turned.diagonal())) < 0.02
        large = turned.diagonal()[sizes > 0.1 * sizes.max()]
        assert 0.5 < float(large.min()) <= float(large.max()) < 1.3
        assert torch.allclose(left @ turned @ right, update, atol=1e-3)


def stepped(gradient: Tensor, **settings: float) -> Tensor:
    weight = torch.zeros_like(gradient).requires_grad_()
    weight.grad = gradient
    Muon([weight], lr=0.01, **settings).step()
    return weight.detach()


def test_a_step_goes_down_and_is_as_large_as_adams_whatever_the_gradient() -> None:
    torch.manual_seed(1)
    gradient = torch.randn(32, 64)
    small, large = stepped(gradient * 1e-4), stepped(gradient * 1e4)
    assert torch.allclose(small, large, atol=1e-4)
    assert float((large * gradient).sum()) < 0
    assert float(large.square().mean().sqrt()) == pytest.approx(0.2 * 0.01, rel=0.3)


def test_weights_decay_and_those_without_a_gradient_stay() -> None:
    weight, still = torch.ones(8, 8, requires_grad=True), torch.ones(8, 8, requires_grad=True)
    weight.grad = torch.zeros(8, 8)
    Muon([weight, still], lr=0.1, decay=0.5).step()
    assert torch.allclose(weight.detach(), torch.full((8, 8), 0.95))
    assert torch.equal(still.detach(), torch.ones(8, 8))
