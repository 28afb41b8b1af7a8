"""What a command may change and what a model is shown for it: the file, and what else hangs together with the place.

On the thread that keeps the index; reads nothing but the workspace's own view of its files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import MappingProxyType

from ..context import tokens
from ..context.facts import Definition
from ..context.languages.reading import language_of
from ..context.relations import Site
from ..routing.privacy.sources import Kind, Source
from .command import CannotRefactor, Command
from .guards.paths import executes
from .known import Known
from .original import Original
from .outline import Outline
from .reaching import Reaching, widened
from .scope import NewFiles, Scope

ReadFile = Callable[[str], Original | None]
"""A file of the workspace by its path, as the editor or the disk has it; None where it may not or cannot be read."""

_MOST_CALLERS = 40
_AROUND = 3
_WHOLE_SHARE = 0.6
_MOST_LINES = 60
_MOST_DIAGNOSTICS = 4_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of a file in the prompt: lines `first`..`last` of `path`, and why it is there."""

    path: str
    first: int
    last: int
    why: str
    tokens: int
    may_change: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """`sources` in the order of the prompt, `shown` the same for people; `outlines` of the files that may change.

    `target` is the definition at hand, if any; `uses` are the places that must follow it; `left_out` says what else
    hangs together with it and had no room.
    """

    command: Command
    scope: Scope
    sources: tuple[Source, ...]
    shown: tuple[Shown, ...]
    target: Definition | None
    uses: tuple[Site, ...] = ()
    left_out: tuple[str, ...] = ()
    outlines: dict[str, Outline] = field(default_factory=dict)
    tests: tuple[str, ...] = ()

    def complete(self) -> None:
        """Read the rest of the files that may change, on the thread that parses: nobody waits while a model writes."""
        for path in self.scope.originals:
            if path in self.outlines:
                self.outlines[path].complete()


class Gatherer:
    """Gathers for one command within `budget` tokens, as `context.tokens` counts them."""

    def __init__(self, command: Command, known: Known | None, read: ReadFile, budget: int) -> None:
        self._command = command
        self._known = known
        self._read = read
        self._left = budget
        self._budget = budget
        self._originals: dict[str, Original] = {command.original.path: command.original}
        self._outlines: dict[str, Outline] = {}
        self._sources: list[Source] = []
        self._shown: list[Shown] = []
        self._left_out: list[str] = []
        self._seen: dict[str, list[tuple[int, int]]] = {}
        self._relations = known.relations if known is not None else None
        self._found_callers: tuple[Site, ...] | None = None
        self._found_tests: tuple[Site, ...] | None = None

    def gather(self) -> Gathered:
        """Gather all of it."""
        command = self._command
        original = command.original
        if command.task.reach in ("uses", "callers") and (self._known is None or not self._known.complete):
            raise CannotRefactor(
                "Who uses this is not known: the workspace is still being read, or workspace.index is off."
            )
        outline = self.outline(original)
        target = outline.around(command.first_line, command.last_line)
        if target is None:
            target = next(iter(outline.touched(command.first_line, command.last_line)), None)
        reaching = Reaching(command, outline, target)
        uses, tests = self._related(target)
        scope = self._scope(reaching, uses, tests)
        self._show_subject(scope, reaching)
        for path in scope.originals:
            if path != original.path:
                self._show_spans(path, scope)
        self._show_reading(target)
        self._say()
        return Gathered(
            command,
            scope,
            tuple(self._sources),
            tuple(self._shown),
            target,
            tuple(site for site in uses if site.path in scope.originals),
            tuple(dict.fromkeys(self._left_out)),
            self._outlines,
            tests,
        )

    def outline(self, original: Original) -> Outline:
        """The outline of a file, made once."""
        known = self._outlines.get(original.path)
        if known is None:
            facts = self._known.facts(original) if self._known is not None else None
            known = Outline(original.path, original.language, original.plain, facts=facts)
            self._outlines[original.path] = known
        return known

    def _related(self, target: Definition | None) -> tuple[tuple[Site, ...], tuple[str, ...]]:
        """The places that must follow the definition, and the files of its tests."""
        reach = self._command.task.reach
        if self._relations is None or target is None:
            return (), ()
        path = self._command.original.path
        uses: list[Site] = []
        if reach in ("uses", "callers"):
            uses += self._callers(target)
            uses += self._relations.overrides(path, target.symbol, _MOST_CALLERS)
        tests = self._tests(target)
        if reach in ("uses", "callers"):
            known = {(site.path, site.start_line) for site in uses}
            uses += [site for site in tests if site.start_line > 1 and (site.path, site.start_line) not in known]
        return tuple(uses), tuple(dict.fromkeys(site.path for site in tests))

    def _callers(self, target: Definition) -> tuple[Site, ...]:
        if self._found_callers is None and self._relations is not None:
            path = self._command.original.path
            self._found_callers = self._relations.callers(path, target.symbol, _MOST_CALLERS)
        return self._found_callers or ()

    def _tests(self, target: Definition) -> tuple[Site, ...]:
        if self._found_tests is None and self._relations is not None:
            path = self._command.original.path
            self._found_tests = self._relations.tests(path, target.symbol, _MOST_CALLERS)
        return self._found_tests or ()

    def _scope(self, reaching: Reaching, uses: tuple[Site, ...], tests: tuple[str, ...]) -> Scope:
        command = self._command
        subject = command.original
        spans = {subject.path: reaching.spans()} if command.task.reach != "tests" else {}
        new_files = None
        if command.task.reach == "tests":
            suffix = _suffix(subject.path)
            new_files = NewFiles((suffix,), subject.language, tests=True)
            for path in tests[:1]:
                if (original := self._other(path)) is not None:
                    spans[path] = reaching.appending(original, self.outline(original))
        by_path: dict[str, list[Site]] = {}
        for site in uses:
            by_path.setdefault(site.path, []).append(site)
        for path, sites in by_path.items():
            other = subject if path == subject.path else self._other(path)
            if other is None:
                self._left_out.append(f"{path}: {len(sites)} uses that may not be changed from here")
                continue
            found = reaching.follows(other, self.outline(other), sites)
            spans[path] = widened((*spans.get(path, ()), *found))
        vanishing: frozenset[tuple[str, str]] = frozenset()
        if command.task.reach == "uses" and reaching.target is not None:
            symbols = {(subject.path, reaching.target.symbol)}
            symbols |= {(site.path, site.symbol) for site in uses if site.why.startswith("overrid")}
            vanishing = frozenset(symbols)
        originals = {path: self._originals[path] for path in spans}
        return Scope(
            subject.path,
            MappingProxyType(originals),
            MappingProxyType(spans),
            new_files,
            vanishing,
            command.task.keeps,
        )

    def _other(self, path: str) -> Original | None:
        if path not in self._originals:
            original = None if executes(path) else self._read(path)
            if original is None:
                return None
            self._originals[path] = original
        return self._originals[path]

    def _show_subject(self, scope: Scope, reaching: Reaching) -> None:
        """The file at hand: whole where it fits, else what may change, its surroundings and its imports."""
        original = self._command.original
        whole = tokens.count(original.plain)
        path = original.path
        editable = path in scope.spans
        if whole <= self._budget * _WHOLE_SHARE:
            self._add(original, 1, original.line_count, "the file at hand", editable, required=True, size=whole)
            return
        wanted = [
            (original.line_of(span.start), original.line_of(max(span.start, span.end - 1)))
            for span in scope.spans.get(path, ())
        ]
        wanted.append(reaching.lines)
        if (imports := self.outline(original).import_lines()) is not None:
            wanted.append(imports)
        for first, last in _merged(wanted, _MOST_LINES // 2, original.line_count):
            required = first <= self._command.first_line <= last
            self._add(
                original, first, last, "the place at hand" if required else "of the file at hand", editable, required
            )

    def _show_spans(self, path: str, scope: Scope) -> None:
        original = scope.originals[path]
        spans = [
            (original.line_of(span.start), original.line_of(max(span.start, span.end - 1)))
            for span in scope.spans[path]
        ]
        for first, last in _merged(spans, _AROUND, original.line_count):
            self._add(original, first, last, "must follow the change", may_change=True)

    def _show_reading(self, target: Definition | None) -> None:
        """What is only read: what the definition calls, the types it mentions, who calls it, its tests."""
        if self._relations is None or target is None:
            return
        relations, path = self._relations, self._command.original.path
        groups = [
            (relations.callees(path, target.symbol, 12), "called by it"),
            (relations.types(path, target.symbol, 12), "a type that it mentions"),
        ]
        if self._command.task.reach not in ("uses", "callers"):
            groups.append((self._callers(target)[:6], "calls it"))
            groups.append((self._tests(target)[:4], "tests it"))
        for sites, why in groups:
            for site in sites:
                self._show_site(site, why)

    def _say(self) -> None:
        """What the person and other tools say."""
        command = self._command
        path = command.original.path
        if command.diagnostics:
            lines = [
                f"line {one.first_line}: {one.message}" + (f" [{one.source} {one.code}]".rstrip() if one.source else "")
                for one in command.diagnostics
            ]
            text = "\n".join(lines)[:_MOST_DIAGNOSTICS]
            self._sources.append(
                Source("diagnostics", text, path, command.first_line, command.last_line, required=True)
            )
        if command.instruction.strip():
            words = f"The person's instruction: {' '.join(command.instruction.split())}"
            self._sources.append(Source("instruction", words, required=True))

    def _show_site(self, site: Site, why: str) -> None:
        original = self._originals.get(site.path) or self._read(site.path)
        if original is None:
            return
        first, last = site.start_line, site.end_line
        if why in ("calls it", "tests it") and site.definition is not None:
            first, last = (
                site.definition.start_line,
                min(site.definition.last_line, site.definition.start_line + _MOST_LINES),
            )
        self._originals.setdefault(site.path, original)
        self._add(original, first, min(last, original.line_count), why, may_change=False)

    def _add(
        self,
        original: Original,
        first: int,
        last: int,
        why: str,
        may_change: bool,
        required: bool = False,
        size: int | None = None,
    ) -> None:
        """Take lines into the prompt where they are not yet and there is room; what must be there always is.

        `size` is what they cost, where that is known already.
        """
        path = original.path
        if any(low <= first and last <= high for low, high in self._seen.get(path, ())):
            return
        text = original.lines(first, last)
        cost = (tokens.count(text) if size is None else size) + tokens.count_header(path)
        if cost > self._left and not required:
            self._left_out.append(f"{path}, lines {first} to {last}: no room for it")
            return
        self._left -= cost
        self._seen.setdefault(path, []).append((first, last))
        kind: Kind = "file" if required else "snippet"
        self._sources.append(Source(kind, text, path, first, last, required=required))
        self._shown.append(Shown(path, first, last, why, cost, may_change))


def _merged(spans: Iterable[tuple[int, int]], around: int, most: int) -> list[tuple[int, int]]:
    """Spans of lines with so many lines around them, those that meet joined."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted((max(1, first - around), min(most, last + around)) for first, last in spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2]
    return f".{name.rpartition('.')[2]}" if "." in name else ""


def language(path: str, fallback: str = "") -> str:
    """The language of a file by its name."""
    return language_of(path) or fallback
