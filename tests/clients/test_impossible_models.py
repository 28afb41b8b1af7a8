"""No number in a file's header ends the engine: what llama.cpp would abort on is refused before it sees it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import gguf_factory
from twolane.clients.engine.gguf_check import read_header
from twolane.clients.errors import ModelRefused

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork")

Outcome = Callable[[Path], int]


@pytest.fixture(scope="module")
def outcome() -> Iterator[Outcome]:
    """Load a file in a process of its own; 0 where it lives."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("loading_child.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdin
        assert child.stdout
        to_child, from_child = child.stdin, child.stdout

        def load(path: Path) -> int:
            print(path, file=to_child, flush=True)
            return int(from_child.readline())

        yield load
        to_child.close()


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"block_count": 0}, "it claims 0 layers"),
    ({"block_count": 513}, "it claims 513 layers"),
    ({"context_length": 1}, "it was trained for 1 tokens of context"),
    ({"embedding_length": 0}, "it claims a width of 0"),
    ({"attention.head_count": 0}, "it claims 0 heads"),
    ({"attention.head_count": 65}, "it claims 65 heads"),
    ({"attention.head_count_kv": 3}, "its 4 heads cannot share 3"),
    ({"attention.head_count_kv": 8}, "its 4 heads cannot share 8"),
    ({"attention.head_count": [4]}, "its head counts are not one for each layer"),
    ({"attention.head_count": [4, 4], "attention.head_count_kv": [2, 3]}, "its 4 heads cannot share 3"),
    ({"attention.key_length": 0}, "it claims heads 0 wide"),
    ({"rope.dimension_count": 7}, "it turns 7 of the 16 numbers of a head"),
    ({"rope.dimension_count": 8}, "it turns 8 of the 16 numbers of a head"),
    ({"rope.scaling.type": "spiral"}, "it scales its rope in an unknown way"),
    ({"expert_count": 2000, "expert_used_count": 1}, "it claims 2000 experts"),
    ({"expert_count": 4}, "it uses 0 of 4 experts"),
    ({"expert_used_count": 2}, "it uses 2 of 0 experts"),
    ({"expert_count": 4, "expert_used_count": 2, "expert_group_count": 3}, "it splits 4 experts into 3 groups"),
    ({"nextn_predict_layers": 9}, "it predicts with more layers than it has"),
    ({"attention.layer_norm_rms_epsilon": -1.0}, "layer_norm_rms_epsilon is -1.0"),
    ({"attention.layer_norm_rms_epsilon": float("nan")}, "layer_norm_rms_epsilon is nan"),
]


@pytest.mark.parametrize(("numbers", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_impossible_numbers_are_refused_with_the_reason(tmp_path: Path, numbers: dict[str, Any], reason: str) -> None:
    path = gguf_factory.write(tmp_path / "m.gguf", numbers=numbers)
    with pytest.raises(ModelRefused, match=r"m\.gguf is damaged") as caught:
        read_header(path)
    assert reason in str(caught.value)


def test_an_impossible_vocabulary_is_refused(tmp_path: Path) -> None:
    twice = gguf_factory.write(tmp_path / "twice.gguf", control=("<|endoftext|>", "th"))
    with pytest.raises(ModelRefused, match=r"its vocabulary has the token 'th' twice"):
        read_header(twice)


def test_a_sound_model_lives(tmp_path: Path, outcome: Outcome) -> None:
    assert outcome(gguf_factory.write(tmp_path / "m.gguf")) == 0
    assert outcome(tmp_path / "none.gguf") == 0


NUMBERS = st.one_of(
    st.sampled_from([0, 1, 2, 3, 4, 7, 8, 16, 32, 63, 64, 65, 128, 512, 513, 1 << 16, (1 << 31) - 1, (1 << 32) - 1]),
    st.integers(0, (1 << 32) - 1),
)
KEYS = (
    "block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count",
    "attention.head_count_kv", "attention.key_length", "attention.value_length", "rope.dimension_count", "vocab_size",
    "expert_count", "expert_used_count", "expert_group_count", "expert_group_used_count", "nextn_predict_layers",
    "attention.sliding_window", "rope.scaling.original_context_length", "rope.dimension_count_swa",
)  # fmt: skip
FRACTIONS = st.floats(width=32)
FRACTION_KEYS = ("attention.layer_norm_rms_epsilon", "rope.freq_base", "rope.scaling.factor", "rope.scale_linear")
LISTS = st.lists(st.integers(0, 80), min_size=0, max_size=4)
LIST_KEYS = ("attention.head_count", "attention.head_count_kv", "feed_forward_length", "expert_used_count")
CHANGES = st.one_of(
    st.tuples(st.sampled_from(KEYS), NUMBERS),
    st.tuples(st.sampled_from(FRACTION_KEYS), FRACTIONS),
    st.tuples(st.sampled_from(LIST_KEYS), LISTS.filter(bool)),
    st.tuples(st.sampled_from([*KEYS, "rope.scaling.type"]), st.sampled_from(["", "linear", "yarn", "7"])),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGES, min_size=1, max_size=3))
def test_no_number_ends_the_process(tmp_path: Path, outcome: Outcome, changes: list[tuple[str, Any]]) -> None:
    assert outcome(gguf_factory.write(tmp_path / "m.gguf", numbers=dict(changes))) == 0
