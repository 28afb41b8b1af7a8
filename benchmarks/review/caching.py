"""What repeated saves of one file pay: a function grows by a line in its middle with each, and has one finding."""

from __future__ import annotations

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tests.clients.scripted.server import serving
from tests.context.memory_workspace import MemoryWorkspace
from tests.routing.gateway_factory import housed
from twolane.clients.anthropic.client import AnthropicClient
from twolane.review.changes import between
from twolane.review.reviewing import Reviewer, ReviewOptions
from twolane.server import changed, reviewing

from ..report import Figure, figure
from .accounting import Accounts, Paid, question

PATH, FUNCTION_LINES, CALLERS = "orders.py", 60, 4
RULES = "Money is counted in cents, never in floats. Every amount that leaves a function carries its currency.\n" * 25


def files() -> dict[str, str]:
    """One file with a long function, and some that call it."""
    steps = "".join(f"    total += price_{number}(order) * order.count_{number}\n" for number in range(FUNCTION_LINES))
    text = f"from prices import *\n\n\ndef bill(order):\n    total = 0\n{steps}    return total\n"
    around = "".join(f"    step_{number} = {number}\n" for number in range(12))
    callers = {
        f"caller_{number}.py": f"from orders import bill\n\n\ndef pay_{number}(order):\n{around}    bill(order)\n"
        for number in range(CALLERS)
    }
    return {PATH: text, **callers}


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """One finding about the return, which holds."""
    asked = question(body)
    if asked.startswith("Somebody reports"):
        return {"findings": [], "verdicts": [{"number": 1, "holds": True, "because": "so"}]}
    shown = "".join(block["text"] for block in body["messages"][-1]["content"][-3:-1])
    row = next(row for row in shown.split("\n") if "+|" in row and "changed" in row)
    number, _, text = row.partition("+|")
    claim = {
        "rule": "wrong-total",
        "severity": "error",
        "path": PATH,
        "start_line": int(number),
        "end_line": int(number),
        "quote": text.strip(),
        "title": "The total is wrong.",
        "why": "It is changed.",
        "replace": "",
        "with": "",
        "see": [],
    }
    return {"findings": [claim], "verdicts": []}


async def saves(count: int) -> list[Paid]:
    """What each question of `count` saves paid: two of each save, to find and to refute."""
    accounts = Accounts()
    own = files()
    with tempfile.TemporaryDirectory(prefix="twolane-review-") as place:
        root = Path(place, "project")
        for path, text in own.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(text)
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(serving(accounts.script(answer)))
            client = AnthropicClient(lambda: "key", server.url)
            stack.push_async_callback(client.close)
            house = await stack.enter_async_context(housed(root, client))
            reviewer = Reviewer(house.gateway, ReviewOptions())
            rows = own[PATH].split("\n")
            for number in range(count):
                rows.insert(40 + number, f"    total += {number}  # changed")
                now = "\n".join(rows)
                workspace = MemoryWorkspace(own | {PATH: now}, dedent=False)
                looked = reviewing.look(changed.Changed(PATH, now, between(own[PATH], now)))
                (subject,) = reviewing.subjects(root, looked, looked.regions, workspace, RULES)
                review = await reviewer.review(subject, lambda _: False)
                if review.incomplete or not review.findings:
                    raise RuntimeError(review.incomplete or f"nothing found: {review.dropped}")
    return accounts.paid


def figures(paid: list[Paid]) -> list[Figure]:
    """Of all saves but the first: what is read is what an earlier question has written."""
    finding, refuting = paid[2::2], paid[3::2]
    every = paid[2:]
    return [
        figure("prompt of a question, later saves", "tokens", [float(one.prompt) for one in every]),
        figure("to find: not read from the cache", "%", [100 * (1 - one.read / one.prompt) for one in finding]),
        figure("to refute: not read from the cache", "%", [100 * (1 - one.read / one.prompt) for one in refuting]),
        figure("paid of the price without a cache", "%", [100 * one.worth / one.prompt for one in every]),
    ]
