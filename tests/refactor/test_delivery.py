"""An edit as the client gets it makes of its text, counted in its own columns, exactly what was checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lsprotocol import types

from tests.refactor.desk import CART, SHOP, Desk, symbol
from twolane.server.lsp.features.refactor_edits import Abilities, workspace_edit
from twolane.server.text.positions import Encoding

TOTAL = CART[CART.index("    def total") : CART.index("\n\ndef describe")]
NEW = TOTAL.replace('"EUR"', '"€𝒳"').replace("result.add(item)", "result.add(item)  # ö𝒳")
UNITS: dict[Encoding, tuple[str, int]] = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def carried_out(text: str, edits: list[types.TextEdit], encoding: Encoding) -> str:
    """What a client makes of it: lines end with CRLF, LF or CR, columns are units of the encoding."""
    codec, size = UNITS[encoding]
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]

    def offset(place: types.Position) -> int:
        line = text[starts[place.line] :].encode(codec)[: place.character * size]
        return starts[place.line] + len(line.decode(codec))

    for edit in sorted(edits, key=lambda one: offset(one.range.start), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


@pytest.mark.parametrize("encoding", list(UNITS))
@pytest.mark.parametrize(
    "written",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r\n", 9),
        lambda text: text.replace("\n", "\r\n").rstrip("\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("The cart.", "Der Wagen 𝒳 für \u2028 alles\x0c"),
        lambda text: text.replace('"""The cart."""', f'"""The cart."""\n\nDATA = "{"𝒳" * 200_000}"'),
    ],
    ids=["LF", "CRLF", "mixed", "no last end", "byte order mark", "odd line ends", "a long line"],
)
def test_what_the_client_makes_of_it_is_what_was_checked(written: object, encoding: Encoding) -> None:
    assert callable(written)
    text = written(CART)
    desk = Desk({**SHOP, "shop/cart.py": text})
    (change,) = desk.guarded(symbol("shop/cart.py", "Cart.total", NEW)).changes
    able = Abilities(versioned=False, annotated=False, creates=False)
    edit = workspace_edit((change,), Path("/project"), "shop/cart.py", able, encoding)
    assert edit.changes is not None
    ((_, edits),) = edit.changes.items()
    assert carried_out(text, list(edits), encoding) == change.text
    assert "€𝒳" in change.text
    assert change.text.replace("\r\n", "\n") == text.replace("\r\n", "\n").replace(TOTAL, NEW)
