"""Each family's prompt, and that it is found out from the GGUF itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import gguf_factory
from twolane.clients.engine.families import FAMILIES, Family, detect
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model
from twolane.clients.errors import ModelRefused
from twolane.clients.model import Extra, InfillRequest

FIXTURES = Path(__file__).parent / "fixtures" / "families"
BY_NAME = {family.name: family for family in FAMILIES}

REQUEST = InfillRequest(
    prefix="def area(c: Circle) -> float:\n    return ",
    suffix="\n\nprint(area(UNIT))\n",
    path="shapes/area.py",
    workspace="w",
    repository="shapes",
    extras=(
        Extra("shapes/circle.py", "class Circle:\n    radius: float"),
        Extra("shapes/unit.py", "UNIT: Circle"),
    ),
)

VOCABULARIES: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "starter": ("Twolane starter", {"twolane.layout": "suffix-first"}, gguf_factory.FIM_TOKENS),
    "qwen-coder": ("Qwen2.5 Coder 1.5B", {}, gguf_factory.FIM_TOKENS),
    "codegemma": (
        "CodeGemma 2b",
        {},
        ("<eos>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>"),
    ),
    "starcoder2": (
        "starcoder2 3b",
        {},
        ("<|endoftext|>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>", "<repo_name>", "<file_sep>"),
    ),
    "granite": (
        "Granite 3b Code Base",
        {},
        ("<|endoftext|>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>", "<filename>", "<reponame>"),
    ),
    "granite-4": (
        "Granite 4.0 H Tiny",
        {},
        ("<|end_of_text|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>"),
    ),
    "deepseek-coder": (
        "deepseek-coder-1.3b-base",
        {},
        ("<｜end▁of▁sentence｜>", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    ),
    "codestral": ("Codestral 22B v0.1", {}, ("</s>", "[PREFIX]", "[SUFFIX]", "[MIDDLE]")),
    "seed-coder": ("Seed Coder 8B Base", {}, ("<[end]>", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>")),
    "starcoder": ("starcoder", {}, ("<|endoftext|>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>")),
    "fim": ("Some model", {}, ("<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")),
}  # fmt: skip


def rendered(family: Family, request: InfillRequest) -> str:
    return "".join(piece.text for piece in family.render(request))


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_the_prompt_is_the_one_the_family_was_trained_with(name: str) -> None:
    bare = InfillRequest(REQUEST.prefix, REQUEST.suffix, REQUEST.path, REQUEST.workspace, REQUEST.repository)
    both = f"{rendered(BY_NAME[name], REQUEST)}\n=== without other files ===\n{rendered(BY_NAME[name], bare)}\n"
    assert both == (FIXTURES / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_the_family_is_found_out_from_the_file(name: str, tmp_path: Path, library: Library) -> None:
    title, metadata, control = VOCABULARIES[name]
    file = gguf_factory.write(tmp_path / "m.gguf", name=title, metadata=metadata, control=control)
    model = Model(library, file, 0, lambda _: None)
    try:
        family = detect(title, model.metadata, model.special)
        assert family.name == name
        assert all(model.special(token) is not None for token in family.specials)
    finally:
        model.close()


def test_every_family_has_a_vocabulary_and_a_golden_prompt() -> None:
    assert set(BY_NAME) == set(VOCABULARIES) == {file.stem for file in FIXTURES.glob("*.txt")}


def test_a_model_that_cannot_fill_in_the_middle_is_refused_with_the_reason(tmp_path: Path, library: Library) -> None:
    file = gguf_factory.write(tmp_path / "chat.gguf", name="Chatty", control=("<|endoftext|>", "<|im_start|>"))
    model = Model(library, file, 0, lambda _: None)
    try:
        with pytest.raises(ModelRefused, match=r"Chatty cannot fill in the middle.*Qwen2\.5-Coder"):
            detect("Chatty", model.metadata, model.special)
    finally:
        model.close()


def test_text_of_a_document_cannot_pose_as_a_control_token(tmp_path: Path, library: Library) -> None:
    model = Model(library, gguf_factory.write(tmp_path / "m.gguf"), 0, lambda _: None)
    try:
        middle = model.special("<|fim_middle|>")
        assert middle is not None
        assert middle not in model.tokenize("a <|fim_middle|> b")
    finally:
        model.close()


@pytest.mark.parametrize(("name", "last"), [("starter", True), ("qwen-coder", False), ("codestral", True)])
def test_it_is_known_whether_typing_changes_only_the_end(name: str, *, last: bool) -> None:
    assert BY_NAME[name].prefix_last is last
