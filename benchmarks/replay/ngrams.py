"""What is possible without a model: n-grams over the text that the product shows one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from twolane.completion import extras, window
from twolane.completion.asking import CompletionOptions
from twolane.completion.trace import Source
from twolane.evaluation.holes import Hole
from twolane.starter.baseline import Baseline
from twolane.starter.holes import Kind

from .scoring import Lines


def shown(sources: Iterable[Source]) -> tuple[Lines, ...]:
    """The lines of other files that a model was shown, in the order of its prompt."""
    return tuple((source.path, source.start_line, source.end_line) for source in extras.shown(tuple(sources)))


def answer(hole: Hole, folder: Path, relative: str, lines: Iterable[Lines], max_tokens: int) -> str:
    """What followed the longest repeated end of the text before; it is told the kind of hole, and whether of one line.

    It sees what the product shows a model of 2,048 tokens, as the starter is: its window of the file `relative` below
    `folder`, and in the order of the prompt, the nearest last, the `lines` of other files, whole as they stand there.
    """
    size = window.budget(window.DEFAULT_CONTEXT_TOKENS, max_tokens, CompletionOptions().context_tokens)
    view = window.cut(hole.without, len(hole.before), *size)
    kind: Kind = "rest-of-line" if hole.kind == "rest of line" else hole.kind
    others = list(_texts(hole, folder, relative, lines))
    text = Baseline(view.before, view.after, others).complete(kind, several="\n" in hole.text)
    return text.replace("\n", view.eol)


def _texts(hole: Hole, folder: Path, relative: str, lines: Iterable[Lines]) -> Iterator[str]:
    """The text of lines; of the file itself as it is with the hole."""
    texts: dict[str, list[str]] = {relative: window.plain(hole.without).split("\n")}
    for path, first, last in lines:
        if path not in texts:
            texts[path] = window.plain((folder / path).read_text(encoding="utf-8", errors="replace")).split("\n")
        yield "\n".join(texts[path][first - 1 : last])
