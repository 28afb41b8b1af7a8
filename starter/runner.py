"""A GGUF through llama.cpp's low-level interface, one prompt at a time; for measuring only."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import llama_cpp
import numpy as np
import numpy.typing as npt

from .layout import CONTROL, Segments

_CONTEXT = 2048

Agreeing = Callable[[bytes], npt.NDArray[np.int64]]
"""The tokens that begin with a text, or that it begins with; see `clients/engine/healing.py`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Greedily generated text; `stopped` is True if the model ended it itself, `broken` if by another control token."""

    text: str
    tokens: int
    stopped: bool
    broken: bool = False


class Runner:
    """Owns one model and one context; use as a context manager."""

    room = _CONTEXT
    """How many tokens a prompt and what follows it may have."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        llama_cpp.llama_log_set(_SILENCE, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        loading = llama_cpp.llama_model_default_params()
        # With its extra buffer types llama.cpp takes a processor's AMX path, which faulted at `ldtilecfg` on
        # the virtual machine where this was measured.
        loading.use_extra_bufts = False
        model = llama_cpp.llama_model_load_from_file(str(path).encode(), loading)
        if model is None:
            raise ValueError(f"{path}: llama.cpp cannot load this file")
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = _CONTEXT
        params.n_threads = params.n_threads_batch = threads
        context = llama_cpp.llama_init_from_model(model, params)
        if context is None:
            llama_cpp.llama_model_free(model)
            raise ValueError(f"{path}: llama.cpp cannot make a context of {_CONTEXT} tokens for this file")
        self._model, self._context = model, context
        self._vocabulary = llama_cpp.llama_model_get_vocab(model)
        self.size = int(llama_cpp.llama_vocab_n_tokens(self._vocabulary))
        self.plain = self.size - len(CONTROL)
        self._controls = [self.control(number) for number in range(len(CONTROL))]
        self.end = self._controls[0]
        self._logits: npt.NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._position = 0

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    def control(self, number: int) -> int:
        """The id of a control token, given its index in `CONTROL`."""
        return self.plain + number

    def encode(self, text: str) -> list[int]:
        """The ids of plain text; what looks like a control token is text."""
        raw = text.encode("utf-8")
        room = (llama_cpp.llama_token * (len(raw) + 8))()
        count = llama_cpp.llama_tokenize(self._vocabulary, raw, len(raw), room, len(room), False, False)
        return list(room[:count])

    def encode_segments(self, segments: Segments) -> list[int]:
        """The ids of a prompt; each stretch of text is encoded by itself."""
        ids: list[int] = []
        for segment in segments:
            ids += [self._controls[segment]] if isinstance(segment, int) else self.encode(segment)
        return ids

    def decode(self, ids: list[int]) -> str:
        """The text of ids; bytes that are no UTF-8 become replacement characters."""
        return b"".join(map(self.piece, ids)).decode("utf-8", "replace")

    def read(self, ids: list[int]) -> npt.NDArray[np.float32]:
        """Start over with this prompt and return the logits after its last token."""
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._context), True)
        self._position = 0
        self._evaluate(ids, every=False)
        return self._logits[-1]

    def generate(self, limit: int, taken: bytes = b"", agreeing: Agreeing | None = None) -> Answer:
        """Go on greedily from what was read, up to `limit` tokens.

        The answer begins with `taken`, which is not told again: while some of it is open, only the tokens that
        `agreeing` finds for the rest may be chosen.
        """
        made: list[int] = []
        left = taken
        stopped = broken = False
        while len(made) < limit and self._position < _CONTEXT:
            token = self._choose(left, agreeing)
            if token in self._controls:
                stopped, broken = token == self.end, token != self.end
                break
            made.append(token)
            left = left[len(self.piece(token)) :]
            self._evaluate([token], every=False)
        written = b"".join(map(self.piece, made))[len(taken) :]
        return Answer(written.decode("utf-8", "replace"), len(made), stopped, broken)

    def controls_in(self, text: str) -> int:
        """How many control tokens a text spells."""
        return sum(text.count(control) for control in CONTROL)

    def _choose(self, left: bytes, agreeing: Agreeing | None) -> int:
        logits = self._logits[-1]
        if not left or agreeing is None:
            return int(logits.argmax())
        allowed = agreeing(left)
        return int(allowed[logits[allowed].argmax()])

    def piece(self, token: int) -> bytes:
        """What a token spells."""
        piece = ctypes.create_string_buffer(256)
        count = llama_cpp.llama_token_to_piece(self._vocabulary, token, piece, len(piece), 0, True)
        return piece.raw[:count]

    def negative_log_likelihood(self, ids: list[int], following: list[int]) -> float:
        """Minus the log-probability, in nats, of `following` after `ids`."""
        first = self.read(ids)[None]
        rows = first
        if len(following) > 1:
            self._evaluate(following[:-1], every=True)
            rows = np.concatenate((first, self._logits))
        highest = rows.max(axis=1)
        total = highest + np.log(np.exp(rows - highest[:, None]).sum(axis=1))
        chosen = rows[np.arange(len(following)), following]
        return float((total - chosen).sum())

    def _evaluate(self, ids: list[int], every: bool) -> None:
        batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
        try:
            batch.n_tokens = len(ids)
            for index, token in enumerate(ids):
                batch.token[index] = token
                batch.pos[index] = self._position + index
                batch.n_seq_id[index] = 1
                batch.seq_id[index][0] = 0
                batch.logits[index] = every or index == len(ids) - 1
            code = llama_cpp.llama_decode(self._context, batch)
        finally:
            llama_cpp.llama_batch_free(batch)
        if code != 0:
            raise RuntimeError(f"llama_decode returned {code} for {len(ids)} tokens at {self._position}")
        self._position += len(ids)
        rows = len(ids) if every else 1
        pointer = llama_cpp.llama_get_logits(self._context)
        self._logits = np.ctypeslib.as_array(pointer, shape=(rows, self.size)).copy()


def _silent(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """llama.cpp's own messages are of no use to who reads the scores."""


_SILENCE = llama_cpp.llama_log_callback(_silent)
"""Held for the life of the process: llama.cpp keeps the pointer."""
