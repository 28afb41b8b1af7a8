"""llama.cpp through llama-cpp-python's low-level API; every call into it stands here, in `library.py` or in `brake.py`.

Not thread-safe: one thread at a time owns a `Model` and its `Sequences`. A failed assertion inside llama.cpp aborts
the process; that is why the engine is a process of its own.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import llama_cpp.llama_cpp as llama
import numpy as np

from ..errors import ModelRefused
from .brake import Brake
from .drafts import MOST_OUTPUTS
from .library import Library
from .spec import FlashAttention, KvType

_FLASH_ATTENTION: dict[FlashAttention, int] = {"auto": -1, "off": 0, "on": 1}
_KV_TYPES: dict[KvType, int] = {
    "f16": llama.GGML_TYPE_F16,
    "q8_0": llama.GGML_TYPE_Q8_0,
    "q4_0": llama.GGML_TYPE_Q4_0,
}
_MOST_MOVES: dict[KvType, int] = {"f16": 4096, "q8_0": 64, "q4_0": 0}
"""How often a state may be moved before it is read again, as each move rounds it. Measured on the starter (3 places, a
word typed and erased in turn): with 16 bits the next-token distribution is as far from that of a fresh start after
3,000 moves as after one (0.015 in total variation); with 8 bits it is 0.03 after 64, 0.28 after 400, 0.6 after 800."""

_NO_FLASH_ATTENTION = 0
"""On a processor flash attention reads small batches six times slower, measured with llama.cpp of 0.3.36."""

_CONTROL_OR_USER_DEFINED = 8 | 16
_Piece = ctypes.c_char * 256


class NoMemory(ModelRefused):
    """Memory was too short for what was asked for; less may fit."""


class Model:
    """A loaded GGUF: weights and vocabulary."""

    def __init__(self, library: Library, path: Path, gpu_layers: int, progress: Callable[[float], bool | None]) -> None:
        """Load the file with so many layers on devices; `progress` hears 0.0 to 1.0, and ends it with False.

        Raise `ModelRefused` with llama.cpp's own reason, `NoMemory` where it is that.
        """

        def heard(value: float, _data: object) -> bool:
            return progress(float(value)) is not False

        self._library = library  # whose log says why something failed
        parameters = llama.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        parameters.use_extra_bufts = library.repacks
        callback = llama.llama_progress_callback(heard)
        parameters.progress_callback = callback
        library.complaint = ""
        self._model = llama.llama_model_load_from_file(os.fsencode(path), parameters)
        if not self._model:
            reason = library.complaint or "no reason given"
            if library.complaint and library.out_of_memory:
                raise NoMemory(f"There is not enough memory for the model {path} ({reason}): choose a smaller one.")
            raise ModelRefused(
                f"llama.cpp cannot load {path} ({reason}): download the file again, or choose another model."
            )
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self.vocabulary_size = int(llama.llama_vocab_n_tokens(self._vocabulary))
        self.context_trained = int(llama.llama_model_n_ctx_train(self._model))
        self.size = int(llama.llama_model_size(self._model))
        self.byte_level = llama.llama_vocab_type(self._vocabulary) == llama.LLAMA_VOCAB_TYPE_BPE
        self.begin: int | None = (
            int(llama.llama_vocab_bos(self._vocabulary)) if llama.llama_vocab_get_add_bos(self._vocabulary) else None
        )

    def metadata(self, key: str) -> str | None:
        """Look a key of the file up."""
        buffer = ctypes.create_string_buffer(1024)
        length = llama.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if length >= 0 else None

    def tokenize(self, text: str) -> list[int]:
        """Turn plain text into tokens; nothing in it is read as a control token."""
        return self._tokenize(text.encode("utf-8", "replace"), special=False)

    def special(self, text: str) -> int | None:
        """Find the control token written `text`."""
        tokens = self._tokenize(text.encode(), special=True)
        if len(tokens) == 2 and self.piece(tokens[0]).strip() == b"":
            tokens = tokens[1:]
        if len(tokens) != 1:
            return None
        attributes = int(llama.llama_vocab_get_attr(self._vocabulary, tokens[0]))
        return tokens[0] if attributes & _CONTROL_OR_USER_DEFINED else None

    def _tokenize(self, data: bytes, *, special: bool) -> list[int]:
        room = len(data) + 8
        buffer = (llama.llama_token * room)()
        count = llama.llama_tokenize(self._vocabulary, data, len(data), buffer, room, False, special)
        if count < 0:
            room = -count
            buffer = (llama.llama_token * room)()
            count = llama.llama_tokenize(self._vocabulary, data, len(data), buffer, room, False, special)
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """Spell a token; a control token spells nothing. From any thread."""
        buffer = _Piece()
        length = llama.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = llama.llama_token_to_piece(self._vocabulary, token, buffer, -length, 0, False)
        return buffer.raw[:length]

    def ends(self, token: int) -> bool:
        """Whether a token ends the answer: an end token, or any control token."""
        return bool(
            llama.llama_vocab_is_eog(self._vocabulary, token) or llama.llama_vocab_is_control(self._vocabulary, token)
        )

    def load_adapter(self, path: Path) -> Any:
        """Load a LoRA adapter for this model; raise `ModelRefused` with llama.cpp's own reason."""
        self._library.complaint = ""
        adapter = llama.llama_adapter_lora_init(self._model, os.fsencode(path))
        if not adapter:
            reason = self._library.complaint or "no reason given"
            raise ModelRefused(
                f"llama.cpp cannot use the adapter {path} ({reason}): choose one made for this model in near.adapters."
            )
        return adapter

    def free_adapter(self, adapter: Any) -> None:
        """Free an adapter; no `Sequences` may use it any more."""
        llama.llama_adapter_lora_free(adapter)

    def close(self) -> None:
        """Free the weights; no `Sequences` of this model may be used after."""
        llama.llama_model_free(self._model)

    @property
    def handle(self) -> object:
        """The pointer that `Sequences` needs."""
        return self._model

    @property
    def library(self) -> Library:
        """What it was loaded with."""
        return self._library


class DecodeFailed(Exception):
    """llama.cpp could not evaluate a batch; the sequences in it are in an unknown state."""


class NoRoom(Exception):
    """The cache has no cells left for a batch; nothing of it was evaluated."""


class Sequences:
    """The KV cache of a model as `slots` sequences of at most `context_tokens` each, and the batch to feed it.

    Two layouts. Separate: each sequence has cells of its own, so that a file costs the others nothing.
    `movable`: all share one pool of cells, each slot with a second sequence beside it, where states are set aside
    while their positions change; every file that holds something then costs all others attention.
    """

    def __init__(
        self,
        model: Model,
        *,
        context_tokens: int,
        slots: int,
        threads: int,
        batch_tokens: int,
        movable: bool,
        branches: int = 0,
        on_device: bool = False,
        flash_attention: FlashAttention = "auto",
        kv_type: KvType = "f16",
        adapters: Sequence[tuple[Any, float]] = (),
        full_precision: bool = False,
    ) -> None:
        """Allocate, in numbers of `kv_type` unless `full_precision`; `adapters` and their scales change the answers.

        Raise `NoMemory` where memory is short, `ModelRefused` where llama.cpp has another reason.

        Where a part of a sequence cannot be dropped, or a sliding window would let sequences take each other's cells,
        the layout is separate even where `movable` was asked for. `branches` are sequences beside the slots, in which
        what a slot holds may fork; none where a part of a sequence cannot be dropped.
        """
        self.cuts = not (llama.llama_model_is_recurrent(model.handle) or llama.llama_model_is_hybrid(model.handle))
        self._window = int(llama.llama_model_n_swa(model.handle))
        movable = movable and self.cuts and not self._window
        parameters = llama.llama_context_default_params()
        branches = branches if self.cuts and not self._window else 0
        held = 2 * slots if movable else slots
        self.branches = range(held, held + branches)
        self.cells = context_tokens * (slots + (branches if not movable else min(1, branches)))
        """Tokens that the cache has room for."""
        parameters.n_ctx = self.cells
        parameters.n_seq_max = held + branches
        parameters.n_batch = batch_tokens
        parameters.n_ubatch = batch_tokens
        parameters.n_outputs_max = min(batch_tokens, MOST_OUTPUTS * slots)
        parameters.n_threads = threads
        parameters.n_threads_batch = threads
        parameters.kv_unified = movable
        parameters.flash_attn_type = _FLASH_ATTENTION[flash_attention]
        if flash_attention == "auto" and not (movable or on_device):
            parameters.flash_attn_type = _NO_FLASH_ATTENTION
        parameters.type_k = parameters.type_v = _KV_TYPES[kv_type]
        if full_precision:
            parameters.type_k = parameters.type_v = llama.GGML_TYPE_F32
        parameters.no_perf = True
        model.library.complaint = ""
        self._context = llama.llama_init_from_model(model.handle, parameters)
        if not self._context:
            self._refuse(model.library, slots, context_tokens)
        self._use(adapters)
        self._model = model
        self._memory = llama.llama_get_memory(self._context)
        self._scores = ctypes.c_float * model.vocabulary_size
        self._batch = llama.llama_batch_init(batch_tokens, 0, 1)
        self._room = batch_tokens
        self._count = 0
        self._slots = slots
        self._shared_cells = movable
        self._shifted = False
        self._copied: set[int] = set()
        self._brake = Brake(self._context)
        self.context_tokens = context_tokens
        self.moves = movable and bool(llama.llama_memory_can_shift(self._memory))
        self.most_moves = _MOST_MOVES["f16" if full_precision else kv_type] if self.moves else 0
        self.stops = self.cuts and not on_device and self._brake.works

    def _refuse(self, library: Library, slots: int, context_tokens: int) -> NoReturn:
        if library.out_of_memory:
            raise NoMemory(
                f"There is not enough memory for {slots} contexts of {context_tokens} tokens: "
                "lower near.context_tokens or near.slots, or choose a smaller model."
            )
        raise ModelRefused(
            f"llama.cpp cannot compute with this model ({library.complaint}): choose another model, or set "
            'near.kv_type and near.flash_attention to "auto".'
        )

    def warm_up(self) -> None:
        """Evaluate one full batch for nothing, so that a device takes all the memory that it will ever need.

        Raise `NoMemory` where that is too much; the sequences are freed then.
        """
        try:
            self.add(0, 0, [0] * self._room, outputs=1)
            self.decode()
        except (DecodeFailed, NoRoom) as error:
            self.close()
            raise NoMemory("There is not enough memory on the device to compute with this model.") from error
        self.forget(0, 0)

    def _use(self, adapters: Sequence[tuple[Any, float]]) -> None:
        if adapters:
            handles = (llama.llama_adapter_lora_p_ctypes * len(adapters))(
                *(ctypes.cast(handle, llama.llama_adapter_lora_p_ctypes) for handle, _ in adapters)
            )
            scales = (ctypes.c_float * len(adapters))(*(scale for _, scale in adapters))
            llama.llama_set_adapters_lora(self._context, handles, len(adapters), scales)

    @property
    def room(self) -> int:
        """Tokens that still fit into the batch."""
        return self._room - self._count

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        """Put tokens of one sequence into the batch; return the indices of the last `outputs` of them.

        At most `MOST_OUTPUTS` of a sequence: memory is held for no more, and llama.cpp would end the process.
        """
        if outputs > MOST_OUTPUTS:
            raise ValueError(f"{outputs} outputs of one sequence")
        batch, start, end = self._batch, self._count, self._count + len(tokens)
        silent = end - outputs
        for index, token in enumerate(tokens, start):
            batch.token[index] = token
            batch.pos[index] = position + index - start
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = slot
            batch.logits[index] = index >= silent
        self._count = end
        return range(silent, end)

    def decode(self) -> bool:
        """Evaluate the batch and empty it; False where it was broken off by `stop`, and some of it may be evaluated.

        Raise `NoRoom` where the cache is full, `DecodeFailed` on anything else. What is set aside with its
        positions moved must not be broken off halfway: such a batch runs to its end.
        """
        self._batch.n_tokens, self._count = self._count, 0
        if self._shifted:
            self._brake.detach()
        status = llama.llama_decode(self._context, self._batch)
        llama.llama_synchronize(self._context)
        if self._shifted:
            self._brake.attach()
        if status not in (0, 1, 2):
            raise DecodeFailed(f"llama_decode answered {status}")
        self._shifted = False
        self._copied.clear()
        if status == 1:
            raise NoRoom
        return bool(status == 0)

    def stop(self) -> None:
        """Break off what `decode` computes, now and until `go`, from any thread; what a device does runs to its end."""
        if self.cuts:
            self._brake.pull()

    def go(self) -> None:
        """Let `decode` compute again."""
        self._brake.ease()

    def length(self, slot: int) -> int:
        """How many tokens a sequence holds."""
        return int(llama.llama_memory_seq_pos_max(self._memory, slot)) + 1

    def logits(self, index: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        """The scores of all tokens after the batch entry `index`; valid until the next `decode`."""
        first = llama.llama_get_logits_ith(self._context, index).contents
        return np.frombuffer(memoryview(self._scores.from_address(ctypes.addressof(first))), np.float32)

    def likeliest(self, index: int) -> int:
        """Choose the likeliest token after the batch entry `index`."""
        return int(self.logits(index).argmax())

    def choose(self, index: int, among: np.ndarray[tuple[int], np.dtype[np.int64]] | None, behind: int) -> int:
        """Choose from `among`, or from all: the token `behind` so many likelier ones."""
        scores = self.logits(index) if among is None else self.logits(index)[among]
        behind = min(behind, len(scores) - 1)
        at = int(np.argpartition(-scores, behind)[behind]) if behind else int(scores.argmax())
        return at if among is None else int(among[at])

    def use_threads(self, threads: int) -> None:
        """Compute with this many threads from now on."""
        llama.llama_set_n_threads(self._context, threads, threads)

    def forget(self, slot: int, position: int) -> bool:
        """Drop what a sequence holds from `position` on; False where the model cannot drop a part.

        Behind a sliding window cells are reused, and not saved: what is left must hold the window before `position`.
        """
        if not llama.llama_memory_seq_rm(self._memory, slot, position, -1):
            return False
        if not (self._window and position):
            return True
        return 0 <= int(llama.llama_memory_seq_pos_min(self._memory, slot)) <= max(0, position - self._window)

    def lift(self, slot: int, start: int, end: int, shift: int) -> None:
        """Set the states of `start`..`end` of a sequence aside, their positions moved by `shift`."""
        aside = self._slots + slot
        llama.llama_memory_seq_rm(self._memory, aside, -1, -1)
        llama.llama_memory_seq_cp(self._memory, slot, aside, start, end)
        llama.llama_memory_seq_rm(self._memory, slot, start, end)
        if shift:
            self._shifted = True
            llama.llama_memory_seq_add(self._memory, aside, start, end, shift)

    def lower(self, slot: int) -> None:
        """Put what was set aside back into its sequence."""
        aside = self._slots + slot
        llama.llama_memory_seq_cp(self._memory, aside, slot, -1, -1)
        llama.llama_memory_seq_rm(self._memory, aside, -1, -1)

    def drop(self, slot: int) -> None:
        """Throw away what was set aside, if anything."""
        if self.moves:
            llama.llama_memory_seq_rm(self._memory, self._slots + slot, -1, -1)

    def share(self, source: int, target: int, length: int) -> bool:
        """Let the empty sequence `target` begin with the first `length` tokens of `source`; False where that fails.

        Where sequences have cells of their own llama.cpp copies all of them, and only with the next `decode`:
        until then neither sequence can be saved or restored.
        """
        if self._shared_cells:
            llama.llama_memory_seq_cp(self._memory, source, target, 0, length)
            return True
        self._copied |= {source, target}
        llama.llama_memory_seq_cp(self._memory, source, target, -1, -1)
        return self.forget(target, length)

    def save(self, slot: int, most: int, *, uncut: bool = False) -> bytearray:
        """Copy the states of a sequence out; empty where they take more than `most` bytes, or cannot be had now.

        `uncut` leaves out those that can be cut anywhere.
        """
        part = uncut * llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
        size = 0 if slot in self._copied else llama.llama_state_seq_get_size_ext(self._context, slot, part)
        if not 0 < size <= most:
            return bytearray()
        try:
            states = bytearray(size)
        except MemoryError:
            return bytearray()
        buffer = (ctypes.c_uint8 * size).from_buffer(states)
        copied = llama.llama_state_seq_get_data_ext(self._context, buffer, size, slot, part)
        return states if copied == size else bytearray()

    def restore(self, slot: int, states: bytearray, *, uncut: bool = False) -> bool:
        """Put saved states into an empty sequence, or those that are `uncut` into their own; False where that fails."""
        if slot in self._copied:
            return False
        buffer = (ctypes.c_uint8 * len(states)).from_buffer(states)
        part = uncut * llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
        return bool(llama.llama_state_seq_set_data_ext(self._context, buffer, len(states), slot, part))

    def close(self) -> None:
        """Free the cache."""
        llama.llama_batch_free(self._batch)
        llama.llama_free(self._context)
