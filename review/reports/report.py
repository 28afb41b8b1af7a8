"""What every form of a report is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..finding import Finding
from ..reviewing import Review


@dataclass(frozen=True, slots=True)
class Report:
    """The reviews of all files. `skipped` counts files that were not looked at, by reason; `left` names them."""

    reviews: tuple[Review, ...]
    skipped: Mapping[str, int]
    left: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def findings(self) -> Sequence[Finding]:
        """All findings, the worst first."""
        return sorted((finding for review in self.reviews for finding in review.findings), key=lambda one: one.rank)

    @property
    def dropped(self) -> Mapping[str, int]:
        """What is not shown, by reason."""
        counts: Counter[str] = Counter()
        for review in self.reviews:
            counts.update(review.dropped)
        return dict(sorted(counts.items()))

    @property
    def incomplete(self) -> Sequence[Review]:
        """The files whose review did not come to its end."""
        return [review for review in self.reviews if review.incomplete]

    @property
    def cost_usd(self) -> float:
        """What it took in all."""
        return sum(review.cost_usd for review in self.reviews)


def visible(text: str) -> str:
    """The text with a sign in the place of each character that cannot be shown, such as an escape or half a letter."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
