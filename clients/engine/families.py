"""How each model family wants its fill-in-the-middle prompt, found out from the model's own vocabulary.

A family is a template. Its special tokens must each be one control token of the vocabulary; all other
text is tokenized as plain text, so that nothing in a document can pose as a control token. The forms are
those the models were trained with: Qwen2.5-Coder and StarCoder2 technical reports (repository level),
CodeGemma's and Codestral's prompt documentation, the DeepSeek-Coder and Seed-Coder model cards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from ..errors import ModelRefused
from ..model import InfillRequest


@dataclass(frozen=True, slots=True)
class Special:
    """A control token, by its text in the vocabulary."""

    text: str


class Field(Enum):
    """A place in a template that the request fills."""

    REPOSITORY = "repository"
    PATH = "path"
    TEXT = "text"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    EXTRAS = "extras"


Template = tuple[Special | Field | str, ...]
Role = Literal["fixed", "extra", "prefix", "suffix"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a rendered prompt: one control token, or plain text; `extra` numbers the extra it belongs to."""

    text: str
    special: bool = False
    role: Role = "fixed"
    extra: int = -1


@dataclass(frozen=True, slots=True)
class Family:
    """A prompt form. `prompt` holds the whole, `extra` the form of one piece of another file.

    `prefix_last` says that the text before the cursor comes after the text behind it, so that typing
    changes only the end of the prompt. `stops` are control tokens that end an answer beside the
    vocabulary's own end tokens.
    """

    name: str
    prompt: Template
    extra: Template
    stops: tuple[str, ...]

    @property
    def specials(self) -> tuple[str, ...]:
        """Every control token that the templates name."""
        return tuple(part.text for part in (*self.prompt, *self.extra) if isinstance(part, Special))

    @property
    def prefix_last(self) -> bool:
        """Whether typing changes only the end of the prompt."""
        return self.prompt.index(Field.PREFIX) > self.prompt.index(Field.SUFFIX)

    def render(self, request: InfillRequest) -> list[Piece]:
        """Lay the request out; empty texts are left out."""
        pieces: list[Piece] = []
        for part in self.prompt:
            if part is Field.EXTRAS:
                for number, extra in enumerate(request.extras):
                    values = {Field.PATH: extra.path, Field.TEXT: extra.text}
                    pieces += [_piece(item, values, "extra", number) for item in self.extra]
            elif part is Field.PREFIX:
                pieces.append(Piece(request.prefix, role="prefix"))
            elif part is Field.SUFFIX:
                pieces.append(Piece(request.suffix, role="suffix"))
            else:
                values = {Field.REPOSITORY: request.repository, Field.PATH: request.path}
                pieces.append(_piece(part, values, "fixed", -1))
        return _joined([piece for piece in pieces if piece.text])


def _piece(part: Special | Field | str, values: dict[Field, str], role: Role, extra: int) -> Piece:
    if isinstance(part, Special):
        return Piece(part.text, special=True, role=role, extra=extra)
    return Piece(values[part] if isinstance(part, Field) else part, role=role, extra=extra)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Join neighbouring plain text of one role, so that it is tokenized as one text, as in training."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and not (last.special or piece.special) and (last.role, last.extra) == (piece.role, piece.extra):
            joined[-1] = Piece(last.text + piece.text, role=piece.role, extra=piece.extra)
        else:
            joined.append(piece)
    return joined


_S, _F = Special, Field
_PIPED_STOPS = (
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
)
_REPOSITORY: Template = (
    _S("<|repo_name|>"),
    _F.REPOSITORY,
    "\n",
    _F.EXTRAS,
    _S("<|file_sep|>"),
    _F.PATH,
    "\n",
)
_REPOSITORY_EXTRA: Template = (_S("<|file_sep|>"), _F.PATH, "\n", _F.TEXT, "\n")
_PIPED: Template = (_S("<|fim_prefix|>"), _F.PREFIX, _S("<|fim_suffix|>"), _F.SUFFIX, _S("<|fim_middle|>"))
_PLAIN: Template = (_S("<fim_prefix>"), _F.PREFIX, _S("<fim_suffix>"), _F.SUFFIX, _S("<fim_middle>"))
_COMMENTED_EXTRA: Template = ("#", _F.PATH, "\n", _F.TEXT, "\n")

STARTER = Family(
    "starter",
    prompt=(
        *_REPOSITORY,
        _S("<|fim_suffix|>"),
        _F.SUFFIX,
        _S("<|fim_prefix|>"),
        _F.PREFIX,
        _S("<|fim_middle|>"),
    ),
    extra=_REPOSITORY_EXTRA,
    stops=_PIPED_STOPS,
)
QWEN = Family("qwen-coder", prompt=(*_REPOSITORY, *_PIPED), extra=_REPOSITORY_EXTRA, stops=_PIPED_STOPS)
CODEGEMMA = Family(
    "codegemma",
    prompt=(_F.EXTRAS, _F.PATH, "\n", *_PIPED),
    extra=(_F.PATH, "\n", _F.TEXT, "\n", _S("<|file_separator|>")),
    stops=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>"),
)
STARCODER2 = Family(
    "starcoder2",
    prompt=(_S("<repo_name>"), _F.REPOSITORY, _F.EXTRAS, _S("<file_sep>"), _F.PATH, "\n", *_PLAIN),
    extra=(_S("<file_sep>"), _F.PATH, "\n", _F.TEXT, "\n"),
    stops=("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>", "<repo_name>", "<file_sep>"),
)
GRANITE = Family(
    "granite",
    prompt=(_F.EXTRAS, *_PLAIN),
    extra=_COMMENTED_EXTRA,
    stops=("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>", "<filename>", "<reponame>"),
)
GRANITE_4 = Family(
    "granite-4",
    prompt=(_F.EXTRAS, *_PIPED),
    extra=_COMMENTED_EXTRA,
    stops=(
        "<|fim_prefix|>",
        "<|fim_suffix|>",
        "<|fim_middle|>",
        "<|fim_pad|>",
        "<|filename|>",
        "<|reponame|>",
    ),
)
DEEPSEEK = Family(
    "deepseek-coder",
    prompt=(
        _F.EXTRAS,
        _S("<｜fim▁begin｜>"),
        "#",
        _F.PATH,
        "\n",
        _F.PREFIX,
        _S("<｜fim▁hole｜>"),
        _F.SUFFIX,
        _S("<｜fim▁end｜>"),
    ),
    extra=_COMMENTED_EXTRA,
    stops=("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
)
CODESTRAL = Family(
    "codestral",
    prompt=(_S("[SUFFIX]"), _F.SUFFIX, _S("[PREFIX]"), _F.EXTRAS, "+++++ ", _F.PATH, "\n", _F.PREFIX),
    extra=("+++++ ", _F.PATH, "\n", _F.TEXT, "\n\n"),
    stops=("[PREFIX]", "[SUFFIX]", "[MIDDLE]"),
)
SEED_CODER = Family(
    "seed-coder",
    prompt=(
        _S("<[fim-suffix]>"),
        _F.SUFFIX,
        _S("<[fim-prefix]>"),
        _F.EXTRAS,
        _F.PREFIX,
        _S("<[fim-middle]>"),
    ),
    extra=_COMMENTED_EXTRA,
    stops=("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"),
)
STARCODER = Family(
    "starcoder",
    prompt=(_F.EXTRAS, *_PLAIN),
    extra=_COMMENTED_EXTRA,
    stops=("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>"),
)
PIPED = Family(
    "fim",
    prompt=(_F.EXTRAS, *_PIPED),
    extra=_COMMENTED_EXTRA,
    stops=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>"),
)

FAMILIES = (
    STARTER, QWEN, CODEGEMMA, STARCODER2, GRANITE, GRANITE_4, DEEPSEEK, CODESTRAL, SEED_CODER, STARCODER, PIPED,
)  # fmt: skip


def detect(name: str, metadata: Callable[[str], str | None], special: Callable[[str], int | None]) -> Family:
    """Find the family of a model called `name`.

    `metadata` looks a GGUF key up, `special` gives the id of a control token or None. Raise `ModelRefused`
    where the model has no tokens to fill in the middle with.
    """

    def has(family: Family) -> bool:
        return all(special(token) is not None for token in family.specials)

    if metadata("twolane.layout") == "suffix-first" and has(STARTER):
        return STARTER
    granite = (metadata("general.architecture") or "").startswith("granite") or "granite" in name.lower()
    if granite:
        candidates: tuple[Family, ...] = (GRANITE_4, GRANITE)
    else:
        candidates = (QWEN, CODEGEMMA, STARCODER2, DEEPSEEK, SEED_CODER, CODESTRAL, STARCODER, PIPED)
    for family in candidates:
        if has(family):
            return family
    raise ModelRefused(
        f"The model {name} cannot fill in the middle: its vocabulary has none of the known tokens for it. "
        "Choose one trained for it, such as Qwen2.5-Coder, StarCoder2, Codestral, DeepSeek-Coder or CodeGemma "
        "(the base model, not a chat one), or leave near.model empty to use the starter."
    )
