"""Stops a computation on the processor at any moment, from any thread, without Python in its way."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import llama_cpp.llama_cpp as llama


class Brake:
    """Ends what a context computes between two nodes of its graph; where libc cannot be had, it has no effect.

    llama.cpp polls a C function `bool (void *)`. A Python function in its place would take the GIL at every node,
    so it is libc's `strlen` over two bytes, the second of which is 0: the length is 0 or 1, as the first byte is. The
    caller looks at the low byte of what comes back, where the calling conventions of x86-64 and of 64-bit Arm put
    both a `bool` and the low byte of a `size_t`. Pulling the brake is writing one byte.
    """

    def __init__(self, context: object) -> None:
        """`context` is a `llama_context`; the brake must live as long as it."""
        self._context = context
        self._bytes = ctypes.create_string_buffer(2)
        self._poll = _strlen()
        self.attach()

    @property
    def works(self) -> bool:
        """Whether this machine has what it takes."""
        return self._poll is not None

    def attach(self) -> None:
        """Let `pull` stop what is computed from now on."""
        if self._poll is not None:
            llama.llama_set_abort_callback(self._context, self._poll, ctypes.addressof(self._bytes))

    def detach(self) -> None:
        """Let nothing stop what is computed from now on."""
        llama.llama_set_abort_callback(self._context, llama.ggml_abort_callback(), None)

    def pull(self) -> None:
        """Stop, and compute nothing until `ease`."""
        self._bytes[0] = b"\x01"

    def ease(self) -> None:
        """Go on."""
        self._bytes[0] = b"\x00"


def _strlen() -> Any:
    """Find libc's `strlen`, typed as the function that llama.cpp polls; None where it cannot be had."""
    try:
        library = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
        return ctypes.cast(library.strlen, llama.ggml_abort_callback)
    except (OSError, AttributeError, TypeError):
        return None
