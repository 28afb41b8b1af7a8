"""The names that every file of a language knows without saying so: built-ins, keywords, the implicit prelude.

The lists of built-ins in `preludes/` are made by `dev/preludes.py` from the languages' own tools; what is not listed
there is not judged, so a list that lacks names is a fault and one with too many only a missed finding.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

_LISTS: Final = MappingProxyType(
    {
        "python": "python",
        "go": "go",
        "typescript": "javascript",
        "typescriptreact": "javascript",
        "tsx": "javascript",
        "javascript": "javascript",
        "javascriptreact": "javascript",
    }
)

_NAMESAKES: Final = MappingProxyType({"ruby": "ruby-types", "cpp": "cpp-functions", "csharp": "csharp-methods"})

_OBJECT: Final = MappingProxyType(
    {
        "java": frozenset(
            [
                "getClass",
                "hashCode",
                "equals",
                "clone",
                "toString",
                "notify",
                "notifyAll",
                "wait",
                "finalize",
                "name",
                "ordinal",
                "compareTo",
                "values",
                "valueOf",
                "getDeclaringClass",
                "length",
                "class",
                "this",
                "super",
                "describeConstable",
            ]
        ),
        "javascript": frozenset(
            [
                "constructor",
                "toString",
                "toLocaleString",
                "valueOf",
                "hasOwnProperty",
                "isPrototypeOf",
                "propertyIsEnumerable",
                "prototype",
                "name",
                "length",
                "call",
                "apply",
                "bind",
                "arguments",
                "caller",
            ]
        ),
        "python": frozenset({"mro"}),
        "rust": frozenset(
            [
                "borrow",
                "borrow_mut",
                "clamp",
                "clone",
                "clone_from",
                "clone_into",
                "cmp",
                "description",
                "eq",
                "fmt",
                "ge",
                "gt",
                "hash",
                "into",
                "le",
                "lt",
                "max",
                "min",
                "ne",
                "partial_cmp",
                "source",
                "cause",
                "to_owned",
                "to_string",
                "try_into",
                "type_id",
            ]
        ),
    }
)


def prelude(language: str) -> frozenset[str] | None:
    """The names every file of a language sees; None where no list says so."""
    return _read(_LISTS[language]) if language in _LISTS else None


def imported_by_editors(language: str) -> frozenset[str]:
    """The names that a file's editor imports by itself once they are used."""
    return _read("go-packages") if language == "go" else frozenset()


def namesakes(language: str) -> frozenset[str]:
    """What a language has itself and a bare name may mean, though the workspace has something of that name too."""
    return _read(_NAMESAKES[language]) if language in _NAMESAKES else frozenset()


def of_every_object(language: str) -> frozenset[str]:
    """The members that any object of a language has."""
    return _OBJECT.get(_LISTS.get(language, language), frozenset())


@cache
def _read(name: str) -> frozenset[str]:
    lines = resources.files(__package__).joinpath("preludes", f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
