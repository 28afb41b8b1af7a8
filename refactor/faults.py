"""What is wrong with an answer, told to the model that is asked once more and to the person where that is no help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "form",  # not a list of edits
    "cut off",  # longer than it was allowed to be
    "absent",  # the text to be replaced stands nowhere
    "ambiguous",  # it stands in several places
    "overlap",  # two edits of one place
    "scope",  # outside of what may change
    "path",  # a file that may not be written
    "characters",  # control, bidirectional or invisible characters
    "syntax",  # the file would not parse any more
    "symbols",  # other definitions are gone or doubled
    "names",  # a name is used that is neither defined nor imported
    "imports",  # something other than imports among the imports
    "incomplete",  # a place that must change with the others did not
    "check",  # the project's own formatter, type checker or tests refuse it
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `said` is one sentence, `nearest` real lines of `path` from `line` on that may help."""

    kind: Kind
    said: str
    path: str = ""
    line: int = 0
    nearest: str = ""


class AnswerUnusable(Exception):
    """An answer cannot be used; nothing of it was applied. `faults` says why, in order of the answer."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.said.rstrip(".") for fault in faults[:3]) or "the answer cannot be used")
        self.faults = faults
