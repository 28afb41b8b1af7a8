"""What a keystroke brings is read and answered by what was made ready before it."""

from __future__ import annotations

from typing import Any

import cattrs.gen
import pytest
from cattrs.errors import StructureHandlerNotFoundError
from lsprotocol import types

from twolane.server.lsp.protocol import strict_converter, warmed

PLACE = {"line": 0, "character": 0}
SPAN = {"start": PLACE, "end": PLACE}
KEYSTROKE: list[tuple[type, dict[str, Any]]] = [
    (
        types.DidOpenTextDocumentParams,
        {"textDocument": {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": "a"}},
    ),
    (
        types.DidChangeTextDocumentParams,
        {"textDocument": {"uri": "file:///a.py", "version": 2}, "contentChanges": [{"range": SPAN, "text": "b"}]},
    ),
    (
        types.DidChangeTextDocumentParams,
        {"textDocument": {"uri": "file:///a.py", "version": 2}, "contentChanges": [{"text": "b"}]},
    ),
    (
        types.InlineCompletionParams,
        {
            "textDocument": {"uri": "file:///a.py"},
            "position": PLACE,
            "context": {"triggerKind": 2, "selectedCompletionInfo": {"range": SPAN, "text": "b"}},
        },
    ),
    (types.ExecuteCommandParams, {"command": "twolane.explain", "arguments": [1]}),
]


def test_the_first_keystroke_finds_everything_made(monkeypatch: pytest.MonkeyPatch) -> None:
    converter = warmed(strict_converter())
    made: list[type] = []
    for name in ("make_dict_structure_fn", "make_dict_unstructure_fn"):
        monkeypatch.setattr(cattrs.gen, name, lambda kind, *_, **__: made.append(kind))
    for kind, raw in KEYSTROKE:
        assert isinstance(converter.structure(raw, kind), kind)
    place = types.Position(0, 0)
    command = types.Command("taken", "twolane.taken", arguments=[{"a": 1}])
    converter.unstructure([types.InlineCompletionItem("b", "b", types.Range(place, place), command)])
    assert made == []
    with pytest.raises(StructureHandlerNotFoundError):
        converter.structure({"textDocument": {"uri": "x"}}, types.WillSaveTextDocumentParams)
    assert made
