"""Receivers in small workspaces: `‸` marks the cursor, what stands before its dot is asked about."""

from __future__ import annotations

import re
import textwrap

import pytest

from tests.context.memory_workspace import MemoryWorkspace
from twolane.context.types.receiver import Receivers

_RECEIVER = re.compile(r"([\w$.()>:?-]+?)(?:\.|->|::|\?\.|:)\w*$")


def members(files: dict[str, str], path: str) -> list[str]:
    """The symbols that can follow the receiver at the cursor mark of `path`."""
    text = textwrap.dedent(files[path])
    before = text[: text.index("‸")]
    workspace = MemoryWorkspace({**files, path: text.replace("‸", "")})
    line = before.count("\n") + 1
    found = _RECEIVER.search(before.rsplit("\n", 1)[-1].rsplit(" ", 1)[-1].lstrip("("))
    assert found is not None
    receivers = Receivers(workspace, workspace.resolver)
    return [item.definition.symbol for item in receivers.members(path, line, found.group(1))]


CLIENT = """
    class Base:
        def close(self) -> None: ...

    class Response:
        status: int

    class Client(Base):
        pool: "Pool"

        def __init__(self, url: str) -> None:
            self.url = url

        def get(self, path: str) -> Response:
            return Response()

    class Pool:
        def drain(self) -> None: ...

    def connect(url: str) -> Client:
        return Client(url)
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def f(c: Client):\n    c.‸", {"Client.pool", "Client.get", "Client.url", "Base.close"}),
        ("def f():\n    c = Client('x')\n    c.‸", {"Client.get", "Base.close"}),
        ("def f():\n    c = connect('x')\n    c.‸", {"Client.get"}),
        ("def f():\n    r = connect('x').get('/')\n    r.‸", {"Response.status"}),
        ("def f(c: Client):\n    c.pool.‸", {"Pool.drain"}),
        ("def f(c: Client | None):\n    c.‸", {"Client.get"}),
        ("def f():\n    connect().‸", {"Client.get"}),
        ("c = Client('x')\nc.‸", {"Client.get"}),
        ("def f(all: list[Client]):\n    for c in all:\n        c.‸", {"Client.get"}),
        ("def f(named: dict[str, Client]):\n    for c in named.values():\n        c.‸", {"Client.get"}),
        ("def f(c: Client | None):\n    d = c or Client('x')\n    d.‸", {"Client.get"}),
    ],
)
def test_python_receivers(body: str, expected: set[str]) -> None:
    head = "from lib.client import Client, connect\n\n"
    assert expected <= set(members({"lib/client.py": CLIENT, "app.py": head + body}, "app.py"))


def test_python_self_and_its_attributes() -> None:
    app = """
        from lib.client import Client
        import lib.client

        class App:
            def __init__(self, client: Client) -> None:
                self.client = client
                self.other = lib.client.Client("x")

            def run(self) -> None:
                self.client.‸
    """
    files = {"lib/client.py": CLIENT, "app.py": app}
    assert "Client.get" in members(files, "app.py")
    files["app.py"] = app.replace("self.client.‸", "self.other.‸")
    assert "Client.get" in members(files, "app.py")
    files["app.py"] = app.replace("self.client.‸", "self.‸")
    assert set(members(files, "app.py")) >= {"App.client", "App.other", "App.run"}


def test_a_module_offers_what_it_defines() -> None:
    files = {"lib/__init__.py": "", "lib/client.py": CLIENT, "app.py": "import lib.client\nlib.client.‸"}
    assert {"Client", "connect"} <= set(members(files, "app.py"))
    files["app.py"] = "from lib import client\nclient.‸"
    assert {"Client", "connect"} <= set(members(files, "app.py"))


def test_a_base_in_another_file_lends_its_members() -> None:
    files = {
        "a.py": "class A:\n    def one(self): ...\n",
        "b.py": "from a import A\n\nclass B(A):\n    def two(self): ...\n",
        "c.py": "from b import B\n\nclass C(B):\n    def three(self):\n        self.‸\n",
    }
    assert members(files, "c.py") == ["C.three", "B.two", "A.one"]
    files["c.py"] = files["c.py"].replace("self.‸", "super().‸")
    assert members(files, "c.py") == ["B.two", "A.one"]


def test_an_overridden_member_is_offered_once() -> None:
    files = {"a.py": "class A:\n    def f(self): ...\n\nclass B(A):\n    def f(self): ...\n\ndef g(b: B):\n    b.‸\n"}
    assert members(files, "a.py") == ["B.f"]


def test_a_type_that_inherits_from_itself_ends() -> None:
    a = "class A(B):\n    def f(self): ...\n\nclass B(A):\n    def g(self): ...\n\ndef h(b: B):\n    b.‸"
    assert set(members({"a.py": a}, "a.py")) == {"A.f", "B.g"}


def test_a_name_assigned_from_itself_ends() -> None:
    assert members({"a.py": "def f():\n    x = x.y()\n    x.‸\n"}, "a.py") == []


def test_a_line_that_does_not_parse_yet() -> None:
    files = {
        "lib/client.py": CLIENT,
        "app.py": """
            from lib.client import Client

            class App:
                def __init__(self, client: Client) -> None:
                    self.client = client

                def run(self) -> None:
                    value = [self.client.‸
        """,
    }
    assert "Client.get" in members(files, "app.py")


def test_a_value_nobody_declared_has_no_members() -> None:
    assert members({"a.py": "def f(x):\n    x.‸\n"}, "a.py") == []
