"""What llama.cpp can compute on beside the processor, and how much of its memory is free.

llama-cpp-python does not bind ggml's device registry, but ships the library that exports it (ggml-backend.h,
`ggml_backend_dev_*`). Where it cannot be had, a build that computes on a device has one that tells nothing of itself.
"""

from __future__ import annotations

import ctypes
import logging
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama

from .fitting import Device

_log = logging.getLogger(__name__)

_GPU, _INTEGRATED = 1, 2
_NAMES = ("libggml.so", "libggml.dylib", "ggml.dll", "libggml.dll")
_OF_MAIN_MEMORY = ("MTL", "Metal")
"""Names of devices that have no memory of their own although they do not say that they are integrated."""


def devices() -> tuple[Device, ...]:
    """List the devices that llama.cpp would put layers on, with what is free on each at this moment.

    As llama.cpp does, integrated devices count only where there is no other.
    """
    library = _library()
    if library is None:
        return (Device("device", "unknown", 0, 0),) if llama.llama_supports_gpu_offload() else ()
    found = [(kind, device) for kind, device in _listed(library) if kind in (_GPU, _INTEGRATED)]
    own = [device for kind, device in found if kind == _GPU]
    return tuple(own or [device for _, device in found])


def _library() -> Any:
    """Open ggml with the types of what is called; None where it is not there or lacks them."""
    folder = Path(str(llama.__file__)).parent / "lib"
    path = next((folder / name for name in _NAMES if (folder / name).exists()), None)
    if path is None:
        return None
    pointer, size = ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t)
    try:
        library = ctypes.CDLL(str(path))
        for name, result, arguments in (
            ("count", ctypes.c_size_t, ()),
            ("get", pointer, (ctypes.c_size_t,)),
            ("type", ctypes.c_int, (pointer,)),
            ("name", ctypes.c_char_p, (pointer,)),
            ("description", ctypes.c_char_p, (pointer,)),
            ("memory", None, (pointer, size, size)),
        ):
            function = getattr(library, f"ggml_backend_dev_{name}")
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        _log.warning("the devices of this machine cannot be listed (%s)", error)
        return None
    return library


def _listed(library: Any) -> list[tuple[int, Device]]:
    found = []
    for number in range(library.ggml_backend_dev_count()):
        handle = library.ggml_backend_dev_get(number)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        library.ggml_backend_dev_memory(handle, ctypes.byref(free), ctypes.byref(total))
        kind, name = int(library.ggml_backend_dev_type(handle)), _text(library.ggml_backend_dev_name(handle))
        device = Device(
            name=name,
            description=_text(library.ggml_backend_dev_description(handle)),
            free_bytes=free.value,
            total_bytes=total.value,
            shares_main_memory=kind == _INTEGRATED or name.startswith(_OF_MAIN_MEMORY),
        )
        found.append((kind, device))
    return found


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")
