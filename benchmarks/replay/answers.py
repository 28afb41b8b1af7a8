"""Answers that were given already, kept in a file: a long replay can be stopped, and goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twolane.evaluation.holes import Hole

from .scoring import Score


class Answers:
    """One line of JSON for each answer, written as soon as it is there."""

    def __init__(self, path: Path | None) -> None:
        """Without a path they are only remembered."""
        self._path = path
        self._known: dict[str, Score] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                one: dict[str, Any] = json.loads(line)
                one["score"] |= {name: tuple(one["score"][name]) for name in ("checks", "filters")}
                one["score"]["sources"] = tuple(map(tuple, one["score"].get("sources", ())))
                self._known[one["key"]] = Score(**one["score"])

    def find(self, hole: Hole, side: str) -> Score | None:
        """The answer of a side for a hole, if it was asked."""
        return self._known.get(_key(hole, side))

    def add(self, hole: Hole, side: str, score: Score) -> None:
        """Keep an answer."""
        key = _key(hole, side)
        self._known[key] = score
        if self._path is not None:
            told: Mapping[str, object] = {"key": key, "score": asdict(score)}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")


def _key(hole: Hole, side: str) -> str:
    told = "\0".join((side, str(hole.path), hole.kind, hole.before, hole.text, hole.after))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]
