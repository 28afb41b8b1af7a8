"""Whether a JSON answer fits the schema that was asked for.

Checked is the part of JSON Schema that providers honour in structured output: type, properties, required,
additionalProperties, items, enum, const, anyOf, oneOf, allOf, $ref into the document, and the bounds of numbers,
strings and lists. Other keywords count as met.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import AnswerGarbled

Schema = Mapping[str, Any]

_MOST_NESTED = 64
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def check(text: str, schema: Schema, host: str) -> None:
    """Raise `AnswerGarbled` where the text is not one JSON document that fits; the message quotes none of it."""
    try:
        value = json.loads(text)
    except ValueError:
        raise AnswerGarbled(f"The answer of {host} is not the JSON that was asked for; ask again.") from None
    except RecursionError:
        raise AnswerGarbled(f"The answer of {host} is nested too deeply; ask again.") from None
    if place := misfit(value, schema):
        raise AnswerGarbled(f"The answer of {host} does not fit what was asked for (at {place}); ask again.")


def misfit(value: Any, schema: Schema) -> str:
    """Return the first place that does not fit, as in `$.edits[0].path`; empty where all fits."""
    return _look(value, schema, schema, "$", 0)


def _look(value: Any, schema: Any, root: Schema, place: str, depth: int) -> str:
    if depth > _MOST_NESTED:
        return place
    if not isinstance(schema, Mapping):
        return place if schema is False else ""
    if isinstance(reference := schema.get("$ref"), str):
        return _look(value, _resolved(reference, root), root, place, depth + 1)
    if not _is_of(value, schema.get("type")):
        return place
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        return place
    for key in ("anyOf", "oneOf"):
        if key in schema and all(_look(value, choice, root, place, depth + 1) for choice in schema[key]):
            return place
    for part in schema.get("allOf", ()):
        if found := _look(value, part, root, place, depth + 1):
            return found
    if isinstance(value, dict):
        return _look_in_object(value, schema, root, place, depth)
    if isinstance(value, list):
        return _look_in_list(value, schema, root, place, depth)
    return place if _out_of_bounds(value, schema) else ""


def _look_in_object(value: dict[str, Any], schema: Schema, root: Schema, place: str, depth: int) -> str:
    for name in schema.get("required", ()):
        if name not in value:
            return f"{place}.{name}"
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for name, content in value.items():
        known = name in properties
        inner = f"{place}.{name}" if known else f"{place}.*"
        if found := _look(content, properties[name] if known else others, root, inner, depth + 1):
            return found
    return ""


def _look_in_list(value: list[Any], schema: Schema, root: Schema, place: str, depth: int) -> str:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return place
    for number, content in enumerate(value):
        if found := _look(content, schema.get("items", True), root, f"{place}[{number}]", depth + 1):
            return found
    return ""


def _is_of(value: Any, wanted: Any) -> bool:
    if wanted is None:
        return True
    names = [wanted] if isinstance(wanted, str) else wanted
    if isinstance(value, bool):
        return "boolean" in names
    if isinstance(value, float) and value.is_integer() and "integer" in names:
        return True
    return any(isinstance(value, _TYPES.get(name, (object,))) for name in names)


def _out_of_bounds(value: Any, schema: Schema) -> bool:
    if isinstance(value, str):
        return not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return not schema.get("minimum", value) <= value <= schema.get("maximum", value)
    return False


def _resolved(reference: str, root: Schema) -> Any:
    found: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or step not in found:
            return False
        found = found[step]
    return found
