"""Every fixture beside this file: a source, a line of `=====`, and the facts that a person found right for it.

`TWOLANE_WRITE_FIXTURES=1` writes the facts again, to be read before they are kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.context.languages.rendering import render
from twolane.context.facts import FileFacts
from twolane.context.languages.reading import read_text

HERE = Path(__file__).parent
BAR = "=" * 40 + "\n"
IDENTIFIERS = {"bash": "shellscript", "tsx": "typescriptreact"}
FIXTURES = sorted(HERE.glob("*/*.txt"))


@pytest.mark.parametrize("path", FIXTURES, ids=[f"{path.parent.name}/{path.stem}" for path in FIXTURES])
def test_the_facts_of_a_source(path: Path) -> None:
    source, _, expected = path.read_text(encoding="utf-8").partition(BAR)
    name = path.parent.name
    facts = read_text(IDENTIFIERS.get(name, name), source, seconds=20)
    assert isinstance(facts, FileFacts)
    found = render(facts)
    if os.environ.get("TWOLANE_WRITE_FIXTURES"):
        path.write_text(source + BAR + found, encoding="utf-8")
    else:
        assert found == expected


@pytest.mark.parametrize("path", FIXTURES, ids=[f"{path.parent.name}/{path.stem}" for path in FIXTURES])
def test_a_process_of_its_own_reads_the_same(path: Path) -> None:
    source, _, _ = path.read_text(encoding="utf-8").partition(BAR)
    language = IDENTIFIERS.get(path.parent.name, path.parent.name)
    assert read_text(language, source, seconds=20, alone=True) == read_text(language, source, seconds=20)
