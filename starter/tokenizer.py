"""The byte-level BPE vocabulary: trained on the corpus, with Qwen2's splitting rule, as llama.cpp reads it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from .corpus import Source
from .layout import CONTROL, Segments

QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_SAMPLE_CHARACTERS = 25_000_000


class Vocabulary:
    """Text to token ids. Control tokens are never read out of text: they are the last ids and set by number."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.plain = tokenizer.get_vocab_size()
        self.size = self.plain + len(CONTROL)

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `train` saved."""
        return cls(Tokenizer.from_file(str(path)))

    def control(self, number: int) -> int:
        """The id of a control token, given its index in `CONTROL`."""
        return self.plain + number

    def encode(self, text: str) -> list[int]:
        """The ids of plain text."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def encode_segments(self, segments: Segments) -> list[int]:
        """The ids of a prompt; each stretch of text is encoded by itself."""
        ids: list[int] = []
        for segment in segments:
            if isinstance(segment, int):
                ids.append(self.control(segment))
            else:
                ids += self.encode(segment)
        return ids

    def tokens(self) -> list[str]:
        """All tokens by id, in the byte-level alphabet, control tokens last."""
        by_id = sorted(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        return [token for token, _ in by_id] + list(CONTROL)

    def merges(self) -> list[str]:
        """The merge rules, each as two tokens with a blank between."""
        rules = json.loads(self._tokenizer.to_str())["model"]["merges"]
        return [rule if isinstance(rule, str) else " ".join(rule) for rule in rules]


def train(sources: Sequence[Source], size: int, path: Path) -> Vocabulary:
    """Train on a sample of the corpus; `size` counts the control tokens too."""
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(CONTROL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_sample(sources), trainer)
    tokenizer.save(str(path))
    return Vocabulary(tokenizer)


def _sample(sources: Sequence[Source]) -> Iterator[str]:
    order = list(sources)
    random.Random(0).shuffle(order)
    room = _SAMPLE_CHARACTERS
    for source in order:
        if room <= 0:
            return
        room -= len(source.text)
        yield source.text
