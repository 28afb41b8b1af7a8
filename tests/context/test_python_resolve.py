from pathlib import Path

import pytest

from .workspace import ask, symbols, write


def check(root: Path, files: dict[str, str], importer: str, statement: str, *expected: str) -> None:
    """Which definitions `statement`, standing in `importer`, makes worth showing."""
    write(root, files)
    assert symbols(ask(root, importer, statement + "\n")) == list(expected)


F = "def f(a): ...\n"


@pytest.mark.parametrize(
    ("files", "importer", "statement", "expected"),
    [
        ({"pkg/m.py": F}, "main.py", "from pkg.m import f", "pkg/m.py f"),
        ({"pkg/m.py": F}, "tests/test_m.py", "from pkg.m import f", "pkg/m.py f"),
        ({"src/pkg/m.py": F}, "tests/test_m.py", "from pkg.m import f", "src/pkg/m.py f"),
        ({"libs/a/src/pkg/m.py": F}, "libs/a/tests/t.py", "from pkg.m import f", "libs/a/src/pkg/m.py f"),
        ({"m.py": F}, "main.py", "import m", "m.py f"),
        ({"m.py": F}, "main.py", "import m as other", "m.py f"),
        ({"scripts/m.py": F}, "scripts/main.py", "from m import f", "scripts/m.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": ""}, "pkg/n.py", "from .m import f", "pkg/m.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": ""}, "pkg/n.py", "from . import m", "pkg/m.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": ""}, "pkg/sub/n.py", "from ..m import f", "pkg/m.py f"),
        ({"pkg/__init__.py": F}, "pkg/n.py", "from . import f", "pkg/__init__.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": "from .m import f"}, "main.py", "from pkg import f", "pkg/m.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": "from .m import f as g"}, "a.py", "from pkg import g", "pkg/m.py f"),
        ({"pkg/m.py": F, "pkg/__init__.py": "from .m import *"}, "a.py", "from pkg import f", "pkg/m.py f"),
        ({"pkg/m.py": F}, "a.py", "from pkg.m import *", "pkg/m.py f"),
        ({"ns/deep/m.py": F}, "a.py", "import ns.deep.m", "ns/deep/m.py f"),
        ({"ns/deep/m.py": F}, "a.py", "from ns.deep import m", "ns/deep/m.py f"),
        ({"pkg/m.pyi": F}, "a.py", "from pkg.m import f", "pkg/m.pyi f"),
    ],
)
def test_what_an_import_means(
    tmp_path: Path, files: dict[str, str], importer: str, statement: str, expected: str
) -> None:
    check(tmp_path, files, importer, statement, expected)


@pytest.mark.parametrize(
    "statement",
    [
        "from ....m import f",
        "from pkg.missing import f",
        "from pkg.m import missing",
        "import os.path",
        "from loop import f",
    ],
)
def test_what_is_not_ours(tmp_path: Path, statement: str) -> None:
    files = {"pkg/m.py": F, "loop.py": "from loop2 import f", "loop2.py": "from loop import f"}
    check(tmp_path, files, "pkg/n.py", statement)


def test_reexports_are_followed_for_four_hops(tmp_path: Path) -> None:
    files = {f"h{n}.py": f"from h{n + 1} import f" for n in range(1, 6)} | {"h6.py": F}
    check(tmp_path, files, "a.py", "from h2 import f", "h6.py f")
    check(tmp_path, files, "a.py", "from h1 import f")


def test_a_star_import_keeps_to_all(tmp_path: Path) -> None:
    files = {"m.py": "__all__ = ['f']\ndef f(): ...\ndef g(): ...\n"}
    check(tmp_path, files, "a.py", "from m import *", "m.py f")


def test_a_regular_package_wins_over_a_folder(tmp_path: Path) -> None:
    files = {"tests/pkg/data.txt": "", "pkg/__init__.py": F}
    check(tmp_path, files, "tests/t.py", "from pkg import f", "pkg/__init__.py f")
