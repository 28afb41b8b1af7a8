import threading
from pathlib import Path

import pytest

from twolane.context import tokens
from twolane.context.index import ContextIndex

from .workspace import CURSOR, ask, snapshot, symbols, write

SIGNER = """\
from .base import Base

class Signer(Base):
    def __init__(self, key: bytes) -> None:
        self.key = key

    def sign(self, data: bytes) -> bytes:
        return data

    def _derive(self): ...

def helper(a, b): ...
def spare(c): ...
"""
BASE = "class Base:\n    def close(self) -> None: ...\n"
PACKAGE = {"pkg/__init__.py": "", "pkg/signer.py": SIGNER, "pkg/base.py": BASE}
USER = "from .signer import Signer, helper\n\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, PACKAGE)


def test_the_cost_is_that_of_the_lines_and_one_header_per_file(root: Path) -> None:
    packed = ask(root, "pkg/user.py", USER)
    shown = "".join(f"{s.text}\n" for s in packed.snippets)
    headers = sum(tokens.count_header(path) for path in {s.path for s in packed.snippets})
    assert packed.tokens == tokens.count(shown) + headers


@pytest.mark.parametrize("budget", [0, 5, 20, 40, 60, 90, 120])
def test_the_budget_holds_and_a_member_never_stands_without_its_class(root: Path, budget: int) -> None:
    packed = ask(root, "pkg/user.py", USER, budget=budget)
    assert packed.tokens <= budget
    names = {s.symbol for s in packed.snippets}
    assert all(name.partition(".")[0] in names for name in names)


@pytest.mark.parametrize(
    ("statement", "mask"),
    [
        ("from pkg.signer import helper as h", "h"),
        ("from pkg.signer import helper as h", "helper"),
        ("import pkg.signer", "pkg"),
        ("import pkg.signer as s", "s"),
        ("from pkg.signer import *", "Signer"),
    ],
)
def test_a_mask_may_name_what_is_imported_or_what_it_is_called_here(root: Path, statement: str, mask: str) -> None:
    shown = symbols(ask(root, "user.py", statement + "\n"))
    masked = symbols(ask(root, "user.py", statement + "\n", masked=frozenset({mask})))
    assert len(masked) < len(shown)
    assert not any("Signer" in symbol or "helper as" in symbol for symbol in masked)


def test_hidden_text_leaves_no_trace(root: Path) -> None:
    """The hidden line is in the file on disk, and in a file that imports from it: neither may tell."""
    before, after = USER, "\n\ndef later(): ...\n"
    answers = set()
    for hidden in ("token = helper(1, 2)", "noise = [3, 4] + zzz", "from .signer import spare"):
        write(root, {"pkg/user.py": before + hidden + after, "pkg/other.py": "from .user import later, spare, token\n"})
        index = ContextIndex(root)
        for text in (before + CURSOR + after,):
            packed = ask(root, "pkg/user.py", text, index=index)
            other = ask(root, "pkg/other.py", "from .user import later, spare, token\n", index=index)
            answers.add((packed.snippets, packed.tokens, other.snippets))
    assert len(answers) == 1


def test_a_new_unsaved_file_can_be_imported(root: Path) -> None:
    index = ContextIndex(root)
    index.refresh(snapshot(root, "pkg/fresh.py", "def brand_new(): ...\n")[0])
    packed = ask(root, "pkg/user.py", "from .fresh import brand_new\n", index=index)
    assert symbols(packed) == ["pkg/fresh.py brand_new"]


def test_snippets_before_any_refresh_are_empty_and_need_no_disk(root: Path) -> None:
    index = ContextIndex(root)
    document, offset = snapshot(root, "pkg/user.py", USER)
    assert index.snippets(document, offset, 1000).snippets == ()
    index.refresh(document)
    for path in sorted(root.rglob("*.py")):
        path.unlink()
    assert index.snippets(document, offset, 1000).snippets != ()


def test_the_candidates_stay_the_same_object_while_nothing_imported_changes(root: Path) -> None:
    index = ContextIndex(root)
    ask(root, "pkg/user.py", USER, index=index)
    before = index.revision("pkg/user.py")
    ask(root, "pkg/user.py", USER + "x = 1\n", index=index)
    assert index.revision("pkg/user.py") is before
    ask(root, "pkg/user.py", USER + "from .base import Base\n", index=index)
    assert index.revision("pkg/user.py") is not before


def test_files_that_cannot_be_used_are_skipped_and_counted(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    write(outside, {"secret.py": "def secret(): ...\n"})
    write(root, {"good.py": "def good(): ...\n", "big.py": "x = 1\n" * 200_000, "deep.py": "x = " + "(" * 600})
    (root / "latin.py").write_bytes(b"# \xe9\ndef latin(): ...\n")
    (root / "binary.py").write_bytes(b"\0\0\0")
    (root / "secret.py").symlink_to(outside / "secret.py")
    (root / "linked").symlink_to(outside)
    (root / "loop.py").symlink_to(root / "loop.py")
    (root / "inner.py").symlink_to(root / "good.py")
    index = ContextIndex(root)
    names = "good big deep latin binary secret linked.secret loop".split()  # noqa: SIM905 - reads as what it is
    text = (
        "".join(f"from {name} import {name.rpartition('.')[2]}\n" for name in names) + "from inner import good as g\n"
    )
    assert symbols(ask(root, "a.py", text, index=index)) == ["good.py good", "inner.py good"]
    assert index.skipped() == {
        "larger than 1 MB": 1,
        "nested too deeply": 1,
        "not UTF-8": 1,
        "binary": 1,
        "outside the workspace": 2,
    }


def test_a_document_that_cannot_be_parsed_has_a_reason(root: Path) -> None:
    index = ContextIndex(root)
    packed = ask(root, "pkg/user.py", USER + "x = " + "(" * 10_000, index=index)
    assert packed.snippets == ()
    assert index.reason("pkg/user.py") == "this file cannot be read: nested too deeply"


def test_imported_signatures_come_with_members_and_bases_and_say_why(root: Path) -> None:
    packed = ask(root, "pkg/user.py", USER + f"x = {CURSOR}\n")
    shown = {(s.path, s.start_line, s.symbol, s.text): s.why for s in packed.snippets}
    assert shown["pkg/signer.py", 3, "Signer", "class Signer(Base):"] == "imported here as Signer"
    assert shown["pkg/signer.py", 12, "helper", "def helper(a, b): ..."] == "imported here as helper"
    sign = "    def sign(self, data: bytes) -> bytes:"
    assert shown["pkg/signer.py", 7, "Signer.sign", sign] == "member of Signer, imported here"
    assert ("pkg/base.py", 1, "Base", "class Base:") in shown


def test_what_is_imported_goes_in_before_what_is_not(root: Path) -> None:
    packed = ask(root, "pkg/user.py", f"from .signer import helper\nx = {CURSOR}\n", budget=32)
    assert "pkg/signer.py helper" in symbols(packed)


def test_what_is_too_large_is_skipped_and_smaller_pieces_still_go_in(tmp_path: Path) -> None:
    wide = "def wide(\n    alpha, beta, gamma, delta, epsilon, zeta,\n    eta, theta): ...\ndef slim(a): ...\n"
    write(tmp_path, {"m.py": wide})
    packed = ask(tmp_path, "a.py", f"from m import wide, slim\nwide({CURSOR}\n", budget=24)
    assert symbols(packed) == ["m.py slim"]


def test_members_of_what_a_variable_holds_are_shown_behind_its_dot(tmp_path: Path) -> None:
    classes = "".join(f"class C{n}:\n    def use{n}(self, way): ...\n" for n in range(20))
    write(tmp_path, {"m.py": classes, "n.py": "from m import C7\n\ndef make() -> C7: ...\n"})
    packed = ask(tmp_path, "a.py", f"from n import make\n\nthing = make()\nthing.{CURSOR}\n", budget=60)
    assert "m.py C7.use7" in symbols(packed)


def test_only_names_that_begin_with_what_is_typed_come_first(tmp_path: Path) -> None:
    write(tmp_path, {"m.py": "".join(f"def {w}_it(a): ...\n" for w in ("alpha", "beta", "gamma", "delta"))})
    text = f"from m import alpha_it, beta_it, gamma_it, delta_it\nx = gam{CURSOR}"
    assert symbols(ask(tmp_path, "a.py", text, budget=24))[-1] == "m.py gamma_it"


def test_without_an_import_similar_files_tell_what_is_needed(tmp_path: Path) -> None:
    files = {
        f"user{n}.py": f"from tools import weigh, pack\n\ndef go{n}(crate):\n    return pack(weigh(crate))\n"
        for n in range(4)
    }
    tools = "def weigh(crate): ...\ndef pack(weight): ...\n" + "".join(f"def other{n}(x): ...\n" for n in range(40))
    write(
        tmp_path,
        files
        | {
            "lib/__init__.py": "",
            "lib/far.py": tools.replace("weigh", "far").replace("pack", "away"),
            "tools.py": tools,
        },
    )
    index = ContextIndex(tmp_path)
    assert index.workspace is not None
    index.workspace.build()
    packed = ask(
        tmp_path, "new.py", f"def run(crate):\n    first = weigh(crate)\n    {CURSOR}\n", budget=48, index=index
    )
    assert "tools.py pack" in symbols(packed)


def test_a_package_is_visible_without_imports_where_the_language_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"go.mod": "module m\n", "p/a.go": "package p\n\nfunc Weigh(n int) int { return n }\n"})
    index = ContextIndex(tmp_path)
    document, offset = snapshot(tmp_path, "p/b.go", f"package p\n\nfunc run() {{\n\t{CURSOR}\n}}\n", language="go")
    assert index.workspace is not None
    index.workspace.build()
    index.refresh(document)
    assert "p/a.go Weigh" in symbols(index.snippets(document, offset, 100))


def test_masked_names_count_as_not_imported(root: Path) -> None:
    text = "from .base import Base\nfrom .signer import helper\n\nx = 1\n"
    masked = ask(root, "pkg/user.py", text, masked=frozenset({"helper"}))
    assert not any("imported here as helper" in s.why for s in masked.snippets)


def test_an_open_buffer_speaks_for_its_file_until_it_is_closed(root: Path) -> None:
    index = ContextIndex(root)
    edited, _ = snapshot(root, "pkg/signer.py", SIGNER.replace("def helper(a, b)", "def helper(a, b, salt)"))
    index.refresh(edited)
    text = "from .signer import helper\n"
    assert "def helper(a, b, salt): ..." in [s.text for s in ask(root, "pkg/user.py", text, index=index).snippets]
    index.forget("pkg/signer.py")
    shown = [s.text for s in ask(root, "pkg/user.py", text, index=index).snippets]
    assert "def helper(a, b): ..." in shown
    assert "def helper(a, b, salt): ..." not in shown


def test_a_change_on_disk_is_seen_once_it_is_told(root: Path) -> None:
    index = ContextIndex(root)
    text = "from .signer import helper\n"
    ask(root, "pkg/user.py", text, index=index)
    write(root, {"pkg/signer.py": "\n\ndef helper(changed): ...\n"})
    assert index.workspace is not None
    index.workspace.changed(["pkg/signer.py"])
    packed = ask(root, "pkg/user.py", text, index=index)
    assert [(s.start_line, s.text) for s in packed.snippets if s.symbol == "helper"] == [
        (3, "def helper(changed): ...")
    ]


def test_no_root_and_unknown_languages_have_no_context(root: Path) -> None:
    document, offset = snapshot(None, "a.py", USER)
    index = ContextIndex(None)
    index.refresh(document)
    assert index.snippets(document, offset, 1000).tokens == 0
    script, offset = snapshot(root, "a.zig", "const x = 1;\n", language="zig")
    index = ContextIndex(root)
    index.refresh(script)
    assert index.snippets(script, offset, 1000).snippets == ()
    assert "no grammar" in index.reason("a.zig")


def test_questions_and_refreshes_at_once_see_whole_answers(root: Path) -> None:
    index = ContextIndex(root)
    few, offset = snapshot(root, "pkg/user.py", "from .signer import helper\n")
    many, _ = snapshot(root, "pkg/user.py", "from .signer import helper, spare, Signer\n")
    index.refresh(few)
    done = threading.Event()
    failures: list[BaseException] = []

    def keep_refreshing() -> None:
        try:
            for _ in range(30):
                index.refresh(few)
                index.refresh(many)
        except BaseException as error:
            failures.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=keep_refreshing)
    thread.start()
    lines = SIGNER.split("\n") + BASE.split("\n")
    while not done.is_set():
        packed = index.snippets(few, offset, 1000)
        assert all(s.text in lines for s in packed.snippets)
        assert "helper" in {s.symbol for s in packed.snippets}
    thread.join()
    assert not failures
