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


def judging(analysis: Analysis, *, knows_all: bool = True) -> WorkspaceJudge:
    return WorkspaceJudge(analysis, most_seconds=60, knows_all=lambda _: knows_all)


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
    found = await judging(analysis).findings(snapshot, len(before), text, at(snapshot, before))
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
    "csharp": (
        "A.cs",
        "using System;\n\nclass A {\n    int held;\n    int F(int a) {\n        ‸\n        return a;\n    }\n}\n",
    ),
    "php": (
        "a.php",
        "<?php\nnamespace Shop;\n\nuse Other\\Kept;\n\nclass Cart\n{\n    public function f($a)\n    {\n        ‸\n"
        "        return $a;\n    }\n}\n",
    ),
    "ruby": ("a.rb", "class Cart\n  attr_reader :held\n\n  def f(a)\n    ‸\n    a\n  end\nend\n"),
    "c": ("a.c", '#include <stdio.h>\n#include "config.h"\n\nstatic int held(int a)\n{\n    ‸\n    return a;\n}\n'),
    "cpp": ("a.cpp", "#include <vector>\n\nint held(int a)\n{\n    ‸\n    return a;\n}\n"),
    "shellscript": ("a.sh", 'held=1\n\nf() {\n    local a=$1\n    ‸\n    echo "$a"\n}\n'),
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
        ("csharp", "var b = held + Unseen.Of(a, named: 1);", []),
        ("csharp", "var b = invented + a;", [("unknown name", 8)]),
        ("csharp", "Inherited(a);", []),
        ("php", "$b = new Cart($a, new Kept(), new \\Other\\Thing());", []),
        ("php", "preg_match('/x/', $a, $found);", []),
        ("php", "$b = some_function($a, SOME_CONSTANT);", []),
        ("php", "$b = $invented + $a;", [("unknown name", 5)]),
        ("php", "$b = new Invented($a);", [("unknown name", 9)]),
        ("php", "foreach ($a as $key => $one) { unset($key); }", []),
        ("ruby", "b = held + @held + a", []),
        ("ruby", "b = @invented + a", [("unknown name", 4)]),
        ("ruby", "b = invented + a", [("unknown name", 4)]),
        ("ruby", "b = Nokogiri.parse(a, sent_with: 1)", []),
        ("c", 'printf("%d", held(a)); size_t b = sizeof(uint8_t);', []),
        ("c", "return SOME_MACRO(anything) + PAGE;", []),
        ("c", "return invented(a);", [("unknown name", 7)]),
        ("cpp", "std::vector<int> b; swap(b, b); return held(a);", []),
        ("cpp", "for (auto [one, other] : a) {}", []),
        ("cpp", "return invented(a);", [("unknown name", 7)]),
        ("shellscript", 'tool --with "$held" "$HOME" "$1" | other_tool', []),
        ("shellscript", 'read -r line; echo "$line"', []),
        ("shellscript", 'echo "$invented"', [("unknown name", 7)]),
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
    found = await judging(analysis).findings(snapshot, len(before), text, at(snapshot, before))
    assert not isinstance(found, Silent)
    assert [(one.problem, one.at) for one in found] == problems


async def test_a_wildcard_import_may_bring_anything(analysis: Analysis, tmp_path: Path) -> None:
    before = "import java.util.*;\n\nclass A {\n    int f() {\n        "
    snapshot = Snapshot((tmp_path / "A.java").as_uri(), "A.java", tmp_path, "java", 1, before + "\n    }\n}\n")
    await analysis.fresh(snapshot)
    found = await judging(analysis).findings(snapshot, len(before), "Invented b = null;", at(snapshot, before))
    assert found == ()


OUT_OF_SIGHT = [
    ("c", "a.c", "#include <uv.h>\n\nint f(int a)\n{\n    ‸\n}\n", "return invented(a);"),
    ("c", "a.c", '#include "not_here.h"\n\nint f(int a)\n{\n    ‸\n}\n', "return invented(a);"),
    ("cpp", "a.cpp", "using namespace std;\n\nint f(int a)\n{\n    ‸\n}\n", "return invented(a);"),
    ("cpp", "a.cpp", "struct A : Unseen {\n    int f(int a) {\n        ‸\n    }\n};\n", "return invented(a);"),
    ("csharp", "A.cs", "partial class A {\n    int F() {\n        ‸\n    }\n}\n", "return invented;"),
    ("csharp", "A.cs", "class A : MonoBehaviour {\n    void F() {\n        ‸\n    }\n}\n", "transform.Move(1);"),
    ("java", "A.java", "class A extends Unseen {\n    Object f() {\n        ‸\n    }\n}\n", "return new Invented();"),
    ("javascript", "a.js", "function f() {\n  ‸\n}\n", "return new Invented.Scene();"),
    ("php", "a.php", "<?php\nfunction f($a)\n{\n    extract($a);\n    ‸\n}\n", "return $invented;"),
    ("php", "a.php", "<?php\ninclude 'x.php';\n‸\n", "echo $invented;"),
    ("ruby", "a.rb", "class A < Unseen\n  def f\n    ‸\n  end\nend\n", "invented"),
    ("ruby", "a.rb", "module A\n  def f\n    ‸\n  end\nend\n", "invented"),
    ("ruby", "a.rb", "class A\n  def method_missing(name)\n  end\n\n  def f\n    ‸\n  end\nend\n", "invented"),
    ("ruby", "a.rb", "class A\n  include Unseen\n\n  def f\n    ‸\n  end\nend\n", "invented"),
    ("shellscript", "a.sh", "source /etc/not_here\n‸\n", 'echo "$invented"'),
]


BOUND_IN_PATTERNS = [
    ("python", "a.py", "def f(m):\n    ‸\n", "for one, (two, *rest) in m:\n        print(one, two, rest)"),
    (
        "python",
        "a.py",
        "class P: ...\n\ndef f(m):\n    match m:\n        ‸\n",
        "case P(size=it):\n            print(it)",
    ),
    ("python", "a.py", "‸\n", "class A[Key: str, *Rest]:\n    def f(self, key: Key) -> None: ..."),
    ("javascript", "a.mjs", "function f(m) {\n  ‸\n}\n", "for (const [k, [low, high]] of m) f(k, low, high);"),
    ("javascript", "a.mjs", "function f(m) {\n  ‸\n}\n", "const [first, ...others] = m; f(first, others);"),
    ("javascript", "a.mjs", "function f(m) {\n  ‸\n}\n", "try { f(); } catch ({ message }) { f(message); }"),
    ("typescript", "a.ts", "export function f(m: any) {\n  ‸\n}\n", "m.map(({ pos: [left] }) => f(left));"),
    ("csharp", "A.cs", "class A {\n    object F() {\n        ‸\n    }\n}\n", 'return new { message = "x" };'),
    ("shellscript", "a.sh", "‸\n", 'echo "${greeting:-hello}"'),
]


@pytest.mark.parametrize(("language", "name", "document", "text"), OUT_OF_SIGHT + BOUND_IN_PATTERNS)
async def test_what_may_come_from_out_of_sight_is_believed_and_what_a_pattern_binds_is_known(
    analysis: Analysis, tmp_path: Path, language: str, name: str, document: str, text: str
) -> None:
    before, _, after = document.partition("‸")
    snapshot = Snapshot((tmp_path / name).as_uri(), name, tmp_path, language, 1, before + after)
    await analysis.fresh(snapshot)
    found = await judging(analysis).findings(snapshot, len(before), text, at(snapshot, before))
    assert found == ()


async def test_what_an_editor_imports_on_saving_may_be_used(analysis: Analysis, tmp_path: Path) -> None:
    before = "package a\n\nfunc f() error {\n\t"
    snapshot = Snapshot((tmp_path / "a.go").as_uri(), "a.go", tmp_path, "go", 1, before + "\n}\n")
    await analysis.fresh(snapshot)
    judge, place = judging(analysis), at(snapshot, before)
    assert await judge.findings(snapshot, len(before), 'return errors.New("x")', place) == ()
    found = await judge.findings(snapshot, len(before), 'return invented.New("x")', place)
    assert not isinstance(found, Silent)
    assert [one.problem for one in found] == ["unknown name"]


async def test_headers_of_the_workspace_are_followed(analysis: Analysis, tmp_path: Path) -> None:
    before = '#include "own.h"\n\nint f(int a)\n{\n    '
    (tmp_path / "own.h").write_text("#include <stdlib.h>\nint told(int);\n")
    snapshot = Snapshot((tmp_path / "a.c").as_uri(), "a.c", tmp_path, "c", 1, before + "\n}\n")
    await analysis.fresh(snapshot)
    judge = judging(analysis)
    assert await judge.findings(snapshot, len(before), "return told(abs(a));", at(snapshot, before)) == ()
    found = await judge.findings(snapshot, len(before), "return untold(abs(a));", at(snapshot, before))
    assert not isinstance(found, Silent)
    assert [one.problem for one in found] == ["unknown name"]


async def test_a_class_of_ruby_that_is_opened_elsewhere_may_inherit_there(analysis: Analysis, tmp_path: Path) -> None:
    elsewhere = Snapshot((tmp_path / "b.rb").as_uri(), "b.rb", tmp_path, "ruby", 1, "class A < Unseen\nend\n")
    await analysis.fresh(elsewhere)
    before = "class A\n  def f\n    "
    snapshot = Snapshot((tmp_path / "a.rb").as_uri(), "a.rb", tmp_path, "ruby", 1, before + "\n  end\nend\n")
    await analysis.fresh(snapshot)
    judge = judging(analysis)
    assert await judge.findings(snapshot, len(before), "invented", at(snapshot, before)) == ()


async def test_before_all_files_are_read_nobody_says_that_a_name_is_unheard_of(
    analysis: Analysis, tmp_path: Path
) -> None:
    name, document = FILES["rust"]
    before, _, after = document.partition("‸")
    snapshot = Snapshot((tmp_path / name).as_uri(), name, tmp_path, "rust", 1, before + after)
    await analysis.fresh(snapshot)
    judge = judging(analysis, knows_all=False)
    assert await judge.findings(snapshot, len(before), "let b: Nowhere = a;", at(snapshot, before)) == ()


OWN = {
    "ruby": ("a.rb", "class Cart\n  def total(a, b)\n    a + b\n  end\n\n  def run\n    ‸\n  end\nend\n"),
    "csharp": ("A.cs", "class Cart {\n    int Total(int a) { return a; }\n\n    void Run() {\n        ‸\n    }\n}\n"),
    "cpp": ("a.cpp", "int total(int a);\n\nint run()\n{\n    ‸\n}\n"),
    "php": (
        "a.php",
        "<?php\nclass Cart\n{\n    private $held;\n\n    function total($a)\n    {\n    }\n\n    function run()\n"
        "    {\n        ‸\n    }\n}\n",
    ),
    "rust": ("a.rs", "struct Cart {\n    held: u8,\n}\n\nimpl Cart {\n    fn run(&self) {\n        ‸\n    }\n}\n"),
    "javascript": ("a.js", "class Cart {\n  constructor() {\n    this.held = 1\n  }\n\n  run() {\n    ‸\n  }\n}\n"),
}


@pytest.mark.parametrize(
    ("language", "text", "problems"),
    [
        ("ruby", "a = 1\n    total(a)", [("arguments do not fit", 10)]),
        ("ruby", "a = 1\n    total(a, a)", []),
        ("csharp", "Total(1, 2);", [("arguments do not fit", 0)]),
        ("csharp", "Total(1);", []),
        ("cpp", "return total();", [("arguments do not fit", 7)]),
        ("cpp", "return total(1);", []),
        ("php", "$this->total();", [("arguments do not fit", 7)]),
        ("php", "return $this->heldd;", [("unknown member", 14)]),
        ("php", "return $this->held + $this->total(1);", []),
        ("rust", "self.heldd;", [("unknown member", 5)]),
        ("rust", "self.held;", []),
        ("javascript", "return this.heldd", [("unknown member", 12)]),
        ("javascript", "this.more = this.held\n    return this.more", []),
        ("javascript", "each(function () {\n      this.other()\n    })", []),
    ],
)
async def test_calls_and_members_of_the_object_itself(
    analysis: Analysis, tmp_path: Path, language: str, text: str, problems: list[tuple[str, int]]
) -> None:
    name, document = OWN[language]
    before, _, after = document.partition("‸")
    (tmp_path / name).write_text(before + after)
    snapshot = Snapshot((tmp_path / name).as_uri(), name, tmp_path, language, 1, before + after)
    await analysis.fresh(snapshot)
    found = await judging(analysis).findings(snapshot, len(before), text, at(snapshot, before))
    assert not isinstance(found, Silent)
    assert [(one.problem, one.at) for one in found if one.problem != "unknown name"] == problems
