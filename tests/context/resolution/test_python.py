from __future__ import annotations

import pytest

from ..memory_workspace import MemoryWorkspace
from .meaning import check, meaning, targets

F = "def f(a): ...\n"


@pytest.mark.parametrize(
    ("files", "importer", "statement", "expected"),
    [
        ({"pkg/m.py": F}, "main.py", "from pkg.m import f", "pkg/m.py f"),
        ({"pkg/m.py": F}, "tests/test_m.py", "from pkg.m import f", "pkg/m.py f"),
        ({"src/pkg/m.py": F}, "tests/test_m.py", "from pkg.m import f", "src/pkg/m.py f"),
        ({"libs/a/src/pkg/m.py": F}, "libs/a/tests/t.py", "from pkg.m import f", "libs/a/src/pkg/m.py f"),
        ({"scripts/m.py": F}, "scripts/main.py", "from m import f", "scripts/m.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": ""}, "pkg/n.py", "from .m import f", "pkg/m.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": ""}, "pkg/sub/n.py", "from ..m import f", "pkg/m.py f"),
        ({"pkg/__init__.py": F}, "pkg/n.py", "from . import f", "pkg/__init__.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": "from .m import f"}, "main.py", "from pkg import f", "pkg/m.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": "from .m import f as g"}, "a.py", "from pkg import g as f", "pkg/m.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": "from .m import *"}, "a.py", "from pkg import f", "pkg/m.py f"),
        ({"pkg/m.py": F}, "a.py", "from pkg.m import *", "pkg/m.py f"),
        ({"pkg/m.pyi": F}, "a.py", "from pkg.m import f", "pkg/m.pyi f"),
        ({"pkg/m.pyi": F, "pkg/m.py": F}, "a.py", "from pkg.m import f", "pkg/m.py f"),
        ({"tests/pkg/data.txt": "", "pkg/__init__.py": F}, "tests/t.py", "from pkg import f", "pkg/__init__.py f"),
        ({"json.py": F}, "main.py", "from json import f", "json.py f"),
        (
            {"a/ns/m.py": F, "b/ns/n.py": F, "a/setup.py": "", "b/setup.py": ""},
            "a/t.py",
            "from ns.n import f",
            "b/ns/n.py f",
        ),
        (
            {"lib/deep/python/pkg/__init__.py": F},
            "tools/t.py",
            "from pkg import f",
            "lib/deep/python/pkg/__init__.py f",
        ),
        ({"pkg-stubs/m.pyi": F}, "t.py", "from pkg.m import f", "pkg-stubs/m.pyi f"),
        ({"m.py": F}, "t.py", "try:\n    from m import f\nexcept ImportError:\n    from os import f", "m.py f"),
        ({"m.py": F}, "t.py", "def g():\n    from m import f\n", "m.py f"),
        ({"m.py": "class f:\n    pass\n"}, "t.py", "from m import (\n    f,\n)", "m.py f"),
    ],
)
def test_what_an_import_means(files: dict[str, str], importer: str, statement: str, expected: str) -> None:
    check({importer: statement, **files}, importer, f=expected)


@pytest.mark.parametrize(
    ("files", "importer", "statement"),
    [
        ({}, "pkg/n.py", "from ....m import f"),
        ({}, "pkg/n.py", "from pkg.missing import f"),
        ({"pkg/m.py": ""}, "pkg/n.py", "from pkg.m import f"),
        ({"loop.py": "from loop2 import f", "loop2.py": "from loop import f"}, "n.py", "from loop import f"),
        ({"pkg/__init__.py": "", "pkg/json.py": F}, "pkg/n.py", "from json import f"),
        ({"pkg/__init__.py": "", "pkg/gevent.py": F}, "pkg/n.py", "from gevent import f"),
        ({"vendor/x/__init__.py": "", "vendor/x/requests/__init__.py": F}, "n.py", "from requests import f"),
        ({"tests/fixtures/yaml/__init__.py": F}, "pkg/n.py", "from yaml import f"),
        ({"m.py": "def g():\n    from n import f\n", "n.py": F}, "t.py", "from m import f"),
    ],
)
def test_what_is_not_ours(files: dict[str, str], importer: str, statement: str) -> None:
    check({importer: statement, **files}, importer, f="")


def test_dotted_names_go_through_modules_and_classes() -> None:
    files = {"pkg/__init__.py": "", "pkg/sub/m.py": "class C:\n    def go(self): ...\n", "pkg/sub/n.py": F}
    importer = "import pkg.sub.m\nimport pkg.sub.m as short\nfrom pkg import sub\nfrom pkg.sub.m import C\n"
    check(
        {"t.py": importer, **files},
        "t.py",
        pkg__sub__m__C="pkg/sub/m.py C",
        short__C__go="pkg/sub/m.py C.go",
        sub__n__f="pkg/sub/n.py f",
        C__go="pkg/sub/m.py C.go",
        C__missing="",
        short="pkg/sub/m.py",
        pkg="pkg/__init__.py",
    )


def test_reexports_are_followed_for_four_hops() -> None:
    chain = {f"h{n}.py": f"from h{n + 1} import f" for n in range(1, 6)} | {"h6.py": F}
    check(chain | {"a.py": "from h2 import f"}, "a.py", f="h6.py f")
    check(chain | {"a.py": "from h1 import f"}, "a.py", f="")


def test_a_name_of_a_package_wins_over_its_submodule() -> None:
    files = {
        "pkg/__init__.py": "from .run import run\n",
        "pkg/run.py": "def run(): ...\n",
        "t.py": "from pkg import run\n",
    }
    workspace = check(files, "t.py", run="pkg/run.py run")
    assert targets(workspace, "t.py") == ["pkg/__init__.py run"]
    workspace.write("pkg/__init__.py", "from . import run\n")
    assert targets(workspace, "t.py") == ["pkg/run.py"]
    assert meaning(workspace, "t.py", "run") == ["pkg/run.py"]


def test_a_star_import_keeps_to_all_and_to_public_names() -> None:
    files = {
        "m.py": "__all__ = ['f', 'g']\nfrom n import g\ndef f(): ...\ndef h(): ...\n",
        "n.py": "def g(): ...\ndef i(): ...\ndef _j(): ...\n",
        "t.py": "from m import *\n",
        "u.py": "from n import *\n",
    }
    workspace = MemoryWorkspace(files)
    assert sorted(workspace.resolver.visible("t.py")) == ["f", "g"]
    assert sorted(workspace.resolver.visible("u.py")) == ["g", "i"]


def test_everything_visible_is_listed_once() -> None:
    files = {
        "m.py": F,
        "t.py": """
            import m
            import os
            from m import f, missing
            from gone import x
            def own(): ...
            class C:
                def f(self): ...
            """,
    }
    visible = MemoryWorkspace(files).resolver.visible("t.py")
    assert {name: [one.path for one in found] for name, found in visible.items()} == {
        "own": ["t.py"],
        "C": ["t.py"],
        "m": [],
        "f": ["m.py"],
    }


@pytest.mark.parametrize(
    ("name", "text", "folder"),
    [
        ("pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["code"]\n', "code/"),
        ("pyproject.toml", '[tool.setuptools.package-dir]\n"" = "code"\n', "code/"),
        ("pyproject.toml", '[tool.poetry]\npackages = [{include = "pkg", from = "code"}]\n', "code/"),
        ("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["code"]\n', "code/"),
        ("pyproject.toml", '[tool.hatch.build.targets.wheel]\npackages = ["code/pkg"]\n', "code/"),
        ("setup.cfg", "[options]\npackage_dir =\n    = code\n", "code/"),
        ("setup.cfg", "[options.packages.find]\nwhere = code\n", "code/"),
    ],
)
def test_declared_source_folders(name: str, text: str, folder: str) -> None:
    files = {name: text, f"{folder}pkg/m.py": F, "other/t.py": "from pkg.m import f\n"}
    check(files, "other/t.py", f=f"{folder}pkg/m.py f")


def test_a_package_that_is_built_from_another_folder() -> None:
    text = '[tool.hatch.build.targets.wheel.sources]\n"server" = "product/server"\n'
    files = {"pyproject.toml": text, "server/app.py": F, "tests/t.py": "from product.server.app import f\n"}
    check(files, "tests/t.py", f="server/app.py f")


def test_a_broken_configuration_is_passed_over() -> None:
    for text in ("[tool", "tool = 1", '[tool]\nsetuptools = ["x"]\nhatch = 3\n', "[" * 5000):
        files = {"pyproject.toml": text, "setup.cfg": "[[", "m.py": F, "t.py": "from m import f\n"}
        check(files, "t.py", f="m.py f")


def test_changes_are_seen_once_told() -> None:
    workspace = check({"m.py": F, "t.py": "from m import f\nfrom n import g\n"}, "t.py", f="m.py f", g="")
    workspace.write("n.py", "def g(): ...\n")
    assert meaning(workspace, "t.py", "g") == ["n.py g"]
    workspace.write("m.py", "def other(): ...\n")
    assert meaning(workspace, "t.py", "f") == []
    workspace.remove("n.py")
    assert meaning(workspace, "t.py", "g") == []
