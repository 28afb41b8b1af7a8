"""A GGUF file is looked at before llama.cpp may read it.

The header is walked with bounds on every length, because llama.cpp's own parser has had memory faults on
crafted files. Format: the GGUF specification, versions 2 and 3, little endian.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ModelRefused
from .gguf_numbers import impossible

_MAX_KEYS = 4096
_MAX_TENSORS = 65536
_MAX_STRING = 16 << 20
_MAX_ARRAY = 4 << 20
_MAX_NUMBER = 1 << 32
_MAX_LAYERS = 4096
_MAX_LIST = 4096
_MAX_DIMENSIONS = 4
_DEFAULT_ALIGNMENT = 32
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING, _ARRAY, _FLOAT = 8, 9, 6
_WHOLE = (0, 1, 2, 3, 4, 5, 10, 11)
_LAYER = re.compile(r"blk\.([0-9]{1,4})\.")
_TOKENS = "tokenizer.ggml.tokens"

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says: `values` holds every scalar key, `lists` every short list of whole numbers.

    `size` is the file's size in bytes, `layer_bytes` what the tensors of each layer take of it, `input_bytes` and
    `output_bytes` the matrices that tokens are read and written with (the same one, where the file has only one).
    `tokens` is the size of the vocabulary, None where the file lists none; `repeated_token` one that it lists twice.
    """

    path: Path
    size: int
    tensors: int
    values: Mapping[str, Scalar]
    lists: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    tokens: int | None = None
    repeated_token: str = ""
    layer_bytes: tuple[int, ...] = ()
    input_bytes: int = 0
    output_bytes: int = 0

    @property
    def architecture(self) -> str:
        """The `general.architecture` key."""
        return str(self.values.get("general.architecture", ""))

    @property
    def name(self) -> str:
        """The model's own name, or the file's."""
        return str(self.values.get("general.name") or self.path.stem)

    @property
    def context_trained(self) -> int:
        """Tokens of context the model was trained with; 0 where the file does not say."""
        return self._counted("context_length")

    @property
    def layers(self) -> int:
        """Layers of the model; 0 where the file does not say."""
        return self._counted("block_count")

    @property
    def width(self) -> int:
        """Numbers that stand for one token between layers; 0 where the file does not say."""
        return self._counted("embedding_length")

    @property
    def feed_forward(self) -> int:
        """Numbers in the widest part of a layer; 0 where the file does not say."""
        return max(self.each("feed_forward_length", self.layers), default=0)

    @property
    def heads(self) -> int:
        """Attention heads of a layer, of the layer with most."""
        return max(self.each("attention.head_count", self.layers), default=0)

    @property
    def key_width(self) -> int:
        """Numbers in one head's key."""
        return self._counted("attention.key_length") or (self.width // self.heads if self.heads else 0)

    @property
    def value_width(self) -> int:
        """Numbers in one head's value."""
        return self._counted("attention.value_length") or (self.width // self.heads if self.heads else 0)

    @property
    def kv_bytes_per_token(self) -> int:
        """Bytes of 16-bit KV cache that one token costs; 0 where the file does not say."""
        heads = self.each("attention.head_count_kv", self.layers) or self.each("attention.head_count", self.layers)
        return sum(heads) * (self.key_width + self.value_width) * 2 // max(1, self._counted("full_attention_interval"))

    @property
    def state_bytes(self) -> int:
        """Bytes of a sequence's memory that do not grow with it, as llama.cpp lays it out; 0 where it has none."""
        numbers = self._recurrent_numbers
        if not numbers:
            return 0
        heads = self.each("attention.head_count_kv", self.layers)
        with_attention = self.layers // every if (every := self._counted("full_attention_interval")) else 0
        recurrent = sum(not count for count in heads) if any(heads) and not all(heads) else self.layers
        return 4 * numbers * (recurrent - with_attention)

    @property
    def _recurrent_numbers(self) -> int:
        """Numbers in one recurrent layer's memory of a sequence: of Mamba's kind, a short convolution's, or RWKV's."""
        inner, state = self._counted("ssm.inner_size"), self._counted("ssm.state_size")
        if inner:
            wide = inner + 2 * self._counted("ssm.group_count") * state
            return state * inner + max(0, self._counted("ssm.conv_kernel") - 1) * wide
        if window := self._counted("shortconv.l_cache"):
            return self.width * (window - 1)
        if head := self._counted("wkv.head_size"):
            return self.width * (head + (self._counted("token_shift_count") or 2))
        return 0

    def number(self, key: str) -> int | None:
        """The whole number under this architecture's `key`; None where there is none."""
        value = self.values.get(f"{self.architecture}.{key}")
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def text(self, key: str, default: str) -> str:
        """The text under this architecture's `key`."""
        value = self.values.get(f"{self.architecture}.{key}", default)
        return value if isinstance(value, str) else default

    def each(self, key: str, layers: int) -> tuple[int, ...]:
        """The whole number under `key` for each of so many layers; empty where the file does not say."""
        number = self.number(key)
        if number is not None:
            return (number,) * min(layers, _MAX_LAYERS)
        return self.lists.get(f"{self.architecture}.{key}", ())

    def _counted(self, key: str) -> int:
        value = self.number(key) or 0
        return value if 0 <= value < _MAX_NUMBER else 0


class _Damaged(Exception):
    pass


class _Reader:
    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def scalar(self, form: str) -> int | float | bool:
        end = self._at + struct.calcsize(form)
        if end > len(self._data):
            raise _Damaged("the header is cut off")
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at = end
        return value  # type: ignore[no-any-return]  # struct yields what the form names

    def count(self, form: str, limit: int, what: str) -> int:
        value = int(self.scalar(form))
        if value > limit:
            raise _Damaged(f"it claims {value} {what}")
        return value

    def string(self) -> str:
        length = self.count("<Q", _MAX_STRING, "bytes in one string")
        end = self._at + length
        if end > len(self._data):
            raise _Damaged("the header is cut off")
        text = self._data[self._at : end].decode("utf-8", "replace")
        self._at = end
        return text

    @property
    def at(self) -> int:
        """Bytes read so far."""
        return self._at

    def value(self, kind: int) -> Scalar:
        if kind == _STRING:
            return self.string()
        if kind not in _SCALARS:
            raise _Damaged(f"it uses the unknown value type {kind}")
        return self.scalar(_SCALARS[kind])

    def array(self) -> tuple[int, int]:
        """Read the head of an array: the kind and number of its entries."""
        kind = int(self.scalar("<I"))
        length = self.count("<Q", _MAX_ARRAY, "array entries")
        if kind != _STRING and kind not in _SCALARS:
            raise _Damaged(f"it uses an array of the unsupported type {kind}")
        return kind, length

    def numbers(self, kind: int, length: int) -> tuple[int, ...]:
        """Read a list of numbers; those of a long list, or of one of fractions, are passed over."""
        size = length * struct.calcsize(_SCALARS[kind])
        end = self._at + size
        if end > len(self._data):
            raise _Damaged("the header is cut off")
        wanted = kind in _WHOLE and length <= _MAX_LIST
        found = struct.unpack_from(f"<{length}{_SCALARS[kind][1]}", self._data, self._at) if wanted else ()
        self._at = end
        return found

    def strings(self, length: int) -> Iterator[bytes]:
        """Read a list of texts."""
        data, end, unpack = self._data, len(self._data), struct.Struct("<Q").unpack_from
        for _ in range(length):
            start = self._at + 8
            if start > end:
                raise _Damaged("the header is cut off")
            (size,) = unpack(data, self._at)
            if size > _MAX_STRING:
                raise _Damaged(f"it claims {size} bytes in one string")
            self._at = start + size
            if self._at > end:
                raise _Damaged("the header is cut off")
            yield data[start : self._at]


def read_header(path: Path, *, draft: bool = False) -> Header:
    """Read and check the header of the model at `path`; raise `ModelRefused` naming the file and what to do.

    `draft` says that the file was named as the draft model.
    """
    what, get_one = "model", "set near.model to a GGUF file, or leave it empty to use the starter model"
    if draft:
        what, get_one = "draft model", "set near.draft_model to a GGUF file, or leave it empty"
    header = _read(path, what, get_one)
    if header.values.get("general.type") == "adapter":
        raise ModelRefused(f"{path} is an adapter, not a model: name it in near.adapters, and {get_one}.")
    if fault := impossible(header):
        raise ModelRefused(f"The {what} {path} is damaged ({fault}): download it again, or {get_one}.")
    return header


def read_adapter(path: Path, architecture: str) -> Header:
    """Read and check the header of a LoRA adapter for models of `architecture`; raise `ModelRefused`."""
    mend = "set near.adapters to adapters in the GGUF format, or leave it empty"
    header = _read(path, "adapter", mend)
    kind, form = header.values.get("general.type"), header.values.get("adapter.type")
    if kind != "adapter" or form != "lora":
        raise ModelRefused(f"{path} is not a LoRA adapter: {mend}.")
    if header.architecture != architecture:
        raise ModelRefused(
            f"The adapter {path} was made for a {header.architecture} model, and near.model is a {architecture} model: "
            "choose the adapter of this model, or the model of this adapter."
        )
    if header.kinds.get("adapter.lora.alpha", _FLOAT) != _FLOAT:
        raise ModelRefused(
            f"The adapter {path} is damaged (its alpha is no 32-bit number): convert it again, or {mend}."
        )
    return header


def read_tokens(path: Path) -> list[bytes]:
    """Read the vocabulary of a model that `read_header` has let pass, in the order of the tokens' numbers."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        reader = _Reader(data)
        for form in ("<I", "<I", "<Q"):
            reader.scalar(form)
        for _ in range(reader.count("<Q", _MAX_KEYS, "keys")):
            key, kind = reader.string(), int(reader.scalar("<I"))
            if kind != _ARRAY:
                reader.value(kind)
                continue
            kind, length = reader.array()
            if kind != _STRING:
                reader.numbers(kind, length)
            elif key == _TOKENS:
                return list(reader.strings(length))
            else:
                deque(reader.strings(length), maxlen=0)
    return []


def _read(path: Path, what: str, mend: str) -> Header:
    try:
        if not path.is_file():
            trouble = "is not a file" if path.exists() else "does not exist"
            raise ModelRefused(f"The {what} {path} {trouble}: {mend}.")
        size = path.stat().st_size
        if size < 24:
            raise ModelRefused(f"The {what} {path} is empty or cut off ({size} bytes): download it again, or {mend}.")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[:4] != b"GGUF":
                raise ModelRefused(f"{path} is not a GGUF file: {mend}.")
            return _walk(path, size, data)
    except _Damaged as damage:
        raise ModelRefused(f"The {what} {path} is damaged ({damage}): download it again, or {mend}.") from damage
    except OSError as error:
        raise ModelRefused(
            f"The {what} {path} cannot be read ({error.strerror or error}): check its permissions, or {mend}."
        ) from error


def _walk(path: Path, size: int, data: mmap.mmap) -> Header:
    reader = _Reader(data)
    reader.scalar("<I")
    version = int(reader.scalar("<I"))
    if version not in (2, 3):
        raise _Damaged(f"it has the format version {version}, not 2 or 3")
    tensors = reader.count("<Q", _MAX_TENSORS, "tensors")
    keys = reader.count("<Q", _MAX_KEYS, "keys")
    values: dict[str, Scalar] = {}
    lists: dict[str, tuple[int, ...]] = {}
    kinds: dict[str, int] = {}
    tokens, repeated = None, b""
    for _ in range(keys):
        key = reader.string()
        if not key:
            raise _Damaged("one of its keys has no name")
        kind = kinds[key] = int(reader.scalar("<I"))
        if kind != _ARRAY:
            values[key] = reader.value(kind)
            continue
        kind, length = reader.array()
        if kind != _STRING:
            lists[key] = reader.numbers(kind, length)
        elif key == _TOKENS:
            tokens, repeated = length, _repeated(reader.strings(length))
        else:
            deque(reader.strings(length), maxlen=0)
    if not values.get("general.architecture"):
        raise _Damaged("it does not name its architecture")
    sizes = _tensor_sizes(reader, tensors, size, values.get("general.alignment"))
    return Header(
        path=path,
        size=size,
        tensors=tensors,
        values=values,
        lists=lists,
        kinds=kinds,
        tokens=tokens,
        repeated_token=repeated.decode("utf-8", "replace"),
        layer_bytes=_per_layer(sizes),
        input_bytes=sizes.get("token_embd.weight", 0),
        output_bytes=sizes.get("output.weight", sizes.get("token_embd.weight", 0)),
    )


def _repeated(tokens: Iterator[bytes]) -> bytes:
    """Find a token that stands twice; empty ones are told apart by their number."""
    seen: set[bytes] = set()
    repeated = b""
    for token in tokens:
        if token in seen and token:
            repeated = repeated or token
        seen.add(token)
    return repeated


def _tensor_sizes(reader: _Reader, tensors: int, size: int, alignment: Scalar | None) -> dict[str, int]:
    """Bytes from the start of each tensor to the start of the next."""
    places: list[tuple[int, str]] = []
    for _ in range(tensors):
        name = reader.string()
        for _ in range(reader.count("<I", _MAX_DIMENSIONS, "dimensions of one tensor")):
            reader.scalar("<Q")
        reader.scalar("<I")
        places.append((int(reader.scalar("<Q")), name))
    step = alignment if isinstance(alignment, int) and alignment > 0 else _DEFAULT_ALIGNMENT
    data = max(0, size - -(-reader.at // step) * step)
    places.sort()
    ends = [*(place for place, _ in places[1:]), data]
    return {name: max(0, min(end, data) - start) for (start, name), end in zip(places, ends, strict=False)}


def _per_layer(sizes: dict[str, int]) -> tuple[int, ...]:
    layers: dict[int, int] = {}
    for name, size in sizes.items():
        if found := _LAYER.match(name):
            layers[int(found[1])] = layers.get(int(found[1]), 0) + size
    return tuple(layers[number] for number in sorted(layers))
