"""A name that stands in two languages is two names; languages that can use each other are one here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.context.workspace import CURSOR, snapshot, write
from twolane.context.index import ContextIndex

FILES = {
    "price.py": "class Price:\n    def rounded(self, places): ...\n",
    "price.ts": "export class Price {\n  rounded(places: number) {}\n}\n",
    "price.go": "package shop\n\ntype Price struct{}\n\nfunc (p Price) Rounded(places int) {}\n",
}


@pytest.mark.parametrize(
    ("path", "language", "text", "shown"),
    [
        ("main.py", "python", f"price = Price()\nprice.{CURSOR}\n", {"price.py"}),
        ("main.js", "javascript", f"const price = new Price();\nprice.{CURSOR}\n", {"price.ts"}),
    ],
)
def test_what_another_language_calls_the_same_is_not_shown(
    tmp_path: Path, path: str, language: str, text: str, shown: set[str]
) -> None:
    index = ContextIndex(write(tmp_path, FILES))
    assert index.workspace is not None
    index.workspace.build()
    document, offset = snapshot(tmp_path, path, text, language=language)
    index.refresh(document)
    assert {snippet.path for snippet in index.snippets(document, offset, 400).snippets} == shown
