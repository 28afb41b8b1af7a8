"""What becomes of an answer: exactly what it says, in the place that it names, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.refactor.desk import CART, MONEY, SHOP, TESTS, Desk, create, replace, symbol
from twolane.refactor.answer import read
from twolane.refactor.faults import AnswerUnusable
from twolane.refactor.original import Edit, Original, edited

TOTAL = """\
    def total(self) -> Money:
        result = Money(0, "EUR")
        for item in self.items:
            result = result.add(item)
        return result
"""
SUM = """\
    def total(self) -> Money:
        return sum(self.items, Money(0, "EUR"))
"""


@pytest.mark.parametrize(
    "edit",
    [
        replace("shop/cart.py", TOTAL, SUM),
        symbol("shop/cart.py", "Cart.total", SUM),
        symbol("./shop/cart.py", "Cart.total", SUM.rstrip("\n")),
        replace(
            "shop/cart.py",
            CART[CART.index("    def __init__") :],
            CART[CART.index("    def __init__") :].replace(TOTAL, SUM),
        ),
    ],
    ids=["text", "symbol", "symbol without its last line end", "text with much around it"],
)
def test_an_edit_applies_exactly(edit: dict[str, str]) -> None:
    assert Desk().after(edit) == {"shop/cart.py": CART.replace(TOTAL, SUM)}


def test_line_ends_and_the_end_of_the_file_stay_as_they_are() -> None:
    files = SHOP | {"shop/cart.py": CART.replace("\n", "\r\n").rstrip("\r\n")}
    desk = Desk(files, first="def describe")
    changed = desk.after(
        replace("shop/cart.py", "    return str(cart.total())", "    text = str(cart.total())\n    return text\n")
    )
    assert changed["shop/cart.py"] == files["shop/cart.py"].replace(
        "    return str(cart.total())", "    text = str(cart.total())\r\n    return text"
    )


def test_only_the_lines_that_differ_are_replaced() -> None:
    (change,) = Desk().guarded(symbol("shop/cart.py", "Cart.total", TOTAL.replace("result.add", "result.plus"))).changes
    (edit,) = change.edits
    assert edit.text == "            result = result.plus(item)\n"


@pytest.mark.parametrize(
    ("edits", "kinds"),
    [
        ([replace("shop/cart.py", "result = Money(1)", "x")], ["absent"]),
        ([replace("shop/cart.py", "", "x")], ["absent"]),
        ([replace("shop/cart.py", "result", "outcome")], ["ambiguous"]),
        ([symbol("shop/cart.py", "Cart.sum", SUM)], ["absent"]),
        ([symbol("shop/cart.py", "Cart.total", "def total(self): ...\n")], ["absent"]),
        ([replace("shop/cart.py", TOTAL, SUM), symbol("shop/cart.py", "Cart.total", SUM)], ["overlap"]),
        ([replace("shop/cart.py", "return str(cart.total())", "return ''")], ["scope"]),
        ([replace("shop/money.py", "amount: int", "amount: float")], ["scope"]),
        ([replace("shop/gone.py", "a", "b")], ["scope"]),
        ([create("shop/new.py", "x = 1\n")], ["path"]),
        ([replace("shop/cart.py", "return result\n", "return result)\n")], ["syntax"]),
        ([replace("shop/cart.py", TOTAL, TOTAL.rstrip("\n") + "  # \u202e\n")], ["characters"]),
        ([replace("shop/cart.py", TOTAL, TOTAL.rstrip("\n") + "  # \x1b[2J\n")], ["characters"]),
        ([replace("shop/cart.py", TOTAL, TOTAL.rstrip("\n") + "  # a\u200bb\n")], ["characters"]),
        ([replace("shop/cart.py", TOTAL, TOTAL.rstrip("\n") + "  # \ud800\n")], ["characters"]),
        ([replace("shop/cart.py", "result = result.add(item)", "result = plus(result, item)")], ["names"]),
        ([replace("shop/cart.py", "import Money\n", "import Money\nprint('hello')\n")], ["imports"]),
        ([replace("shop/cart.py", "import Money\n", "import Money; print('hello')\n")], ["imports"]),
        ([replace("shop/cart.py", "import Money\n", "import Money\nimport os; os.system('x')\n")], ["imports"]),
        ([replace("shop/cart.py", "import Money\n", "import Money, Moneybag\n")], ["imports"]),
        ([symbol("shop/cart.py", "Cart.total", TOTAL + "\n    print('hello')\n")], ["scope"]),
        ([replace("shop/cart.py", "result = Money", "r\u0435sult = Money")], ["characters"]),
        ([replace("shop/cart.py", "result = Money", "re\u200dsult = Money")], ["characters"]),
        ([symbol("shop/cart.py", "Cart.total", TOTAL + "\n    def __init__(self) -> None: ...\n")], ["symbols"]),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_offered(edits: list[dict[str, str]], kinds: list[str]) -> None:
    assert Desk().faults(*edits) == kinds


@pytest.mark.parametrize("line", ["LIMIT = 3", "LIMIT: int = 3", "NAMES = ['a', 'b']"])
def test_a_value_may_come_in_beside_a_definition_and_what_calls_for_it_may_not(line: str) -> None:
    desk = Desk(first="result = Money", last="return result", task="extract")
    edit = replace("shop/cart.py", "\n\ndef describe", f"\n\n{line}\n\n\ndef describe")
    assert line in desk.after(edit)["shop/cart.py"]
    assert desk.faults(edit | {"text": edit["text"].replace("= ", "= print(1) or ")}) == ["scope"]


def test_what_takes_no_room_may_join_pictures_and_other_scripts() -> None:
    text = TOTAL.replace(
        "        return result\n",
        "        return result  # \U0001f468\u200d\U0001f469, \u0645\u06cc\u200c\u062e, 5 \u03bcs\n",
    )
    assert text in Desk().after(symbol("shop/cart.py", "Cart.total", text))["shop/cart.py"]


def test_a_module_of_the_workspace_that_is_not_known_is_noted() -> None:
    edit = replace(
        "shop/cart.py", "import Money\n", "import Money\nfrom shop.bags import Bag\nfrom ..far import away\n"
    )
    notes = Desk().guarded(edit).notes
    assert notes == tuple(f"shop/cart.py imports {name}, which is not known here" for name in ("..far", "shop.bags"))


def test_a_new_import_may_come_in() -> None:
    desk = Desk()
    changed = desk.after(
        replace("shop/cart.py", "from shop.money import Money\n", "import functools\n\nfrom shop.money import Money\n"),
        symbol(
            "shop/cart.py",
            "Cart.total",
            "    def total(self) -> Money:\n        return functools.reduce(Money.add, self.items)\n",
        ),
    )
    assert "import functools\n\nfrom shop.money" in changed["shop/cart.py"]


def test_the_nearest_real_lines_are_named() -> None:
    with pytest.raises(AnswerUnusable) as told:
        Desk().guarded(replace("shop/cart.py", "for item in self.items:\n    result = result.add(item)\n", "x"))
    (fault,) = told.value.faults
    assert "        for item in self.items:\n            result = result.add(item)\n" in fault.nearest
    with pytest.raises(AnswerUnusable) as told:
        Desk().guarded(replace("shop/cart.py", "result", "x"))
    (fault,) = told.value.faults
    assert "(line 13)" in fault.nearest
    assert "more lines around" in fault.said


def test_an_extracted_function_stands_beside_what_it_came_from() -> None:
    desk = Desk(first="result = Money", last="return result", task="extract")
    method = '\n    def _sum(self) -> Money:\n        return sum(self.items, Money(0, "EUR"))\n'
    call = "    def total(self) -> Money:\n        return self._sum()\n"
    assert "def _sum" in desk.after(symbol("shop/cart.py", "Cart.total", call + method))["shop/cart.py"]
    function = '\n\ndef _sum(items: list[Money]) -> Money:\n    return sum(items, Money(0, "EUR"))\n\n\ndef describe'
    edits = (symbol("shop/cart.py", "Cart.total", call), replace("shop/cart.py", "\n\ndef describe", function))
    assert desk.after(*edits)["shop/cart.py"].count("def _sum") == 1
    assert desk.faults(
        symbol("shop/cart.py", "Cart.total", call),
        replace("shop/cart.py", "\n\ndef describe", "\n\nprint(1)\n\n\ndef describe"),
    ) == ["scope"]
    assert desk.faults(replace("shop/cart.py", "    return str(cart.total())", "    return ''")) == ["scope"]


def test_tests_come_in_at_the_end_of_the_tests_or_in_a_new_file() -> None:
    desk = Desk(task="tests")
    more = "\n\ndef test_nothing() -> None:\n    assert Cart([]).total().amount == 0\n"
    last = '    assert describe(Cart([])) != ""\n'
    assert desk.after(replace("tests/test_cart.py", last, last + more)) == {"tests/test_cart.py": TESTS + more}
    fresh = create("tests/test_total.py", "from shop.cart import Cart\n" + more)
    assert list(desk.after(fresh)) == ["tests/test_total.py"]
    assert desk.faults(symbol("shop/cart.py", "Cart.total", SUM)) == ["scope"]
    assert desk.faults(replace("tests/test_cart.py", 'assert describe(Cart([])) != ""', "pass")) == ["scope"]


@pytest.mark.parametrize(
    "path",
    [
        *(
            "../test_out.py",
            "/tmp/test_out.py",
            "~/test_out.py",
            "tests/../../test_out.py",
            "tests//test_x.py",
            "./.git/test_x.py",
        ),
        *(
            ".git/hooks/test_x.py",
            ".github/workflows/test_x.py",
            "tests/.hidden/test_x.py",
            "tests/.test_x.py",
            "hooks/test_x.py",
        ),
        *(
            "tests/conftest.py",
            "conftest.py",
            "setup.py",
            "tests/test_x.sh",
            "tests/test_x",
            "tests/test_x.py ",
            "tests\\test_x.py",
        ),
        *(
            "C:/test_x.py",
            "tests/test_\u202ex.py",
            "tests/test_\x00.py",
            "tests/con/test_con.py",
            "con.py",
            "node_modules/test_x.py",
        ),
        *(
            "tests/test_cart.py",
            "shop/cart.py",
            "tests/helper.py",
            "",
            "tests/",
            "tests/test_e\u0301.py",
            "-rf/test_x.py",
        ),
    ],
)
def test_a_new_file_stands_only_where_tests_may(path: str) -> None:
    assert Desk(task="tests").faults(create(path, "def test_x() -> None: ...\n"))[0] in ("path", "overlap")


def test_a_new_name_reaches_every_use() -> None:
    desk = Desk(path="shop/money.py", first="def add", task="rename")
    renamed = (
        symbol("shop/money.py", "Money.add", MONEY[MONEY.index("    def add") :].replace("def add", "def plus")),
        replace("shop/cart.py", "result.add(item)", "result.plus(item)"),
    )
    assert desk.after(*renamed)["shop/cart.py"] == CART.replace("result.add", "result.plus")
    assert "incomplete" in desk.faults(renamed[0])
    assert "incomplete" in desk.faults(renamed[1])


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "[]",
        "{}",
        '{"edits": {}}',
        '{"edits": [1]}',
        '{"edits": [{"action": "run", "path": "a", "target": "", "text": ""}]}',
        '{"edits": [{"action": "replace_text", "path": "a"}], "summary": ""}',
        '{"edits": [], "summary": ""',
        "[" * 100_000,
    ],
)
def test_an_answer_of_another_form_is_none(answer: str) -> None:
    with pytest.raises(AnswerUnusable):
        read(answer)


TEXTS = some.lists(some.sampled_from(["a", "b\n", "\r\n", "\n", "é", "𝕏", "\r", "x = 1\r\n"]), max_size=30).map("".join)


@given(TEXTS, some.data())
def test_offsets_and_lines_agree_whatever_ends_the_lines(text: str, data: some.DataObject) -> None:
    original = Original("a.py", text, "python")
    assert original.plain == text.replace("\r\n", "\n")
    plain = data.draw(some.integers(0, len(original.plain)))
    offset = original.to_text(plain)
    assert original.to_plain(offset) == plain
    assert text[:offset].replace("\r\n", "\n") == original.plain[:plain]
    line = original.line_of(plain)
    assert original.line_start(line) <= plain < original.line_start(line + 1) or plain == len(original.plain)


def test_edits_are_carried_out_from_the_front() -> None:
    assert edited("abcdef", (Edit(0, 1, "X"), Edit(3, 3, "-"), Edit(5, 6, ""))) == "Xbc-de"


def test_two_new_files_whose_names_differ_in_case_only_are_one_on_some_disks() -> None:
    edits = [create(path, "def test_x() -> None: ...\n") for path in ("tests/test_new.py", "tests/test_New.py")]
    assert Desk(task="tests").faults(*edits) == ["overlap"]
