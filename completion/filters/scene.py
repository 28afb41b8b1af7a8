"""What a filter may look at, beside the text itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..languages import Shape


@dataclass(frozen=True, slots=True)
class Scene:
    """The document around the cursor with "\\n" line ends, its path, and the paths the model was shown.

    `begins_inside` says that the document begins before `before` does, `cut_short` that the model ran out of
    tokens or time. `errors` counts the places that are no code once a text stands at the cursor, None where that is
    not known.
    """

    before: str
    after: str
    shape: Shape | None = None
    path: str = ""
    shown_paths: frozenset[str] = frozenset()
    begins_inside: bool = False
    cut_short: bool = False
    errors: Callable[[str], int | None] | None = None

    @property
    def head(self) -> str:
        """The cursor's line up to the cursor."""
        return self.before[self.before.rfind("\n") + 1 :]

    @property
    def rest(self) -> str:
        """The cursor's line from the cursor on, without trailing white space."""
        return self.after.partition("\n")[0].rstrip()

    @property
    def begins_word(self) -> bool:
        """Whether a word begins, or goes on, right behind the cursor."""
        return self.after[:1].isalnum() or self.after[:1] == "_"

    def below(self, count: int) -> list[str]:
        """The next `count` lines below the cursor's that are not blank, without trailing white space."""
        found: list[str] = []
        at = self.after.find("\n") + 1
        while at > 0 and at < len(self.after) and len(found) < count:
            end = self.after.find("\n", at)
            end = len(self.after) if end < 0 else end
            if line := self.after[at:end].rstrip():
                found.append(line)
            at = end + 1
        return found

    def above(self, count: int) -> list[str]:
        """The last `count` lines above the cursor's that are not blank, nearest last."""
        found: list[str] = []
        end = len(self.before) - len(self.head) - 1
        while end > 0 and len(found) < count:
            start = self.before.rfind("\n", 0, end) + 1
            if line := self.before[start:end].rstrip():
                found.append(line)
            end = start - 1
        return found[::-1]
