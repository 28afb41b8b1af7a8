"""One text read once: its definitions with all that belongs to them, its imports, its errors.

On the thread that parses, from beginning to end: a tree belongs to the thread that made it.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property

from ..context import grammars
from ..context.facts import TYPES, Definition, FileFacts
from ..context.languages.reading import read
from ..context.parsing import Parsed, Refused, TreeParser
from .faults import Fault
from .guards.syntax import Errors, error_lines
from .original import Original

SECONDS = 1.0
_CONTAINERS = re.compile(r"(?:body|block|module|program|source_file|list|unit|chunk|script|document|suite)$")
_ABOVE = ("@", "#[", "///", "//", "#", "/*", "*", "--", "[")
_NO_FACTS = FileFacts("")
_MOST_ABOVE = 60
"""Lines of decorators and comments above a definition that are looked through for a place."""


class Outline:
    """What a text says. Where it cannot be parsed there are no definitions, and `errors.unread` tells why.

    The whole text is parsed when its tree or its errors are first asked for: where the facts are known already, a
    command finds its place without that, and `complete` can be called while a model writes.
    """

    def __init__(
        self, path: str, language: str, plain: str, parsed: Parsed | None = None, facts: FileFacts | None = None
    ) -> None:
        """`parsed` and `facts` are of `plain`, where they are at hand."""
        self.path = path
        self.language = language
        self._plain = plain
        self._lines = plain.split("\n")
        self._facts = facts
        self._pieces: dict[int, tuple[Parsed, int]] = {}
        self._outcome: Parsed | Refused | None = parsed
        if parsed is None and grammars.language(language) is None:
            self._outcome = Refused(f"{language or 'this language'} cannot be parsed here")

    @property
    def parsed(self) -> Parsed | None:
        """The tree of the whole text."""
        if self._outcome is None:
            self._outcome = TreeParser(self.language).parse(self._plain, seconds=SECONDS)
        return self._outcome if isinstance(self._outcome, Parsed) else None

    @cached_property
    def facts(self) -> FileFacts:
        """Its definitions, imports and names."""
        if isinstance(self._outcome, Refused):
            return _NO_FACTS
        if self._facts is not None:
            return self._facts
        return read(self.language, parsed) if (parsed := self.parsed) is not None else _NO_FACTS

    @cached_property
    def errors(self) -> Errors:
        """What is wrong in it."""
        parsed = self.parsed
        if isinstance(self._outcome, Refused):
            return Errors(unread=self._outcome.reason)
        return Errors(error_lines(parsed)) if parsed is not None else Errors()

    @cached_property
    def symbols(self) -> Counter[str]:
        """The dotted names of its definitions, each as often as it is defined."""
        return Counter(one.symbol for one in self.facts.definitions)

    @cached_property
    def believed(self) -> frozenset[str]:
        """Names that it uses and that are bound somewhere in it, or nowhere that is seen here."""
        facts = self.facts
        defined = {one.name for one in facts.definitions} | {one.bound.partition(".")[0] for one in facts.imports}
        bound = {one.name for one in facts.locals}
        free = {one.name for one in facts.references if not one.receiver} - defined - bound
        return frozenset({one.name for one in facts.references} & (bound | free))

    def complete(self) -> None:
        """Read all that was not needed so far."""
        _ = self.errors, self.symbols, self.believed

    def around(self, first: int, last: int) -> Definition | None:
        """The innermost function or type whose lines, decorators included, hold `first`..`last`."""
        bodies = [one for one in self.facts.definitions if _has_body(one)]
        below = min((one.start_line for one in bodies if one.start_line > first), default=0)
        holding = [
            one
            for one in bodies
            if last <= one.last_line
            and (
                one.start_line <= first
                or (one.start_line == below <= first + _MOST_ABOVE and self.whole(one)[0] <= first)
            )
        ]
        return min(holding, key=lambda one: (one.last_line - one.start_line, -one.start_line), default=None)

    def outermost(self, definition: Definition) -> Definition:
        """The definition at the top of the file that holds `definition`, or itself."""
        holding = [
            one
            for one in self.facts.definitions
            if _has_body(one) and one.start_line <= definition.start_line and definition.last_line <= one.last_line
        ]
        return min(holding, key=lambda one: one.start_line - one.last_line, default=definition)

    def touched(self, first: int, last: int) -> tuple[Definition, ...]:
        """The outermost functions and types that lines `first`..`last` have a part of, in order."""
        found = [
            one
            for one in self.facts.definitions
            if _has_body(one) and one.start_line <= last and first <= one.last_line
        ]
        return tuple(
            one
            for one in found
            if not any(
                other is not one
                and other.start_line <= one.start_line
                and one.last_line <= other.last_line
                and (other.start_line, other.last_line) != (one.start_line, one.last_line)
                for other in found
            )
        )

    def named(self, symbol: str) -> tuple[Definition, ...]:
        """The definitions of that dotted name."""
        return tuple(one for one in self.facts.definitions if symbol.endswith(one.name) and one.symbol == symbol)

    def whole(self, definition: Definition) -> tuple[int, int]:
        """The first and the last line of all that belongs to it: decorators and the comment above included."""
        first = min(definition.start_line, definition.doc_line or definition.start_line)
        first = min(first, self._decorated(definition))
        indent = _indent(self._line(definition.start_line))
        while (
            first > 1
            and (above := self._line(first - 1)).strip().startswith(_ABOVE)
            and _indent(above)[:1] == indent[:1]
        ):
            if len(_indent(above)) < len(indent):
                break
            first -= 1
        return first, max(definition.last_line, definition.end_line)

    def locate(self, original: Original, symbol: str) -> tuple[int, int] | Fault:
        """The plain offsets of a whole symbol, if there is one of that name and nothing else stands on its lines."""
        found = self.named(symbol)
        if not found:
            known = ", ".join(one.symbol for one in self.facts.definitions[:40])
            said = f"There is no symbol {symbol[:100]} in {self.path}; there are: {known or 'none that is known'}."
            return Fault("absent", said, self.path)
        if len(found) > 1:
            places = ", ".join(str(one.start_line) for one in found)
            said = f"{symbol} stands in {self.path} {len(found)} times (lines {places}); replace its text instead."
            return Fault("ambiguous", said, self.path, found[0].start_line)
        first, last = self.whole(found[0])
        shared = [
            one
            for one in self.facts.definitions
            if one.owner == found[0].owner and one is not found[0] and one.start_line <= last and first <= one.last_line
        ]
        if shared:
            said = f"{symbol} shares its lines in {self.path} with {shared[0].symbol}; replace its text instead."
            return Fault("ambiguous", said, self.path, first)
        return original.line_start(first), original.line_start(last + 1)

    def import_lines(self) -> tuple[int, int] | None:
        """The first and the last line of the imports at the top of the file, up to the first definition."""
        top = [one for one in self.facts.imports if one.top]
        if not top:
            return None
        stop = min((one.start_line for one in self.facts.definitions if _has_body(one)), default=len(self._lines) + 1)
        before = [one for one in top if one.start_line < stop] or top[:1]
        return min(one.start_line for one in before), max(one.end_line for one in before)

    def place_for_imports(self) -> int:
        """The line before which the first import would stand: after the file's comment, package line or docstring."""
        line = 1
        quote = ""
        for number, text in enumerate(self._lines, 1):
            stripped = text.strip()
            if quote:
                if quote in stripped:
                    quote, line = "", number + 1
                continue
            if stripped[:3] in ('"""', "'''") and self.facts.language == "python":
                if stripped.count(stripped[:3]) < 2:
                    quote = stripped[:3]
                else:
                    line = number + 1
                continue
            if stripped and not stripped.startswith(
                (*_ABOVE, "package ", "namespace ", "<?php", "'use strict'", '"use')
            ):
                break
            if stripped:
                line = number + 1
        return line

    def importing(self) -> frozenset[int]:
        """The lines that are part of an import."""
        return frozenset(line for one in self.facts.imports for line in range(one.start_line, one.end_line + 1))

    def text(self, first: int, last: int) -> str:
        """Some of its lines."""
        return "\n".join(self._lines[first - 1 : last])

    def _line(self, number: int) -> str:
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def _decorated(self, definition: Definition) -> int:
        """The first line of the largest node that ends where the definition does and is no container."""
        parsed, above = self._around(definition)
        if parsed is None:
            return definition.start_line
        row, last = definition.start_line - 1 - above, definition.last_line - 1 - above
        line, end = self._line(definition.start_line), self._line(definition.last_line)
        column = len(_indent(line).encode("utf-8", "replace"))
        node = parsed.root.named_descendant_for_point_range((row, column), (last, len(end.encode("utf-8", "replace"))))
        first = definition.start_line - above
        while node is not None and node.parent is not None and not _CONTAINERS.search(node.type):
            if node.end_point.row > last:
                break
            first = min(first, node.start_point.row + 1)
            node = node.parent
        return first + above

    def _around(self, definition: Definition) -> tuple[Parsed | None, int]:
        """A tree that holds the definition with all that stands above it, and how many lines come before that tree.

        The whole tree where there is one, else that of the lines from what is defined or imported before, if that can
        be told: one with an error has been cut in the wrong place.
        """
        if self._outcome is None and self._facts is not None:
            outer = self.outermost(definition)
            if (known := self._pieces.get(outer.start_line)) is not None:
                return known
            ends = [one.last_line for one in self._facts.definitions if one.last_line < outer.start_line]
            ends += [one.end_line for one in self._facts.imports if one.end_line < outer.start_line]
            above = max(ends, default=0)
            text = "\n".join(self._lines[above : outer.last_line]) + "\n"
            piece = TreeParser(self.language).parse(text, seconds=SECONDS)
            if isinstance(piece, Parsed) and not piece.root.has_error:
                self._pieces[outer.start_line] = piece, above
                return piece, above
        return self.parsed, 0


def _has_body(definition: Definition) -> bool:
    return definition.kind in TYPES or definition.kind in ("function", "method", "macro", "module")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
