"""The GGUF that ships: llama.cpp must read from it what PyTorch recorded when it was exported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFReader

from twolane.starter.layout import CONTROL
from twolane.starter.runner import Runner

from .conftest import MODEL

RECORDS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("reference.json").read_text("utf-8"))


@pytest.fixture(params=RECORDS, ids=[record["name"] for record in RECORDS])
def recorded(request: pytest.FixtureRequest) -> dict[str, Any]:
    record: dict[str, Any] = request.param
    return record


def test_llama_cpp_splits_text_as_in_training(starter: Runner, recorded: dict[str, Any]) -> None:
    assert starter.encode_segments(recorded["segments"]) == recorded["ids"]


def test_logits_are_those_of_pytorch(starter: Runner, recorded: dict[str, Any]) -> None:
    logits = starter.read(recorded["ids"])
    wanted = dict(recorded["top"])
    assert int(logits.argmax()) == recorded["top"][0][0]
    assert {token: float(logits[token]) for token in wanted} == pytest.approx(wanted, abs=0.25)


def test_greedy_continuation_is_that_of_pytorch(starter: Runner, recorded: dict[str, Any]) -> None:
    starter.read(recorded["ids"])
    answer = starter.generate(len(recorded["greedy"]))
    ended = recorded["greedy"][-1] == starter.end
    assert answer.stopped is ended
    assert answer.text == starter.decode(recorded["greedy"][:-1] if ended else recorded["greedy"])


def test_likelihood_agrees_with_the_logits(starter: Runner, recorded: dict[str, Any]) -> None:
    logits = starter.read(recorded["ids"]).astype(np.float64)
    best = int(logits.argmax())
    expected = float(np.log(np.exp(logits - logits[best]).sum()))
    assert starter.negative_log_likelihood(recorded["ids"], [best]) == pytest.approx(expected, abs=1e-3)


def test_control_tokens_in_a_document_stay_text(starter: Runner) -> None:
    text = "".join(CONTROL)
    ids = starter.encode(text)
    assert max(ids) < starter.size - len(CONTROL)
    assert starter.decode(ids) == text


def test_metadata_says_how_to_ask() -> None:
    reader = GGUFReader(MODEL)
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    assert tokens[-len(CONTROL) :] == list(CONTROL)
    for key, token in {
        "eos_token_id": "<|endoftext|>",
        "fim_pre_token_id": "<|fim_prefix|>",
        "fim_suf_token_id": "<|fim_suffix|>",
        "fim_mid_token_id": "<|fim_middle|>",
        "fim_pad_token_id": "<|fim_pad|>",
        "fim_rep_token_id": "<|repo_name|>",
        "fim_sep_token_id": "<|file_sep|>",
    }.items():
        assert tokens[reader.fields[f"tokenizer.ggml.{key}"].contents()] == token
    assert reader.fields["twolane.layout"].contents() == "suffix-first"
    assert reader.fields["tokenizer.ggml.add_bos_token"].contents() is False
    assert reader.fields["general.name"].contents() == "twolane-starter"


def test_it_fits_into_the_wheel() -> None:
    assert MODEL.stat().st_size <= 32_000_000


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but nothing else")
    with pytest.raises(ValueError, match=r"broken\.gguf: llama\.cpp cannot load"), Runner(broken):
        pass
