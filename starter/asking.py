"""A hole becomes the tokens that the engine would be sent: the product's own cuts, order and taking back of words.

Everything here is the product's code (`completion/window.py`, `completion/extras.py`, `clients/engine/`), so that what
is trained on and measured is what is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..clients.engine.families import QWEN, STARTER
from ..clients.engine.healing import Healing
from ..clients.engine.prompt import Prompt, PromptBuilder
from ..clients.model import InfillRequest
from ..completion import extras, window
from ..context.document import Snapshot
from ..context.snippet import Snippet
from .layout import CONTROL

MAX_TOKENS = 64
"""Room for the answer in the window, the product's setting."""


class Words(Protocol):
    """A vocabulary: `plain` tokens of text, then the control tokens, `size` in all."""

    @property
    def plain(self) -> int:
        """How many tokens of text there are."""

    @property
    def size(self) -> int:
        """How many tokens there are."""

    def encode(self, text: str) -> list[int]:
        """The ids of plain text."""

    def control(self, number: int) -> int:
        """The id of a control token, given its index in `CONTROL`."""

    def piece(self, token: int) -> bytes:
        """What a plain token spells."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is shown, in tokens: `window` altogether, `context` of it other files."""

    window: int = 2048
    context: int = 1024


class Asker:
    """Builds prompts with one vocabulary. `usual_order` is for other servers: prefix first, no word taken back."""

    def __init__(self, vocabulary: Words) -> None:
        self._vocabulary = vocabulary
        special = {text: vocabulary.control(number) for number, text in enumerate(CONTROL)}
        healing = Healing(vocabulary.size, vocabulary.piece, lambda token: token >= vocabulary.plain)
        self.agreeing = healing.agreeing
        self._own = PromptBuilder(
            STARTER, vocabulary.encode, special.get, None, lines_apart=True, take_back=healing.take_back
        )
        self._usual = PromptBuilder(QWEN, vocabulary.encode, special.get, None, lines_apart=True)

    def ask(
        self,
        snapshot: Snapshot,
        offset: int,
        snippets: Sequence[Snippet],
        sizes: Sizes,
        *,
        usual_order: bool = False,
        bare: bool = False,
        heals: bool = True,
    ) -> Prompt:
        """The prompt at `offset`, at most `sizes.window` tokens with the room for the answer.

        `bare` leaves the text behind the cursor out, as at the end of a file; without `heals` a begun word stays.
        """
        view = window.cut(snapshot.text, offset, *window.budget(sizes.window, MAX_TOKENS, sizes.context))
        request = InfillRequest(
            prefix=view.before,
            suffix="" if bare else view.after,
            path=snapshot.path,
            workspace=snapshot.workspace,
            repository=snapshot.repository,
            extras=extras.group(tuple(snippets)),
            heals=heals,
        )
        builder = self._usual if usual_order else self._own
        return builder.build(request, sizes.window - MAX_TOKENS)

    def answer(self, prompt: Prompt, hidden: str) -> list[int]:
        """The tokens that belong behind the prompt, the end among them; first what was taken back of a word."""
        text = prompt.taken.decode("utf-8") + hidden
        return [*self._vocabulary.encode(text), self._vocabulary.control(0)]
