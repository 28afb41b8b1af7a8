from __future__ import annotations

from tests.context.memory_workspace import MemoryWorkspace
from twolane.context.relations import Relations, Site

FILES = {
    "shop/cart.py": """
        from shop.money import Price, total


        class Cart:
            def __init__(self) -> None:
                self.items: list[Price] = []

            def add(self, price: Price) -> None:
                self.items.append(price)

            def sum(self) -> Price:
                return total(self.items)


        class Gift(Cart):
            def sum(self) -> Price:
                return Price(0)
    """,
    "shop/money.py": """
        class Price:
            def __init__(self, cents: int) -> None:
                self.cents = cents


        def total(prices: list[Price]) -> Price:
            return Price(sum(price.cents for price in prices))
    """,
    "shop/desk.py": """
        from shop.cart import Cart
        from shop import money as m


        def pay(cart: Cart) -> int:
            cart.add(m.Price(1))
            return cart.sum().cents


        def elsewhere(box: "Box") -> None:
            box.add(1)


        class Box:
            def add(self, number: int) -> None: ...
    """,
    "tests/test_cart.py": """
        from shop.cart import Cart
        from shop.money import Price


        def test_adding() -> None:
            cart = Cart()
            cart.add(Price(3))
    """,
    "tests/test_money.py": "from shop.money import Price\n",
}


def relations() -> Relations:
    workspace = MemoryWorkspace(FILES)
    return Relations(workspace, workspace.resolver)


def places(sites: tuple[Site, ...]) -> list[str]:
    return [f"{site.path} {site.symbol}" for site in sites]


def test_the_innermost_definition_at_a_line() -> None:
    found = relations().definition_at("shop/cart.py", 10)
    assert found is not None
    assert found.definition.symbol == "Cart.add"
    assert relations().definition_at("shop/cart.py", 1) is None
    assert relations().definition_at("nowhere.py", 1) is None


def test_callers_are_of_this_symbol_and_not_of_a_namesake() -> None:
    sites = relations().callers("shop/cart.py", "Cart.add")
    assert places(sites) == ["shop/desk.py pay", "tests/test_cart.py test_adding"]
    assert not any(site.likely for site in sites)
    assert sites[0].start_line == sites[0].end_line == 7
    assert sites[0].definition is not None
    assert sites[0].definition.name == "pay"


def test_callers_through_a_module_under_another_name() -> None:
    assert "shop/desk.py pay" in places(relations().callers("shop/money.py", "Price"))


def test_a_call_through_the_base_reaches_what_overrides_it() -> None:
    sites = relations().callers("shop/cart.py", "Gift.sum")
    assert "shop/desk.py pay" in places(sites)


def test_what_a_function_calls() -> None:
    assert places(relations().callees("shop/desk.py", "pay")) == [
        "shop/cart.py Cart.add",
        "shop/cart.py Cart.sum",
        "shop/money.py Price",
        "shop/cart.py Cart",
        "shop/money.py Price.cents",
    ]


def test_tests_by_use_and_by_name() -> None:
    assert places(relations().tests("shop/cart.py", "Cart.add")) == ["tests/test_cart.py test_adding"]
    assert places(relations().tests("shop/money.py", "total")) == ["tests/test_money.py "]


def test_types_of_a_signature_and_of_its_owner() -> None:
    assert places(relations().types("shop/cart.py", "Gift.sum")) == [
        "shop/money.py Price",
        "shop/cart.py Gift",
        "shop/cart.py Cart",
    ]


def test_overrides_both_ways() -> None:
    assert places(relations().overrides("shop/cart.py", "Cart.sum")) == ["shop/cart.py Gift.sum"]
    assert places(relations().overrides("shop/cart.py", "Gift.sum")) == ["shop/cart.py Cart.sum"]


def test_an_untyped_receiver_makes_a_likely_caller() -> None:
    files = {**FILES, "late.py": "def run(thing):\n    thing.sum()\n"}
    workspace = MemoryWorkspace(files)
    sites = Relations(workspace, workspace.resolver).callers("shop/cart.py", "Cart.sum")
    assert [(site.path, site.likely) for site in sites] == [("shop/desk.py", False), ("late.py", True)]


def test_a_symbol_that_is_not_there_has_no_relations() -> None:
    asked = relations()
    for answer in (asked.callers, asked.callees, asked.tests, asked.types, asked.overrides):
        assert answer("shop/cart.py", "Cart.nothing") == ()
        assert answer("nowhere.py", "x") == ()
