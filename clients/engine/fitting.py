"""What a model becomes on this machine: a plan, chosen from its header, what was asked for, and what is free.

Everything here is plain arithmetic on numbers that others measured. Where the numbers prove too hopeful (memory that
another program takes meanwhile, what a driver keeps for itself), `smaller` says what to try instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ..errors import ModelRefused, TooLarge
from .drafts import MOST_OUTPUTS
from .gguf_check import Header
from .spec import FlashAttention, KvType, ModelSpec

_MIB = 1 << 20
BATCH_TOKENS = 512
_DEFAULT_CONTEXT, _LEAST_CONTEXT = 4096, 256
_MOST_SLOTS, _FEWEST_SLOTS, _SHARED_SLOTS = 8, 2, 2
_LEAST_STEPPED_CONTEXT = 2048

_SPARE_BYTES = 256 * _MIB
_MOST_PARKING = 256 * _MIB
_MARKS = 3
"""Marks of each file, in a memory that cannot be cut, for which half of what is kept beside it has room."""

_DEVICE_CHOICES: tuple[tuple[KvType, int, int], ...] = (
    ("f16", 8192, 8),
    ("f16", 8192, 4),
    ("f16", 4096, 8),
    ("f16", 4096, 4),
    ("f16", 4096, 2),
    ("q8_0", 4096, 4),
    ("q8_0", 4096, 2),
    ("q8_0", 2048, 2),
)
"""Storage, window and slots to try on a device, best first, before a layer is left to the processor.

Four bits a number are never chosen: keys stored so change what a model says. Whoever wants them sets them.
"""

_KV_BYTES: dict[KvType, float] = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
_KV_BLOCK = 64
"""Keys in fewer bits are stored in blocks of 32 numbers and moved in blocks of 64, or llama.cpp (of 0.3.36) crashes."""

MOVABLE: tuple[KvType, ...] = ("f16", "q8_0")
"""Storage whose states may be moved. Each move rounds them again: measured on the starter (24 keys at 4 places), the
next-token distribution then differs from that of a fresh start by 0.013 in total variation with 16 bits, 0.018 with 8,
and 0.16 with 4."""


WIDTH = 4
"""Hypotheses at most where lines are searched for. On 180 holes of one line eight find no more exact ones than four,
two find two thirds of them."""

_MOST_STATE_BYTES = 4096
"""A token's states take no more, in 16 bits, where lines are searched for: they are copied for each hypothesis, and of
larger models nobody knows that they gain by it."""

Failed = Literal["weights", "cache"]
"""What memory was too short for: the weights, or what is computed with them."""


@dataclass(frozen=True, slots=True)
class Device:
    """Something to compute on beside the processor; `shares_main_memory` where it has none of its own.

    One that does not tell its memory has 0 bytes of it; it is taken to hold whatever is asked of it.
    """

    name: str
    description: str
    free_bytes: int
    total_bytes: int
    shares_main_memory: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is to compute with just now: free bytes of main memory, cores to use, devices.

    `threads` is the most that run at once; more would wait for each other.
    """

    free_bytes: int
    cores: int
    devices: tuple[Device, ...] = ()
    threads: int = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """What a specification became on this machine; all numbers are chosen, `threads` is the most.

    `gpu_layers` counts the layers on devices, the one that writes among them. `kv_bytes` is the files' whole cache,
    `device_bytes` what devices are to hold of everything, `free_device_bytes` what was free on them.
    """

    context_tokens: int
    slots: int
    threads: int
    gpu_layers: int
    kv_type: KvType
    flash_attention: FlashAttention
    kv_bytes: int
    parking_bytes: int
    device_bytes: int = 0
    free_device_bytes: int = 0

    @property
    def on_device(self) -> bool:
        """Whether a device computes some of it."""
        return self.gpu_layers > 0


def plan(header: Header, spec: ModelSpec, machine: Machine, *, resident: int | None = None) -> Plan:
    """Choose what `spec` leaves open.

    `resident` says that the weights are in memory already, with so many layers on devices. Raise `TooLarge` where
    main memory cannot hold its part, `ModelRefused` where what was set contradicts itself.
    """
    check(header, spec)
    if resident is not None:
        spec = replace(spec, gpu_layers=resident)
    if not machine.devices or spec.gpu_layers == 0:
        return _on_processor(header, spec, machine, resident is not None)
    return _on_devices(header, spec, machine, resident is not None)


def smaller(spec: ModelSpec, tried: Plan, failed: Failed) -> tuple[ModelSpec, str] | None:
    """What to ask for after `tried` found too little memory, and in words why; None where there is nothing less.

    Fewer files at once, then a shorter window, then fewer layers on the device; where already the weights did not
    fit, fewer layers at once.
    """
    fixed = replace(
        spec,
        context_tokens=tried.context_tokens,
        slots=tried.slots,
        gpu_layers=tried.gpu_layers,
        kv_type=tried.kv_type,
    )
    layers = tried.gpu_layers * 2 // 3
    fewer_layers = replace(fixed, gpu_layers=layers), f"{layers} instead of {tried.gpu_layers} layers on the device"
    if failed == "weights":
        return fewer_layers if tried.gpu_layers else None
    if tried.slots > 1:
        slots = max(1, tried.slots // 2)
        return replace(fixed, slots=slots), f"{slots} instead of {tried.slots} files at once"
    if tried.context_tokens > _LEAST_STEPPED_CONTEXT:
        context = max(_LEAST_STEPPED_CONTEXT, tried.context_tokens // 2)
        return replace(fixed, context_tokens=context), f"a window of {context} instead of {tried.context_tokens} tokens"
    return fewer_layers if tried.gpu_layers else None


def with_shared_cells(chosen: Plan) -> Plan:
    """Keep two files in a cache that all share, where attention is dear; the others are parked."""
    per_slot = chosen.kv_bytes // chosen.slots
    slots = min(chosen.slots, _SHARED_SLOTS)
    spared = (chosen.slots - slots) * per_slot
    return replace(chosen, slots=slots, kv_bytes=slots * per_slot, parking_bytes=chosen.parking_bytes + spared)


def branches(header: Header) -> int:
    """How many sequences a model gets beside its files', for the hypotheses of a search."""
    return WIDTH if header.kv_bytes_per_token <= _MOST_STATE_BYTES and not header.state_bytes else 0


def check(header: Header, spec: ModelSpec) -> None:
    """Raise `ModelRefused` where the state of files cannot be stored as is asked for, on any machine."""
    if spec.kv_type in ("auto", "f16"):
        return
    if spec.flash_attention == "off":
        raise ModelRefused(
            f'near.kv_type = "{spec.kv_type}" needs flash attention, and near.flash_attention is "off": '
            'set it to "auto", or near.kv_type to "f16".'
        )
    if not _can_quantize(header):
        raise ModelRefused(
            f'near.kv_type = "{spec.kv_type}" needs heads of a multiple of {_KV_BLOCK} numbers, and those of '
            f'{header.path} have {header.key_width}: set it to "f16" or "auto".'
        )


def _can_quantize(header: Header) -> bool:
    return not (header.key_width % _KV_BLOCK or header.value_width % _KV_BLOCK)


def _window(header: Header, wanted: int) -> int:
    return min(max(wanted, _LEAST_CONTEXT), header.context_trained or _DEFAULT_CONTEXT)


def _kv_per_file(header: Header, kv_type: KvType, context: int) -> int:
    return int(header.kv_bytes_per_token * _KV_BYTES[kv_type] / 2) * context + header.state_bytes


def _on_processor(header: Header, spec: ModelSpec, machine: Machine, resident: bool) -> Plan:
    kv_type: KvType = "f16" if spec.kv_type == "auto" else spec.kv_type
    context = _window(header, spec.context_tokens or _DEFAULT_CONTEXT)
    per_slot = _kv_per_file(header, kv_type, context)
    weights = 0 if resident else header.size
    searched = per_slot * branches(header)
    left = machine.free_bytes - weights - searched - _SPARE_BYTES
    affordable = left // (4 * per_slot) if per_slot else _MOST_SLOTS
    slots = spec.slots or int(max(_FEWEST_SLOTS, min(_MOST_SLOTS, affordable)))
    chosen = Plan(
        context_tokens=context,
        slots=slots,
        threads=min(spec.threads, machine.threads) or max(1, machine.cores),
        gpu_layers=0,
        kv_type=kv_type,
        flash_attention=_flash_attention(spec, kv_type),
        kv_bytes=slots * per_slot,
        parking_bytes=0,
    )
    return _within_main_memory(header, chosen, weights + searched + slots * per_slot, machine.free_bytes)


def _on_devices(header: Header, spec: ModelSpec, machine: Machine, resident: bool) -> Plan:
    """Put as much as fits on the devices; what was set is kept even where it does not seem to fit."""
    all_layers = header.layers + 1
    wanted = all_layers if spec.gpu_layers < 0 else min(spec.gpu_layers, all_layers)
    choices = list(_choices(header, spec))
    for choice in choices:
        need = _Need(header, spec, choice, resident)
        if need.device_bytes(wanted) <= _room(machine, need.on_each_device):
            return _planned(need, wanted, machine)
    need = _Need(header, spec, _fallback(choices), resident)
    if spec.gpu_layers > 0:
        return _planned(need, wanted, machine)
    room = _room(machine, need.on_each_device)
    layers = next((count for count in range(wanted - 1, 0, -1) if need.device_bytes(count) <= room), 0)
    if not layers:
        return _on_processor(header, spec, machine, resident)
    return _planned(need, layers, machine)


_Choice = tuple[KvType, int, int]


def _choices(header: Header, spec: ModelSpec) -> Iterator[_Choice]:
    """What to try, best first: the known choices with what was set in place of what was not."""
    seen: set[_Choice] = set()
    may_quantize = spec.flash_attention != "off" and _can_quantize(header)
    for kv_type, context, slots in _DEVICE_CHOICES:
        kept: KvType = kv_type if spec.kv_type == "auto" else spec.kv_type
        choice = (kept, _window(header, spec.context_tokens or context), spec.slots or slots)
        if choice not in seen and (kept == "f16" or may_quantize):
            seen.add(choice)
            yield choice


def _fallback(choices: list[_Choice]) -> _Choice:
    """The smallest choice in 16 bits, where there is one: the processor's part is slow with fewer."""
    plain = [choice for choice in choices if choice[0] == "f16"]
    return (plain or choices)[-1]


def _flash_attention(spec: ModelSpec, kv_type: KvType) -> FlashAttention:
    return "on" if spec.flash_attention == "auto" and kv_type != "f16" else spec.flash_attention


@dataclass(frozen=True, slots=True)
class _Need:
    """What one choice of storage, window and slots takes."""

    header: Header
    spec: ModelSpec
    choice: _Choice
    resident: bool

    @property
    def kv_bytes(self) -> int:
        kv_type, context, slots = self.choice
        return _kv_per_file(self.header, kv_type, context) * slots

    @property
    def cache_bytes(self) -> int:
        """The same, and what a search takes."""
        slots = self.choice[2]
        return self.kv_bytes * (slots + branches(self.header)) // slots

    @property
    def on_each_device(self) -> int:
        """Bytes of intermediate results for a batch: its logits, the widest layer, attention's scores."""
        header, (_, context, slots) = self.header, self.choice
        numbers = 6 * header.width + 3 * header.feed_forward
        if self.spec.flash_attention == "off":
            numbers += header.heads * context * slots
        scores = (header.tokens or 0) * min(BATCH_TOKENS, MOST_OUTPUTS * slots)
        return 4 * (BATCH_TOKENS * numbers + scores)

    def weight_bytes(self, layers: int) -> int:
        """Bytes of weights in so many layers, counted from the one that writes."""
        if self.resident or not layers:
            return 0
        each = self.header.layer_bytes or (self.header.size // max(1, self.header.layers),) * self.header.layers
        return self.header.output_bytes + sum(each[len(each) - (layers - 1) :] if layers > 1 else ())

    def device_bytes(self, layers: int) -> int:
        """Bytes that the devices hold between them with so many layers, without `on_each_device`."""
        with_cache = min(max(0, layers - 1), self.header.layers)
        return self.weight_bytes(layers) + self.cache_bytes * with_cache // max(1, self.header.layers)


def _room(machine: Machine, on_each: int) -> int:
    """Bytes that can be spread over the devices as llama.cpp spreads layers: in proportion to what is free on each."""
    if not any(device.total_bytes for device in machine.devices):
        return sys.maxsize
    free = sum(device.free_bytes for device in machine.devices)
    shares = [
        max(0, _free(device, machine) - _kept_free(device) - on_each) / device.free_bytes if device.free_bytes else 0.0
        for device in machine.devices
    ]
    return int(free * min(shares, default=0.0))


def _free(device: Device, machine: Machine) -> int:
    """What is free on a device: no more than main memory has, where that is its memory."""
    if not device.shares_main_memory:
        return device.free_bytes
    return min(device.free_bytes, max(0, machine.free_bytes - _SPARE_BYTES))


def _kept_free(device: Device) -> int:
    """What is left alone on a device, for its driver and for the screen: a sixteenth, 256 MiB to 1 GiB."""
    return min(1024 * _MIB, max(256 * _MIB, device.total_bytes // 16))


def _planned(need: _Need, layers: int, machine: Machine) -> Plan:
    kv_type, context, slots = need.choice
    on_devices = need.device_bytes(layers)
    device_bytes = on_devices + need.on_each_device * len(machine.devices)
    weights = 0 if need.resident else max(need.header.input_bytes, need.header.size - need.weight_bytes(layers))
    cache_in_main = need.cache_bytes - (on_devices - need.weight_bytes(layers))
    shared = all(device.shares_main_memory for device in machine.devices)
    chosen = Plan(
        context_tokens=context,
        slots=slots,
        threads=min(need.spec.threads, machine.threads) or max(1, machine.cores),
        gpu_layers=layers,
        kv_type=kv_type,
        flash_attention=_flash_attention(need.spec, kv_type),
        kv_bytes=need.kv_bytes,
        parking_bytes=0,
        device_bytes=device_bytes,
        free_device_bytes=sum(device.free_bytes for device in machine.devices),
    )
    in_main = weights + cache_in_main + (device_bytes if shared else 0)
    return _within_main_memory(need.header, chosen, in_main, machine.free_bytes)


def _within_main_memory(header: Header, chosen: Plan, needed: int, free: int) -> Plan:
    """Give parked files a part of what main memory has left; raise `TooLarge` where it cannot hold `needed`."""
    left = free - needed - _SPARE_BYTES
    if left < 0:
        raise TooLarge(
            f"The model {header.path} needs about {(needed + _SPARE_BYTES) // _MIB} MiB and {free // _MIB} MiB are "
            "free: choose a smaller model or quantization, lower near.context_tokens or near.slots, or close something."
        )
    marks = chosen.slots * _MARKS * header.state_bytes
    return replace(chosen, parking_bytes=min(max(_MOST_PARKING, 2 * marks), left // 4))
