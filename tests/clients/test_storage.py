"""The state of files in fewer bits a number, and attention computed either way: suggestions go on all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests import gguf_factory
from tests.clients.conftest import ask, engine, request, spec
from twolane.clients.engine import control
from twolane.clients.engine.drafts import MOST_OUTPUTS
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model, Sequences
from twolane.clients.engine.spec import FlashAttention, KvChoice
from twolane.clients.errors import ModelRefused


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Heads wide enough to be stored in blocks of 64."""
    return gguf_factory.write(tmp_path_factory.mktemp("models") / "wide.gguf", width=256, endless=True, context=1024)


@pytest.mark.parametrize(
    ("kv_type", "flash", "told"),
    [
        ("auto", "auto", ("f16", "auto", True)),
        ("f16", "off", ("f16", "off", True)),
        ("q8_0", "auto", ("q8_0", "on", True)),
        ("q4_0", "on", ("q4_0", "on", False)),
    ],
)
async def test_every_storage_answers_key_after_key_and_is_told(
    place: Endpoint, wide: Path, kv_type: KvChoice, flash: FlashAttention, told: tuple[str, str, bool]
) -> None:
    behind = "\n".join(f"value_{number} = {number}" for number in range(30))
    async with engine(replace(spec(wide), kv_type=kv_type, flash_attention=flash), place) as local:
        await local.info()
        moved = 0
        for end in range(12, 24):
            text, usage = await ask(local, request("def function(argument):\n    return argument"[:end], suffix=behind))
            assert text
            moved += usage.reused_tokens > usage.prompt_tokens // 2
        (model,) = (await control.status(place))["models"]
    assert (model["kv_type"], model["flash_attention"], moved > 8) == told
    assert model["chosen"]["kv_type"] == ("auto" if kv_type == "auto" else "set")


def test_a_batch_evaluated_for_nothing_leaves_nothing_behind(wide: Path) -> None:
    model = Model(Library(), wide, 0, lambda _: None)
    chosen = []
    for warm in (False, True):
        sequences = Sequences(model, context_tokens=256, slots=2, threads=1, batch_tokens=64, movable=True)
        if warm:
            sequences.warm_up()
            assert (sequences.length(0), sequences.room) == (0, 64)
        last = sequences.add(0, 0, model.tokenize("def f(x):"), outputs=1)
        sequences.decode()
        chosen.append(sequences.likeliest(last.start))
        sequences.close()
    model.close()
    assert chosen[0] == chosen[1]


def test_every_file_may_have_its_guesses_checked_in_one_batch(wide: Path) -> None:
    model = Model(Library(), wide, 0, lambda _: None)
    sequences = Sequences(model, context_tokens=256, slots=3, threads=1, batch_tokens=64, movable=True)
    answers = [sequences.add(slot, 0, [1] * MOST_OUTPUTS, outputs=MOST_OUTPUTS) for slot in range(3)]
    assert sequences.decode()
    for index in (outputs[-1] for outputs in answers):
        assert sequences.logits(index).size == model.vocabulary_size
    with pytest.raises(ValueError, match="outputs"):
        sequences.add(0, MOST_OUTPUTS, [1] * (MOST_OUTPUTS + 1), outputs=MOST_OUTPUTS + 1)
    sequences.close()
    model.close()


async def test_storage_that_cannot_be_is_refused_before_anything_is_loaded(
    place: Endpoint, tiny: Path, wide: Path
) -> None:
    for model, reason in (
        (replace(spec(wide), kv_type="q8_0", flash_attention="off"), 'near.flash_attention is "off"'),
        (replace(spec(tiny), kv_type="q8_0"), r"heads of a multiple of 64 numbers, and those of .*tiny\.gguf have 16"),
    ):
        async with engine(model, place) as local:
            with pytest.raises(ModelRefused, match=reason):
                await local.info()
