"""The prompt's form, for records and tests; what is trained on and measured is asked by the product's code (`asking`).

Suffix first, so that typing changes only the end of the prompt:
`<|repo_name|>{repository}\\n`, per extra `<|file_sep|>{path}\\n{text}\\n`, then
`<|file_sep|>{path}\\n<|fim_suffix|>{suffix}<|fim_prefix|>{prefix}<|fim_middle|>`, the middle, `<|endoftext|>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Form:
    """What varies between prompts: the order, and whether names and other files stand before the file."""

    suffix_first: bool = True
    header: bool = True


def prompt(
    repository: str, path: str, extras: Sequence[tuple[str, str]], prefix: str, suffix: str, form: Form | None = None
) -> Segments:
    """Lay out one request; `extras` are (path, text) pairs in the order in which they are shown."""
    form = form or Form()
    parts: Segments = []
    if form.header:
        parts += [REPO, f"{repository}\n"]
        for extra_path, text in extras:
            parts += [FILE, f"{extra_path}\n{text}\n"]
        parts += [FILE, f"{path}\n"]
    if form.suffix_first:
        parts += [SUFFIX, suffix, PREFIX, prefix, MIDDLE]
    else:
        parts += [PREFIX, prefix, SUFFIX, suffix, MIDDLE]
    return parts
