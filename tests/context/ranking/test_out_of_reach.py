"""What cannot be used in a file is not shown there, however well its name fits."""

from __future__ import annotations

from pathlib import Path

from tests.context.workspace import ask, snapshot, symbols, write
from twolane.context.index import ContextIndex

LIBRARY = "def weigh_crate(crate): ...\n"
TEST = "from lib import weigh_crate\n\ndef crate_of_tests(): ...\n\ndef test_it():\n    weigh_crate(crate_of_tests())\n"
USER = "def go(crate):\n    weigh_crate(crate)\n    "


def test_what_tests_make_for_themselves_is_for_tests(tmp_path: Path) -> None:
    write(tmp_path, {"lib.py": LIBRARY, "tests/test_lib.py": TEST, "tests/test_more.py": "", "user.py": ""})
    index = ContextIndex(tmp_path)
    assert index.workspace is not None
    index.workspace.build()
    assert symbols(ask(tmp_path, "user.py", USER, index=index)) == ["lib.py weigh_crate"]
    assert "tests/test_lib.py crate_of_tests" in symbols(ask(tmp_path, "tests/test_more.py", USER, index=index))


def test_what_is_imported_from_a_test_is_shown(tmp_path: Path) -> None:
    write(tmp_path, {"tests/test_lib.py": TEST, "user.py": ""})
    shown = symbols(ask(tmp_path, "user.py", "from tests.test_lib import crate_of_tests\n\n"))
    assert "tests/test_lib.py crate_of_tests" in shown


def test_a_private_name_of_javascript_stays_in_its_class(tmp_path: Path) -> None:
    client = "export class Client {\n  #cache: Map<string, string>\n  fetchOne(key: string): string { return '' }\n}\n"
    write(tmp_path, {"client.ts": client, "user.ts": ""})
    text = (
        "import { Client } from './client'\n\nclass User {\n  #cache = 1\n  constructor(private client: Client) {}\n}\n"
    )
    index = ContextIndex(tmp_path)
    document, offset = snapshot(tmp_path, "user.ts", text, language="typescript")
    index.refresh(document)
    shown = symbols(index.snippets(document, offset, 400))
    assert "client.ts Client.fetchOne" in shown
    assert not any("#cache" in symbol for symbol in shown)
