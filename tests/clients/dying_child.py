"""An engine's loader in a process of its own, which may be short of memory or die. Not a test.

`python dying_child.py FOLDER MODEL SLOTS (live | short MIB | abort | abort-later)` prints what became of it as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

import psutil

from twolane.clients.engine.library import Library
from twolane.clients.engine.loading import Loader
from twolane.clients.engine.spec import ModelSpec
from twolane.clients.errors import ModelRefused


def main(folder: str, model: str, slots: str, fate: str, mebibytes: str = "0") -> None:
    """Load the model and meet the fate."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["GGML_NO_BACKTRACE"] = "1"
    loader = Loader(Library(), Path(folder))
    if fate == "short":
        most = psutil.Process().memory_info().vms + Path(model).stat().st_size + (int(mebibytes) << 20)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        loaded = loader(
            ModelSpec(model, slots=int(slots), threads=1), lambda _: os.abort() if fate == "abort" else None
        )
        sys.stdout.write(json.dumps(loaded.status()))
        sys.stdout.flush()
        if fate == "abort-later":
            os.abort()
        loaded.close()
        loader.leave(forget=False)
    except ModelRefused as error:
        sys.stdout.write(json.dumps({"refused": str(error)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
