"""Definitions, scopes, locals and imports of one file: one sweep, in order of the text, over what the query found."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Final, cast, get_args

from tree_sitter import Node, Query

from ..columns import Columns, names_of_fields
from ..facts import Definition, Kind
from .draft import Draft
from .events import HELD, Captures, collect
from .language import Language
from .recovery import recover
from .source import STEPS, Source

MAX_SIGNATURE_LINES: Final = 3
MAX_DEFINITIONS: Final = 5_000
MAX_LOCALS: Final = 20_000
MAX_OWNER_DEPTH: Final = 5
MAX_ERRORS: Final = 200

_OWNING: Final = frozenset({"module", "class", "interface", "struct", "enum", "trait"})
_CALLABLE: Final = frozenset({"function", "method", "macro"})
_KINDS: Final = frozenset(get_args(Kind))
_CAPITAL = re.compile(r"\b[A-Z]\w*", re.ASCII)
_ANY_CAPITAL = re.compile(r"\b[^\W\d_a-z]\w*")
_START_LINE: Final = itemgetter(names_of_fields(Definition).index("start_line"))


@dataclass(slots=True)
class _Scope:
    """What is open at one point of the sweep; `inside` is what definitions there belong to."""

    end: int
    inside: str
    owner: str
    first: int
    last: int
    hidden: bool = False
    record: bool = False
    known: dict[str, str] = field(default_factory=dict)
    outer: frozenset[str] = frozenset()


class StructureReader:
    """Reads one file; used once."""

    def __init__(
        self,
        rules: Language,
        queries: Sequence[Query],
        root: Node,
        source: Source,
        within: tuple[int, int] | None = None,
    ) -> None:
        """`within` (bytes) limits the reading to what those touch; what errors hide is not looked for then."""
        self._part = within is not None
        self._rules = rules
        self._root = root
        self._source = source
        self._draft = Draft()
        self._found = collect(rules, queries, root, source, self._draft, within)
        self._rows: list[tuple[object, ...]] = []
        self._seen: set[tuple[str, str]] = set()
        self._last_local: dict[tuple[str, int, int], str] = {}
        self._mixed: dict[str, list[str]] = {}

    def read(self) -> Draft:
        """Sweep over the matches in order of the text, keeping open what encloses the point."""
        top = _Scope(self._root.end_byte + 1, "file", "", 0, max(0, len(self._source.lines) - 1))
        stack = [top]
        for step, (start, last, _order, _number, role, node, captures) in enumerate(self._found.events):
            if not step & STEPS:
                self._source.hurry()
            while len(stack) > 1 and stack[-1].end <= start:
                stack.pop()
            scope = stack[-1]
            if role == "scope":
                self._open(stack, node, captures)
            elif role == "local":
                self._bind(captures["local"][0], captures, stack)
            elif role in ("import", "binding"):
                if role == "import":
                    self._draft.spans.append((start, -last))
                top_level = all(one.inside != "function" for one in stack)
                self._draft.imports.extend(self._rules.imports(node, self._source, top_level))
            elif role == "global":
                scope.outer |= {self._source.of(name) for name in captures["name"]}
            elif role == "mixin":
                names = [self._rules.bare(self._source.of(base)) for base in captures["base"]]
                self._mixed.setdefault(scope.owner, []).extend(names)
            else:
                self._define(role, node, captures, stack)
        return self._finished()

    def _open(self, stack: list[_Scope], node: Node, captures: Captures) -> None:
        """Open the scope of a node that defines nothing itself."""
        scope = stack[-1]
        if "scope.block" in captures:
            self._push(stack, node, scope.inside, scope.owner, scope.hidden, scope.record)
        elif "scope.function" in captures:
            open_to_all = scope.inside == "file" and self._rules.open(node)
            self._push(stack, node, "file" if open_to_all else "function", scope.owner, scope.hidden)
        elif "scope.hidden" in captures:
            self._push(stack, node, "class", "", True)
        else:
            named = captures.get("owner")
            owner = self._rules.owner(self._source.of(named[0])) if named else scope.owner
            self._push(stack, node, "class", owner, scope.hidden or scope.inside == "function")

    def _define(self, role: str, node: Node, captures: Captures, stack: list[_Scope]) -> None:
        """Add a definition, or the local that it is inside a function, and open its scope."""
        rules, source, scope = self._rules, self._source, stack[-1]
        named = captures["name"][0]
        if scope.inside == "function" and role in HELD and "owner" not in captures:
            name = rules.name(source.of(named))
            if name not in scope.outer:
                self._draft.taken.add(named.start_byte)
                self._local(name, self._held("variable", node, captures, stack), named, scope)
                return
        name = rules.name(source.of(named))
        start, end = node.start_byte, node.end_byte
        if role == "anonymous":
            name, role = "default", "class" if named.type == "class" else "function"
        decorators = " ".join(self._found.decorators.get(start, ()))
        self._draft.taken.add(named.start_byte)
        owner = scope.owner if scope.inside == "class" else ""
        inside = scope.inside
        if role == "attribute":
            holder = next((one for one in reversed(stack) if one.inside == "function" and one.owner), None)
            if holder is None or holder.hidden:
                return
            role, owner, inside = "field", holder.owner, "class"
        elif (explicit := captures.get("owner")) is not None:
            owner = rules.owner(source.of(explicit[0]))
            if inside != "function":
                inside = "class" if owner else "file"
        kind = rules.kind(cast("Kind", role), node, source, decorators) if role in _KINDS else None
        if not name:
            return
        if kind is None:
            if role in _CALLABLE:
                self._push(stack, node, "function", owner, scope.hidden)
            return
        if "." in name:
            around, _, name = name.rpartition(".")
            owner, inside = f"{owner}.{around}" if owner else around, "class"
        if kind in HELD and name in scope.outer:
            inside = "file"
        if inside == "class" and rules.beside(node):
            owner = owner.rpartition(".")[0]
            inside = "class" if owner else "file"
        if inside == "class":
            kind = "method" if kind == "function" else "field" if kind == "variable" else kind
        hidden = scope.hidden or inside == "function"
        named_bases = self._found.bases.get((start, end))
        bases = tuple(dict.fromkeys(filter(None, named_bases))) if named_bases else ()
        record = (
            rules.record(kind, node, source, bases, decorators) if kind in _OWNING else scope.record and kind == "field"
        )
        if kind in _OWNING:
            inner = f"{owner}.{name}" if owner else name
            self._push(stack, node, "class", inner, hidden or inner.count(".") >= MAX_OWNER_DEPTH, record)
        elif role in _CALLABLE:
            self._push(stack, node, "function", owner, scope.hidden)
        if role == "field" and inside != "class":
            return
        if inside == "function":
            self._local(name, self._held(kind, node, captures, stack), named, scope)
        elif not scope.hidden:
            self._add(name, kind, owner, node, named, captures, stack, bases, record, exported=inside == "class")
        elif inside == "class" and not rules.block_scoped:
            self._local(name, self._held(kind, node, captures, stack), named, scope)

    def _push(
        self, stack: list[_Scope], node: Node, inside: str, owner: str, hidden: bool, record: bool = False
    ) -> None:
        start, end = node.byte_range
        row = self._source.row
        first, last = row(start), row(max(start, end - 1))
        stack.append(_Scope(end, inside, owner, first, last, hidden, record))

    def _held(self, kind: Kind, node: Node, captures: Captures, stack: list[_Scope]) -> str:
        """What using a definition yields."""
        rules, source = self._rules, self._source
        if (typed := captures.get("type")) is not None:
            return rules.typed(typed[0], captures, source)
        if kind in _CALLABLE or kind == "field":
            if given := rules.gives(node, source):
                return given
            if kind in _CALLABLE:
                return ""
        each = captures.get("each")
        if (value := captures.get("value") or each) is None:
            return ""
        told = rules.value(value[0], source)
        if told.startswith("="):
            head = told[1:]
            for scope in reversed(stack):
                if head in scope.known:
                    told = scope.known[head] or told
                    break
        return f"each {told}" if each and told else told

    def _add(
        self,
        name: str,
        kind: Kind,
        owner: str,
        node: Node,
        named: Node,
        captures: Captures,
        stack: list[_Scope],
        bases: tuple[str, ...],
        record: bool,
        *,
        exported: bool,
    ) -> None:
        rules, source = self._rules, self._source
        if kind in HELD:
            if (owner, name) in self._seen:
                return
            self._seen.add((owner, name))
        if len(self._rows) >= MAX_DEFINITIONS:
            return
        first, end = rules.signature(node, source)
        if (row := source.row(named.start_byte)) >= first + MAX_SIGNATURE_LINES and named.type not in rules.nameless:
            first, end = row, max(row, end)
        last_row = source.last_row(node.start_byte, node.end_byte)
        last = min(end, first + MAX_SIGNATURE_LINES - 1)
        lines = source.lines
        text = lines[first].rstrip() if first == last else "\n".join(map(str.rstrip, lines[first : last + 1]))
        head = source.slice(rules.start(node), named.start_byte) if named.start_byte > node.start_byte else ""
        least, most = rules.count(node, source, owner) if kind in _CALLABLE else (-1, -1)
        shown = rules.exported(head, name, node) and (
            exported or not self._found.exported or rules.lists_nothing or self._is_exported(node.start_byte)
        )
        self._rows.append(
            (
                name,
                kind,
                owner,
                first + 1,
                last + 1,
                last_row + 1,
                text,
                bases,
                self._mentions(text, name),
                self._held(kind, node, captures, stack),
                rules.inner_doc(node, source) or self._doc_above(min(first, source.row(node.start_byte))),
                shown,
                record,
                least,
                most,
            )
        )

    def _is_exported(self, start: int) -> bool:
        at = bisect_right(self._found.exported, (start, 1 << 62)) - 1
        return at >= 0 and self._found.exported[at][1] > start

    def _mentions(self, text: str, name: str) -> tuple[str, ...]:
        """The capitalised words of a signature; names in type positions are added when uses are read."""
        if not (words := (_CAPITAL if text.isascii() else _ANY_CAPITAL).findall(text)):
            return ()
        stop = self._rules.stop
        return tuple(word for word in dict.fromkeys(words) if word != name and word[0].isupper() and word not in stop)

    def _doc_above(self, row: int) -> int:
        """The line on which the comment right above a row begins, attributes between them passed over; 0 for none."""
        lines, marks = self._source.lines, self._rules.comments
        at, found = row - 1, 0
        while at >= 0 and row - at < 200:
            line = lines[at].strip()
            if line.endswith("*/") and "//" in marks:
                while at > 0 and "/*" not in lines[at] and row - at < 200:
                    at -= 1
                return at + 1
            if line.startswith(("@", "#[", "[")) and not found:
                pass
            elif line.startswith(marks) and not line.startswith("#!"):
                found = at + 1
            else:
                break
            at -= 1
        return found

    def _bind(self, named: Node, captures: Captures, stack: list[_Scope]) -> None:
        scope, name = stack[-1], self._rules.name(self._source.of(named))
        if not self._rules.binds(name, named):
            return
        self._draft.taken.add(named.start_byte)
        self._local(name, self._held("variable", named, captures, stack), named, scope)

    def _local(self, name: str, held: str, named: Node, scope: _Scope) -> None:
        if name in scope.outer or not name:
            return
        if held or name not in scope.known:
            scope.known[name] = "" if held.startswith(("=", "each ")) or held.endswith("()") else held
        place = (name, scope.first, scope.last)
        if self._last_local.get(place) == held or len(self._draft.locals) >= MAX_LOCALS:
            return
        self._last_local[place] = held
        line = self._source.row(named.start_byte) + 1
        self._draft.locals.append((name, scope.first + 1, scope.last + 1, line, held))

    def _errors(self) -> list[tuple[int, int]]:
        """The rows of the tree's errors."""
        if self._root.type == "ERROR":
            return [(0, len(self._source.lines) - 1)]
        rows: list[tuple[int, int]] = []
        pending = [self._root]
        while pending and len(rows) < MAX_ERRORS:
            node = pending.pop()
            if node.type == "ERROR":
                rows.append(
                    (self._source.row(node.start_byte), self._source.row(max(node.start_byte, node.end_byte - 1)))
                )
            elif node.has_error:
                pending.extend(node.children)
        return rows

    def _finished(self) -> Draft:
        draft = self._draft
        draft.definitions = list(Columns.of(Definition, sorted(self._rows, key=_START_LINE)))
        if self._root.has_error and not self._part:
            recover(self._rules.header, self._errors(), draft, self._source)
        mixed = self._mixed or self._found.implemented
        for number, item in enumerate(draft.definitions if mixed else ()):
            if item.kind in _OWNING and (
                more := [*self._mixed.get(item.symbol, ()), *self._found.implemented.get(item.name, ())]
            ):
                bases = tuple(dict.fromkeys([*item.bases, *(base for base in more if base)]))
                draft.definitions[number] = replace(item, bases=bases)
        self._rules.finish(draft, self._source)
        return draft
