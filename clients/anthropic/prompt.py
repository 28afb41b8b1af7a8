"""A `ChatRequest` in the words of the Messages API."""

from __future__ import annotations

from typing import Any

from ..chat import Block, ChatRequest

_MOST_MARKS = 4
"""So many places of one prompt can be remembered by the provider."""

Content = list[dict[str, Any]]


def parameters(request: ChatRequest) -> dict[str, Any]:
    """Say what is asked, for counting as for answering.

    Empty blocks are left out, because the API refuses them. Where more than four blocks ask to be remembered, the
    first one is kept, since other requests begin alike, and the last three. The API takes no temperature.
    """
    system = _content(request.system)
    turns = [(turn.role, _content(turn.blocks)) for turn in request.turns]
    marked = [block for content in (system, *(content for _, content in turns)) for block in content if _marked(block)]
    for block in marked[1 : 1 - _MOST_MARKS] if len(marked) > _MOST_MARKS else []:
        del block["cache_control"]
    said: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": role, "content": content} for role, content in turns if content],
    }
    if system:
        said["system"] = system
    if request.schema is not None:
        said["output_config"] = {"format": {"type": "json_schema", "schema": dict(request.schema)}}
    return said


def _content(blocks: tuple[Block, ...]) -> Content:
    content: Content = []
    for block in blocks:
        if block.text:
            content.append({"type": "text", "text": _sendable(block.text)})
        if block.cache and content:
            content[-1]["cache_control"] = {"type": "ephemeral"}
    return content


def _sendable(text: str) -> str:
    """The text with question marks for halves of characters, as in file names that are no UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _marked(block: dict[str, Any]) -> bool:
    return "cache_control" in block
