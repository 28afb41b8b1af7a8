"""What is kept of requests: written beside the work, within bounds, and never at anybody's cost."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.server.history_factory import remember, trace
from twolane.completion.trace import Source
from twolane.server.history.keeper import Keeper
from twolane.server.history.reading import last_requests
from twolane.server.history.store import HistoryUnusable, Store

DAY_S = 86_400
SECRET = "the_text_of_the_file"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite3"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    store = Store(file)
    yield store
    store.close()


def told(file: Path, root: Path | None = None, count: int = 100) -> list[dict[str, Any]]:
    with closing(Store(file)) as store:
        return last_requests(store, root, count)


def paths(file: Path, root: Path | None = None) -> list[str]:
    return [request["path"] for request in told(file, root)]


async def until(met: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    async with asyncio.timeout(20):
        while not met():
            await asyncio.sleep(0.005)


def written(*keepers: Keeper) -> None:
    """End all keepers of a test and wait until their threads have."""
    for keeper in keepers:
        keeper.end()
    for thread in threading.enumerate():
        if thread.name.startswith("history"):
            thread.join(20)


def keeper(file: Path, days: int = 30, *, retry_s: float = 0.0, **options: Any) -> Keeper:
    return Keeper(lambda: days, lambda: Store(file, **options), calm_s=0.0, retry_s=retry_s)


async def test_a_request_is_told_as_its_trace_told_it(file: Path) -> None:
    kept = trace(sent=[{"host": "models.example", "bytes": 4321}])
    own = keeper(file)
    own.keep(None, kept)
    written(own)
    assert told(file) == [asdict(kept) | {"workspace": ""}]
    assert own.problem == ""
    assert file.stat().st_mode & 0o777 == 0o600


async def test_nothing_is_opened_before_there_is_a_request(file: Path) -> None:
    written(keeper(file))
    assert not file.parent.exists()


async def test_no_text_stays_in_the_file_whatever_a_trace_holds(file: Path) -> None:
    own = keeper(file)
    text = {"text": SECRET, "prefix": SECRET}
    lines = f"x = 1\n{SECRET * 60}\ud800"
    own.keep(
        None,
        trace(
            pace={"goal_ms": SECRET, **text},
            work={"finish": "stop", "model_ms": SECRET, **text},
            sent=[{"host": "h", "bytes": 1, **text}],
            reason=lines,
            sources=[Source("a" * 5_000, 1, 2, "b" * 5_000, "c" * 5_000)],
        ),
    )
    written(own)
    (request,) = told(file)
    assert (request["pace"], request["work"]) == ({}, {"finish": "stop"})
    assert request["sent"] == [{"host": "h", "bytes": 1}]
    assert "\n" not in request["reason"]
    assert len(request["reason"]) == 500
    assert len(json.dumps(request)) < 3_500


async def test_sources_that_stay_the_same_are_kept_once(store: Store, file: Path) -> None:
    many = [Source(f"src/{number}.py", 1, 9, f"symbol_{number}", "imported here") for number in range(100)]
    remember(store, None, trace(sources=many))
    size = _bytes(file)
    remember(store, None, *(trace(sources=many) for _ in range(20)))
    assert _bytes(file) - size < 20 * 1_500
    assert [len(request["sources"]) for request in told(file)] == [100] * 21
    remember(store, None, trace(sources=[]), most=1)
    assert [request["sources"] for request in told(file)] == [[]]
    with store.read() as connection:
        assert connection.execute("SELECT count(*) FROM pieces").fetchone() == (1,)


def _bytes(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


def test_the_oldest_leave_where_there_are_too_many(store: Store, file: Path, tmp_path: Path) -> None:
    remember(store, tmp_path, trace(path="other.py"))
    for number in range(6):
        remember(store, None, trace(path=f"{number}.py"), most=3)
    assert paths(file) == ["3.py", "4.py", "5.py"]
    assert paths(file, tmp_path) == ["other.py"]


def test_old_requests_leave_and_sooner_where_fewer_days_are_kept(store: Store, file: Path, tmp_path: Path) -> None:
    now = time.time()
    days_old = [trace(path=f"{days}.py", at=now - days * DAY_S) for days in (40, 20, 5, 0)]
    remember(store, None, *days_old)
    remember(store, tmp_path, *days_old[1:])
    assert paths(file) == ["20.py", "5.py", "0.py"]
    remember(store, None, trace(path="now.py"), days=10)
    assert paths(file) == ["5.py", "0.py", "now.py"]
    assert paths(file, tmp_path) == ["20.py", "5.py", "0.py"]


async def test_where_nothing_is_kept_what_was_kept_goes_too(store: Store, file: Path, tmp_path: Path) -> None:
    remember(store, tmp_path, trace())
    remember(store, None, trace())
    own = keeper(file, days=0)
    own.keep(tmp_path, trace())
    written(own)
    assert paths(file, tmp_path) == []
    assert paths(file) == ["src/a.py"]


async def test_two_servers_write_at_once(file: Path) -> None:
    own, other = keeper(file), keeper(file)
    for number in range(50):
        own.keep(None, trace(path=f"own{number}.py"))
        other.keep(None, trace(path=f"other{number}.py"))
        await asyncio.sleep(0)
    written(own, other)
    assert len(paths(file)) == 100


async def test_a_file_that_another_holds_is_written_once_it_lets_go(store: Store, file: Path) -> None:
    remember(store, None, trace(path="before.py"))
    own = keeper(file, busy_s=0.01)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        own.keep(None, trace(path="first.py"))
        await until(lambda: "another process does not let go" in own.problem)
        assert str(file) in own.problem
        other.execute("ROLLBACK")
    own.keep(None, trace(path="second.py"))
    await until(lambda: own.problem == "")
    written(own)
    assert paths(file) == ["before.py", "first.py", "second.py"]


@pytest.mark.parametrize(
    ("pragma", "reason"),
    [("query_only = 1", "it may only be read"), ("max_page_count = 1", "the disk is full: make room")],
)
async def test_a_disk_that_refuses_is_named_and_left_alone(store: Store, file: Path, pragma: str, reason: str) -> None:
    remember(store, None, trace(path="before.py"))

    def connect(*words: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(*words, **options)
        connection.execute(f"PRAGMA {pragma}")
        return connection

    own = keeper(file, connect=connect, retry_s=3600)
    for _ in range(200):
        own.keep(None, trace())
    await until(lambda: reason in own.problem)
    written(own)
    assert paths(file)[0] == "before.py"


async def test_a_trace_that_cannot_be_written_does_not_stop_the_others(file: Path) -> None:
    own = keeper(file)
    own.keep(None, trace(sent=[{"host": "no number of bytes"}]))
    await until(lambda: "a fault of Twolane's own (KeyError)" in own.problem)
    own.keep(None, trace(path="next.py"))
    await until(lambda: own.problem == "")
    written(own)
    assert paths(file) == ["next.py"]


def test_a_folder_whose_name_is_no_text(store: Store, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    remember(store, folder, trace())
    assert paths(file, folder) == ["src/a.py"]


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    own = keeper(tmp_path / "data" / "history.sqlite3")
    own.keep(None, trace())
    await until(lambda: "see to its folder" in own.problem)
    written(own)


async def test_a_damaged_file_is_moved_aside(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 100)
    own = keeper(file)
    own.keep(None, trace())
    written(own)
    (aside,) = file.parent.glob("history.damaged-*.sqlite3")
    assert aside.read_bytes().startswith(b"this is no database")
    assert str(aside) in own.problem
    assert paths(file) == ["src/a.py"]


async def test_a_file_that_vanishes_is_begun_anew(file: Path) -> None:
    own = keeper(file)
    own.keep(None, trace(path="lost.py"))
    await until(lambda: file.exists() and paths(file) == ["lost.py"])
    for part in file.parent.iterdir():
        part.unlink()
    own.keep(None, trace(path="after.py"))
    written(own)
    assert paths(file) == ["after.py"]


async def test_a_later_versions_file_stays_as_it_is(store: Store, file: Path) -> None:
    remember(store, None, trace())
    with store.write() as connection:
        connection.execute("PRAGMA user_version = 99")
    store.close()
    own = keeper(file)
    own.keep(None, trace())
    await until(lambda: "a later version of Twolane wrote it" in own.problem)
    written(own)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM request").fetchone() == (1,)
    with pytest.raises(HistoryUnusable, match="use that version, or update this one"):
        told(file)
