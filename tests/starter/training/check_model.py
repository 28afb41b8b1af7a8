"""The model that is trained: examples in a row do not meet, both ways to attend agree, loops are learnt against."""

from __future__ import annotations

import math

import pytest
import torch

from twolane.starter.model import Model, attend, plant_copying, seen_by
from twolane.starter.shapes import Shape


def model_of(shape: Shape) -> Model:
    torch.manual_seed(3)
    model: Model = Model(shape).eval()
    return model


def test_examples_packed_into_rows_say_what_each_says_alone(tiny: Shape) -> None:
    model = model_of(tiny)
    lengths = ((40, 23, 1), (17, 30))
    torch.manual_seed(4)
    texts = [[torch.randint(tiny.vocabulary, (size,)) for size in row] for row in lengths]
    ids = torch.zeros(2, 70, dtype=torch.long)
    documents = torch.zeros(2, 70, dtype=torch.int32)
    for row, of_row in enumerate(texts):
        at = 0
        for number, text in enumerate(of_row, 1):
            ids[row, at : at + len(text)] = text
            documents[row, at : at + len(text)] = number
            at += len(text)
    with torch.no_grad():
        packed = model(ids, seen_by(documents))
        for row, of_row in enumerate(texts):
            at = 0
            for text in of_row:
                alone = model(text[None])[0]
                assert torch.allclose(packed[row, at : at + len(text)], alone, atol=1e-4)
                at += len(text)
        together = model(ids)
    assert not torch.allclose(packed[0, 40:63], together[0, 40:63], atol=1e-2)


def test_attention_by_examples_is_attention_through_a_mask() -> None:
    torch.manual_seed(5)
    q, k, v = (torch.randn(2, 3, 50, 16) for _ in range(3))
    documents = torch.tensor([[1] * 20 + [2] * 25 + [0] * 5, [1] * 50])
    same = documents[:, None, :, None] == documents[:, None, None, :]
    mask = same & torch.ones(50, 50, dtype=torch.bool).tril()
    assert torch.allclose(attend(q, k, v, seen_by(documents)), attend(q, k, v, mask), atol=1e-5)


def test_what_is_learnt_against_costs_what_it_is_likely(tiny: Shape) -> None:
    model = model_of(tiny)
    ids = torch.tensor([[5, 6, 7, 8]])
    weights = torch.tensor([[0.0, 3.0, -1.0]])
    with torch.no_grad():
        likely = model(ids[:, :-1]).softmax(-1)[0]
        said, not_said = float(likely[1, 7]), float(likely[2, 8])
        found = model.loss(ids, weights, against=True).item()
        gathered = model.loss(ids, weights, gathered=True, against=True).item()
    assert found == pytest.approx((3 * -math.log(said) - math.log(1 - not_said)) / 4, abs=1e-4)
    assert gathered == pytest.approx(found, abs=1e-5)


def test_a_step_makes_likelier_what_is_learnt_and_rarer_what_is_learnt_against(tiny: Shape) -> None:
    model = model_of(tiny)
    ids = torch.tensor([[5, 6, 7, 8]])
    before = model(ids[:, :-1]).softmax(-1)[0].detach()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(20):
        optimizer.zero_grad()
        model.loss(ids, torch.tensor([[0.0, 1.0, -1.0]]), against=True).backward()
        optimizer.step()
    after = model(ids[:, :-1]).softmax(-1)[0].detach()
    assert after[1, 7] > before[1, 7]
    assert after[2, 8] < before[2, 8]


def test_only_what_has_a_weight_is_learnt(tiny: Shape) -> None:
    model = model_of(tiny)
    one, other = torch.tensor([[5, 6, 7, 8]]), torch.tensor([[5, 6, 7, 9]])
    weights = torch.tensor([[1.0, 1.0, 0.0]])
    with torch.no_grad():
        whole = model.loss(one, weights).item()
        assert model.loss(other, weights).item() == pytest.approx(whole, abs=1e-6)
        assert model.loss(one, weights, gathered=True).item() == pytest.approx(whole, abs=1e-5)


def nats_won(model: Model, vocabulary: int) -> float:
    """How much more easily a text of random tokens is told when it comes a second time, in nats a token."""
    torch.manual_seed(6)
    text = torch.randperm(vocabulary)[:60]
    with torch.no_grad():
        told = model(torch.cat((text, text))[None])[0].log_softmax(-1)
    first, second = (told[at : at + 59].gather(1, text[1:, None]).mean() for at in (0, 60))
    return float(second - first)


def test_copying_works_before_any_training() -> None:
    shape = Shape(vocabulary=512)
    model = model_of(shape)
    assert abs(nats_won(model, shape.vocabulary)) < 0.5
    plant_copying(model)
    assert nats_won(model, shape.vocabulary) > 1.5
