"""The languages there are: each folder beside this file with a `rules.py` is one, found when first asked for."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tree_sitter import Language as Grammar
from tree_sitter import Query

from .language import Language

_KIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("typescript", "typescriptreact", "javascript", "javascriptreact"), "javascript"),
        **dict.fromkeys(("c", "cpp"), "c"),
    }
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A language made ready for one identifier: its grammar and its queries, which find everything together."""

    identifier: str
    rules: Language
    grammar: Grammar
    structure: tuple[Query, ...]
    references: tuple[Query, ...]


@cache
def rules() -> tuple[Language, ...]:
    """The rules of every language, in order of their folders' names."""
    folder = Path(__file__).parent
    found = [item.name for item in pkgutil.iter_modules([str(folder)]) if item.ispkg]
    modules = (importlib.import_module(f".{name}.rules", __package__) for name in sorted(found))
    return tuple(module.RULES for module in modules)


@cache
def identifiers() -> Mapping[str, Language]:
    """Every LSP language identifier that can be read, and its rules."""
    return MappingProxyType({identifier: one for one in rules() for identifier in one.grammars})


@cache
def suffixes() -> Mapping[str, str]:
    """File endings, dots included, and the language identifier of each."""
    return MappingProxyType({suffix: name for one in rules() for suffix, name in one.suffixes.items()})


@cache
def _files() -> Mapping[str, str]:
    return MappingProxyType({file: name for one in rules() for file, name in one.files.items()})


def language_of(path: str) -> str | None:
    """The LSP language identifier of a file, by its name alone; None for what is not read here."""
    name = path.rpartition("/")[2]
    if (found := _files().get(name)) is not None:
        return found
    stem, dot, ending = name.rpartition(".")
    return suffixes().get(dot + ending.lower()) if stem and dot else None


def kin(identifier: str | None) -> str:
    """One name for the languages whose files can use each other's definitions; '' for none."""
    return _KIN.get(identifier or "", identifier or "")


@cache
def grammar(identifier: str) -> Grammar | None:
    """The grammar of a language identifier, loaded when first asked for; None for one that has none here."""
    if (language := identifiers().get(identifier)) is None:
        return None
    module, function = language.grammars[identifier]
    return Grammar(getattr(importlib.import_module(module), function)())


@cache
def loaded(identifier: str, *, alone: bool = False) -> Loaded | None:
    """A language with its queries compiled; None for one that is not read here.

    tree-sitter keeps the interpreter's lock while it compiles a query, up to 40 ms for one language. So each file of a
    query is compiled by itself, and other threads have their turn in between. A process that is `alone` has one query
    of all of them: a tree is walked once then.
    """
    language, shape = identifiers().get(identifier), grammar(identifier)
    if language is None or shape is None:
        return None
    structure, references = (
        tuple(Query(shape, text) for text in texts(language, files, alone=alone))
        for files in (language.structure_of(identifier), language.references_of(identifier))
    )
    return Loaded(identifier, language, shape, structure, references)


def texts(language: Language, files: tuple[str, ...], *, alone: bool) -> list[str]:
    """What each of a language's queries says; `alone` all in one."""
    folder = Path(importlib.import_module(type(language).__module__).__file__ or "").parent
    said = [(folder / file).read_text(encoding="utf-8") for file in files]
    return ["\n".join(said)] if alone else said
