"""llama.cpp's process-wide part, and what it says."""

from __future__ import annotations

import ctypes
import logging
import threading
import weakref
from typing import Any

import llama_cpp.llama_cpp as llama

_log = logging.getLogger(__name__)
_ERROR_LEVEL = 4

_OUT_OF_MEMORY = ("alloc", "memory")
"""Words in the complaints of llama.cpp and its devices where memory was too short."""

_BROKEN_OFF = (
    "graph_compute_async failed with error 1",
    "compute status: 1",
    "removing memory module entries",
    "failed to decode, ret = 2",
)
"""What llama.cpp says when a batch is broken off because it was asked to: no news."""


class _Log(threading.local):
    """Takes in what llama.cpp says; `complaint` is its first error, on the thread that asks, since that was cleared."""

    def __init__(self) -> None:
        self.complaint = ""

    def heard(self, level: int, text: bytes, _data: object) -> None:
        """One message, on whatever thread it comes from."""
        if level in (3, _ERROR_LEVEL):
            line = text.decode("utf-8", "replace").strip()
            if any(known in line for known in _BROKEN_OFF):
                return
            if level == _ERROR_LEVEL and line:
                self.complaint = self.complaint or line
            _log.warning("llama.cpp: %s", line)


class Library:
    """llama.cpp's process-wide part: initialised once, its log caught as long as this, and Python, lives."""

    def __init__(self) -> None:
        self._heard = _Log()
        callback = llama.llama_log_callback(self._heard.heard)
        llama.llama_log_set(callback, ctypes.c_void_p(0))
        weakref.finalize(self, _stop_listening, callback)
        llama.llama_backend_init()

    @property
    def complaint(self) -> str:
        """llama.cpp's first error since this was cleared: the later ones only say that something failed."""
        return self._heard.complaint

    @complaint.setter
    def complaint(self, text: str) -> None:
        self._heard.complaint = text

    @property
    def repacks(self) -> bool:
        """Whether weights may be repacked for the processor.

        Not where this build would use AMX tiles: on virtual machines that announce AMX without letting
        a guest configure it, the first decode ends the process (seen with llama.cpp of 0.3.36).
        """
        return b"AMX_INT8 = 1" not in llama.llama_print_system_info()

    @property
    def out_of_memory(self) -> bool:
        """Whether the complaint is that memory was too short; so it is said to be where there is none."""
        complaint = self.complaint.lower()
        return not complaint or any(word in complaint for word in _OUT_OF_MEMORY)


def _stop_listening(callback: Any) -> None:
    """Take the callback out of llama.cpp, which has more to say when the last of it is freed, or the process ends."""
    current, data = llama.llama_log_callback(), ctypes.c_void_p()
    llama.llama_log_get(ctypes.byref(current), ctypes.byref(data))
    if _address(current) == _address(callback):  # else somebody else listens by now
        llama.llama_log_set(llama.llama_log_callback(), ctypes.c_void_p(0))


def _address(callback: Any) -> int | None:
    return ctypes.cast(callback, ctypes.c_void_p).value
