"""The byte-level BPE vocabulary: trained on the corpus, with Qwen2's splitting rule, as llama.cpp reads it.

`python -m twolane.starter.tokenizer --work DIR --preset NAME` trains one on DIR/train.jsonl and writes
DIR/vocabulary.json; with `--start FILE` it is that of a GGUF.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import gguf
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from .corpus import Source, load
from .layout import CONTROL, Segments
from .shapes import PRESETS

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
        self._bytes = _byte_signs()

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `train` saved."""
        return cls(Tokenizer.from_file(str(path)))

    @classmethod
    def from_gguf(cls, path: Path) -> Vocabulary:
        """Read the vocabulary of a GGUF that `export` wrote."""
        fields = gguf.GGUFReader(path).fields
        tokens: list[str] = fields[gguf.Keys.Tokenizer.LIST].contents()
        merges: list[str] = fields[gguf.Keys.Tokenizer.MERGES].contents()
        plain = {token: number for number, token in enumerate(tokens[: -len(CONTROL)])}
        tokenizer = Tokenizer(models.BPE(plain, [_pair(merge) for merge in merges]))
        tokenizer.pre_tokenizer = _splitting()
        return cls(tokenizer)

    def save(self, path: Path) -> None:
        """Write what `load` reads."""
        self._tokenizer.save(str(path))

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

    def piece(self, token: int) -> bytes:
        """What a plain token spells; b'' for a control token."""
        if token >= self.plain:
            return b""
        written: str = self._tokenizer.id_to_token(token)
        return bytes(self._bytes[sign] for sign in written)

    def merges(self) -> list[str]:
        """The merge rules, each as two tokens with a blank between."""
        rules = json.loads(self._tokenizer.to_str())["model"]["merges"]
        return [rule if isinstance(rule, str) else " ".join(rule) for rule in rules]


def train(sources: Sequence[Source], size: int, path: Path) -> Vocabulary:
    """Train on a sample of the corpus; `size` counts the control tokens too."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _splitting()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(CONTROL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_sample(sources), trainer)
    tokenizer.save(str(path))
    return Vocabulary(tokenizer)


def _splitting() -> pre_tokenizers.PreTokenizer:
    split = pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def _pair(merge: str) -> tuple[str, str]:
    left, _, right = merge.partition(" ")
    return left, right


def _byte_signs() -> dict[str, int]:
    """The byte-level alphabet: printable bytes stand for themselves, the others for signs from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(others)}


def _sample(sources: Sequence[Source]) -> Iterator[str]:
    order = list(sources)
    random.Random(0).shuffle(order)
    room = _SAMPLE_CHARACTERS
    for source in order:
        if room <= 0:
            return
        room -= len(source.text)
        yield source.text


def main() -> None:
    """Read the command line and write the vocabulary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with the corpus")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="4m", help="the size of the model")
    parser.add_argument("--start", type=Path, help="a GGUF whose vocabulary to take")
    options = parser.parse_args()
    out = options.work / "vocabulary.json"
    if options.start:
        Vocabulary.from_gguf(options.start).save(out)
    else:
        train(load(options.work / "train.jsonl"), PRESETS[options.preset].vocabulary, out)


if __name__ == "__main__":
    main()
