"""Full garbage collections wait until nobody is there."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from twolane.server.wire.collecting import Collector


class _Node:
    """One half of a cycle."""

    def __init__(self) -> None:
        self.other: _Node | None = None


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def _old_garbage() -> weakref.ref[_Node]:
    """Leave a cycle that has outlived every collection of younger objects."""
    one, two = _Node(), _Node()
    one.other, two.other = two, one
    for _ in range(4):
        gc.collect(1)
    return weakref.ref(one)


async def _until_gone(ref: weakref.ref[_Node]) -> None:
    async with asyncio.timeout(20):
        while ref() is not None:
            await asyncio.sleep(0.01)


async def test_garbage_is_gone_after_a_rest() -> None:
    collector = Collector(rest_s=0.05)
    collector.start()
    try:
        await _until_gone(_old_garbage())
    finally:
        collector.stop()


async def test_nothing_is_looked_for_while_messages_come() -> None:
    full: list[str] = []

    def seen(phase: str, info: dict[str, int]) -> None:
        if info["generation"] == 2:
            full.append(phase)

    collector = Collector(rest_s=3600.0)
    gc.collect()
    gc.callbacks.append(seen)
    collector.start()
    try:
        ref = _old_garbage()
        kept = [[number] for number in range(300_000)]
        collector.heard()
        await asyncio.sleep(0)
        assert ref() is not None
        assert full == []
        assert len(kept) == 300_000
    finally:
        gc.callbacks.remove(seen)
        collector.stop()
