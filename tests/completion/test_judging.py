"""What the workspace knows of the names in a suggestion, without reading the whole file again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from twolane.completion.analysis import Analysis
from twolane.completion.judging import WorkspaceJudge
from twolane.context.document import Snapshot

MODEL = """\
class Client:
    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path):
        return path
"""
USER = """\
from model import Client

LIMIT = 3


def first(a):
    return a


def second(client: Client, b):
    c = first(b)
    ‸
    return c


def third():
    return LIMIT
"""


@pytest.fixture
async def analysis(tmp_path: Path) -> AsyncIterator[Analysis]:
    (tmp_path / "model.py").write_text(MODEL)
    made = Analysis()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("c = first(b)", []),
        ("c = third()", []),
        ("c = LIMIT + len(b)", []),
        ("d = client.get(b)\n    c = d", []),
        ("c = undefined_name", [("unknown name", 4)]),
        ("d = 1\n    c = undefined_name(d)", [("unknown name", 14)]),
        ("c = client.gett(b)", [("unknown member", 11)]),
        ("c = first(b, c, 3)", [("arguments do not fit", 4)]),
    ],
)
async def test_findings(analysis: Analysis, tmp_path: Path, text: str, problems: list[tuple[str, int]]) -> None:
    before, _, after = USER.partition("‸")
    (tmp_path / "user.py").write_text(before + after)
    snapshot = Snapshot((tmp_path / "user.py").as_uri(), "user.py", tmp_path, "python", 1, before + after)
    await analysis.fresh(snapshot)
    found = await WorkspaceJudge(analysis, most_seconds=60).findings(snapshot, len(before), text)
    assert found is not None
    assert [(one.problem, one.at) for one in found] == problems


async def test_where_there_is_no_index_nobody_knows(analysis: Analysis) -> None:
    snapshot = Snapshot("file:///x.py", "x.py", None, "python", 1, "x = ")
    assert await WorkspaceJudge(analysis).findings(snapshot, 4, "y") is None
