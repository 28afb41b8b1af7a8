"""What a suggestion may be blamed for: `⟦…⟧` marks it in the text, each test says what is found wrong in it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pytest

from tests.context.memory_workspace import MemoryWorkspace
from twolane.context.facts import FileFacts
from twolane.context.knowledge import Knowledge, findings
from twolane.context.languages.reading import language_of, read_text


def wrong(files: Mapping[str, str], path: str) -> list[str]:
    """The findings in the marked part of `path`, the workspace having the text without it."""
    text = textwrap.dedent(files[path])
    start, end = text.index("⟦"), text.index("⟧") - 1
    with_it = text.replace("⟦", "").replace("⟧", "")
    without = with_it[:start] + with_it[end:]
    workspace = MemoryWorkspace({**files, path: without})
    after = read_text(language_of(path) or "", with_it)
    assert isinstance(after, FileFacts)

    def place(offset: int) -> tuple[int, int]:
        return with_it.count("\n", 0, offset) + 1, offset - (with_it.rfind("\n", 0, offset) + 1)

    found = findings(
        workspace, workspace.resolver, path, workspace.facts(path), after, place(start), place(end), with_it
    )
    return [f"{item.problem}: {item.name}" for item in found]


LIB = """
    class Base:
        def close(self) -> None: ...

    class Client(Base):
        def __init__(self, url: str, timeout: int = 3) -> None:
            self.url = url

        def get(self, path: str, *, retries: int = 0) -> str: ...

        def post(self, *parts: str, **more: str) -> str: ...

    class Open(Client):
        def __getattr__(self, name): ...

    def connect(url: str) -> Client: ...
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return c.get('/')", []),
        ("return c.gett('/')", ["unknown member: gett"]),
        ("return c.url", []),
        ("return c.close()", []),
        ("return c.get()", ["arguments do not fit: get"]),
        ("return c.get('/', '/', '/')", ["arguments do not fit: get"]),
        ("return c.get(*parts)", []),
        ("return c.post(1, 2, 3, 4, x=5)", []),
        ("return Client()", ["arguments do not fit: Client"]),
        ("return Client('x')", []),
        ("return connect('x').gett('/')", ["unknown member: gett"]),
        ("return connect('x', 1)", ["arguments do not fit: connect"]),
        ("return conect('x')", ["unknown name: conect"]),
        ("return len(c.url)", []),
        ("return c.__dict__", []),
        ("value = 3\n    return value + 1", []),
        ("for one in range(3):\n        print(one)", []),
        ("return [inner for inner in c.url if inner]", []),
        ("return o.anything", []),
        ("return unknown_thing.member", ["unknown name: unknown_thing"]),
    ],
)
def test_python_suggestions(line: str, expected: list[str]) -> None:
    app = f"from lib import Client, Open, connect\n\n\ndef run(c: Client, o: Open, parts):\n    ⟦{line}⟧\n"
    assert wrong({"lib.py": LIB, "app.py": app}, "app.py") == expected


def test_a_base_from_elsewhere_means_that_nothing_is_said() -> None:
    lib = "from outside import Base\n\nclass Client(Base):\n    def get(self): ...\n"
    app = "from lib import Client\n\ndef run(c: Client):\n    ⟦c.anything(1)⟧\n"
    assert wrong({"lib.py": lib, "app.py": app}, "app.py") == []


def test_a_member_that_only_a_subtype_has_is_not_blamed() -> None:
    lib = "class A:\n    def one(self): ...\n\nclass B(A):\n    def two(self): ...\n"
    app = "from lib import A\n\ndef run(a: A):\n    ⟦a.two()⟧\n"
    assert wrong({"lib.py": lib, "app.py": app}, "app.py") == []


def test_a_star_import_means_that_no_name_is_unknown() -> None:
    assert wrong({"app.py": "from outside import *\n\n\ndef run():\n    ⟦return anything⟧\n"}, "app.py") == []


def test_a_name_that_the_file_used_before_is_believed() -> None:
    app = "def first():\n    return injected\n\n\ndef run():\n    ⟦return injected⟧\n"
    assert wrong({"app.py": app}, "app.py") == []


def test_only_the_suggestion_is_blamed() -> None:
    assert wrong({"app.py": "def run():\n    return missing + ⟦len('x')⟧\n"}, "app.py") == []


def test_a_name_that_the_suggestion_finishes_is_judged() -> None:
    app = "from lib import Client\n\n\ndef run(c: Client):\n    c.cl⟦oze()⟧\n"
    assert wrong({"lib.py": LIB, "app.py": app}, "app.py") == ["unknown member: cloze"]


def test_a_text_with_errors_is_judged_with_care() -> None:
    app = """
        from lib import Client

        class App:
            def __init__(self, client: Client) -> None:
                self.client = client
                self.started = (

            def run(self) -> None:
                ⟦self.started.get(self.client.get())⟧
    """
    assert wrong({"lib.py": LIB, "app.py": app}, "app.py") == []


def test_what_the_suggestion_itself_defines_is_known() -> None:
    app = "import json\n\n\n⟦def helper(value):\n    return json.dumps(value)\n\n\nprint(helper(1))⟧\n"
    assert wrong({"app.py": app}, "app.py") == []


def test_an_import_in_the_suggestion_is_followed() -> None:
    files = {"lib.py": LIB, "app.py": "⟦from lib import connect\n\nconnect('x').gett()⟧\n"}
    assert wrong(files, "app.py") == ["unknown member: gett"]


def test_an_attribute_of_a_module() -> None:
    files = {"lib.py": LIB, "app.py": "import lib\n\n⟦lib.connectt('x')⟧\n"}
    assert wrong(files, "app.py") == ["unknown member: connectt"]
    files["app.py"] = "import lib\n\n⟦lib.connect('x')⟧\n"
    assert wrong(files, "app.py") == []


def test_a_decorated_function_takes_what_its_decorator_says() -> None:
    files = {"app.py": "import outside\n\n@outside.wrapped\ndef f(a, b): ...\n\n⟦f(1)⟧\n"}
    assert wrong(files, "app.py") == []


def test_a_language_that_is_not_known_well_is_not_judged() -> None:
    assert wrong({"app.rb": "def run\n  ⟦anything(1)⟧\nend\n"}, "app.rb") == []


SHOP = """
    class Shop {
        int Price(int amount, int tax = 0) { return amount; }
        int All(params int[] amounts) { return 0; }
        bool Equals(Shop one) { return true; }
        static int Twice(this Shop shop) { return 2; }
        int Run(Shop other, Shop[] many) {
            ⟦LINE⟧
        }
    }
"""
PRICE = """
    <?php
    function price($amount, $tax = 0) { return $amount; }
    function all(...$amounts) { return 0; }
    class A {
        function own($amount) { return 1; }
        function run($x) {
            ⟦LINE⟧
        }
    }
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return Price();", ["arguments do not fit: Price"]),
        ("return Price(1);", []),
        ("return Price(1, tax: 2);", []),
        ("return Price(1, 2, 3);", ["arguments do not fit: Price"]),
        ("return All();", []),
        ("return All(1, 2, 3);", []),
        ("return Equals(other, other) ? 1 : 0;", []),
        ("return other.Price();", ["arguments do not fit: Price"]),
        ("return Twice(other);", []),
    ],
)
def test_calls_of_a_class_s_own_methods(line: str, expected: list[str]) -> None:
    shop = SHOP.replace("LINE", line)
    assert wrong({"shop.cs": shop}, "shop.cs") == expected
    overloaded = shop.replace("int All", "int Price(string name, int a, int b) { return 1; }\n        int All")
    for other in (
        shop.replace("class Shop", "partial class Shop"),
        shop.replace("Shop {", "Shop : Unseen {"),
        overloaded,
    ):
        assert wrong({"shop.cs": other}, "shop.cs") == []


def test_a_call_that_may_be_of_something_else_is_not_judged() -> None:
    made = """
        class Load {
            int Reader(int a) { return a; }
            object Run() {
                ⟦return new Reader();⟧
            }
        }
    """
    assert wrong({"load.cs": made}, "load.cs") == []
    mended = """
        int mend(int a, int b) { return a; }
        struct Test { int mend() { return 1; } };
        TEST(Test, A) {
            ⟦mend();⟧
        }
    """
    assert wrong({"test.cc": mended}, "test.cc") == []
    woken = """
        struct W;
        impl W {
            fn wake(self: &Arc<Self>, times: u32) {}
            fn run(&self) {
                ⟦self.wake(1);⟧
            }
        }
    """
    assert wrong({"w.rs": woken}, "w.rs") == []
    assert wrong({"w.rs": woken.replace("wake(1)", "wake()")}, "w.rs") == ["arguments do not fit: wake"]


def test_a_name_that_other_scripts_use_too_is_believed() -> None:
    spec = "import axios from './axios.js';\n⟦loadPage(axios);⟧\n"
    files = {"a.spec.js": spec, "axios.js": "export default 1;\n"}
    assert wrong(files, "a.spec.js") == ["unknown name: loadPage"]
    other = {"b.spec.js": "loadPage(1);\n", "c.spec.js": "loadPage(2);\n"}
    assert wrong({**files, **other}, "a.spec.js") == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return price();", ["arguments do not fit: price"]),
        ("return price(1);", []),
        ("return price(1, 2, 3);", ["arguments do not fit: price"]),
        ("return price(...$x);", []),
        ("return all();", []),
        ("return own();", []),
        ("return $x->price();", []),
    ],
)
def test_calls_of_a_file_s_own_functions(line: str, expected: list[str]) -> None:
    code = PRICE.replace("LINE", line)
    assert wrong({"price.php": code}, "price.php") == expected
    assert wrong({"price.php": code, "more.php": "<?php\nfunction price() { }\n"}, "price.php") == []


def test_single_judgements() -> None:
    workspace = MemoryWorkspace({"lib.py": LIB})
    knowledge = Knowledge(workspace, workspace.resolver, "lib.py")
    assert knowledge.name(1, "Client") == "known"
    assert knowledge.name(1, "len") == "known"
    assert knowledge.name(1, "nothing_of_the_kind") == "unknown"
    assert knowledge.call(1, "", "connect", 1) == "fits"
    assert knowledge.call(1, "", "connect", 7) == "does not fit"
    assert knowledge.member(1, "nobody", "x") == "cannot tell"
