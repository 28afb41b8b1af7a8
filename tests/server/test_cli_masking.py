"""What a point hides is gone: the stretch of text, and the names that are not imported yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.context.document import Snapshot
from twolane.server.commands.masking import masked


def check(text: str, names: set[str], expected: str, language: str = "python") -> None:
    """`‹…›` in the text is the hole; `|` in the expected text is where it is afterwards."""
    start = text.index("‹")
    end = text.index("›") - 1
    plain = text.replace("‹", "").replace("›", "")
    snapshot = Snapshot("file:///a.py", "a.py", Path("/"), language, 1, plain)
    result, offset = masked(snapshot, start, end, frozenset(names))
    assert result.text[:offset] + "|" + result.text[offset:] == expected
    assert result.masked_imports == names


def test_only_the_hole_goes_without_names() -> None:
    check("import a\nx = ‹a.b()›\n", set(), "import a\nx = |\n")


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("from a import b, c\nx = ‹b›\n", {"b"}, "from a import c\nx = |\n"),
        ("from a import b, c\nx = ‹c›\n", {"c"}, "from a import b\nx = |\n"),
        ("from a import b, c, d\n‹›", {"b", "d"}, "from a import c\n|"),
        ("from a import (\n    b,\n    c,\n)\n‹x›", {"b"}, "from a import (\n    \n    c,\n)\n|"),
        ("from a import b\nfrom c import d\n‹x›", {"b"}, "from c import d\n|"),
        ("from a import b as e\n‹x›\n", {"e"}, "|\n"),
        ("from a import b as e\n‹x›\n", {"b"}, "|\n"),
        ("import os.path\n‹x›", {"os"}, "|"),
        ("import os, sys\n‹x›", {"sys"}, "import os\n|"),
        ("import a  # why\n‹x›", {"a"}, "pass  # why\n|"),
        ("import a; import b\n‹x›", {"a"}, "pass; import b\n|"),
        ("try:\n    import a\nexcept E:\n    a = None\n‹x›", {"a"}, "try:\n    pass\nexcept E:\n    a = None\n|"),
        ("def f():\n    import a\n    return ‹a›\n", {"a"}, "def f():\n    return |\n"),
        ("é = 'ü'\nfrom a import b, c\nx = ‹b›", {"b"}, "é = 'ü'\nfrom a import c\nx = |"),
        ("from a import b\r\nx = ‹b›\r\n", {"b"}, "x = |\r\n"),
        ("x = ‹1›\nfrom a import b\n", {"b"}, "x = |\n"),
        ("from a import *\n‹x›", {"b"}, "from a import *\n|"),
    ],
)
def test_names_leave_the_import_statements(text: str, names: set[str], expected: str) -> None:
    check(text, names, expected)


def test_a_hole_inside_an_import_stays_where_it_is() -> None:
    check("from a import b, ‹c›\n", {"c"}, "from a import b, |\n")
    check("from a import ‹b, c›\n", {"b", "c"}, "from a import |\n")
    check("‹from a import b›\nimport c\n", {"b", "c"}, "|\n")


def test_a_name_in_a_string_is_left_alone() -> None:
    check("s = 'import a'\n‹x›", {"a"}, "s = 'import a'\n|")


@pytest.mark.parametrize(
    ("language", "text", "names", "expected"),
    [
        ("typescript", "import {a} from 'a'\n‹x›", {"a"}, "|"),
        ("typescript", "import {a, b} from 'a'\n‹x›", {"a"}, "import {b} from 'a'\n|"),
        ("typescript", "import {a, b as c} from 'a'\n‹x›", {"c"}, "import {a, } from 'a'\n|"),
        ("typescript", "import a from 'a'\nimport b from 'b'\n‹x›", {"b"}, "import a from 'a'\n|"),
        ("go", 'package m\n\nimport (\n\t"a/b"\n\t"c/d"\n)\n‹x›', {"b"}, 'package m\n\nimport (\n\t"c/d"\n)\n|'),
        ("rust", "use a::{b, c};\nuse d::e;\n‹x›", {"c", "e"}, "use a::{b, };\n|"),
        ("java", "import a.B;\nimport a.C;\n‹x›", {"C"}, "import a.B;\n|"),
    ],
)
def test_other_languages_lose_their_imports_too(language: str, text: str, names: set[str], expected: str) -> None:
    check(text, names, expected, language=language)
