"""Sixty secrets planted on every way that text can leave by: not one of them is in what was sent or written down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.completion.fakes import ScriptedClient
from tests.routing.gateway_factory import build, housed
from tests.routing.scripted_chat import ScriptedChat
from tests.routing.test_infill import desk
from tests.routing.test_secrets import CLOSE, OPEN, draw
from tests.routing.test_veil import PLANTED, marked_pieces
from twolane.clients.chat import ChatRequest
from twolane.clients.model import Extra, InfillRequest
from twolane.routing.privacy.sources import Kind, Source

MARKED = [draw(template, kind) for kind, template in PLANTED]
TEXTS = [re.sub(f"[{OPEN}{CLOSE}]", "", one) for one in MARKED]
PIECES = [piece for one in MARKED for piece in marked_pieces(one) if piece]


def as_diff(text: str) -> str:
    """The text as lines that come in."""
    lines = text.split("\n")
    head = f"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -0,0 +1,{len(lines)} @@\n"
    return head + "".join(f"+{line}\n" for line in lines)


def as_message(text: str) -> str:
    """The text as a tool quotes it."""
    return f"line 3: error: {text}\n"


def shown(request: ChatRequest) -> str:
    return "\n".join(block.text for turn in request.turns for block in turn.blocks)


@pytest.mark.parametrize("way", ["file", "snippet", "diff", "diagnostics", "instruction", "names"])
async def test_none_leaves_with_a_question(tmp_path: Path, way: Kind) -> None:
    form = {"diff": as_diff, "diagnostics": as_message}.get(way, str)
    root = tmp_path / "project"
    root.mkdir()
    client = ScriptedChat()
    missed = []
    async with housed(root, client) as house:
        for marked, text in zip(MARKED, TEXTS, strict=True):
            if way == "names":
                pieces = [piece for piece in marked_pieces(marked) if piece and "/" not in piece]
                if "\n" in text or not pieces:
                    continue
                source = Source("names", f"src/{text}.py\n", required=False)
            else:
                pieces = [piece for piece in marked_pieces(marked) if piece]
                source = Source(way, form(text), "" if way == "instruction" else "a.py", 1, 9, required=True)
            if not text.strip() or (way == "names" and "/" in text):
                continue
            await house.whole(sources=(source,), build=build)
            missed += [piece for piece in pieces if piece in shown(client.requests[-1])]
        assert len(client.requests) > 30
        ledger = house.ledger.path.read_bytes()
        kept = repr([record.document() for record in house.records])
    assert missed == []
    assert [piece for piece in PIECES if len(piece) > 8 and (piece.encode() in ledger or piece in kept)] == []


@pytest.mark.parametrize("way", ["before", "after", "extra", "path", "repository"])
async def test_none_leaves_with_a_key(tmp_path: Path, way: str) -> None:
    inner = ScriptedClient(["1"])
    missed = []
    async with desk(tmp_path, inner) as made:
        for marked, text in zip(MARKED, TEXTS, strict=True):
            pieces = [piece for piece in marked_pieces(marked) if piece]
            if way in ("path", "repository") and ("\n" in text or "/" in text):
                continue
            if way == "before":
                await made.complete(f"x = 1\n{text}\ny = ")
            elif way == "after":
                await made.complete(suffix=f"\n{text}\ny = 2\n")
            elif way == "extra":
                await made.complete(extras=(Extra("b.py", text),))
            else:
                await made.complete(**{way: f"{text}.py"})
            missed += [piece for piece in pieces if piece in _texts(inner.requests[-1])]
        assert len(inner.requests) > 30
        ledger = made.path.read_bytes()
    assert missed == []
    assert [piece for piece in PIECES if len(piece) > 8 and piece.encode() in ledger] == []


def _texts(request: InfillRequest) -> str:
    parts = [request.prefix, request.suffix, request.path, request.repository]
    return "\n".join([*parts, *(text for extra in request.extras for text in (extra.path, extra.text))])
