"""Workers that crash, hang or never start; played by small scripts that speak the protocol."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from twolane.context.graph import pool
from twolane.context.graph.pool import Pool

SCRIPT = """
import os, sys, time
from twolane.context.graph import frames
incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
frames.receive(incoming)
frames.send(outgoing, "ready")
while (frame := frames.receive(incoming)) is not None:
    for path, _ in frame[0]:
        if path == "crash": os.abort()
        if path == "hang": time.sleep(60)
        if path == "lie": os.write(outgoing.fileno(), b"XXXXXXXXXXXXXXXX")
        frames.send(outgoing, [path, "", "00", 1], b"names", b"facts")
"""


def scripted(tmp_path: Path, count: int = 2, patience_s: float = 30.0) -> Pool:
    script = tmp_path / "worker.py"
    script.write_text(SCRIPT)
    return Pool(str(tmp_path), None, count, command=(sys.executable, "-P", str(script)), patience_s=patience_s)


def run(work: Pool, paths: list[str]) -> dict[str, str]:
    return {result.path: result.reason for result in work.run([(path, "python") for path in paths])}


def test_every_file_is_answered_for(tmp_path: Path) -> None:
    paths = [f"{n}.py" for n in range(100)]
    assert run(scripted(tmp_path), paths) == dict.fromkeys(paths, "")


@pytest.mark.parametrize(("bad", "patience_s", "reason"), [("crash", 30, pool.CRASHED), ("hang", 0.5, pool.TOO_SLOW)])
def test_a_file_that_ends_its_worker_is_given_up_and_the_others_are_read(
    tmp_path: Path, bad: str, patience_s: float, reason: str
) -> None:
    paths = ["a", "b", bad, "c", "d"]
    assert run(scripted(tmp_path, patience_s=patience_s), paths) == {"a": "", "b": "", bad: reason, "c": "", "d": ""}


def test_a_worker_that_talks_nonsense_is_replaced(tmp_path: Path) -> None:
    assert run(scripted(tmp_path), ["a", "lie", "b"]) == {"a": "", "lie": pool.CRASHED, "b": ""}


@pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "pass")])
def test_workers_that_cannot_be_started_end_the_work_with_a_reason(tmp_path: Path, command: tuple[str, ...]) -> None:
    work = Pool(str(tmp_path), None, 2, command=command)
    found = run(work, ["a", "b"])
    assert list(found) == [""]
    assert found[""]


def test_stopping_ends_the_workers(tmp_path: Path) -> None:
    work = scripted(tmp_path)
    found = []
    for result in work.run([(path, "python") for path in ["a", "hang", *map(str, range(100))]]):
        found.append(result.path)
        work.stop()
    assert len(found) < 102
    assert not [
        child for child in psutil.Process().children() if child.is_running() and "worker.py" in str(child.cmdline())
    ]
