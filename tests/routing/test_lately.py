"""Whoever types hears what held for a file a moment ago, and what has changed since soon after."""

from __future__ import annotations

import math
import threading
from pathlib import Path

from twolane.routing.privacy.lately import AGE_S, LATELY_S, Lately
from twolane.routing.privacy.privacy import Privacy
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


def test_of_any_age_is_what_was_seen_once_and_looked_at_again_beside() -> None:
    disk = Disk()
    lately = Lately(disk.look, lambda: disk.now)
    lately.expect(None, ["a.py"])
    assert lately.knows(None, "a.py")
    assert not lately.knows(None, "b.py")
    disk.verdict = BLOCKED
    disk.looked.clear()
    disk.now += 100 * LATELY_S
    assert lately.verdict(None, "a.py", most_s=math.inf) == ANYWHERE
    assert disk.looked.wait(10)
    while lately.verdict(None, "a.py", most_s=math.inf) != BLOCKED:
        pass
    assert disk.looks[1] != threading.current_thread().name


def test_files_whose_lines_are_expected_are_not_looked_for_when_somebody_waits(tmp_path: Path) -> None:
    paths = [f"{number}.py" for number in range(20)]
    (tmp_path / ".aiexclude").write_text("3.py\n")
    privacy = Privacy(outer=())
    privacy.expect(tmp_path, [*paths, *paths])
    (tmp_path / ".aiexclude").unlink()
    allowed = [path for path in paths if privacy.lines_lately(tmp_path, path).allows("near")]
    assert allowed == [path for path in paths if path != "3.py"]
    while not privacy.lines_lately(tmp_path, "3.py").allows("near"):
        pass
