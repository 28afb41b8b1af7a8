"""The ledger's file under everything that happens to files: spend is never forgotten, and never silently."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.routing.money_factory import Till, call
from twolane.routing.errors import LedgerClosed
from twolane.routing.money import history

ROOT = Path(__file__).parents[2]


def check(till: Till, why: str) -> str:
    """Nothing may be spent; the refusal says why."""
    with pytest.raises(LedgerClosed, match=why) as refused:
        till.reserve(0.01)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def damaged(path: Path) -> None:
    """Overwrite what stands behind the header, as a bad disk would."""
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 8000)


def test_the_file_is_private_and_spend_survives_a_restart(open_till: Callable[..., Till]) -> None:
    first = open_till()
    first.reserve(2)
    assert stat.S_IMODE(first.store.path.stat().st_mode) == 0o600
    first.close()
    assert open_till().spent()[0] == 2


CHILD = """
import sys
from pathlib import Path
from tests.routing.money_factory import Till, caps
till = Till(Path(sys.argv[1]))
while True:
    one = till.reserve(0.001, caps(day=1000))
    print("reserved", flush=True)
    till.settle(one, 0.0005)
    print("settled", flush=True)
    if sys.argv[2] == "once":
        till.reserve(1)
        print("under way", flush=True)
        sys.stdin.read()
"""


def child(till: Till, how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(till.folder), how]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed(process: subprocess.Popen[str]) -> str:
    """Kill -9 and return what it had said."""
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    return said


def test_a_process_killed_in_mid_call_is_charged_its_worst_case(till: Till) -> None:
    process = child(till, "once")
    assert process.stdout is not None
    while process.stdout.readline() != "under way\n":
        pass
    assert till.budget.reclaim() == 0
    killed(process)
    assert till.spent()[0] == 1.0005
    assert till.budget.reclaim() == 1
    assert till.spent()[0] == 1.0005
    states = [entry.state for entry in history.entries(till.store, till.budget.standing("").day)]
    assert states == ["done", "lost"]


def test_a_process_killed_while_it_writes_loses_nothing_that_it_was_told_is_written(till: Till) -> None:
    for lines in (3, 8, 21):
        before = till.spent()[0]
        process = child(till, "for ever")
        assert process.stdout is not None
        said = "".join(process.stdout.readline() for _ in range(lines)) + killed(process)
        settled, reserved = said.count("settled\n"), said.count("reserved\n")
        spent = till.spent()[0] - before
        assert 0.0005 * settled + 0.001 * (reserved - settled) - 0.0006 <= spent <= 0.001 * (reserved + 1)
        with till.store.read() as connection:
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)


def test_a_reservation_given_up_for_lost_can_still_be_settled(till: Till) -> None:
    one = till.reserve(1)
    with till.store.write() as connection:
        connection.execute("UPDATE call SET pid = 0, process_started = 1")
    assert till.budget.reclaim() == 1
    till.settle(one, 0.25)
    assert till.spent()[0] == 0.25


@pytest.mark.parametrize("how", ["damaged", "schema", "no database", "emptied", "deleted"])
def test_a_lost_ledger_is_kept_aside_and_nothing_is_spent_until_a_person_says_what_was(
    open_till: Callable[..., Till], how: str
) -> None:
    first = open_till()
    for _ in range(40):
        first.reserve(0.1)
    first.close()
    path = first.store.path
    if how == "damaged":
        damaged(path)
    elif how == "schema":
        path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE \xc6ABLE"))
    elif how == "no database":
        path.write_bytes(b"hello" * 1000)
    elif how == "emptied":
        path.write_bytes(b"")
    else:
        path.unlink()
    till = open_till()
    message = check(till, "--acknowledge")
    check(open_till(), "--acknowledge")
    aside = list(path.parent.glob("ledger.damaged-*.sqlite3"))
    assert len(aside) == (how != "deleted")
    assert (aside[0].name if aside else "is gone") in message
    till.reserve(0)
    till.budget.acknowledge(call(4))
    assert till.spent()[0] == 4
    till.reserve(1)
    with pytest.raises(Exception, match=r"\$0 is left"):
        till.reserve(0.5)


def test_a_ledger_that_is_replaced_under_a_running_process_is_noticed(open_till: Callable[..., Till]) -> None:
    till = open_till()
    till.reserve(1)
    till.store.path.unlink()
    check(till, "is gone")
    shutil.rmtree(till.folder)
    check(till, "is gone")


def test_damage_found_in_the_middle_closes_the_remote_lanes(till: Till) -> None:
    for _ in range(200):
        till.reserve(0.001)
    with till.store.read() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA cache_size=0")
    damaged(till.store.path)
    with pytest.raises(LedgerClosed):
        till.reserve(0.01)
    check(till, "--acknowledge")


def test_a_ledger_held_by_another_process_closes_the_remote_lanes(open_till: Callable[..., Till]) -> None:
    till = open_till(busy_s=0.05)
    till.reserve(1)
    other = sqlite3.connect(till.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    check(till, "does not let go")
    other.execute("ROLLBACK")
    other.close()
    till.reserve(1)


def test_a_ledger_that_another_process_is_opening_closes_the_remote_lanes(open_till: Callable[..., Till]) -> None:
    till = open_till(busy_s=0.05)
    with FileLock(till.store.path.with_suffix(".lock")):
        check(till, "does not let go")
    till.reserve(1)


def test_a_reader_in_the_middle_of_a_snapshot_hinders_nobody(till: Till) -> None:
    till.reserve(1)
    reader = sqlite3.connect(till.store.path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM call").fetchone() == (1,)
    one = till.reserve(1)
    till.settle(one, 0.5)
    assert reader.execute("SELECT sum(charged) FROM call").fetchone() == (1_000_000,)
    reader.execute("COMMIT")
    assert reader.execute("SELECT sum(charged) FROM call").fetchone() == (1_500_000,)
    reader.close()


def test_a_full_disk_closes_the_remote_lanes_and_keeps_what_was_written(open_till: Callable[..., Till]) -> None:
    open_till().reserve(1)

    def crowded(*words: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(*words, **options)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={max(pages, 1)}")
        return connection

    till = open_till(connect=crowded)
    with pytest.raises(LedgerClosed, match="the disk is full: make room"):
        for _ in range(500):
            till.reserve(0.001)
    written = till.spent()[0]
    assert written >= 1
    check(till, "the disk is full")
    assert open_till().spent()[0] == written


def test_a_ledger_that_may_only_be_read_closes_the_remote_lanes(open_till: Callable[..., Till]) -> None:
    open_till().reserve(1)

    def reading(path: Path, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, **options)
        return connection

    till = open_till(connect=reading)
    check(till, "may only be read")
    assert till.spent()[0] == 1


def test_a_folder_that_cannot_be_made_closes_the_remote_lanes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    check(Till(tmp_path / "file" / "twolane"), "see to its folder")


def test_a_file_of_a_later_version_is_left_alone(open_till: Callable[..., Till]) -> None:
    first = open_till()
    first.reserve(1)
    with first.store.write() as connection:
        connection.execute("PRAGMA user_version = 99")
    first.close()
    check(open_till(), "later version")
    assert not list(first.folder.glob("*damaged*"))


@contextmanager
def umask(mask: int) -> Iterator[None]:
    old = os.umask(mask)
    try:
        yield
    finally:
        os.umask(old)


def test_a_generous_umask_opens_nothing_to_others(tmp_path: Path) -> None:
    with umask(0):
        till = Till(tmp_path / "data" / "twolane")
        till.reserve(1)
    assert stat.S_IMODE(till.folder.stat().st_mode) == 0o700
    files = [path for path in till.folder.iterdir() if path.suffix != ".lock"]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in files} == {0}
    till.close()
