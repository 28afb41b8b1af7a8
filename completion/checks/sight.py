"""What of a name's origins is in sight: where it could come from elsewhere, nothing is said about it.

What no file tells is left alone in each language: PHP's functions and constants (libraries bring them without a word in
the file), Ruby's constants and whatever a module, a block or an unseen superclass may be sent, C's names in capitals
(compilers' options define those) and arguments of macros, C#'s types and inherited members, a shell's commands and its
environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from ...context.facts import TYPES

if TYPE_CHECKING:
    from ...context.facts import Definition, FileFacts, Reference
    from ...context.resolution.resolver import Resolver
    from ...context.view import Workspace

_MOST_FILES, _MOST_HOPS = 60, 2
_PHP_UNTOLD = re.compile(
    r"\bextract\s*\(|\bparse_str\s*\(|\beval\s*\(|\$\$|^[ \t]+.*\b(?:include|require)(?:_once)?\b", re.MULTILINE
)
_RUBY_UNTOLD = re.compile(
    r"\b(?:method_missing|define_method|class_eval|instance_eval|class_exec|instance_exec|instance_variable_set"
    r"|def_delegators?|delegate|Struct|extend|attribute|const_missing|send)\b"
)
_SHELL_UNTOLD = re.compile(r"^\s*eval\b", re.MULTILINE)
_CONFIGURED = re.compile(r"(?:^|[/_-])(?:config|version|export)\.h$")
"""Headers that a build makes: they define names in capitals."""

_MACRO = re.compile(r"\b(?:[A-Z][A-Z0-9_]{2,}|__\w+)\s*\(")
_INTERFACE = re.compile(r"I[A-Z]")
_BINDS_MANY = re.compile(r"\bauto\b[^=;]*\[|\btemplate\b|\[[^\]]*=")


@dataclass(frozen=True, slots=True)
class Sight:
    """A document with a text put into it: `document` is what stands around it, `facts` are those of both together.

    `lines` are those of the two together, from 0.
    """

    workspace: Workspace
    resolver: Resolver
    path: str
    document: str
    lines: tuple[str, ...]
    facts: FileFacts

    def line(self, reference: Reference) -> str:
        """The line that a reference stands on."""
        return self.lines[reference.line - 1] if reference.line <= len(self.lines) else ""

    def around(self, line: int) -> Iterator[Definition]:
        """The definitions that a line stands in, outermost first."""
        return (one for one in self.facts.definitions if one.start_line <= line <= one.last_line)

    def in_function(self, line: int) -> bool:
        """Whether a line stands in a function, below its first line."""
        return any(one.kind in ("function", "method") and one.start_line < line for one in self.around(line))


def no_wildcard(sight: Sight, _reference: Reference) -> bool:
    """Nothing is imported but what is named."""
    return not any(item.bound == "*" for item in sight.facts.imports)


def java(sight: Sight, reference: Reference) -> bool:
    """Types that are imported by name or stand in the package; not where a class that nobody has seen may hold some."""
    return no_wildcard(sight, reference) and all(
        sight.workspace.defining(base) for base in _bases_around(sight, reference.line)
    )


def csharp(sight: Sight, reference: Reference) -> bool:
    """Locals, parameters, fields begin with a small letter; not where a class that nobody has seen may bring some."""
    bases = _bases_around(sight, reference.line)
    if any(_INTERFACE.match(base) is None and not sight.workspace.defining(base) for base in bases):
        return False
    return reference.name[0] not in "@ABCDEFGHIJKLMNOPQRSTUVWXYZ" and not re.search(r"\bpartial\b", sight.document)


def php(sight: Sight, reference: Reference) -> bool:
    """A variable in a function, but none that a call may set; a class without a path, where there are namespaces."""
    line = sight.line(reference)
    if reference.use == "type":
        return bool(sight.facts.package) and line[reference.column - 1 : reference.column] != "\\"
    if not reference.name.startswith("$") or not sight.in_function(reference.line):
        return False
    name = re.escape(reference.name)
    return re.search(rf"[(,]\s*&?{name}\s*(?:[,)]|$)|^\s*{name}\s*[,)]", line) is None and (
        _PHP_UNTOLD.search(sight.document) is None
    )


def ruby(sight: Sight, reference: Reference) -> bool:
    """What a method of a class reads that inherits nothing: a variable of the object, a local, a method of its own."""
    name = reference.name
    if _RUBY_UNTOLD.search(sight.document) is not None or not sight.in_function(reference.line):
        return False
    around = [one for one in sight.around(reference.line) if one.kind in TYPES or one.kind == "module"]
    if not around or around[-1].kind != "class" or around[-1].bases or name.startswith("@@"):
        return False
    opened = set(sight.workspace.defining(around[-1].name)) - {sight.path}
    return not opened and (name.startswith("@") or name[0].islower())


def c(sight: Sight, reference: Reference) -> bool:
    """Names in small letters, where every header is the workspace's or the standard library's."""
    line = sight.line(reference)
    if not reference.name[0].islower() or line.lstrip().startswith("#") or _MACRO.search(line[: reference.column]):
        return False
    return _headers_known(sight)


def cpp(sight: Sight, reference: Reference) -> bool:
    """As in C, outside of classes that inherit; without names of whole namespaces, and what a pattern binds."""
    if "using namespace" in sight.document or any(one.bases for one in sight.around(reference.line)):
        return False
    line = sight.line(reference)
    if _BINDS_MANY.search(line) or line.startswith("::", reference.column + len(reference.name)):
        return False
    return "::" not in _head(sight, reference.line) and c(sight, reference)


def shell(sight: Sight, reference: Reference) -> bool:
    """Variables that are not in capitals, as the environment's are, where nothing is read from a file out of sight."""
    if reference.name.isupper() or _SHELL_UNTOLD.search(sight.document) is not None:
        return False
    return all(sight.resolver.targets(sight.path, item) for item in sight.facts.imports)


def _bases_around(sight: Sight, line: int) -> Iterator[str]:
    """What the classes inherit that a line stands in, by their last names."""
    return (base.partition("<")[0].rpartition(".")[2] for one in sight.around(line) for base in one.bases)


def _head(sight: Sight, line: int) -> str:
    """The first line of the function that a line stands in: a member's names its class."""
    functions = (one for one in sight.around(line) if one.kind in ("function", "method"))
    return next((one.text.partition("(")[0] for one in functions), "")


def _headers_known(sight: Sight) -> bool:
    """Whether all that a file includes, and what that includes, is in the workspace or standard.

    What is further away is seldom used without being included where it is used.
    """
    waiting = [(sight.path, sight.facts, 1)]
    seen = {sight.path}
    while waiting:
        path, facts, depth = waiting.pop()
        for item in facts.imports:
            name = item.module.strip("<>")
            targets = {one.path for one in sight.resolver.targets(path, item)} or set(_same_end(sight.workspace, name))
            if not targets and not _standard(name) and not _CONFIGURED.search(name):
                return False
            for target in targets - seen:
                seen.add(target)
                told = sight.workspace.facts(target)
                if told is None or len(seen) > _MOST_FILES:
                    return False
                if depth < _MOST_HOPS:
                    waiting.append((target, told, depth + 1))
    return True


def _same_end(workspace: Workspace, header: str) -> Iterator[str]:
    """The files that an include in angle brackets may mean, with the folders that a build is told of."""
    for path in workspace.named(header.rpartition("/")[2]):
        if f"/{path}".endswith(f"/{header}"):
            yield path


def _standard(header: str) -> bool:
    """Whether a header is the standard library's: C++'s own have no ending."""
    return header.removesuffix(".h") in _headers() if header.endswith(".h") else "/" not in header


@cache
def _headers() -> frozenset[str]:
    lines = resources.files(__package__).joinpath("words", "c-headers.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
