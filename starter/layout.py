"""The prompt, exactly as the product lays it out, and training examples in that form.

Suffix first, so that typing changes only the end of the prompt:
`<|repo_name|>{repository}\\n`, per extra `<|file_sep|>{path}\\n{text}\\n`, then
`<|file_sep|>{path}\\n<|fim_suffix|>{suffix}<|fim_prefix|>{prefix}<|fim_middle|>`, the middle, `<|endoftext|>`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .corpus import Source
from .holes import Hole, Lines, draw

END, PREFIX, MIDDLE, SUFFIX, PAD, REPO, FILE = range(7)
CONTROL = (
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
)
"""Control tokens; in the vocabulary they are the last seven, in this order."""

Segments = list["int | str"]
"""Control numbers (indices into `CONTROL`) and plain text, in prompt order."""

CHARACTERS_PER_TOKEN = 3.0


@dataclass(frozen=True, slots=True)
class Form:
    """What varies between examples: the order, and whether the parts around the file are there."""

    suffix_first: bool = True
    header: bool = True
    extras: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt and the text that belongs in the hole."""

    prompt: Segments
    middle: str
    hole: Hole


def prompt(
    repository: str, path: str, extras: Sequence[tuple[str, str]], prefix: str, suffix: str, form: Form | None = None
) -> Segments:
    """Lay out one request; `extras` are (path, text) pairs in the order in which they are shown."""
    form = form or Form()
    parts: Segments = []
    if form.header:
        parts += [REPO, f"{repository}\n"]
        for extra_path, text in extras if form.extras else ():
            parts += [FILE, f"{extra_path}\n{text}\n"]
        parts += [FILE, f"{path}\n"]
    if form.suffix_first:
        parts += [SUFFIX, suffix, PREFIX, prefix, MIDDLE]
    else:
        parts += [PREFIX, prefix, SUFFIX, suffix, MIDDLE]
    return parts


def cut_prefix(text: str, offset: int, limit: int) -> str:
    """At most about `limit` characters before `offset`, from a line's start on where that is possible."""
    if offset <= limit:
        return text[:offset]
    line = text.find("\n", offset - limit, offset)
    return text[offset - limit : offset] if line < 0 else text[line + 1 : offset]


def cut_suffix(text: str, offset: int, limit: int) -> str:
    """At most about `limit` characters from `offset` on, up to a line's end where that is possible."""
    if len(text) - offset <= limit:
        return text[offset:]
    line = text.rfind("\n", offset, offset + limit)
    return text[offset : offset + limit] if line < 0 else text[offset : line + 1]


def choose_extras(source: Source, rng: random.Random, limit: int) -> list[tuple[str, str]]:
    """Signatures the file imports from its own package, at most about `limit` characters of them."""
    chosen: list[tuple[str, str]] = []
    for path, signatures in source.extras:
        kept: list[str] = []
        for signature in signatures:
            if limit < len(signature):
                break
            if rng.random() < 0.9:
                limit -= len(signature)
                kept.append(signature)
        if kept:
            chosen.append((path, "\n".join(kept) + rng.choice(("", "\n"))))
    return chosen


def example(source: Source, lines: Lines, rng: random.Random, tokens: int) -> Example | None:
    """Draw one training example of at most about `tokens` tokens from a file; None where no hole fits."""
    hole = draw(lines, rng)
    if hole is None:
        return None
    room = int(tokens * CHARACTERS_PER_TOKEN) - (hole.end - hole.start)
    form = Form(rng.random() < 0.7, rng.random() < 0.85, rng.random() < 0.7)
    extras = choose_extras(source, rng, int(room * rng.uniform(0.1, 0.45))) if form.header and form.extras else []
    room -= sum(len(path) + len(text) + 6 for path, text in extras)
    suffix = ""
    if rng.random() < 0.9:
        suffix = cut_suffix(source.text, hole.end, int(room * rng.uniform(0.05, 0.45)))
    prefix = cut_prefix(source.text, hole.start, max(40, room - len(suffix)))
    path = source.path if rng.random() < 0.7 else f"src/{source.path}"
    laid = prompt(source.package, path, extras, prefix, suffix, form)
    return Example(laid, source.text[hole.start : hole.end], hole)
