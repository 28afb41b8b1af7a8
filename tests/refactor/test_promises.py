"""What other code relies on survives an edit that was not asked to change it; where it was, the person is told."""

from __future__ import annotations

import pytest

from tests.refactor.desk import CART, SHOP, Desk, answered, create, replace, symbol
from twolane.refactor import answer
from twolane.refactor.faults import AnswerUnusable
from twolane.refactor.guarding import guard

PATH = "shop/cart.py"
TOTAL = CART[CART.index("    def total") : CART.index("\n\ndef describe")]
TOOLS = """\
class Tool:
    @property
    def name(self):
        return "tool"

    async def run(self, job, *, times=1, **more):
        return await self.later()

    def _own(self, a):
        return a


def make(kind, size=1):
    return Tool(), kind, size
"""
SCRIPT = "export function area(width: number, height: number) {\n  return width * height\n}\n"


def tools(task: str = "simplify", first: str = "class Tool", **more: str) -> Desk:
    return Desk({"tools.py": TOOLS}, "tools.py", first, task=task, **more)  # type: ignore[arg-type]


def said(desk: Desk, *edits: dict[str, str]) -> str:
    """What is wrong; '' where the edit may be offered."""
    try:
        desk.guarded(*edits)
    except AnswerUnusable as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("def total(self) -> Money", "def sum(self) -> Money", "Cart.total of shop/cart.py would be gone"),
        (TOTAL, "", "Cart.total of shop/cart.py would be gone"),
        ("def total(self)", "def total(self, start: Money)", "would need more arguments"),
        ("    def total", "    async def total", "would have to be awaited"),
        ("    def total", "    @property\n    def total", "would be called no more"),
        ("    def total", "    @staticmethod\n    def total", "would need more arguments"),
    ],
)
def test_a_method_stays_there_and_is_used_as_before(old: str, new: str, reason: str) -> None:
    assert reason in said(Desk(), symbol(PATH, "Cart.total", TOTAL.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("    @property\n", "", "Tool.name of tools.py would have to be called"),
        ("    async def run", "    def run", "would be awaited no more"),
        ("(self, job, *", "(self, work, *", "would know its parameter job no more"),
        ("*, times=1, **more", "**more", ""),
        ("times=1, **more", "times=1", "would take fewer arguments"),
        ("(self, job, *,", "(self, *, job,", "fewer arguments by their place"),
        ("_own(self, a)", "_own(self, a, b)", ""),
        ("(self, job,", "(self, job, then=None,", ""),
        ('"tool"', '"a tool"', ""),
    ],
)
def test_parameters_may_be_added_and_private_members_are_nobody_elses(old: str, new: str, reason: str) -> None:
    text = TOOLS[: TOOLS.index("\n\ndef make")].replace(old, new)
    told = said(tools(), symbol("tools.py", "Tool", text if "async" in text else text.replace("await ", "")))
    assert (reason in told) if reason else told == ""


def test_arguments_keep_their_order() -> None:
    desk = tools(first="def make")
    assert "in another order" in said(desk, replace("tools.py", "def make(kind, size=1)", "def make(size=1, kind=2)"))


def test_other_languages_are_held_to_their_number_of_arguments() -> None:
    desk = Desk({"area.ts": SCRIPT}, "area.ts", "function area")
    assert "fewer arguments" in said(desk, symbol("area.ts", "area", SCRIPT.replace(", height: number", "")))
    assert "awaited" in said(desk, symbol("area.ts", "area", SCRIPT.replace("function", "async function")))
    assert said(desk, symbol("area.ts", "area", SCRIPT.replace("width * height", "height * width"))) == ""


def test_a_new_signature_is_what_the_task_for_it_may_make() -> None:
    desk = tools("signature", "def make", instruction="add a colour")
    assert said(desk, replace("tools.py", "def make(kind, size=1)", "def make(kind, colour, size=1)")) == ""
    assert "would be gone" in said(desk, replace("tools.py", "def make(kind", "def build(kind"))


@pytest.mark.parametrize("task", ["do", "fix"])
def test_who_asks_for_it_is_told_and_confirms(task: str) -> None:
    desk = tools(task, "def make", instruction="take it away, or take the size away")
    guarded = desk.guarded(replace("tools.py", "def make(kind, size=1):\n    return Tool(), kind, size\n", ""))
    assert guarded.notes == ("make of tools.py would be gone; other code may use it",)
    guarded = desk.guarded(
        replace("tools.py", "(kind, size=1)", "(kind)"), replace("tools.py", "kind, size\n", "kind, 1\n")
    )
    assert guarded.notes == ("make of tools.py would take fewer arguments; other code may rely on that",)


@pytest.mark.parametrize("word", ["Veiled_abcdef_0000", "Veiled_abcdef_", "Veiled_ABC"])
def test_a_placeholder_that_stands_for_nothing_never_comes_in(word: str) -> None:
    desk = Desk()
    edit = replace(PATH, '"EUR"', f'"{word}"')
    with pytest.raises(AnswerUnusable) as told:
        guard(answer.read(answered(edit)), desk.gathered, desk.gathered.scope, desk.known)
    assert f"{word} stands for no value" in str(told.value)


def test_a_secret_in_a_file_that_did_not_hold_it_is_told() -> None:
    key = "AKIA" + "Z7Q4M2X9K3B8W5T1"
    files = SHOP | {PATH: CART.replace('"EUR"', f'"{key}"')}
    text = f'def test_key() -> None:\n    assert "{key}"\n'
    (note,) = Desk(files, task="tests").guarded(create("tests/test_key.py", text)).notes
    assert note.startswith("tests/test_key.py would hold what looks like a secret")
    assert key not in note
    moved = TOTAL.replace('"EUR"', f'"{key}"').replace("result", "outcome")
    assert Desk(files).guarded(symbol(PATH, "Cart.total", moved)).notes == ()


def test_code_that_looks_like_a_placeholder_stays_what_it_is() -> None:
    files = {"a.py": "def f(key):\n    Veiled_abcdef_0000 = key\n    return Veiled_abcdef_0000\n"}
    desk = Desk(files, "a.py", "def f")
    text = files["a.py"].replace("= key", "= key or 1")
    assert desk.after(symbol("a.py", "f", text)) == {"a.py": text}
