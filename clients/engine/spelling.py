"""The vocabulary as answers need it: how a token is spelt, and whether it ends the answer."""

from __future__ import annotations

from .families import Family
from .llama import Model


class Spelling:
    """The vocabulary with the family's stops; remembers both answers per token."""

    def __init__(self, model: Model, family: Family) -> None:
        self._model = model
        self._stops = {token for text in family.stops if (token := model.special(text)) is not None}
        self._pieces: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}

    def piece(self, token: int) -> bytes:
        """Spell a token."""
        if token not in self._pieces:
            self._pieces[token] = self._model.piece(token)
        return self._pieces[token]

    def ends(self, token: int) -> bool:
        """Whether a token ends the answer."""
        if token not in self._ends:
            self._ends[token] = token in self._stops or self._model.ends(token)
        return self._ends[token]
