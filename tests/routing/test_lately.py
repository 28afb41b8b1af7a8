"""Whoever types hears what held for a file a moment ago, and what has changed since soon after."""

from __future__ import annotations

import threading
from pathlib import Path

from twolane.routing.privacy.lately import AGE_S, LATELY_S, Lately
from twolane.routing.privacy.tier import ANYWHERE, Verdict

BLOCKED = Verdict("blocked", "it is excluded")


class Disk:
    """What is looked at, by whom, and a clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.verdict = ANYWHERE
        self.looks: list[str] = []
        self.looked = threading.Event()

    def look(self, root: Path | None, path: str) -> Verdict:
        self.looks.append(threading.current_thread().name)
        self.looked.set()
        return self.verdict


def test_what_was_asked_lately_is_looked_at_again_beside() -> None:
    disk = Disk()
    lately = Lately(disk.look, lambda: disk.now)
    here = threading.current_thread().name
    assert lately.verdict(None, "a.py") == ANYWHERE
    assert lately.verdict(None, "a.py") == ANYWHERE
    assert disk.looks == [here]
    disk.verdict = BLOCKED
    disk.looked.clear()
    disk.now += AGE_S
    assert lately.verdict(None, "a.py") == ANYWHERE
    assert disk.looked.wait(10)
    while lately.verdict(None, "a.py") != BLOCKED:
        pass
    assert len(disk.looks) == 2
    assert disk.looks[1] != here


def test_what_was_asked_long_ago_is_waited_for() -> None:
    disk = Disk()
    lately = Lately(disk.look, lambda: disk.now)
    assert lately.verdict(None, "a.py") == ANYWHERE
    disk.verdict = BLOCKED
    disk.now += LATELY_S
    assert lately.verdict(None, "a.py") == BLOCKED
    assert disk.looks == [threading.current_thread().name] * 2
