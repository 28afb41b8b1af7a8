"""One cursor at which texts are tried: the code around it, its tree, and the trees with texts put in."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..question import Question
from ..standing import Standing, closes, stand
from ..window import Window
from .region import Region, around
from .trees import Parsed, Trees, errors

_KEPT = 6
_MOST_LOST = 300
"""A region of which more bytes are no code was badly cut out of its document."""

LONGEST_DOCUMENT = 32_000
"""Characters of a document that is parsed as a whole where that is needed."""

_SLACK = 8
"""So many bytes the rest of a half-written line may have more that are no code: errors do not end at the same place."""

_LONGEST_BEFORE = 8_000


@dataclass(frozen=True, slots=True)
class Trial:
    """The region around a cursor as UTF-8, `before` and `after` it, and its tree as it is now.

    `allowed` is how many places in it are no code already, `lost` how many bytes they hold. `within` says that it is
    part of a definition whose head is not in it.
    """

    question: Question
    before: bytes
    after: bytes
    base: Parsed
    allowed: int
    lost: int
    trees: Trees
    within: bool = False
    whole: bool = False
    tried: dict[str, Parsed | None] = field(default_factory=dict)

    def parsed(self, text: str) -> Parsed | None:
        """The tree with `text` at the cursor; None where that is too long."""
        if text not in self.tried:
            if len(self.tried) >= _KEPT:
                self.tried.clear()
            source = b"".join((self.before, text.encode("utf-8", "replace"), self.after))
            question = self.question
            self.tried[text] = self.trees.variant(question.language, self.base, source)
        return self.tried[text]

    def errors(self, text: str) -> list[tuple[int, int]] | None:
        """The places that are no code once `text` stands at the cursor, as offsets in it; None where it is too long."""
        parsed = self.parsed(text)
        if parsed is None:
            return None
        own = len(self.before)
        return [(start - own, end - own) for start, end in errors(parsed.root)]

    def closed(self, text: str) -> int | None:
        """How many of the blocks and brackets that are open at the cursor a text closes; None where nobody can tell."""
        if len(self.before) > _LONGEST_BEFORE:
            return None
        own = text.encode("utf-8", "replace")
        parsed = self.trees.alone(self.question.language, self.before + own)
        return closes(parsed.root, len(self.before), len(self.before) + len(own)) if parsed is not None else None

    def standing(self) -> Standing:
        """What the tree says of the cursor."""
        return stand(self.base.root, self.base.source, len(self.before))

    def fits(self, text: str) -> bool:
        """Whether no more is no code with a text than without: no more places, nor more of what stood there before."""
        found = self.errors(text)
        if found is None or len(found) > self.allowed:
            return False
        first = len(self.before.rstrip()) - len(self.before)
        end = len(text.encode("utf-8", "replace")) + len(self.after) - len(self.after.lstrip())
        return sum(stop - start - _shared(start, stop, first, end) for start, stop in found) <= self.lost + _SLACK


def _shared(start: int, stop: int, first: int, end: int) -> int:
    """How much of a range lies between `first` and `end`."""
    return max(0, min(stop, end) - max(start, first))


def begin(trees: Trees, question: Question, view: Window | None = None, document: Window | None = None) -> Trial | None:
    """Parse the code around a cursor; None where nobody can: no grammar, too long a line.

    `view` is the document around the cursor where it holds more than the question's; `document` is all of it, for where
    its parts cannot be told from each other.
    """
    region = around(view or question.view, question.shape, question.language)
    found = _parsed(trees, question, region, question.key)
    if found is None or found.lost <= _MOST_LOST or document is None:
        return found
    whole = _parsed(trees, question, Region(document.before, document.after, whole=True), (question.key, "whole"))
    return whole if whole is not None and whole.lost < found.lost else found


def _parsed(trees: Trees, question: Question, region: Region, key: object) -> Trial | None:
    base = trees.parse(key, question.language, region.before + region.after)
    if base is None:
        return None
    before, after = (part.encode("utf-8", "replace") for part in (region.before, region.after))
    wrong = errors(base.root)
    lost = sum(stop - start for start, stop in wrong)
    return Trial(question, before, after, base, len(wrong), lost, trees, region.within, region.whole)
