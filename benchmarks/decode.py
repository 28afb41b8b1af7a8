"""How fast answers are written: the engine over its socket against llama.cpp alone, and with drafts against without.

*Bare* is a loop of ours over `llama_decode` of the llama.cpp that the engine uses, in this process: after a prompt as
long as the answer's, as many tokens one by one, none of them chosen or spelled. It does what `llama-bench -n` does, but
it is not that program, which is not installed with llama.cpp's library. *Engine* is the product over its socket, drafts
switched off: from the first token to the end, as the client sees it. Both read the same file with as many threads, in
turn. Then texts that repeat themselves are gone on with, by an engine with drafts and by the one without; their answers
must be equal. And requests are cancelled, while their prompt is read and while their answer is written, until the
engine says that its work has stopped; tokens that were on their way to the client by then count as written after it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import llama_cpp.llama_cpp as llama
import psutil

from twolane.clients.engine import __main__ as entry
from twolane.clients.engine.client import LocalEngine
from twolane.clients.engine.drafts import Drafts
from twolane.clients.engine.endpoint import Endpoint, locate
from twolane.clients.engine.library import Library
from twolane.clients.engine.spec import EngineOptions, ModelSpec
from twolane.clients.errors import ModelUnavailable
from twolane.clients.model import InfillRequest, Usage

from . import shapes
from .report import Figure, figure, machine, own_places, tell

ROOT = Path(__file__).resolve().parent.parent
STARTER = ROOT / "starter" / "twolane-starter.gguf"
PROJECT = ROOT / "server" / "demo" / "project"
COMES_UP_S = 60.0
REST_S = 0.05
"""The threads of whoever computed last go on spinning for a moment."""
FEWEST = 16
"""An answer shorter than this says little about a rate."""


def no_drafts(_drafts: Drafts, _most: int) -> list[int]:
    """Guess nothing."""
    return []


@dataclass(frozen=True, slots=True)
class Written:
    """One answer: its text, what was spent, and the milliseconds per token after the first, as the client saw them."""

    text: str
    usage: Usage
    ms: float


class Bare:
    """`llama_decode` in a loop of ours; no flash attention, which is slower on a processor."""

    def __init__(self, path: Path, threads: int, context: int) -> None:
        self._library = Library()
        parameters = llama.llama_model_default_params()
        parameters.n_gpu_layers = 0
        parameters.use_extra_bufts = self._library.repacks
        self._model = llama.llama_model_load_from_file(str(path).encode(), parameters)
        options = llama.llama_context_default_params()
        options.n_ctx = context
        options.n_threads = options.n_threads_batch = threads
        options.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
        options.no_perf = True
        self._context = llama.llama_init_from_model(self._model, options)
        self._memory = llama.llama_get_memory(self._context)

    def ms_per_token(self, depth: int, count: int) -> float:
        """Read `depth` tokens, then time `count` more, one by one."""
        llama.llama_memory_clear(self._memory, True)
        start = (llama.llama_token * depth)(*(1 + number % 200 for number in range(depth)))
        for at in range(0, depth, 512):
            piece = (llama.llama_token * min(512, depth - at))(*start[at : at + 512])
            llama.llama_decode(self._context, llama.llama_batch_get_one(piece, len(piece)))
        token = (llama.llama_token * 1)(0)
        llama.llama_synchronize(self._context)
        time.sleep(REST_S)
        began = time.perf_counter()
        for number in range(count):
            token[0] = 1 + number % 200
            llama.llama_decode(self._context, llama.llama_batch_get_one(token, 1))
            llama.llama_synchronize(self._context)
        return (time.perf_counter() - began) * 1000 / count

    def close(self) -> None:
        """Free everything."""
        llama.llama_free(self._context)
        llama.llama_model_free(self._model)


@contextmanager
def engine(*, drafts: bool) -> Iterator[Endpoint]:
    """Run an engine of its own, in a process of its own, with or without drafts."""
    with own_places() as env:
        command = [sys.executable, "-m", "benchmarks.decode", "--serve", "drafts" if drafts else "plain"]
        process = subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            yield place_of(env)
        finally:
            process.terminate()
            process.wait(10)


def place_of(env: dict[str, str]) -> Endpoint:
    """Where an engine with this environment listens."""
    before = dict(os.environ)
    os.environ.update(env)
    try:
        return locate()
    finally:
        os.environ.clear()
        os.environ.update(before)


def asked(prefix: str, suffix: str, tokens: int, path: str) -> InfillRequest:
    """Ask for so many tokens; nothing but the model's own end ends them."""
    return InfillRequest(prefix, suffix, path, "w", "itsdangerous", max_tokens=tokens, time_limit_ms=600_000)


def plain_places(tokens: int) -> list[InfillRequest]:
    """Places in the demo's project after which a whole method is missing."""
    found = []
    for path in sorted(PROJECT.rglob("*.py")):
        text = path.read_text("utf-8")
        for method in re.finditer(r"\n    def ", text):
            before = text[max(0, method.start() - 1500) : method.end()]
            found.append(asked(before, "\n", tokens, f"{path.name}-{method.start()}"))
    return found


def repeating_places(tokens: int) -> list[InfillRequest]:
    """Texts that go on as they began: a table, a run of like assignments, a test per name, copied records."""
    line = "    total = total + price[item] * amount[item]\n"
    record = '    {"name": "alpha", "kind": "table", "columns": 4, "nullable": False},\n'
    check = "    assert serializer.loads(serializer.dumps(value)) == value\n"
    return [
        asked("def f(price, amount):\n" + line * 8 + "    total = ", "\n", tokens, "sums.py"),
        asked("RECORDS = [\n" + record * 8 + '    {"name": "', "\n]\n", tokens, "records.py"),
        asked("def test_values(serializer, value):\n" + check * 8 + "    assert ", "\n", tokens, "test_values.py"),
        asked("x = [\n" + "    0, 1, 2, 3, 4, 5, 6, 7,\n" * 8 + "    0, 1,", "\n]\n", tokens, "numbers.py"),
    ]


async def write(local: LocalEngine, request: InfillRequest) -> Written:
    """Ask once."""
    await asyncio.sleep(REST_S)
    first, text = 0.0, ""
    async with local.infill(request) as stream:
        async for piece in stream:
            first = first or time.perf_counter()
            text += piece
    took = (time.perf_counter() - first) * 1000
    usage = stream.usage
    if usage is None:
        raise RuntimeError("the engine gave no account of an answer")
    return Written(text, usage, took / max(1, usage.generated_tokens - 1))


async def cancel(local: LocalEngine, number: int) -> float | None:
    """Cancel while a prompt is read; return the ms until the engine says that it has stopped, None if it was done."""
    text = "".join(f"value_{number}_{line} = compute({line})\n" for line in range(90))
    stream = local.infill(asked(text, "\n", 8, f"cancelled-{number}.py"))
    running = await stream.__aenter__()
    await asyncio.sleep(0.01 + 0.004 * (number % 9))
    began = time.perf_counter()
    await stream.__aexit__(None, None, None)
    took = (time.perf_counter() - began) * 1000
    return took if running.usage and running.usage.finish == "cancelled" else None


async def stop_writing(local: LocalEngine, request: InfillRequest, after: int) -> tuple[float, int] | None:
    """Cancel an answer `after` so many pieces; return the ms until it has stopped and the tokens written meanwhile.

    None if it was done before.
    """
    async with local.infill(request) as stream:
        pieces = aiter(stream)
        for _ in range(after):
            if await anext(pieces, None) is None:
                return None
        before = stream.usage
        began = time.perf_counter()
        stream.interrupt()
        async for _ in pieces:
            pass
        took = (time.perf_counter() - began) * 1000
        if before is None or stream.usage is None or stream.usage.finish != "cancelled":
            return None
        return took, stream.usage.generated_tokens - before.generated_tokens


async def cancels(local: LocalEngine, given: argparse.Namespace) -> list[Figure]:
    """Cancel while prompts are read, and while answers are written."""
    read: list[float] = []
    written: list[tuple[float, int]] = []
    for number in range(given.runs * given.places):
        took = await cancel(local, number)
        read += [] if took is None else [took]
    for run in range(given.runs):
        for request in plain_places(given.tokens)[: given.places]:
            await asyncio.sleep(REST_S)
            stopped = await stop_writing(local, request, 2 + run % 3)
            written += [] if stopped is None else [stopped]
    figures = []
    if read:
        figures.append(figure("cancel while a prompt is read, until it is stopped", "ms", read))
    if written:
        figures.append(figure("cancel while an answer is written, the same", "ms", [took for took, _ in written]))
        figures.append(figure("  tokens written after it", "tok", [tokens for _, tokens in written], goal=1))
    return figures


async def connected(endpoint: Endpoint, model: ModelSpec) -> LocalEngine:
    """Wait until an engine that was just started has the model; raise `TimeoutError` where it never has."""
    async with asyncio.timeout(COMES_UP_S):
        while not endpoint.socket.exists():
            await asyncio.sleep(0.05)
        local = LocalEngine(model, EngineOptions(), endpoint=endpoint)
        while True:
            try:
                await local.info()
                return local
            except ModelUnavailable:
                await asyncio.sleep(0.2)


async def measure(given: argparse.Namespace, plain: Endpoint, drafting: Endpoint) -> tuple[list[Figure], list[str]]:
    """Alternate between all sides, `runs` times over."""
    model = ModelSpec(str(given.model), threads=given.threads, gpu_layers=0, slots=2)
    without, having = await connected(plain, model), await connected(drafting, model)
    bare = Bare(given.model, given.threads, 4096)
    own: list[float] = []
    alone: list[float] = []
    slow: list[float] = []
    fast: list[float] = []
    differing = accepted = guessed = 0
    try:
        stopped = await cancels(without, given)
        for _ in range(0 if given.cancels else given.runs):
            for request in plain_places(given.tokens)[: given.places]:
                answer = await write(without, request)
                if answer.usage.generated_tokens >= FEWEST:
                    own.append(answer.ms)
                    alone.append(bare.ms_per_token(answer.usage.prompt_tokens, answer.usage.generated_tokens))
            for request in repeating_places(given.tokens)[: given.places]:
                first, second = await write(without, request), await write(having, request)
                differing += first.text != second.text
                if first.usage.generated_tokens >= FEWEST:
                    slow.append(first.ms)
                    fast.append(second.ms)
                    guessed += second.usage.guessed_tokens
                    accepted += second.usage.accepted_tokens
    finally:
        await without.close()
        await having.close()
        bare.close()
    if given.cancels:
        return stopped, [f"{given.model.name}, {given.threads} threads"]
    figures = [
        figure("bare llama_decode, a loop of ours: a token", "ms", alone),
        figure("engine, no drafts: a token", "ms", own),
        figure("rate of the engine / bare", "x", ratios(alone, own), 0.95, at_least=True),
        figure("text that repeats, no drafts: a token", "ms", slow),
        figure("text that repeats, drafts: a token", "ms", fast),
        figure("rate with drafts / without", "x", ratios(slow, fast), 1.5, at_least=True),
        *stopped,
    ]
    rate = statistics.fmean(alone) / statistics.fmean(own)
    gain = statistics.fmean(slow) / statistics.fmean(fast)
    notes = [
        f"{given.model.name}, {given.threads} threads; bare: llama_decode, one token at a time, no flash attention, "
        f"nothing chosen or spelled, llama.cpp of llama-cpp-python {version('llama-cpp-python')}",
        f"rate of the engine over the bare loop's, all answers: {rate:.3f}; with drafts over without: {gain:.2f}",
        f"guesses right: {accepted} of {guessed}; answers that differ with drafts: "
        + ("not told, random weights: their best tokens lie closer than rounding" if given.shape else str(differing)),
    ]
    return figures, notes


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Divide what was measured side by side."""
    return [one / other for one, other in zip(above, below, strict=True)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often to measure (default 3)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", type=Path, default=STARTER, help="a GGUF (default: the starter)")
    which.add_argument("--shape", choices=shapes.SHAPES, help="a model of this size with random weights")
    parser.add_argument("--cancels", action="store_true", help="only cancel, and see how soon work stops")
    parser.add_argument("--tokens", type=int, default=96, help="the longest answer (default 96)")
    parser.add_argument("--places", type=int, default=24, help="how many places to write at (default 24)")
    cores = psutil.cpu_count(logical=False) or 1
    parser.add_argument("--threads", type=int, default=cores, help=f"threads of each side (default {cores})")
    parser.add_argument("--serve", choices=("plain", "drafts"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        if given.serve == "plain":
            Drafts.propose = no_drafts  # type: ignore[method-assign, assignment]
        sys.argv[1:] = []
        sys.exit(entry.main())
    if given.shape:
        given.model = shapes.cached(given.shape)
    with ExitStack() as stack:
        where = machine()
        plain, drafting = stack.enter_context(engine(drafts=False)), stack.enter_context(engine(drafts=True))
        figures, notes = asyncio.run(measure(given, plain, drafting))
    tell("decode", where, figures, notes, given.json)


if __name__ == "__main__":
    main()
