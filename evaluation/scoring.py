"""How near an answer comes to what stood there."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from ..context.parsing import Refused, TreeParser
from .holes import Hole

_PARSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Score:
    """One answer: `similarity` from 0 to 1; `parses` says that the file is code with it, as it was before."""

    shown: bool
    exact: bool
    similarity: float
    parses: bool


def score(hole: Hole, text: str) -> Score:
    """Judge an answer; an empty one is a silence, which is never right but does no harm."""
    return Score(bool(text), is_exact(hole, text), similarity(hole, text), bool(text) and _parses(hole, text))


def is_exact(hole: Hole, text: str) -> bool:
    """Whether it says what stood there, but for blanks at both ends."""
    return _plain(text) == _plain(hole.text)


def similarity(hole: Hole, text: str) -> float:
    """What share of both texts stands in both in the same order."""
    return SequenceMatcher(None, _plain(text), _plain(hole.text), autojunk=False).ratio()


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _parses(hole: Hole, text: str) -> bool:
    parsed = TreeParser(hole.language).parse(hole.before + text + hole.after, seconds=_PARSE_SECONDS)
    return not isinstance(parsed, Refused) and not parsed.root.has_error
