"""What SARIF 2.1.0 allows of the objects that a report is made of, by property, from the standard's sections 3.13-3.58.

A report that passes here also passed the schema that the standard's committee publishes; that file is not kept here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[Any], bool]
_RULE = re.compile(r"[^\s]+")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _uri(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*", value) is not None


def _line(value: Any) -> bool:
    return isinstance(value, int) and value >= 1


def _index(value: Any) -> bool:
    return isinstance(value, int) and value >= -1


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_text, value.values()))


def _one_of(*allowed: str) -> Check:
    return lambda value: value in allowed


_LEVEL = _one_of("none", "note", "warning", "error")

OBJECTS: Mapping[str, tuple[tuple[str, ...], Mapping[str, Check | str]]] = {
    "log": (("version", "runs"), {"$schema": _uri, "version": _one_of("2.1.0"), "runs": "run[]"}),
    "run": (
        ("tool",),
        {
            "tool": "tool",
            "columnKind": _one_of("utf16CodeUnits", "unicodeCodePoints"),
            "originalUriBaseIds": "artifactLocation{}",
            "results": "result[]",
            "invocations": "invocation[]",
        },
    ),
    "tool": (("driver",), {"driver": "toolComponent"}),
    "toolComponent": (
        ("name",),
        {"name": _text, "semanticVersion": _text, "informationUri": _uri, "rules": "reportingDescriptor[]"},
    ),
    "reportingDescriptor": (("id",), {"id": lambda one: bool(_RULE.fullmatch(one)), "shortDescription": "message"}),
    "message": (("text",), {"text": _text}),
    "result": (
        ("message",),
        {
            "ruleId": _text,
            "ruleIndex": _index,
            "level": _LEVEL,
            "message": "message",
            "locations": "location[]",
            "relatedLocations": "location[]",
            "partialFingerprints": _texts,
        },
    ),
    "location": ((), {"physicalLocation": "physicalLocation", "message": "message"}),
    "physicalLocation": (("artifactLocation",), {"artifactLocation": "artifactLocation", "region": "region"}),
    "artifactLocation": ((), {"uri": _uri, "uriBaseId": _text, "description": "message"}),
    "region": ((), {"startLine": _line, "endLine": _line, "snippet": "artifactContent"}),
    "artifactContent": ((), {"text": _text}),
    "invocation": (
        ("executionSuccessful",),
        {"executionSuccessful": _flag, "toolExecutionNotifications": "notification[]"},
    ),
    "notification": (("message",), {"level": _LEVEL, "message": "message", "locations": "location[]"}),
}


def faults(value: Any, kind: str = "log", place: str = "$") -> Iterator[str]:
    """Every place that is not of the standard's form."""
    if kind.endswith("[]"):
        if not isinstance(value, list):
            yield f"{place} is no array"
            return
        for number, one in enumerate(value):
            yield from faults(one, kind[:-2], f"{place}[{number}]")
        return
    if not isinstance(value, Mapping):
        yield f"{place} is no object"
        return
    if kind.endswith("{}"):
        for name, one in value.items():
            yield from faults(one, kind[:-2], f"{place}.{name}")
        return
    required, properties = OBJECTS[kind]
    yield from (f"{place} lacks {name}" for name in required if name not in value)
    for name, one in value.items():
        check = properties.get(name)
        if check is None:
            yield f"{place}.{name} does not exist"
        elif isinstance(check, str):
            yield from faults(one, check, f"{place}.{name}")
        elif not check(one):
            yield f"{place}.{name} may not be {one!r}"
