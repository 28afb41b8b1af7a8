"""What is left open is chosen for this machine; what cannot fit is refused before it is tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.clients.engine.gguf_check import Header, Scalar
from twolane.clients.engine.loading import Plan, plan
from twolane.clients.engine.parking import Parked, Parking
from twolane.clients.engine.spec import ModelSpec
from twolane.clients.engine.threads import FreeCores
from twolane.clients.errors import TooLarge

GIB = 1 << 30


def header(size: int = GIB, context: int = 32_768) -> Header:
    values: dict[str, Scalar] = {
        "general.architecture": "qwen2",
        "qwen2.context_length": context,
        "qwen2.block_count": 28,
        "qwen2.embedding_length": 1536,
        "qwen2.attention.head_count": 12,
        "qwen2.attention.head_count_kv": 2,
    }
    return Header(path=Path("qwen.gguf"), size=size, tensors=300, values=values)


def planned(spec: ModelSpec, *, free: int = 16 * GIB, offloads: bool = False, size: int = GIB) -> Plan:
    return plan(header(size), spec, free_bytes=free, cpus=8, offloads=offloads)


def test_the_cache_is_sized_from_the_models_own_shape() -> None:
    chosen = planned(ModelSpec("m"))
    assert chosen.kv_bytes == chosen.slots * chosen.context_tokens * 28 * 2 * 128 * 2 * 2


def test_little_memory_means_fewer_files_at_once() -> None:
    assert planned(ModelSpec("m")).slots == 8
    assert planned(ModelSpec("m"), free=2 * GIB).slots < 8


def test_what_is_set_is_kept() -> None:
    chosen = planned(ModelSpec("m", context_tokens=1024, slots=3, threads=5, gpu_layers=7))
    assert (chosen.context_tokens, chosen.slots, chosen.threads, chosen.gpu_layers) == (1024, 3, 5, 7)


def test_no_context_is_longer_than_the_model_was_trained_for() -> None:
    chosen = plan(header(context=2048), ModelSpec("m", context_tokens=9000), free_bytes=8 * GIB, cpus=2, offloads=False)
    assert chosen.context_tokens == 2048


def test_no_context_is_so_short_that_no_prompt_fits() -> None:
    assert planned(ModelSpec("m", context_tokens=1)).context_tokens == 256


def test_a_model_larger_than_the_memory_is_refused_with_what_to_do() -> None:
    with pytest.raises(TooLarge, match=r"qwen\.gguf needs about \d+ MiB and 8192 MiB are free: choose a smaller"):
        planned(ModelSpec("m"), free=8 * GIB, size=9 * GIB)
    assert planned(ModelSpec("m"), free=8 * GIB, size=9 * GIB, offloads=True).slots == 8


def test_threads_leave_the_cores_that_others_use() -> None:
    now, everybody, own = 0.0, 0.0, 0.0
    cores = FreeCores(4, spent=lambda: (everybody, own), clock=lambda: now)
    assert cores.count() == 4
    now, everybody, own = 1.0, 4.0, 2.0
    assert cores.count() == 2
    now, everybody, own = 1.1, 4.0, 2.0
    assert cores.count() == 2
    now, everybody, own = 2.0, 8.1, 2.1
    assert cores.count() == 1
    now, everybody, own = 3.0, 8.3, 2.2
    assert cores.count() == 4


def test_before_the_first_sample_the_load_decides() -> None:
    assert FreeCores(4, busy=1.5, spent=lambda: (0.0, 0.0), clock=lambda: 0.0).count() == 2
    assert FreeCores(4, busy=3.5, spare=4, spent=lambda: (0.0, 0.0), clock=lambda: 0.0).count() == 4


def test_parked_files_take_only_what_is_left_over() -> None:
    parking = Parking(100)
    for name in "abc":
        parking.put(("w", name), Parked([1], 1, 0, b"x" * 40))
    assert parking.size == 80
    assert parking.take(("w", "a")) is None
    assert parking.take(("w", "b")) is not None
    assert parking.take(("w", "b")) is None
    parking.put(("w", "huge"), Parked([1], 1, 0, b"x" * 101))
    assert (len(parking), parking.size) == (1, 40)
    assert planned(ModelSpec("m")).parking_bytes == GIB // 4
    assert planned(ModelSpec("m"), free=2 * GIB).parking_bytes < GIB // 4
