"""pip, run with the environment's own configuration, and its failures in one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from bootstrap_progress import SetupError, run_logged

_NO_NETWORK = re.compile(
    r"Temporary failure in name resolution|NameResolutionError|NewConnectionError|Network is unreachable"
    r"|ConnectTimeout|Failed to establish a new connection|No route to host|ProxyError|Connection refused"
)


def explain(output: str, log: str) -> str:
    """Return one line that says why pip failed and what to do."""
    if "DO NOT MATCH THE HASHES" in output:
        return (
            "a package differs from what the lock file names, so it was not installed: "
            f"the index or a proxy serves something else under that name; the whole log: {log}"
        )
    if "No space left on device" in output:
        return "the disk is full: make room (about 600 MB are needed), then run the same command again"
    if _NO_NETWORK.search(output):
        return (
            "the package index cannot be reached: connect to the network, or point pip at a mirror "
            f"(PIP_INDEX_URL), then run the same command again; the whole log: {log}"
        )
    errors = [line.strip() for line in output.splitlines() if line.lstrip().lower().startswith("error:")]
    last = errors[-1] if errors else (output.strip().splitlines() or ["no output"])[-1]
    return f"pip failed: {last} (the whole log: {log})"


def pip(
    python: Path,
    arguments: Sequence[str | Path],
    log: IO[bytes],
    *,
    env: Mapping[str, str],
    on_line: Callable[[str], None] = lambda _line: None,
    on_tick: Callable[[], None] = lambda: None,
) -> None:
    """Run pip under `python`; raise SetupError with one line where it fails."""
    quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    command = [python, "-m", "pip", *arguments[:1], *quiet, *arguments[1:]]
    status, output = run_logged(command, log, env=env, on_line=on_line, on_tick=on_tick)
    if status != 0:
        raise SetupError(explain(output, str(log.name)))
