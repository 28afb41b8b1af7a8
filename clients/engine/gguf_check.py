"""A GGUF file is looked at before llama.cpp may read it.

The header is walked with bounds on every length, because llama.cpp's own parser has had memory faults on
crafted files. Format: the GGUF specification, versions 2 and 3, little endian.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelRefused

_MAX_KEYS = 4096
_MAX_TENSORS = 65536
_MAX_STRING = 16 << 20
_MAX_ARRAY = 4 << 20
_MAX_NUMBER = 1 << 32
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
_STRING, _ARRAY = 8, 9

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says: `values` holds every scalar key, `size` is the file's size in bytes."""

    path: Path
    size: int
    tensors: int
    values: dict[str, Scalar]

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
        return self._number("context_length")

    @property
    def kv_bytes_per_token(self) -> int:
        """Bytes of 16-bit KV cache that one token costs; 0 where the file does not say."""
        heads = self._number("attention.head_count")
        width = self._number("attention.key_length") or (self._number("embedding_length") // heads if heads else 0)
        return self._number("block_count") * (self._number("attention.head_count_kv") or heads) * width * 4

    def _number(self, key: str) -> int:
        value = self.values.get(f"{self.architecture}.{key}", 0)
        return int(value) if isinstance(value, int | float) and 0 <= value < _MAX_NUMBER else 0


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

    def value(self) -> Scalar | None:
        kind = int(self.scalar("<I"))
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            self._skip_array()
            return None
        if kind not in _SCALARS:
            raise _Damaged(f"it uses the unknown value type {kind}")
        return self.scalar(_SCALARS[kind])

    def _skip_array(self) -> None:
        kind = int(self.scalar("<I"))
        length = self.count("<Q", _MAX_ARRAY, "array entries")
        if kind in _SCALARS:
            self._at += length * struct.calcsize(_SCALARS[kind])
        elif kind == _STRING:
            for _ in range(length):
                self._at += 8 + self._peek_length()
                if self._at > len(self._data):
                    break
        else:
            raise _Damaged(f"it uses an array of the unsupported type {kind}")
        if self._at > len(self._data):
            raise _Damaged("the header is cut off")

    def _peek_length(self) -> int:
        if self._at + 8 > len(self._data):
            raise _Damaged("the header is cut off")
        (length,) = struct.unpack_from("<Q", self._data, self._at)
        if length > _MAX_STRING:
            raise _Damaged(f"it claims {length} bytes in one string")
        return int(length)


def read_header(path: Path) -> Header:
    """Read and check the header of the file at `path`; raise `ModelRefused` naming the file and what to do."""
    get_one = "set near.model to a GGUF file, or leave it empty to use the starter model"
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            raise ModelRefused(f"The model {path} {what}: {get_one}.")
        size = path.stat().st_size
        if size < 24:
            raise ModelRefused(f"The model {path} is empty or cut off ({size} bytes): download it again, or {get_one}.")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[:4] != b"GGUF":
                raise ModelRefused(f"{path} is not a GGUF file: {get_one}.")
            return _walk(path, size, data)
    except _Damaged as damage:
        raise ModelRefused(f"The model {path} is damaged ({damage}): download it again, or {get_one}.") from damage
    except OSError as error:
        raise ModelRefused(
            f"The model {path} cannot be read ({error.strerror or error}): check its permissions, or {get_one}."
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
    for _ in range(keys):
        key = reader.string()
        value = reader.value()
        if value is not None:
            values[key] = value
    if not values.get("general.architecture"):
        raise _Damaged("it does not name its architecture")
    return Header(path=path, size=size, tensors=tensors, values=values)
