"""The form of a reviewer's answer: claims about lines, each with a quote. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from ..routing.secrets.veil import in_words
from .finding import SEVERITIES, Severity

MOST_CLAIMS = 50
MOST_CHARACTERS = 400_000
MOST_POINTERS = 5
"""Other places that one claim may name."""

_RULE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")

_TEXT: Final = MappingProxyType({"type": "string"})
SCHEMA: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "type": "object",
        "properties": {
            "findings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "rule": {"type": "string"},
                        "severity": {"type": "string", "enum": list(SEVERITIES)},
                        "path": {"type": "string"},
                        "start_line": {"type": "integer"},
                        "end_line": {"type": "integer"},
                        "quote": {"type": "string"},
                        "title": {"type": "string"},
                        "why": {"type": "string"},
                        "replace": {"type": "string"},
                        "with": {"type": "string"},
                        "see": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "path": {"type": "string"},
                                    "quote": {"type": "string"},
                                    "note": {"type": "string"},
                                },
                                "required": ["path", "quote", "note"],
                                "additionalProperties": False,
                            },
                        },
                    },
                    "required": [
                        "rule",
                        "severity",
                        "path",
                        "start_line",
                        "end_line",
                        "quote",
                        "title",
                        "why",
                        "replace",
                        "with",
                        "see",
                    ],
                    "additionalProperties": False,
                },
            },
            "verdicts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "number": {"type": "integer"},
                        "holds": {"type": "boolean"},
                        "because": {"type": "string"},
                    },
                    "required": ["number", "holds", "because"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["findings", "verdicts"],
        "additionalProperties": False,
    }
)
"""The same for every request, so that a provider that compiles it does so once, and what it keeps of a prompt serves
both passes. An empty `replace` means: no fix."""


class AnswerUnusable(Exception):
    """The answer is not of this form; `str(error)` says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Another place that a claim speaks of: `quote` is said to stand in `path`."""

    path: str
    quote: str
    note: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a model says of lines `start_line`..`end_line` of `path`; nothing of it is proved yet."""

    rule: str
    severity: Severity
    path: str
    start_line: int
    end_line: int
    quote: str
    title: str
    why: str
    replace: str = ""
    put: str = ""
    see: tuple[Pointer, ...] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims that could be read, and how many could not."""

    claims: tuple[Claim, ...]
    malformed: int = 0


def claims(text: str, veiled: str = "") -> Claims:
    """Read a first answer; one bad claim costs itself only. Raise `AnswerUnusable` where it is not of this form.

    `veiled` is the same answer with placeholders for secrets: what is said in words is taken from there, because
    reports go to logs and to other people.
    """
    found = _list(text, "findings")
    said = _list(veiled, "findings") if veiled else found
    read = [_claim(one, words) for one, words in zip(found[:MOST_CLAIMS], said[:MOST_CLAIMS], strict=True)]
    good = tuple(claim for claim in read if claim is not None)
    return Claims(good, len(found) - len(good))


def refuted(text: str, count: int) -> frozenset[int]:
    """Read a second answer: which of `count` findings, numbered from 1, do not hold. Raise `AnswerUnusable`.

    A finding without a verdict, or with two that disagree, does not hold: nobody has stood up for it.
    """
    holds: dict[int, bool] = {}
    for one in _list(text, "verdicts"):
        if isinstance(one, Mapping) and isinstance(number := one.get("number"), int):
            holds[number] = holds.get(number, True) and one.get("holds") is True
    return frozenset(number for number in range(1, count + 1) if not holds.get(number, False))


def _list(text: str, name: str) -> list[Any]:
    if len(text) > MOST_CHARACTERS:
        raise AnswerUnusable(f"the answer is longer than {MOST_CHARACTERS:,} characters")
    try:
        value = json.loads(text)
    except ValueError:
        raise AnswerUnusable("the answer is not one JSON document") from None
    except RecursionError:
        raise AnswerUnusable("the answer is nested too deeply") from None
    found = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(found, list):
        raise AnswerUnusable(f"the answer has no list of {name}")
    return found


def _claim(value: Any, said: Any) -> Claim | None:
    """One claim; `said` is the same with placeholders."""
    if not isinstance(value, Mapping) or not isinstance(said, Mapping):
        return None
    texts = {name: value.get(name) for name in ("rule", "severity", "path", "quote", "title", "why")}
    numbers = {name: value.get(name) for name in ("start_line", "end_line")}
    if not all(isinstance(one, str) and one.strip() for one in texts.values()):
        return None
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in numbers.values()):
        return None
    if texts["severity"] not in SEVERITIES:
        return None
    replace, put = value.get("replace", ""), value.get("with", "")
    return Claim(
        rule=rule_name(in_words(said["rule"])),
        severity=texts["severity"],
        path=str(texts["path"]).removeprefix("./"),
        start_line=int(numbers["start_line"] or 0),
        end_line=int(numbers["end_line"] or 0),
        quote=str(texts["quote"]).replace("\r\n", "\n"),
        title=_line(in_words(said["title"]), 200),
        why=_line(in_words(said["why"]), 1_000),
        replace=replace.replace("\r\n", "\n") if isinstance(replace, str) and isinstance(put, str) else "",
        put=put.replace("\r\n", "\n") if isinstance(put, str) else "",
        see=_pointers(value.get("see"), said.get("see")),
    )


def _pointers(value: Any, said: Any) -> tuple[Pointer, ...]:
    found = []
    for one, words in zip(value, said, strict=True) if isinstance(value, list) and isinstance(said, list) else ():
        texts = [one.get(name) if isinstance(one, Mapping) else None for name in ("path", "quote", "note")]
        if all(isinstance(text, str) and text.strip() for text in texts):
            path, quote = map(str, texts[:2])
            found.append(
                Pointer(path.removeprefix("./"), quote.replace("\r\n", "\n"), _line(in_words(words["note"]), 200))
            )
    return tuple(found[:MOST_POINTERS])


def rule_name(text: str) -> str:
    """A rule's name in kebab-case, whatever it was written in."""
    words = "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:60].strip("-")
    return words if _RULE.fullmatch(words) else "review"


def _line(text: str, most: int) -> str:
    """One line of printable text."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(plain.split())[:most]
