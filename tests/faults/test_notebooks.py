"""A notebook's cells are documents of their own, and one text for the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Start
from tests.faults.test_documents import check, edit
from tests.lsp_client import LspClient

NOTEBOOK = "file:///work/analysis.ipynb"


def cell(number: int) -> str:
    return f"vscode-notebook-cell:/work/analysis.ipynb#c{number}"


class Notebook:
    """What an editor does with a notebook."""

    def __init__(self, client: LspClient, prompts: Path) -> None:
        self.client = client
        self._prompts = prompts
        self._version = 1

    def open(self, *cells: tuple[str, str]) -> None:
        """Open with cells of (language, text)."""
        items = [_item(number, language, text) for number, (language, text) in enumerate(cells)]
        self.client.notify(
            "notebookDocument/didOpen",
            {
                "notebookDocument": {
                    "uri": NOTEBOOK,
                    "notebookType": "jupyter-notebook",
                    "version": 1,
                    "cells": [_cell(number) for number in range(len(cells))],
                },
                "cellTextDocuments": items,
            },
        )

    def change(self, **cells: Any) -> None:
        self._version += 1
        self.client.notify(
            "notebookDocument/didChange",
            {"notebookDocument": {"uri": NOTEBOOK, "version": self._version}, "change": {"cells": cells}},
        )

    def type(self, number: int, version: int, *changes: Any) -> None:
        self.change(textContent=[{"document": {"uri": cell(number), "version": version}, "changes": list(changes)}])

    def asked(self, number: int, line: int, character: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The suggestions at a place of a cell, and what the model was shown."""
        items = self.client.complete(cell(number), line, character)
        shown: dict[str, Any] = json.loads(self._prompts.read_text().splitlines()[-1])
        return items, shown


@pytest.fixture
def notebook(start: Start, tmp_path: Path) -> Notebook:
    prompts = tmp_path / "prompts.jsonl"
    return Notebook(start(text="value + 1", prompts=str(prompts)), prompts)


def _cell(number: int, kind: int = 2) -> dict[str, Any]:
    return {"kind": kind, "document": cell(number)}


def _item(number: int, language: str, text: str) -> dict[str, Any]:
    return {"uri": cell(number), "languageId": language, "version": 1, "text": text}


def test_the_server_offers_to_follow_notebooks(start: Start) -> None:
    result = start(greet=False).initialize()
    assert result["capabilities"]["notebookDocumentSync"] == {"notebookSelector": [{"notebook": "*"}]}


def test_earlier_and_later_cells_of_the_language_are_shown(notebook: Notebook) -> None:
    notebook.open(
        ("python", "value = 1"), ("markdown", "# Notes"), ("python", "total = "), ("python", "print(total)\n")
    )
    items, shown = notebook.asked(2, 0, 8)
    assert shown["path"] == "analysis.ipynb"
    assert shown["prefix"] == "value = 1\n\ntotal = "
    assert shown["suffix"].strip() == "print(total)"
    assert [item["insertText"] for item in items] == ["value + 1"]
    place = {"line": 0, "character": 8}
    assert items[0]["range"] == {"start": place, "end": place}


def test_typing_in_one_cell_is_seen_from_another(notebook: Notebook) -> None:
    notebook.open(("python", "a = 1"), ("python", "b = "))
    notebook.type(0, 2, edit((0, 4), (0, 5), "22"))
    check(notebook.client, cell(0), "a = 22", 2)
    _, shown = notebook.asked(1, 0, 4)
    assert shown["prefix"] == "a = 22\n\nb = "


def test_cells_are_added_moved_and_removed(notebook: Notebook) -> None:
    notebook.open(("python", "one = 1"), ("python", "two = 2"))
    added = {"start": 2, "deleteCount": 0, "cells": [_cell(2)]}
    notebook.change(structure={"array": added, "didOpen": [_item(2, "python", "three = ")]})
    assert notebook.asked(2, 0, 8)[1]["prefix"] == "one = 1\n\ntwo = 2\n\nthree = "
    notebook.change(structure={"array": {"start": 0, "deleteCount": 2, "cells": [_cell(1), _cell(0)]}})
    notebook.type(2, 2, edit((0, 5), (0, 5), "4"))
    assert notebook.asked(2, 0, 9)[1]["prefix"] == "two = 2\n\none = 1\n\nthree4 = "
    gone = {"start": 0, "deleteCount": 1}
    notebook.change(structure={"array": gone, "didClose": [{"uri": cell(1)}]})
    notebook.type(2, 3, edit((0, 5), (0, 6), "5"))
    assert notebook.asked(2, 0, 9)[1]["prefix"] == "one = 1\n\nthree5 = "
    assert notebook.client.complete(cell(1), 0, 7) == []
    assert notebook.client.last_trace()["reason"] == "The document is not open."


def test_a_change_that_names_cells_that_are_not_there_leaves_all_in_doubt(notebook: Notebook) -> None:
    notebook.open(("python", "one = "))
    notebook.change(structure={"array": {"start": 3, "deleteCount": 5}})
    assert notebook.client.complete(cell(0), 0, 6) == []
    assert "cells that are not there" in notebook.client.last_trace()["reason"]


def test_a_closed_notebook_is_forgotten_and_may_come_back(notebook: Notebook) -> None:
    notebook.open(("python", "one = "))
    assert notebook.asked(0, 0, 6)[0]
    notebook.client.notify(
        "notebookDocument/didClose",
        {"notebookDocument": {"uri": NOTEBOOK}, "cellTextDocuments": [{"uri": cell(0)}]},
    )
    assert notebook.client.complete(cell(0), 0, 6) == []
    notebook.open(("python", "other = "))
    assert notebook.asked(0, 0, 8)[1]["prefix"] == "other = "


def test_no_refactor_is_offered_in_a_cell(notebook: Notebook) -> None:
    notebook.open(("python", "def f():\n    return 1\n"))
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 12}}
    params = {"textDocument": {"uri": cell(0)}, "range": whole, "context": {"diagnostics": []}}
    assert not notebook.client.result("textDocument/codeAction", params)


def test_notifications_about_notebooks_nobody_opened_are_left_out(notebook: Notebook) -> None:
    notebook.type(0, 2, edit((0, 0), (0, 0), "x"))
    notebook.change(structure={"array": {"start": 0, "deleteCount": 0, "cells": [_cell(0)]}})
    notebook.client.notify("notebookDocument/didChange", {"notebookDocument": 5})
    notebook.open(("python", "one = "))
    assert notebook.asked(0, 0, 6)[0]
