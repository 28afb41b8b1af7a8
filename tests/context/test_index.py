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


def test_imported_signatures_members_and_bases_in_order_of_lines(root: Path) -> None:
    packed = ask(root, "pkg/user.py", USER + f"x = {CURSOR}\n")
    assert [(s.path, s.start_line, s.symbol, s.why, s.text) for s in packed.snippets] == [
        ("pkg/base.py", 1, "Base", "base of Signer, imported here", "class Base:"),
        ("pkg/base.py", 2, "Base.close", "member of Base, imported here", "    def close(self) -> None: ..."),
        ("pkg/signer.py", 3, "Signer", "imported here as Signer", "class Signer(Base):"),
        (
            "pkg/signer.py",
            4,
            "Signer.__init__",
            "member of Signer, imported here",
            "    def __init__(self, key: bytes) -> None:",
        ),
        (
            "pkg/signer.py",
            7,
            "Signer.sign",
            "member of Signer, imported here",
            "    def sign(self, data: bytes) -> bytes:",
        ),
        ("pkg/signer.py", 10, "Signer._derive", "member of Signer, imported here", "    def _derive(self): ..."),
        ("pkg/signer.py", 12, "helper", "imported here as helper", "def helper(a, b): ..."),
    ]


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


def test_names_near_the_cursor_go_in_first(root: Path) -> None:
    text = "from .signer import helper, spare\n{0}\n" + "\n" * 60 + "{1}\n"
    for used, first in ((("helper(1)", f"y = spare({CURSOR}"), "spare"), (("spare(1)", f"helper({CURSOR}"), "helper")):
        packed = ask(root, "pkg/user.py", text.format(*used), budget=24)
        assert symbols(packed) == [f"pkg/signer.py {first}"]


def test_what_is_too_large_is_skipped_and_smaller_pieces_still_go_in(tmp_path: Path) -> None:
    wide = "def wide(\n    alpha, beta, gamma, delta, epsilon, zeta,\n    eta, theta): ...\ndef slim(a): ...\n"
    write(tmp_path, {"m.py": wide})
    packed = ask(tmp_path, "a.py", f"from m import wide, slim\nwide({CURSOR}\n", budget=16)
    assert symbols(packed) == ["m.py slim"]


def test_the_order_does_not_depend_on_the_cursor(root: Path) -> None:
    text = USER + "helper(1, 2)\n" * 30 + "Signer(b'').sign(b'')\n"
    orders = {
        tuple(symbols(ask(root, "pkg/user.py", text[:at] + CURSOR + text[at:]))) for at in (40, 200, len(text) - 1)
    }
    assert len(orders) == 1


def test_a_name_of_an_imported_module_counts_where_it_is_used(tmp_path: Path) -> None:
    write(tmp_path, {"codec.py": "def encode(a): ...\ndef decode(b): ...\n"})
    packed = ask(tmp_path, "a.py", f"import codec as c\nc.decode({CURSOR}\n", budget=16)
    assert [(s.symbol, s.why) for s in packed.snippets] == [("decode", "in module c, imported here")]


def test_members_of_a_class_in_use_do_not_push_out_what_is_imported_and_unused(tmp_path: Path) -> None:
    members = "".join(f"    def method_{number}(self): ...\n" for number in range(40))
    write(tmp_path, {"big.py": f"class Big:\n{members}", "small.py": "def small(a): ...\n"})
    text = f"from big import Big\nfrom small import small\n\nmethod_1 = method_2 = Big()\nx = {CURSOR}\n"
    assert "small.py small" in symbols(ask(tmp_path, "a.py", text, budget=60))
    text = text.replace("x =", "Big().method_7()\nx =")
    assert "big.py Big.method_7" in symbols(ask(tmp_path, "a.py", text, budget=40))


def test_types_in_an_imported_signature_come_along(tmp_path: Path) -> None:
    write(tmp_path, {"m.py": "from n import Token\ndef make(a: int) -> Token: ...\n", "n.py": "class Token: ...\n"})
    packed = ask(tmp_path, "a.py", "from m import make\n")
    assert [(s.symbol, s.why) for s in packed.snippets] == [
        ("make", "imported here as make"),
        ("Token", "type used by make, imported here"),
    ]


def test_masked_imports_leave_no_trace(root: Path) -> None:
    text = "from .base import Base\nfrom .signer import helper\n\nx = helper\n"
    masked = ask(root, "pkg/user.py", text, masked=frozenset({"helper"}))
    without = ask(root, "pkg/user.py", text.replace("from .signer import helper", "# ........................."))
    assert masked.snippets == without.snippets
    assert "helper" not in {s.symbol for s in masked.snippets}


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


def test_an_open_buffer_speaks_for_its_file_until_it_is_closed(root: Path) -> None:
    index = ContextIndex(root)
    edited, _ = snapshot(root, "pkg/signer.py", SIGNER.replace("def helper(a, b)", "def helper(a, b, salt)"))
    index.refresh(edited)
    text = "from .signer import helper\n"
    assert [s.text for s in ask(root, "pkg/user.py", text, index=index).snippets] == ["def helper(a, b, salt): ..."]
    index.forget("pkg/signer.py")
    assert [s.text for s in ask(root, "pkg/user.py", text, index=index).snippets] == ["def helper(a, b): ..."]


def test_a_new_unsaved_file_can_be_imported(root: Path) -> None:
    index = ContextIndex(root)
    index.refresh(snapshot(root, "pkg/fresh.py", "def brand_new(): ...\n")[0])
    packed = ask(root, "pkg/user.py", "from .fresh import brand_new\n", index=index)
    assert symbols(packed) == ["pkg/fresh.py brand_new"]


def test_a_change_on_disk_is_seen_at_the_next_refresh(root: Path) -> None:
    index = ContextIndex(root)
    text = "from .signer import helper\n"
    ask(root, "pkg/user.py", text, index=index)
    write(root, {"pkg/signer.py": "\n\ndef helper(changed): ...\n"})
    packed = ask(root, "pkg/user.py", text, index=index)
    assert [(s.start_line, s.text) for s in packed.snippets] == [(3, "def helper(changed): ...")]


def test_snippets_before_any_refresh_are_empty_and_need_no_disk(root: Path) -> None:
    index = ContextIndex(root)
    document, offset = snapshot(root, "pkg/user.py", USER)
    assert index.snippets(document, offset, 1000).snippets == ()
    index.refresh(document)
    for path in sorted(root.rglob("*.py")):
        path.unlink()
    assert index.snippets(document, offset, 1000).snippets != ()


def test_no_root_and_other_languages_have_no_context_yet(root: Path) -> None:
    document, offset = snapshot(None, "a.py", USER)
    index = ContextIndex(None)
    index.refresh(document)
    assert index.snippets(document, offset, 1000).tokens == 0
    script, offset = snapshot(root, "a.ts", "import x from './y'\n", language="typescript")
    index = ContextIndex(root)
    index.refresh(script)
    assert index.snippets(script, offset, 1000).snippets == ()
    assert index.reason("a.ts") == "no import rules for typescript"


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
    assert index.reason("pkg/user.py") == "this file is nested too deeply"


def test_questions_and_refreshes_at_once_see_whole_answers(root: Path) -> None:
    index = ContextIndex(root)
    few, offset = snapshot(root, "pkg/user.py", "from .signer import helper\n")
    many, _ = snapshot(root, "pkg/user.py", "from .signer import helper, spare, Signer\n")
    expected = []
    for document in (few, many):
        index.refresh(document)
        expected.append(tuple(s.symbol for s in index.snippets(few, offset, 1000).snippets))
    done = threading.Event()
    failures: list[BaseException] = []

    def keep_refreshing() -> None:
        try:
            for _ in range(100):
                index.refresh(few)
                index.refresh(many)
        except BaseException as error:
            failures.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=keep_refreshing)
    thread.start()
    seen = set()
    while not done.is_set():
        seen.add(tuple(s.symbol for s in index.snippets(few, offset, 1000).snippets))
    thread.join()
    assert not failures
    assert seen <= set(expected)
