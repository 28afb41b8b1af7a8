"""What is left open is chosen for this machine; what cannot fit is refused before it is tried."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from twolane.clients.engine.fitting import Device, Machine, Plan, plan, smaller
from twolane.clients.engine.gguf_check import Header, Scalar
from twolane.clients.engine.parking import Parked, Parking
from twolane.clients.engine.reuse import Stale
from twolane.clients.engine.spec import ModelSpec
from twolane.clients.engine.threads import FreeCores
from twolane.clients.errors import ModelRefused, TooLarge

MIB, GIB = 1 << 20, 1 << 30
AUTO = ModelSpec("m")


def header(size: int = GIB, context: int = 32_768) -> Header:
    """A Qwen2.5-Coder 1.5B in everything but its size."""
    values: dict[str, Scalar] = {
        "general.architecture": "qwen2",
        "qwen2.context_length": context,
        "qwen2.block_count": 28,
        "qwen2.embedding_length": 1536,
        "qwen2.feed_forward_length": 8960,
        "qwen2.attention.head_count": 12,
        "qwen2.attention.head_count_kv": 2,
    }
    words = size // 8
    return Header(
        path=Path("qwen.gguf"),
        size=size,
        tensors=300,
        values=values,
        tokens=151_936,
        layer_bytes=((size - words) // 28,) * 28,
        input_bytes=words,
        output_bytes=words,
    )


def card(free: float, total: float = 0.0, *, shared: bool = False) -> Device:
    return Device("CUDA0", "a card", int(free * GIB), int((total or free) * GIB), shared)


def planned(
    spec: ModelSpec = AUTO, *devices: Device, free: float = 16, size: float = 1, resident: int | None = None
) -> Plan:
    machine = Machine(free_bytes=int(free * GIB), cores=8, devices=devices)
    return plan(header(int(size * GIB)), spec, machine, resident=resident)


def test_the_cache_is_sized_from_the_models_own_shape() -> None:
    chosen = planned()
    assert chosen.kv_bytes == chosen.slots * chosen.context_tokens * 28 * 2 * 128 * 2 * 2


def test_little_memory_means_fewer_files_at_once() -> None:
    assert planned().slots == 8
    assert planned(free=2).slots < 8


def test_what_is_set_is_kept() -> None:
    spec = ModelSpec("m", context_tokens=1024, slots=3, threads=5, gpu_layers=7, kv_type="q4_0", flash_attention="on")
    chosen = planned(spec, card(24))
    assert (chosen.context_tokens, chosen.slots, chosen.threads, chosen.gpu_layers) == (1024, 3, 5, 7)
    assert (chosen.kv_type, chosen.flash_attention) == ("q4_0", "on")
    assert planned(spec).gpu_layers == 0


def test_no_context_is_longer_than_the_model_was_trained_for() -> None:
    chosen = plan(header(context=2048), ModelSpec("m", context_tokens=9000), Machine(8 * GIB, 2))
    assert chosen.context_tokens == 2048
    assert plan(header(context=2048), AUTO, Machine(8 * GIB, 2, (card(24),))).context_tokens == 2048


def test_no_context_is_so_short_that_no_prompt_fits() -> None:
    assert planned(ModelSpec("m", context_tokens=1)).context_tokens == 256


def test_a_model_larger_than_the_memory_is_refused_with_what_to_do() -> None:
    with pytest.raises(TooLarge, match=r"qwen\.gguf needs about \d+ MiB and 8192 MiB are free: choose a smaller"):
        planned(free=8, size=9)
    assert planned(AUTO, card(24), free=8, size=9).gpu_layers == 29


MACHINES = {
    "a laptop of 8 GB without a device": (1.7, 5, (), (0, 4096, 6, "f16")),
    "the same with a model that just fits": (4.0, 5, (), (0, 4096, 2, "f16")),
    "a card of 6 GB, a small model": (1.7, 12, (card(5.6, 6),), (29, 8192, 8, "f16")),
    "a card of 6 GB, a model that fills it": (5.0, 12, (card(5.6, 6),), (29, 4096, 2, "q8_0")),
    "a card of 6 GB, a model of 8 GB": (8.1, 24, (card(5.6, 6),), (16, 4096, 2, "f16")),
    "a card of 8 GB, a model of 4.7 GB": (4.7, 24, (card(7.6, 8),), (29, 8192, 8, "f16")),
    "a card of 12 GB, a model of 8 GB": (8.1, 24, (card(11.5, 12),), (29, 8192, 8, "f16")),
    "a card of 24 GB, a model of 15 GB": (15.2, 48, (card(23.5, 24),), (29, 8192, 8, "f16")),
    "a card of 80 GB, a model of 40 GB": (40.0, 128, (card(79, 80),), (29, 8192, 8, "f16")),
    "two cards of 12 GB, a model of 15 GB": (15.2, 48, (card(11.5, 12), card(11.5, 12)), (29, 8192, 8, "f16")),
    "a card that is nearly full": (1.7, 24, (card(0.6, 24),), (0, 4096, 8, "f16")),
    "a card with little left": (1.7, 24, (card(2.6, 24),), (22, 4096, 2, "f16")),
    "a device in main memory": (4.7, 12, (card(10, 16, shared=True),), (29, 8192, 8, "f16")),
    "a device in main memory that others fill": (4.7, 6, (card(10, 16, shared=True),), (27, 4096, 2, "f16")),
    "a device that tells nothing of itself": (4.7, 12, (Device("X", "", 0, 0),), (29, 8192, 8, "f16")),
}


@pytest.mark.parametrize("name", MACHINES)
def test_layers_window_files_and_storage_follow_the_machine(name: str) -> None:
    size, free, devices, expected = MACHINES[name]
    chosen = planned(AUTO, *devices, free=free, size=size)
    assert (chosen.gpu_layers, chosen.context_tokens, chosen.slots, chosen.kv_type) == expected
    assert chosen.flash_attention == ("on" if chosen.kv_type != "f16" else "auto")
    if chosen.on_device and any(device.total_bytes for device in devices):
        assert chosen.device_bytes < chosen.free_device_bytes


def test_more_memory_never_means_less_of_anything() -> None:
    last = planned(AUTO, card(0.5, 24), size=4.7)
    for tenths in range(6, 240):
        chosen = planned(AUTO, card(tenths / 10, 24), size=4.7)
        assert chosen.gpu_layers >= last.gpu_layers
        if chosen.gpu_layers == last.gpu_layers == 29:
            assert (chosen.kv_bytes, chosen.context_tokens) >= (last.kv_bytes, last.context_tokens)
        last = chosen


def test_no_layer_on_the_device_means_none_of_it_is_planned_for() -> None:
    assert planned(ModelSpec("m", gpu_layers=0), card(24)) == planned()


def test_weights_that_are_in_memory_already_are_not_planned_for_again() -> None:
    with pytest.raises(TooLarge):
        planned(free=3, size=4)
    assert planned(free=3, size=4, resident=0).slots >= 2
    assert planned(AUTO, card(4, 24), size=20, resident=12).gpu_layers == 12


def test_storage_that_cannot_be_is_refused_with_what_to_change() -> None:
    with pytest.raises(ModelRefused, match=r'kv_type = "q8_0" needs flash attention.*near\.flash_attention is "off"'):
        planned(ModelSpec("m", kv_type="q8_0", flash_attention="off"))
    narrow = header()
    narrow = replace(narrow, values={**narrow.values, "qwen2.attention.head_count": 64})
    with pytest.raises(ModelRefused, match=r"a multiple of 64 numbers, and those of qwen\.gguf have 24"):
        plan(narrow, ModelSpec("m", kv_type="q4_0"), Machine(16 * GIB, 8))


def test_without_flash_attention_storage_stays_in_16_bits() -> None:
    chosen = planned(ModelSpec("m", flash_attention="off"), card(5.6, 6), size=4.8)
    assert (chosen.kv_type, chosen.flash_attention) == ("f16", "off")
    assert chosen.gpu_layers < 29


def stepped(spec: ModelSpec, *devices: Device, size: float = 4.7, failed_weights: bool = False) -> tuple[Plan, str]:
    less = smaller(spec, planned(spec, *devices, size=size), "weights" if failed_weights else "cache")
    assert less is not None
    return planned(less[0], *devices, size=size), less[1]


def test_after_too_little_memory_the_next_smaller_plan_is_tried() -> None:
    chosen, why = stepped(AUTO, card(24))
    assert (chosen.slots, chosen.context_tokens, chosen.gpu_layers) == (4, 8192, 29)
    assert why == "4 instead of 8 files at once"
    chosen, why = stepped(ModelSpec("m", slots=1), card(24))
    assert (chosen.slots, chosen.context_tokens, chosen.gpu_layers) == (1, 4096, 29)
    assert why == "a window of 4096 instead of 8192 tokens"
    chosen, why = stepped(ModelSpec("m", slots=1, context_tokens=2048), card(24))
    assert (chosen.slots, chosen.context_tokens, chosen.gpu_layers) == (1, 2048, 19)
    assert why == "19 instead of 29 layers on the device"
    chosen, why = stepped(AUTO, card(24), failed_weights=True)
    assert (chosen.slots, chosen.context_tokens, chosen.gpu_layers) == (8, 8192, 19)


def test_where_nothing_smaller_is_left_none_is_tried() -> None:
    least = ModelSpec("m", slots=1, context_tokens=1024)
    assert smaller(least, planned(least), "cache") is None
    assert smaller(AUTO, planned(), "weights") is None


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


@pytest.mark.parametrize("on_card", [False, True])
def test_what_a_small_model_searches_lines_in_is_planned_for(on_card: bool) -> None:
    """Four more windows of 32 MiB each: without them it would be tried, and the memory would prove too short."""
    large = header(64 * MIB)
    small = {"qwen2.block_count": 4, "qwen2.attention.head_count": 24, "qwen2.attention.head_count_kv": 1}
    tiny = replace(large, values={**large.values, **small}, tokens=1000, layer_bytes=(14 * MIB,) * 4)
    spec = ModelSpec("m", context_tokens=32_768, slots=2)
    assert tiny.kv_bytes_per_token == 1024
    if on_card:
        needed = large.size + 6 * 32 * MIB
        assert plan(tiny, spec, Machine(8 * GIB, 2, (card(4),))).device_bytes >= needed
        return
    with pytest.raises(TooLarge, match=f"needs about {64 + 256 + 6 * 32} MiB"):
        plan(tiny, spec, Machine((64 + 256 + 5 * 32) * MIB, 2))
    assert plan(tiny, spec, Machine((64 + 256 + 6 * 32) * MIB, 2)).slots == 2


def test_parked_files_take_only_what_is_left_over() -> None:
    parking = Parking(100)
    for name in "abc":
        parking.put(("w", name), Parked([1], [1], Stale(), bytearray(40)))
    assert parking.size == 80
    assert parking.take(("w", "a")) is None
    assert parking.take(("w", "b")) is not None
    assert parking.take(("w", "b")) is None
    parking.put(("w", "huge"), Parked([1], [1], Stale(), bytearray(101)))
    assert (len(parking), parking.size) == (1, 40)
    assert planned().parking_bytes == GIB // 4
    assert planned(free=2).parking_bytes < GIB // 4
