"""What coarser numbers cost and win: `python -m twolane.starter.quantizations --work DIR [--model FILE.gguf]`.

The model, from DIR/checkpoint.pt in 32-bit numbers (which needs the extra `train`) or from a GGUF, is written by
llama.cpp in each of some quantizations. Each is asked for the held-out examples of DIR: the loss of the missing text
with its end, and how fast prompts are read and text is written. Prints a table.
"""

from __future__ import annotations

import argparse
import ctypes
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import llama_cpp

from .batches import sample
from .runner import Runner
from .shards import Example

KINDS = ("F16", "Q8_0", "Q6_K", "Q4_0")
_WRITTEN = 64


@dataclass(frozen=True, slots=True)
class Row:
    """One quantization: bytes of its file, nats a token of the missing text and its end, tokens a second."""

    kind: str
    size: int
    loss: float
    reading: float
    writing: float


def quantized(source: Path, kind: str, folder: Path) -> Path:
    """Write the model in a quantization by its name in llama.cpp ('Q4_0'); rows that do not fit it stay finer.

    Raise `ValueError` where there is no such quantization, or llama.cpp cannot write it.
    """
    number = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{kind}", None)
    if number is None:
        raise ValueError(f"{kind} is no quantization of llama.cpp; {', '.join(KINDS)} are")
    out = folder / f"{kind}.gguf"
    wanted = llama_cpp.llama_model_quantize_default_params()
    wanted.ftype = number
    wanted.allow_requantize = True
    if llama_cpp.llama_model_quantize(str(source).encode(), str(out).encode(), ctypes.byref(wanted)) != 0:
        raise ValueError(f"{source}: llama.cpp cannot write it as {kind}")
    return out


def measured(kind: str, model: Path, examples: Sequence[Example], threads: int) -> Row:
    """Ask one file for every example that fits its context."""
    nats = told = read = written = 0.0
    reading = writing = 0.0
    with Runner(model, threads) as runner:
        for example in examples:
            ids = [int(token) for token in example.ids]
            prompt, missing = ids[: example.middle], ids[example.middle :]
            if len(ids) > runner.room - _WRITTEN:
                continue
            nats += runner.negative_log_likelihood(prompt, missing)
            told += len(missing)
            began = time.monotonic()
            runner.read(prompt)
            between = time.monotonic()
            written += runner.generate(_WRITTEN).tokens
            writing += time.monotonic() - between
            reading += between - began
            read += len(prompt)
    if not told:
        raise ValueError("no held-out example fits the context of the model")
    return Row(kind, model.stat().st_size, nats / told, read / reading, written / writing)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The rows as Markdown, the loss beside the first's."""
    yield "| numbers | file, MB | loss, nats a token | more than the first | prompt, tokens/s | written, tokens/s |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        yield (
            f"| {row.kind} | {row.size / 1e6:.1f} | {row.loss:.4f} | {row.loss - rows[0].loss:+.4f}"
            f" | {row.reading:.0f} | {row.writing:.0f} |"
        )


def main() -> None:
    """Read the command line, write the files, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with shards/heldout, and the checkpoint")
    parser.add_argument("--model", type=Path, help="a GGUF instead of the checkpoint")
    parser.add_argument("--per-group", type=int, default=12, help="held-out holes of each kind")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    examples = sample(options.work / "shards" / "heldout", options.per_group, seed=1)
    with TemporaryDirectory(prefix="twolane-quantizations-") as place:
        source = options.model or _whole(options.work, Path(place))
        files = {kind: quantized(source, kind, Path(place)) for kind in KINDS}
        rows = [measured(kind, file, examples, options.threads) for kind, file in files.items()]
    print("\n".join(table(rows)))


def _whole(work: Path, folder: Path) -> Path:
    from .export import load_model, write
    from .tokenizer import Vocabulary

    out = folder / "F32.gguf"
    write(load_model(work / "checkpoint.pt"), Vocabulary.load(work / "vocabulary.json"), out, whole=True)
    return out


if __name__ == "__main__":
    main()
