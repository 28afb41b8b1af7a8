"""Other ways to choose: nothing, chance, what is used most, neighbours by similarity, imports, rank, and the truth."""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from .. import definitions, lexing
from ..definitions import Defined
from ..points import Point
from ..repository import Repository
from .arm import Arm, Piece

_SUBWORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class _Signatures:
    """All definitions of a repository, and which file uses which names; of the file at hand, only what is shown."""

    name = ""

    def prepare(self, repository: Repository) -> None:
        """Read every file."""
        self._repository = repository
        self.definitions: list[Defined] = []
        self.words: dict[str, Counter[str]] = {}
        for path, text in repository.texts.items():
            language = repository.language(path)
            if definitions.known(language):
                code = lexing.plain(text, language)
                self.definitions += definitions.read(path, code, language)[0]
                self.words[path] = Counter(lexing.WORD.findall(code))
        self.files = Counter(word for words in self.words.values() for word in words)

    def choose(self, point: Point, text: str, offset: int, budget: int) -> Sequence[Piece]:
        """The definitions of other files, best first."""
        language = self._repository.language(point.path)
        family = definitions.families(language)
        own = Counter(lexing.WORD.findall(lexing.plain(text, language)))
        others = [
            one
            for one in self.definitions
            if one.path != point.path and definitions.families(self._repository.language(one.path)) == family
        ]
        scores = self.scores(point, text, offset, own, others)
        ranked = sorted(range(len(others)), key=lambda index: (-scores[index], others[index].path, others[index].start))
        return [self.piece(others[index]) for index in ranked if scores[index] > -math.inf][: budget // 4]

    def scores(
        self, point: Point, text: str, offset: int, own: Mapping[str, int], others: Sequence[Defined]
    ) -> Sequence[float]:
        """One number for each definition; -inf leaves it out."""
        raise NotImplementedError

    def uses(self, word: str, point: Point) -> int:
        """How many other files use a word."""
        return self.files[word] - (word in self.words.get(point.path, ()))

    def piece(self, one: Defined) -> Piece:
        lines = self._repository.texts[one.path].split("\n")[one.start - 1 : one.end]
        return Piece(one.path, one.start, one.end, "\n".join(lines), one.name)


class Nothing:
    """No context at all."""

    name = "none"

    def prepare(self, repository: Repository) -> None:
        """Nothing to do."""

    def choose(self, point: Point, text: str, offset: int, budget: int) -> Sequence[Piece]:
        """Nothing."""
        return ()


class Chance(_Signatures):
    """Signatures drawn blindly."""

    name = "random"

    def scores(
        self, point: Point, text: str, offset: int, own: Mapping[str, int], others: Sequence[Defined]
    ) -> Sequence[float]:
        """By lot."""
        chance = random.Random(f"{point.path}:{point.line}")
        return [chance.random() for _ in others]


class MostUsed(_Signatures):
    """Signatures of the names that most files use."""

    name = "most referenced"

    def scores(
        self, point: Point, text: str, offset: int, own: Mapping[str, int], others: Sequence[Defined]
    ) -> Sequence[float]:
        """By the files that use the name."""
        return [self.uses(one.name, point) for one in others]


class Imports(_Signatures):
    """Signatures of what is imported by name, then of whatever has a name that stands in the file."""

    name = "imports only"

    def scores(
        self, point: Point, text: str, offset: int, own: Mapping[str, int], others: Sequence[Defined]
    ) -> Sequence[float]:
        """By whether imports name it, or its file."""
        language = self._repository.language(point.path)
        spans = lexing.import_spans(text, lexing.plain(text, language), language)
        named = {word for start, end in spans for word in lexing.WORD.findall(text[start:end])} - point.masked
        stems = {one.path: one.path.rpartition("/")[2].partition(".")[0] for one in others}
        return [
            2.0
            if one.name in named and not one.member
            else 1.0
            if stems[one.path] in named and not one.member
            else -math.inf
            for one in others
        ]


class RankMap(_Signatures):
    """A repository map: files that use each other's names, personalised PageRank from the file at hand."""

    name = "PageRank map"

    def scores(
        self, point: Point, text: str, offset: int, own: Mapping[str, int], others: Sequence[Defined]
    ) -> Sequence[float]:
        """By the rank of the files that use it."""
        paths = list(self.words)
        number = {path: index for index, path in enumerate(paths)}
        homes: dict[str, list[int]] = defaultdict(list)
        for one in others:
            homes[one.name].append(number[one.path])
        matrix = np.zeros((len(paths), len(paths)))
        for path, words in self.words.items():
            for word in (own if path == point.path else words).keys() & homes.keys():
                for home in homes[word]:
                    if home != number[path]:
                        matrix[number[path], home] += math.sqrt(words[word] or 1) / len(homes[word])
        sums = matrix.sum(1, keepdims=True)
        matrix = np.divide(matrix, sums, out=np.zeros_like(matrix), where=sums > 0)
        start = np.zeros(len(paths))
        start[number[point.path]] = 1.0
        rank = start.copy()
        for _ in range(20):
            rank = 0.85 * (rank @ matrix) + (0.15 + 0.85 * float(rank[sums[:, 0] == 0].sum())) * start
        scores = []
        for one in others:
            users = sum(
                rank[number[path]] / max(len(words), 1)
                for path, words in self.words.items()
                if path != point.path and one.name in words
            )
            near = 0.05 if own.get(one.name) else 0.0
            scores.append(users + near + rank[number[one.path]] * 0.01)
        return scores


class Oracle(_Signatures):
    """What the line needs, and nothing else."""

    name = "oracle"

    def choose(self, point: Point, text: str, offset: int, budget: int) -> Sequence[Piece]:
        """The truth."""
        return [self.piece(point.golds[0])]


class Windows:
    """The four windows of 60 lines in other files that share most words with the lines around the cursor."""

    name = "Jaccard windows"
    _LINES, _STEP, _MOST = 60, 20, 4

    def prepare(self, repository: Repository) -> None:
        """Cut every file."""
        self._windows = _cut(repository, self._LINES, self._STEP)

    def choose(self, point: Point, text: str, offset: int, budget: int) -> Sequence[Piece]:
        """Windows by the share of common words; no two of them overlap."""
        query = set(lexing.WORD.findall("\n".join(_around(text, offset, 30))))
        scored = [
            (len(query & words) / (len(query | words) or 1), number)
            for number, (piece, words) in enumerate(self._windows)
            if piece.path != point.path
        ]
        chosen: list[Piece] = []
        for _, number in sorted(scored, reverse=True):
            piece = self._windows[number][0]
            if all(one.path != piece.path or one.end < piece.start or piece.end < one.start for one in chosen):
                chosen.append(piece)
            if len(chosen) == self._MOST:
                break
        return chosen


class Chunks:
    """Chunks of 20 lines by BM25, words split at camel and snake case."""

    name = "BM25 chunks"
    _LINES, _K, _B = 20, 1.2, 0.75

    def prepare(self, repository: Repository) -> None:
        """Count the words of every chunk."""
        self._chunks = [
            (piece, Counter(_subwords(piece.text))) for piece, _ in _cut(repository, self._LINES, self._LINES)
        ]
        self._lengths = [sum(words.values()) for _, words in self._chunks]
        self._mean = sum(self._lengths) / max(len(self._lengths), 1)
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, (_, words) in enumerate(self._chunks):
            for word in words:
                self._postings[word].append(number)

    def choose(self, point: Point, text: str, offset: int, budget: int) -> Sequence[Piece]:
        """The best chunks for the words around the cursor."""
        scores: Counter[int] = Counter()
        for word in set(_subwords("\n".join(_around(text, offset, 10)))):
            numbers = [number for number in self._postings.get(word, ()) if self._chunks[number][0].path != point.path]
            rarity = math.log(1 + (len(self._chunks) - len(numbers) + 0.5) / (len(numbers) + 0.5))
            for number in numbers:
                often = self._chunks[number][1][word]
                long = 1 - self._B + self._B * self._lengths[number] / self._mean
                scores[number] += rarity * often * (self._K + 1) / (often + self._K * long)  # type: ignore[assignment]
        return [self._chunks[number][0] for number, _ in scores.most_common(max(4, budget // 40))]


def every(ours: Arm) -> list[Arm]:
    """All arms with `ours` before the last, the oracle."""
    return [Nothing(), Chance(), MostUsed(), Windows(), Chunks(), Imports(), RankMap(), ours, Oracle()]


def _cut(repository: Repository, lines: int, step: int) -> list[tuple[Piece, set[str]]]:
    cut = []
    for path, text in repository.texts.items():
        content = text.split("\n")
        for start in range(0, max(len(content) - lines // 2, 1), step):
            some = "\n".join(content[start : start + lines])
            end = min(start + lines, len(content))
            cut.append((Piece(path, start + 1, end, some), set(lexing.WORD.findall(some))))
    return cut


def _around(text: str, offset: int, lines: int) -> list[str]:
    return [*text[:offset].split("\n")[-lines:], *text[offset:].split("\n")[: lines // 2]]


def _subwords(text: str) -> list[str]:
    return [word.lower() for word in _SUBWORD.findall(text) if len(word) > 2]
