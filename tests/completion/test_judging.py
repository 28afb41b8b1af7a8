"""What the workspace knows of the names in a suggestion, without reading the whole file again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from twolane.completion.analysis import Analysis
from twolane.completion.checks import trial
from twolane.completion.checks.names import Silent
from twolane.completion.checks.trees import Trees
from twolane.completion.checks.trial import Trial
from twolane.completion.judging import WorkspaceJudge
from twolane.completion.question import pose
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


def at(snapshot: Snapshot, before: str) -> Trial | None:
    return trial.begin(Trees(), pose(snapshot, len(before), (24_000, 6_000), "auto"))


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
    found = await WorkspaceJudge(analysis, most_seconds=60).findings(snapshot, len(before), text, at(snapshot, before))
    assert not isinstance(found, Silent)
    assert [(one.problem, one.at) for one in found] == problems


async def test_where_there_is_no_index_nobody_knows(analysis: Analysis) -> None:
    snapshot = Snapshot("file:///x.py", "x.py", None, "python", 1, "x = ")
    found = await WorkspaceJudge(analysis).findings(snapshot, 4, "name", at(snapshot, "x = "))
    assert isinstance(found, Silent)


FILES = {
    "rust": ("a.rs", "use std::fmt;\n\npub struct Held;\n\nfn f(a: Held) -> usize {\n    ‸\n    1\n}\n"),
    "lua": ("a.lua", "local held = {}\n\nlocal function f(a)\n  ‸\n  return a\nend\n"),
    "java": ("A.java", "class A {\n    int f(int a) {\n        ‸\n        return a;\n    }\n}\n"),
}


@pytest.mark.parametrize(
    ("language", "text", "problems"),
    [
        ("rust", "let b: Held = a;", []),
        ("rust", 'let b: Vec<Option<u8>> = vec![]; println!("x");', []),
        ("rust", "let b: Nowhere = a;", [("unknown name", 7)]),
        ("rust", "let b = serde::from_str(a);", []),
        ("lua", "print(held, a, ipairs(held))", []),
        ("lua", "local b = invented(a)", [("unknown name", 10)]),
        ("java", "String b = Integer.toString(a);", []),
        ("java", "Invented b = null;", [("unknown name", 0)]),
    ],
)
async def test_names_of_languages_without_a_full_list(
    analysis: Analysis, tmp_path: Path, language: str, text: str, problems: list[tuple[str, int]]
) -> None:
    name, document = FILES[language]
    before, _, after = document.partition("‸")
    (tmp_path / name).write_text(before + after)
    snapshot = Snapshot((tmp_path / name).as_uri(), name, tmp_path, language, 1, before + after)
    await analysis.fresh(snapshot)
    found = await WorkspaceJudge(analysis, most_seconds=60).findings(snapshot, len(before), text, at(snapshot, before))
    assert not isinstance(found, Silent)
    assert [(one.problem, one.at) for one in found] == problems


async def test_a_wildcard_import_may_bring_anything(analysis: Analysis, tmp_path: Path) -> None:
    before = "import java.util.*;\n\nclass A {\n    int f() {\n        "
    snapshot = Snapshot((tmp_path / "A.java").as_uri(), "A.java", tmp_path, "java", 1, before + "\n    }\n}\n")
    await analysis.fresh(snapshot)
    found = await WorkspaceJudge(analysis, most_seconds=60).findings(
        snapshot, len(before), "Invented b = null;", at(snapshot, before)
    )
    assert found == ()
