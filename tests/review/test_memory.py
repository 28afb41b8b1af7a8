"""What was reviewed is known again after a restart, wherever it stands by then."""

from __future__ import annotations

import stat
from pathlib import Path

from twolane.review.changes import Lines
from twolane.review.finding import Finding, Related, Replacement
from twolane.review.memory import KEPT_DAYS, Memory, key
from twolane.review.regions import Region, regions

TEXT = "def f(x):\n    return 1 / x\n"
FINDING = Finding(
    "a.py",
    2,
    2,
    "division-by-zero",
    "error",
    "Divides by zero.",
    "f(0) fails.",
    "return 1 / x",
    "f",
    Replacement("1 / x", "1 / x if x else 0"),
    (Related("b.py", 7, "calls f(0)"),),
)


def only(text: str, line: int) -> Region:
    (region,) = regions(text, None, [Lines(line, line)])
    return region


def test_a_region_is_known_after_a_restart_and_keeps_its_findings(tmp_path: Path) -> None:
    path = tmp_path / "data" / "reviewed.sqlite3"
    region = only(TEXT, 2)
    first = Memory(path)
    first.keep({key(region, "r"): (region, [FINDING])})
    first.close()
    again = Memory(path)
    assert again.known("a.py", [(region, key(region, "r"))]) == {region: (FINDING,)}
    assert again.known("a.py", [(region, key(region, "other rules"))]) == {}
    again.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_stands_where_the_region_stands_now(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "reviewed.sqlite3")
    region = only(TEXT, 2)
    moved = Region(region.first + 40, region.last + 40, (Lines(42, 42),), "", region.digest)
    memory.keep({key(region, ""): (region, [FINDING])})
    ((finding,),) = memory.known("renamed.py", [(moved, key(moved, ""))]).values()
    assert (finding.path, finding.start_line, finding.name) == ("renamed.py", 42, FINDING.name)
    memory.close()


def test_without_a_file_nothing_is_known_and_none_is_made(tmp_path: Path) -> None:
    path = tmp_path / "reviewed.sqlite3"
    region = only(TEXT, 2)
    assert Memory(path).known("a.py", [(region, key(region, ""))]) == {}
    assert not path.exists()


def test_what_is_old_is_forgotten(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "reviewed.sqlite3")
    old, new = only(TEXT, 2), only(TEXT.replace("1", "2"), 2)
    memory.clock = lambda: 1_000_000.0
    memory.keep({key(old, ""): (old, [])})
    memory.clock = lambda: 1_000_000.0 + (KEPT_DAYS + 1) * 86_400
    memory.keep({key(new, ""): (new, [])})
    assert list(memory.known("a.py", [(old, key(old, "")), (new, key(new, ""))])) == [new]
    memory.close()
