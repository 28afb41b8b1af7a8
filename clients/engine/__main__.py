"""The engine's entry: `python -P -m twolane.clients.engine`, started by the client or by `engine start`."""

from __future__ import annotations

import os
import sys

_SWITCH_S = 0.0005
"""The worker hands over after this long while it chooses the next token, so that what was written leaves at once."""


def main() -> int:
    """Serve until asked to stop or idle for long; 0 on a clean end, 1 with one line on stderr otherwise.

    With ``--machine`` it says instead, as JSON, what there is to compute on.
    With ``--detach`` the process leaves its parent first, before anything else is loaded; the parent
    returns once the engine listens (0) or has given up (1).
    """
    if "--machine" in sys.argv[1:]:
        return _machine()
    ready = _detach() if "--detach" in sys.argv[1:] and hasattr(os, "fork") else None
    return _serve(ready)


def _machine() -> int:
    """Describe this machine: bytes, cores, devices; 1 where llama.cpp cannot be loaded."""
    import json
    from dataclasses import asdict

    import psutil

    try:
        from .machine import this_machine
    except (ImportError, OSError, RuntimeError) as error:
        sys.stderr.write(f"llama.cpp cannot be loaded ({error}): `twolane doctor` says how to mend it\n")
        return 1
    sys.stdout.write(json.dumps({**asdict(this_machine()), "total_bytes": psutil.virtual_memory().total}))
    return 0


def _detach() -> int:
    """Go on in a child; return the descriptor on which the parent waits for one byte."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        os._exit(0 if os.read(reading, 1) else 1)
    os.close(reading)
    return writing


def _serve(ready: int | None) -> int:
    import argparse
    import asyncio
    import faulthandler
    import logging
    from importlib.metadata import version

    from ..errors import ModelError
    from .endpoint import locate
    from .spec import EngineOptions

    parser = argparse.ArgumentParser(prog="twolane-engine", description=__doc__)
    parser.add_argument("--idle-exit", type=float, default=EngineOptions().idle_exit_s, metavar="SECONDS")
    parser.add_argument("--detach", action="store_true", help="run on its own, away from the one who started it")
    arguments = parser.parse_args()
    faulthandler.enable()
    sys.setswitchinterval(_SWITCH_S)
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        from .host import ASKED_TO_STOP, serve
        from .library import Library
        from .loading import Loader
    except (ImportError, OSError, RuntimeError) as error:
        logging.error("llama.cpp cannot be loaded (%s): `twolane doctor` says how to mend it", error)
        return 1

    def listening() -> None:
        if ready is not None:
            os.write(ready, b"1")
            os.close(ready)

    try:
        endpoint, options = locate(), EngineOptions(idle_exit_s=arguments.idle_exit)
        loader = Loader(Library(), endpoint.folder)
        reason = asyncio.run(serve(endpoint, options, loader, version("twolane"), listening))
        loader.leave(forget=reason == ASKED_TO_STOP)
    except ModelError as error:
        logging.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
