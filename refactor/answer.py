"""The form of an answer: edits by exact search-and-replace, of whole symbols, or of new files. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from ..routing.secrets.veil import in_words
from .faults import AnswerUnusable, Fault
from .preview import printable

Action = Literal["replace_text", "replace_symbol", "create_file"]

_ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

MOST_EDITS = 200
MOST_CHARACTERS = 1_000_000

SCHEMA: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "type": "object",
        "properties": {
            "edits": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "action": {"type": "string", "enum": list(_ACTIONS)},
                        "path": {"type": "string"},
                        "target": {"type": "string"},
                        "text": {"type": "string"},
                    },
                    "required": ["action", "path", "target", "text"],
                    "additionalProperties": False,
                },
            },
            "summary": {"type": "string"},
        },
        "required": ["edits", "summary"],
        "additionalProperties": False,
    }
)
"""The same for every request, so that a provider that compiles it does so once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One edit as the model wrote it, line ends as "\\n".

    `target` is the text to be replaced, or the dotted name of the symbol, or '' for a new file.
    """

    action: Action
    path: str
    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model proposes. Without edits `summary` says why there are none."""

    edits: tuple[Wanted, ...]
    summary: str


def read(text: str, veiled: str = "") -> Proposal:
    """Read an answer; raise `AnswerUnusable` where it is not of this form.

    `veiled` is the same answer with placeholders for secrets: the summary is taken from there.
    """
    if len(text) > MOST_CHARACTERS:
        raise _malformed(f"the answer is longer than {MOST_CHARACTERS:,} characters")
    try:
        value = json.loads(text)
    except ValueError:
        raise _malformed("the answer is not one JSON document") from None
    except RecursionError:
        raise _malformed("the answer is nested too deeply") from None
    if not isinstance(value, Mapping) or not isinstance(value.get("edits"), list):
        raise _malformed("the answer has no list of edits")
    if len(value["edits"]) > MOST_EDITS:
        raise _malformed(f"the answer has more than {MOST_EDITS} edits")
    said = json.loads(veiled) if veiled else value
    summary = said.get("summary", "")
    return Proposal(
        tuple(_wanted(one, number) for number, one in enumerate(value["edits"], 1)),
        " ".join(printable(in_words(summary[:4_000])).split())[:1_000] if isinstance(summary, str) else "",
    )


def _wanted(value: Any, number: int) -> Wanted:
    if not isinstance(value, Mapping):
        raise _malformed(f"edit {number} is no object")
    path, target, text = (value.get(name) for name in ("path", "target", "text"))
    action = next((one for one in _ACTIONS if one == value.get("action")), None)
    if action is None:
        raise _malformed(f"edit {number} has no action that there is")
    if not isinstance(path, str) or not isinstance(target, str) or not isinstance(text, str):
        raise _malformed(f"edit {number} lacks a part, or has one of another type")
    return Wanted(action, path.removeprefix("./"), _plain(target), _plain(text))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _malformed(what: str) -> AnswerUnusable:
    return AnswerUnusable((Fault("form", f"{what[:1].upper()}{what[1:]}."),))
