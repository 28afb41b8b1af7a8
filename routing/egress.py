"""What exactly leaves: all text of a request, as one sequence of bytes that can be counted and hashed.

The bytes are the request's own JSON (model, system, turns, schema, sizes) before a provider's client wraps it into
its protocol; the same question gives the same hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..clients.chat import Block, ChatRequest
from .money.budget import Piece
from .privacy.sources import Source
from .secrets.scan import masked
from .secrets.veil import Veil


@dataclass(frozen=True, slots=True)
class Body:
    """The size and the SHA-256 (hex) of what leaves."""

    bytes: int
    sha256: str


def body(request: ChatRequest) -> Body:
    """Measure a request."""
    document = {
        "model": request.model,
        "system": [block.text for block in request.system],
        "turns": [[turn.role, [block.text for block in turn.blocks]] for turn in request.turns],
        "max_tokens": request.max_tokens,
        "schema": request.schema,
    }
    data = json.dumps(document, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return Body(len(data), hashlib.sha256(data).hexdigest())


def pieces(sources: tuple[Source, ...]) -> tuple[Piece, ...]:
    """Where the text comes from, as the ledger keeps it."""
    return tuple(
        Piece(source.kind, masked(path), source.start_line, source.end_line)
        for source in sources
        for path in (source.path, *source.mentions)
    )


def covered(request: ChatRequest, veil: Veil) -> ChatRequest:
    """Replace the secrets that are in a request after its sources were covered: what the task itself wrote into it.

    A model may have put the value of one into words, and a task may send them back: what was covered before is found
    without what gave it away. A text in which one is found is covered whole, the placeholders in it once more;
    `uncovered` undoes both. The strings of the schema are texts too: they may list names of files.
    """

    def text(told: str) -> str:
        return veil.cover(told) if veil.hides(told) else told

    def veiled(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        return tuple(replace(block, text=text(block.text)) for block in blocks)

    schema = _covered_schema(request.schema, veil) if request.schema is not None else None
    return replace(
        request,
        schema=schema,
        system=veiled(request.system),
        turns=tuple(replace(turn, blocks=veiled(turn.blocks)) for turn in request.turns),
    )


def _covered_schema(value: Any, veil: Veil) -> Any:
    if isinstance(value, str):
        return veil.cover(value) if veil.hides(value) else value
    if isinstance(value, Mapping):
        return {_covered_schema(key, veil): _covered_schema(one, veil) for key, one in value.items()}
    return [_covered_schema(one, veil) for one in value] if isinstance(value, list | tuple) else value


def uncovered(text: str, veil: Veil) -> str:
    """Put the secrets back into text whose placeholders are whole."""
    return veil.restore(veil.restore(text))
