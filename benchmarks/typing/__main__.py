"""`python -m benchmarks.typing`: keystroke to answer, the same session, model and threads on both sides."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from ..report import Figure, figure, machine, tell
from .llama_vim_side import LlamaVim
from .player import Clock, Score, play
from .trace import Event, build, read
from .twolane_side import Twolane


async def twolane_session(events: list[Event], folder: Path, env: dict[str, str]) -> Score:
    """Play the session to Twolane."""
    score, clock, texts = Score(), Clock(), read(folder)
    side = Twolane(folder, texts, clock, score)
    await side.start(env)
    await play(events, texts, side, clock)
    await side.finish()
    score.waits_ms = clock.waits_ms
    return score


async def llama_vim_session(events: list[Event], folder: Path, port: int, ring_chars: int) -> Score:
    """Play the session to llama.cpp's server."""
    score, clock, texts = Score(), Clock(), read(folder)
    side = LlamaVim(port, texts, clock, score, ring_chars=ring_chars)
    await play(events, texts, side, clock)
    await side.finish()
    score.waits_ms = clock.waits_ms
    return score


def figures(name: str, score: Score, keys: int) -> list[Figure]:
    """Summarise one side."""
    return [
        figure(f"{name}: key to answer", "ms", score.waits_ms or [0.0]),
        figure(f"{name}: tokens read, a request", "tok", score.evaluated or [0]),
        figure(f"{name}: tokens read, a key (mean)", "tok", [_per_key(score.evaluated, score.requests, keys)]),
        figure(f"{name}: tokens written, a key (mean)", "tok", [_per_key(score.generated, score.requests, keys)]),
    ]


def _per_key(tokens: list[int], requests: int, keys: int) -> float:
    """Spread over all keys; the server remembers its last 100 requests only, which stand for the others."""
    return sum(tokens) / max(1, len(tokens)) * requests / keys


def prefix_first(model: Path, place: Path) -> Path:
    """Copy the starter without the key that tells its layout: it is then asked in the usual order, prefix first."""
    copy = place / "starter-prefix-first.gguf"
    copy.write_bytes(model.read_bytes().replace(b"twolane.layout", b"twolane.unused", 1))
    return copy


def main(arguments: Sequence[str] | None = None) -> None:
    """Play and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.typing", description=__doc__)
    parser.add_argument("--keys", type=int, default=300, help="length of the session, in keystrokes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="threads of the model, on both sides")
    parser.add_argument("--model", type=Path, help="a GGUF file; the starter where not given")
    parser.add_argument(
        "--ring-chars", type=int, default=1800, help="other files' text that the peer's window has room for"
    )
    parser.add_argument(
        "--prefix-first", action="store_true", help="ask the starter in the order that most families want"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    model = options.model or Path(str(files("twolane.starter") / "twolane-starter.gguf"))
    with tempfile.TemporaryDirectory(prefix="twolane-typing-") as place:
        if options.prefix_first:
            model = prefix_first(model, Path(place))
        folder = Path(place) / "project"
        shutil.copytree(Path(str(files("twolane.server") / "demo" / "project")), folder)
        events = build(read(folder), options.keys, options.seed)
        keys = sum(event.kind != "jump" for event in events)
        where = machine()
        env = _private(Path(place), model, options.threads)
        ours = asyncio.run(twolane_session(events, folder, env))
        subprocess.run(
            [Path(sys.executable).with_name("twolane"), "engine", "stop"], env=env, check=False, capture_output=True
        )
        port = _free_port()
        command = [sys.executable, "-m", "benchmarks.typing.server", str(model), str(port), str(options.threads)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server:
            try:
                _wait_for(server)
                theirs = asyncio.run(llama_vim_session(events, folder, port, options.ring_chars))
            finally:
                server.kill()
    rows = [*figures("twolane", ours, keys), *figures("llama.vim's way", theirs, keys)]
    a, b = rows[0], rows[4]
    reuse = 100 * (1 - sum(ours.evaluated) / max(1, sum(ours.prompts)))
    notes = [
        f"{keys} keys; {model.name}, {options.threads} thread(s) each; llama.cpp's server is a prebuilt wheel's",
        f"ratio of key to answer: p50 {a.p50 / max(b.p50, 0.01):.2f}, p95 {a.p95 / max(b.p95, 0.01):.2f} (goal 0.5)",
        f"twolane reused {reuse:.1f} % of its prompts",
        f"keys answered: {len(ours.waits_ms)} and {len(theirs.waits_ms)}; with text: {ours.shown} and {theirs.shown}",
        f"requests to the server and to the model's server: {ours.requests} and {theirs.requests}",
    ]
    tell("typing", where, rows, notes, options.json)


def _private(place: Path, model: Path, threads: int) -> dict[str, str]:
    """Make an environment with an engine and settings of its own."""
    env = dict(os.environ)
    for name in ("RUNTIME_DIR", "STATE_HOME", "DATA_HOME", "CONFIG_HOME", "CACHE_HOME"):
        folder = place / name.lower()
        folder.mkdir(mode=0o700)
        env[f"XDG_{name}"] = str(folder)
    settings = place / "config_home" / "twolane" / "twolane.toml"
    settings.parent.mkdir()
    settings.write_text(f"[near]\nmodel = '{model}'\nthreads = {threads}\n", encoding="utf-8")
    return env


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: subprocess.Popen[str]) -> None:
    if server.stdout is None:
        raise RuntimeError("llama.cpp's server has no output")
    for line in server.stdout:
        if line.startswith("listening"):
            return
    raise RuntimeError("llama.cpp's server did not start")


if __name__ == "__main__":
    main()
