"""Answers that may serve again: what was typed since agrees with them, or the cursor came back."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Literal

from ..clients.model import Extra, Lane, Usage
from .question import Key, Question, typed_since
from .trace import Source

_DOCUMENTS = 16
_ANSWERS = 24

Origin = Literal["model", "adopted", "typed-through", "speculated"]
"""Where shown text came from: asked for now; asked for a few keys ago and still being written; written for an
earlier state that the typing agrees with; written before anybody asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What may be shown at a question: `text` in "\\n" line ends, empty for silence; `filters` tell what each did.

    `reason` says why it is empty, `cut_short` that the model ran out of tokens or time, `ahead` that it was written
    before anybody asked.
    """

    question: Question
    text: str
    filters: tuple[str, ...] = ()
    filters_ms: float = 0.0
    checks: tuple[str, ...] = ()
    checks_ms: float = 0.0
    reason: str = ""
    cut_short: bool = False
    ahead: bool = False
    extras: tuple[Extra, ...] = ()
    sources: tuple[Source, ...] = ()
    usage: Usage | None = None
    lane: Lane | None = None
    model: str | None = None
    host: str = ""


class KnownAnswers:
    """The last answers for each document, within a fixed number of both."""

    def __init__(self) -> None:
        self._of: OrderedDict[Key, deque[Answer]] = OrderedDict()

    def add(self, answer: Answer) -> None:
        """Remember an answer; one that holds nothing is not worth it, unless it was written ahead."""
        if not answer.text and not answer.ahead:
            return
        key = answer.question.key
        self._of.setdefault(key, deque(maxlen=_ANSWERS)).append(answer)
        self._of.move_to_end(key)
        if len(self._of) > _DOCUMENTS:
            self._of.popitem(last=False)

    def prefer(self, answer: Answer) -> None:
        """A person looks at this one: where others hold as well, it is the one that counts."""
        known = self._of.get(answer.question.key, ())
        others = [one for one in known if one is not answer]
        if len(others) < len(known):
            self._of[answer.question.key] = deque((*others, answer), maxlen=_ANSWERS)

    def find(self, question: Question) -> tuple[Answer, str] | None:
        """The newest answer that holds at `question`, or the preferred one, and what of it has been typed already.

        An answer holds as long as the typed text is its beginning and something of it is left; silence that was
        written ahead holds where it was written.
        """
        for answer in reversed(self._of.get(question.key, ())):
            typed = typed_since(answer.question, question)
            if typed is None or not answer.text.startswith(typed):
                continue
            if len(answer.text) > len(typed) or (answer.ahead and not answer.text):
                return answer, typed
        return None

    def forget(self, key: Key) -> None:
        """Let go of a document's answers."""
        self._of.pop(key, None)
