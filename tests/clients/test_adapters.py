"""A project's own fine-tune over a model that others use at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import gguf_factory
from tests.clients.conftest import ask, engine, request, spec
from twolane.clients.engine import control
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.engine.spec import Adapter, ModelSpec
from twolane.clients.errors import ModelRefused


def tuned(model: Path, *adapters: Path | Adapter) -> ModelSpec:
    """The model with these adapters."""
    given = [adapter if isinstance(adapter, Adapter) else Adapter(str(adapter)) for adapter in adapters]
    return replace(spec(model), adapters=tuple(given))


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gguf_factory.write_adapter(tmp_path_factory.mktemp("adapters") / "one.gguf", seed=1)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gguf_factory.write_adapter(
        tmp_path_factory.mktemp("adapters") / "two.gguf", seed=2, tensor="blk.0.attn_q.weight", outputs=64, alpha=400.0
    )


async def answer(place: Endpoint, model: ModelSpec) -> str:
    async with engine(model, place) as local:
        await local.info()
        return (await ask(local, request()))[0]


async def test_an_adapter_changes_answers_and_one_of_no_strength_does_not(
    place: Endpoint, tiny: Path, one: Path, two: Path
) -> None:
    plain = await answer(place, spec(tiny))
    assert await answer(place, tuned(tiny, one)) != plain
    assert await answer(place, tuned(tiny, two)) != plain
    assert await answer(place, tuned(tiny, Adapter(str(one), 0.0))) == plain
    assert await answer(place, tuned(tiny, one, two)) not in (plain, await answer(place, tuned(tiny, one)))


async def test_projects_with_different_adapters_share_one_engine_and_do_not_mix(
    place: Endpoint, tiny: Path, one: Path, two: Path
) -> None:
    alone = [await answer(place, model) for model in (tuned(tiny, one), tuned(tiny, two), spec(tiny))]
    await control.stop(place)
    async with (
        engine(tuned(tiny, one), place) as first,
        engine(tuned(tiny, two), place) as second,
        engine(spec(tiny), place) as third,
    ):
        for local in (first, second, third):
            await local.info()
        for _ in range(3):
            answers = await asyncio.gather(*(ask(local, request()) for local in (first, second, third)))
            assert [text for text, _ in answers] == alone


async def test_the_weights_below_them_are_counted_once(place: Endpoint, tiny: Path, one: Path, two: Path) -> None:
    async with engine(tuned(tiny, one), place) as first, engine(tuned(tiny, two), place) as second:
        await first.info()
        before = await control.status(place)
        await second.info()
        after = await control.status(place)
    assert len(after["models"]) == 2
    assert after["memory"]["models_bytes"] - before["memory"]["models_bytes"] == two.stat().st_size
    told = {model["adapters"][0]["path"]: model for model in after["models"]}
    assert told[str(one)]["shares_weights"] is False
    assert told[str(two)]["shares_weights"] is True
    assert told[str(two)]["adapters"] == [{"path": str(two), "scale": 1.0}]


async def check_refused(place: Endpoint, model: ModelSpec, reason: str) -> None:
    async with engine(model, place) as local:
        with pytest.raises(ModelRefused, match=reason):
            await local.info()


async def test_what_is_no_adapter_of_this_model_is_refused_with_the_reason(
    place: Endpoint, tiny: Path, one: Path, tmp_path: Path
) -> None:
    def made(name: str, **changes: Any) -> Path:
        return gguf_factory.write_adapter(tmp_path / name, **changes)

    text = tmp_path / "text.gguf"
    text.write_text("this is not an adapter" * 10)
    await check_refused(
        place, tuned(tiny, tmp_path / "none.gguf"), r"The adapter .*none\.gguf does not exist: set near"
    )
    await check_refused(place, tuned(tiny, text), r"text\.gguf is not a GGUF file: set near\.adapters")
    await check_refused(place, tuned(tiny, tiny), r"tiny\.gguf is not a LoRA adapter: set near\.adapters")
    other = made("other.gguf", architecture="qwen2")
    await check_refused(
        place, tuned(tiny, other), r"other\.gguf was made for a qwen2 model, and near\.model is a llama"
    )
    vectors = made("vectors.gguf", form="control")
    await check_refused(place, tuned(tiny, vectors), r"vectors\.gguf is not a LoRA adapter")
    stranger = made("stranger.gguf", inputs=96)
    await check_refused(place, tuned(tiny, stranger), r"cannot use the adapter .*stranger\.gguf \(.*incorrect shape")
    lost = made("lost.gguf", tensor="blk.9.attn_q.weight")
    await check_refused(place, tuned(tiny, lost), r"lost\.gguf \(.*does not exist in base model")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(one.read_bytes()[:-500])
    await check_refused(place, tuned(tiny, cut), r"cut\.gguf \(.*not within the file bounds")
    await check_refused(place, spec(one), r"one\.gguf is an adapter, not a model: name it in near\.adapters")
    assert await answer(place, tuned(tiny, one))
    models = (await control.status(place))["models"]
    assert len([model for model in models if "name" in model]) == 1
