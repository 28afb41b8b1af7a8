"""llama.cpp's process-wide part: who hears what it says, and until when."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model
from twolane.clients.errors import ModelRefused

OUTLIVED = """
import ctypes, gc, os, sys
from pathlib import Path
from twolane.clients.engine.library import Library
from twolane.starter.runner import Runner

with Runner(Path(sys.argv[1])):
    Library()
    gc.collect()
    kind = ctypes.CFUNCTYPE(None, ctypes.c_int)
    others = [kind(lambda _: os._exit(9)) for _ in range(50)]  # one of them stands where the library's callback stood
print("freed")
"""


def test_what_lives_longer_than_the_library_can_still_be_freed(starter: Path) -> None:
    run = subprocess.run([sys.executable, "-P", "-c", OUTLIVED, starter], capture_output=True, timeout=60, check=False)
    assert (run.returncode, run.stdout.split()) == (0, [b"freed"])


def test_a_library_that_goes_leaves_the_next_one_listening(tmp_path: Path) -> None:
    first, second = Library(), Library()
    del first
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"no model at all")
    with pytest.raises(ModelRefused) as refused:
        Model(second, broken, 0, lambda _: None)
    assert second.complaint
    assert second.complaint in str(refused.value)


def test_what_fails_on_one_thread_is_no_reason_for_what_fails_on_another(tmp_path: Path) -> None:
    library, refused = Library(), []
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"no model at all")

    def load() -> None:
        try:
            Model(library, broken, 0, lambda _: None)
        except ModelRefused as error:
            refused.append(str(error))

    beside = threading.Thread(target=load)
    beside.start()
    beside.join(20)
    assert refused
    assert "no reason given" not in refused[0]
    assert library.complaint == ""
