"""Cells of a notebook in a real VS Code with the real server and the starter model."""

from __future__ import annotations

import json

import pytest

from tests.editors.vscode.conftest import Desk

pytestmark = pytest.mark.timeout(300)

BEFORE = """class Cart:
    def __init__(self, items, owner, currency):
        self.items = items
        self.owner = owner
        self.currency = currency"""
HERE = """class Basket(Cart):
    def __init__(self, items, owner, currency):
        self.items = items
        self.owner = owner
"""


def cell(source: str) -> dict[str, object]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}


def test_a_cell_gets_suggestions_and_keeps_what_was_accepted(desk: Desk) -> None:
    metadata = {"language_info": {"name": "python"}}
    notebook = {"cells": [cell(BEFORE), cell(HERE)], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    (desk.project / "cart.ipynb").write_text(json.dumps(notebook))
    code = desk.code()
    code.open("cart.py", 1, 1)
    code.wait(lambda: "twolane-starter" in code.status(), "the model")
    code.press("Control+p")
    code.browser.do("insert", text="cart.ipynb")
    code.wait(lambda: any("cart.ipynb" in pick for pick in code.picks()[:1]), "the notebook's name")
    code.press("Enter")
    code.wait(lambda: any("Basket" in line for line in code.texts(".cell .view-line")), "the notebook")
    code.browser.do("click", selector=".cell .view-line", text="Basket")
    code.press("Control+End")
    code.type("        self.currency")
    code.wait_ghost("currency")
    code.press("Tab")
    code.save()
    code.wait(lambda: "self.currency = currency" in cells(desk)[1], "the accepted text on the disk")
    assert cells(desk)[0] == BEFORE
    assert code.complaints() == []


def cells(desk: Desk) -> list[str]:
    """Return the cells' texts as they are on the disk; the editor empties the file before it writes it."""
    text = (desk.project / "cart.ipynb").read_text()
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError:
        return ["", ""]
    return ["".join(cell["source"]) for cell in notebook["cells"]]
