"""A file is looked at before llama.cpp may read it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import gguf_factory
from twolane.clients.engine.gguf_check import read_header
from twolane.clients.errors import ModelRefused


def check(path: Path, data: bytes, reason: str) -> None:
    path.write_bytes(data)
    with pytest.raises(ModelRefused, match=reason) as caught:
        read_header(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def string(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def test_a_good_file_tells_what_loading_it_will_cost(tiny: Path) -> None:
    header = read_header(tiny)
    assert (header.architecture, header.name, header.context_trained) == ("llama", "tiny", 1024)
    assert header.kv_bytes_per_token == 2 * 64 * 2 * 2
    assert header.size == tiny.stat().st_size


def test_what_is_not_a_model_is_named(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    header = b"GGUF" + struct.pack("<I", 3)
    check(file, b"", "empty or cut off")
    check(file, b"x" * 100, "not a GGUF file")
    check(file, b"GGUF" + struct.pack("<IQQ", 9, 0, 0), "format version 9")
    check(file, header + struct.pack("<QQ", 1 << 60, 0), "tensors")
    check(file, header + struct.pack("<QQ", 0, 1 << 60), "keys")
    check(file, header + struct.pack("<QQQ", 0, 1, 1 << 60), "bytes in one string")
    check(file, header + struct.pack("<QQ", 0, 1) + string("k") + struct.pack("<I", 77), "value type 77")
    endless = struct.pack("<IIQ", 9, 8, 1 << 21)
    check(file, header + struct.pack("<QQ", 0, 1) + string("k") + endless, "cut off")
    nested = struct.pack("<IIQ", 9, 9, 1)
    check(file, header + struct.pack("<QQ", 0, 1) + string("k") + nested, "array of the unsupported type 9")
    check(file, header + struct.pack("<QQ", 0, 1) + string("k") + struct.pack("<I", 4), "cut off")
    check(file, header + struct.pack("<QQ", 0, 1) + string("k") + struct.pack("<II", 4, 1), "architecture")


@pytest.mark.parametrize("number", [float("inf"), float("nan"), -1e300, 1e300])
def test_a_size_that_is_none_costs_nothing_and_breaks_nothing(tmp_path: Path, number: float) -> None:
    file = tmp_path / "m.gguf"
    architecture = string("general.architecture") + struct.pack("<I", 8) + string("llama")
    keys = [string(f"llama.{key}") + struct.pack("<Id", 12, number) for key in ("context_length", "block_count")]
    check(
        file,
        b"GGUF" + struct.pack("<IQQ", 3, 0, 3) + architecture + b"".join(keys),
        r"damaged \(it claims no number of layers\)",
    )


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="does not exist"):
        read_header(tmp_path / "none.gguf")
    with pytest.raises(ModelRefused, match="is not a file"):
        read_header(tmp_path)
    with pytest.raises(ModelRefused, match=r"The draft model .* does not exist: set near\.draft_model"):
        read_header(tmp_path / "none.gguf", draft=True)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return gguf_factory.write(tmp_path_factory.mktemp("gguf") / "s.gguf").read_bytes()[:6000]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5999), st.integers(0, 255)), max_size=8), st.integers(0, 6000))
def test_no_damage_does_worse_than_a_refusal(
    tmp_path: Path, sample: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    data = bytearray(sample)
    for at, value in changes:
        data[at] = value
    file = tmp_path / "damaged.gguf"
    file.write_bytes(data[:end])
    try:
        read_header(file)
    except ModelRefused as refused:
        assert str(file) in str(refused)  # noqa: PT017
