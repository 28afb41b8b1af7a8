"""Why nothing of what a model wrote is shown, as one sentence for the person who waited for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final

from .checks.meaning import withheld
from .checks.verdict import Verdict
from .filters.meaning import what
from .generation import Generation

_ENDED: Final = MappingProxyType(
    {
        "the text after the cursor is reached": "The model wrote only what stands behind the cursor already.",
        "the text below is reached": "The model wrote only what stands below already.",
        "repetition": "The model only repeated itself.",
        "blank lines": "The model wrote only blank lines.",
        "the paragraph ends": "The model wrote only blank lines.",
        "the block is closed": "The model closed the block and put nothing into it.",
        "the block ends": "The model left the block and put nothing into it.",
        "the block stays empty": "The model left the block and put nothing into it.",
        "a sibling begins": "The model began another definition and put nothing in front of it.",
    }
)
"""What `StopRule.reason` means where it ended a text that holds nothing."""


def silence(generation: Generation, filters: Iterable[str], verdicts: Sequence[Verdict]) -> str:
    """The sentence; `filters` are the names of those that changed the text."""
    rule, usage = generation.rule, generation.usage
    if verdicts:
        return withheld(verdicts[-1])
    if (taken_out := "; ".join(map(what, filters))) and rule.text.strip():
        return f"Nothing was left of what the model wrote once this was taken out of it: {taken_out}."
    if rule.reason in _ENDED:
        return _ENDED[rule.reason]
    if usage is not None and usage.finish == "time":
        return "The time limit passed before the model wrote anything."
    if generation.broken_off:
        return "The model was stopped before it wrote anything to show."
    return "The model had nothing to add here."
