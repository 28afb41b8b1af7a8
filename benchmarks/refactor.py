"""What an explicit command costs around the model: our own time for a large file, and how fast a cancel hangs up.

    python -m benchmarks.refactor [--runs N] [--lines N]

The model is a scripted server on loopback that thinks for a tenth of a second, which is far less than any model does,
and whose time is taken off, so that nothing but ours is left: reading the file and what hangs together with it, privacy
and price, matching, every guard. The project's own checks are not in it. Garbage is collected as the server does it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation, Script, Scripted, serving
from tests.context.memory_workspace import MemoryWorkspace
from tests.routing.gateway_factory import House, housed
from twolane.clients.anthropic.client import AnthropicClient
from twolane.refactor.command import Command
from twolane.refactor.conversation import Bill
from twolane.refactor.known import Known
from twolane.refactor.options import Options
from twolane.refactor.original import Original
from twolane.refactor.refactoring import Refactoring
from twolane.refactor.tasks import TASKS
from twolane.server.wire.collecting import Collector

from .report import Figure, figure, machine, tell

_THINKS_S = 0.1
PATH = "shelves.py"
FUNCTION = '''\
class Shelf{n}:
    """Holds what was put there."""

    def __init__(self, items: list[int], limit: int = 10) -> None:
        self.items = items
        self.limit = limit

    def total{n}(self, start: int = 0) -> int:
        result = start
        for item in self.items:
            if item < self.limit:
                result = result + item
        return result


def fill{n}(shelf: Shelf{n}, amount: int) -> int:
    shelf.items.append(amount)
    return shelf.total{n}()


'''


def source(lines: int) -> str:
    """A file of about so many lines, classes and functions that use each other."""
    count = lines // FUNCTION.count("\n")
    return '"""Shelves."""\n\nfrom __future__ import annotations\n\n\n' + "".join(
        FUNCTION.replace("{n}", str(number)) for number in range(count)
    )


NEW = """\
    def total{n}(self, start: int = 0) -> int:
        return start + sum(item for item in self.items if item < self.limit)
"""


@dataclass
class Bench:
    """One project of one file, a gateway and a scripted model."""

    root: Path
    text: str
    known: Known
    house: House
    server: Scripted
    refactoring: Refactoring

    def command(self) -> Command:
        """Simplify a method in the middle of the file; the file is read anew."""
        middle = self.text.count("class Shelf") // 2
        line = self.text[: self.text.index(f"class Shelf{middle}:")].count("\n") + 8
        return Command(TASKS["simplify"], self.root, Original(PATH, self.text, "python", 1), line, line + 5)


@asynccontextmanager
async def opened(root: Path, lines: int, script: Script) -> AsyncIterator[Bench]:
    """Write the file and set everything up."""
    text = source(lines)
    (root / PATH).write_text(text)
    workspace = MemoryWorkspace({PATH: text}, dedent=False)
    workspace.facts(PATH)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(script))
        client = AnthropicClient(lambda: "key", server.url)
        stack.push_async_callback(client.close)
        house = await stack.enter_async_context(housed(root, client))
        pool = stack.enter_context(ThreadPoolExecutor(1))
        known = Known(workspace, workspace.resolver)
        yield Bench(root, text, known, house, server, Refactoring(house.gateway, pool, Options()))


async def around(root: Path, runs: int, lines: int) -> list[Figure]:
    """Time whole commands without the model."""
    middle = source(lines).count("class Shelf") // 2
    new = NEW.replace("{n}", str(middle))
    edit = {"action": "replace_symbol", "path": PATH, "target": f"Shelf{middle}.total{middle}", "text": new}
    answer = json.dumps({"edits": [edit], "summary": "Shorter."})
    theirs = [0.0]

    async def script(talk: Conversation) -> None:
        began = time.perf_counter()
        await talk.head()
        await talk.chunk(api.start() + api.opened())
        await asyncio.sleep(_THINKS_S)
        await talk.chunk(api.delta(answer) + api.closed() + api.ending())
        await talk.end()
        theirs[0] = time.perf_counter() - began

    gathering, asking, whole = [], [], []
    async with opened(root, lines, script) as bench:
        collector = Collector()
        collector.start()
        for _ in range(runs + 1):
            began = time.perf_counter()
            gathered = await bench.refactoring.gather(bench.command(), bench.known, lambda _: None)
            gathering.append((time.perf_counter() - began) * 1000)
            outcome = await bench.refactoring.run(gathered, bench.known)
            whole.append((time.perf_counter() - began - theirs[0]) * 1000)
            asking.append(outcome.ms - theirs[0] * 1000)
            if not outcome.changes:
                raise SystemExit(outcome.reason)
        collector.stop()
        size = bench.text.count("\n")
    return [
        figure(f"reading and gathering, {size:,} lines", "ms", gathering[1:]),
        figure("asking, matching, guards", "ms", asking[1:]),
        figure("all our time around the model", "ms", whole[1:], goal=50),
    ]


async def cancel(root: Path) -> float:
    """Milliseconds from a cancel in mid-answer until the server sees the connection closed."""
    begun, left = asyncio.Event(), [0.0]

    async def script(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(api.start() + api.opened() + api.delta('{"edits": ['))
        begun.set()
        await talk.until_the_client_leaves()
        left[0] = time.perf_counter()

    async with opened(root, 2_000, script) as bench:
        gathered = await bench.refactoring.gather(bench.command(), bench.known, lambda _: None)
        bill = Bill()
        running = asyncio.create_task(bench.refactoring.run(gathered, bench.known, bill=bill))
        await begun.wait()
        await asyncio.sleep(0.02)
        began = time.perf_counter()
        running.cancel()
        await asyncio.wait([running])
        await bench.server.left.wait()
        state, _, cost = (await bench.house.outcome())[-1]
        if (state, round(bill.dollars, 6)) != ("cancelled", round(cost, 6)):
            raise SystemExit("a cancelled answer was not charged as it was reported")
    return (left[0] - began) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="our own time around a command, and cancels")
    parser.add_argument("--runs", type=int, default=20, help="how often to measure (default 20)")
    parser.add_argument("--lines", type=int, default=2_000, help="lines of the file (default 2000)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    given = parser.parse_args()
    where = machine()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "project")
        root.mkdir()
        figures = asyncio.run(around(root, given.runs, given.lines))
        took = [asyncio.run(cancel(root)) for _ in range(given.runs)]
    figures.append(figure("from a cancel to the closed connection", "ms", took, goal_most=100))
    tell("refactor", where, figures, [], given.json)


if __name__ == "__main__":
    main()
