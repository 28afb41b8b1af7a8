from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.lsp_client import LspClient, console_script, private_environment

PROJECT = {
    "shop/money.py": '''\
"""Amounts of money."""


class Money:
    """An amount in a currency."""

    def __init__(self, amount: int, currency: str) -> None:
        self.amount = amount
        self.currency = currency

    def add(self, other: "Money") -> "Money":
        return Money(self.amount + other.amount, self.currency)


def format_money(money: Money) -> str:
    """Return the amount with its currency."""
    return f"{money.amount} {money.currency}"
''',
    "shop/cart.py": '''\
"""The cart."""

from shop.money import Money, format_money


class Cart:
    """What somebody wants to buy."""

    def __init__(self, items: list[Money], name: str) -> None:
        self.items = items

    def total(self) -> Money:
        result = Money(0, "EUR")
        for item in self.items:
            result = result.add(item)
        return result
''',
}


class Machine:
    """A user's machine of its own: a project, an engine, and editors."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.project = folder / "project"
        self.environment = private_environment(folder)
        self._folder = folder
        self._stack = stack
        self._editors = 0
        for name, text in PROJECT.items():
            file = self.project / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def uri(self, name: str) -> str:
        return (self.project / name).as_uri()

    def editor(self) -> LspClient:
        """Open an editor on the project: the real console script, with the real engine behind it."""
        self._editors += 1
        folder = self._folder / f"editor{self._editors}"
        folder.mkdir()
        client = LspClient([console_script(), "serve", "--stdio"], self.environment, folder)
        self._stack.callback(client.close)
        client.answers_to["window/workDoneProgress/create"] = None
        client.initialize(
            processId=os.getpid(),
            rootUri=self.project.as_uri(),
            capabilities={"window": {"workDoneProgress": True}},
        )
        return client

    def engine(self, action: str = "status") -> dict[str, Any]:
        done = subprocess.run(
            [console_script(), "engine", action, "--json"],
            env=self.environment,
            cwd=self._folder,
            capture_output=True,
            timeout=60,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def kill_engine(self) -> int:
        """Kill the engine's process; return its id."""
        process_id = int(self.engine()["pid"])
        os.kill(process_id, signal.SIGKILL)
        return process_id


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Return a fresh machine; its engine leaves with the test. The folder is short, as sockets' names must be."""
    with tempfile.TemporaryDirectory(prefix="tl", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        made = Machine(Path(name), stack)

        def stop() -> None:
            with suppress(subprocess.TimeoutExpired):
                made.engine("stop")

        stack.callback(stop)
        yield made
