"""References of one file: every name that is used, how, on what, and with how many arguments."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain as chain_all
from typing import Final

from tree_sitter import Node, Query

from ..columns import Columns
from ..facts import Reference, Use
from . import dotted
from .draft import Bound, Draft
from .events import windows
from .language import RESERVED, Language, named
from .source import STEPS, Source

MAX_REFERENCES: Final = 40_000


_JOINTS: Final = b".:>"
_CHAIN = re.compile(r"(?<![\w$.?)\]])((?:[\w$]+(?:\(\))?(?:\?\.|\.|::|->))*[\w$]+(?:\(\))?)(?:\?\.|\.|::|->)$")
_AFTER = re.compile(r"(?:(?<!\.)\.|::|->)$")
_LOOK_BACK: Final = 80
_PLAIN: Final[tuple[Use, str, int]] = ("name", "", -1)


def _before(source: Source, start: int) -> str:
    """The receiver of a name that no node of the tree tells of (half-written code, a macro's words); '' for none."""
    text = source.slice(max(0, start - _LOOK_BACK), start).rpartition("\n")[2]
    if not _AFTER.search(text):
        return ""
    found = _CHAIN.search(text)
    return found[1].replace("::", ".").replace("->", ".").replace("?.", ".") if found else "?"


def references(
    rules: Language,
    queries: Sequence[Query],
    root: Node,
    source: Source,
    draft: Draft,
    within: tuple[int, int] | None = None,
) -> Columns[Reference]:
    """List the uses of names in order of the text: no bindings, no imports, no uses of the file's own locals.

    With `within` (bytes) those that lie there, and perhaps some around.
    """
    found = _captures(queries, root, within)
    ends = dict([node.byte_range for node in found.get("name", ())])
    if rules.lists:
        special = dotted.special(rules, root, found.get("arguments", ()), source, ends)
    else:
        special = _special(rules, found, source)
    typed = dict([node.byte_range for node in found.get("type", ())])
    ends.update(typed)
    draft.taken.update(node.start_byte for node in found.get("skip", ()))
    starts = sorted(ends.keys() - draft.taken)
    if spans := [*draft.spans, *(node.byte_range for node in found.get("span", ()))]:
        _drop_within(starts, _merged(spans))
    for start, end in _merged(node.byte_range for node in found.get("types", ())):
        typed.update(dict.fromkeys(starts[bisect_left(starts, start) : bisect_left(starts, end)], 0))
    del starts[MAX_REFERENCES:]
    return _told(rules, source, starts, ends, special, typed, _scopes(draft.locals))


def _told(
    rules: Language,
    source: Source,
    starts: list[int],
    ends: Mapping[int, int],
    special: Mapping[int, tuple[Use, str, int]],
    typed: Container[int],
    scopes: Mapping[str, tuple[list[int], list[int]]],
) -> Columns[Reference]:
    """The names that begin at `starts`, but for words of the language and uses of locals."""
    keywords, data, rows, plain = rules.keywords, source.data, source.starts, source.plain
    joints = b"" if rules.lists else _JOINTS
    column = source.column
    told: list[tuple[str, int, int, Use, str, int]] = []
    note, known = told.append, special.get
    row, following = 0, rows[1]
    for start in starts:
        name = plain[start : ends[start]] if plain else source.slice(start, ends[start])
        while following <= start:
            row += 1
            following = rows[row + 1]
        place = start - rows[row] if plain else column(row, start)
        if (one := known(start)) is not None:
            use, receiver, arguments = one
            if use == "member" and name in RESERVED and data[start - 1 : start].isspace():
                continue
        else:
            use, receiver, arguments = _PLAIN
            if start and data[start - 1] in joints and (before := _before(source, start)):
                use, receiver = "member", before
        if not receiver:
            if name in keywords or name.isdigit():
                continue
            if name in scopes:
                first, last = scopes[name]
                near = bisect_right(first, row + 1) - 1
                if near >= 0 and last[near] > row:
                    continue
        if use != "call" and start in typed:
            use = "type"
        note((name, row + 1, place, use, receiver, arguments))
    return Columns.of(Reference, told)


def _captures(queries: Sequence[Query], root: Node, within: tuple[int, int] | None) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for cursor in windows(queries, root, within):
        for name, nodes in cursor.captures(root).items():
            found.setdefault(name, []).extend(nodes)
    return found


def _special(rules: Language, found: dict[str, list[Node]], source: Source) -> dict[int, tuple[Use, str, int]]:
    """By the offset of a name: that it is a member or called, its receiver, its arguments."""
    special: dict[int, tuple[Use, str, int]] = {}
    leaves, members, wrappers = rules.leaves, rules.members, rules.wrappers

    def chain(node: Node | None) -> str:
        """`Language.chain`, quick for the many that are one plain name."""
        if node is not None and node.type in leaves and (text := source.of(node)).isidentifier():
            return text
        return rules.chain(node, source)

    for step, node in enumerate(found.get("member", ())):
        if not step & STEPS:
            source.hurry()
        object_field, name_field = members[node.type]
        name = named(node, name_field)
        if name is not None:
            special[name.start_byte] = ("member", chain(node.child_by_field_name(object_field)), -1)
    unknown = chain_all(found.get("field", ()), *map(rules.fields, found.get("fields", ())))
    special.update((node.start_byte, ("member", "?", -1)) for node in unknown)
    for step, node in enumerate(found.get("call", ())):
        if not step & STEPS:
            source.hurry()
        shape = rules.calls[node.type]
        callee = node.child_by_field_name(shape.callee)
        if callee is None:
            continue
        given = node.child_by_field_name(shape.arguments)
        count = rules.given_without if given is None else rules.given(given) if given.named_child_count else 0
        if shape.receiver:
            holder = node.child_by_field_name(shape.receiver)
            special[callee.start_byte] = ("call", chain(holder) if holder is not None else "", count)
            continue
        kind = callee.type
        for _ in range(4):
            if kind not in wrappers or (held := rules.unwrapped(callee)) is None:
                break
            callee, kind = held, held.type
        if kind in leaves:
            special[callee.start_byte] = ("call", "", count)
        elif (fields := members.get(kind)) is not None:
            name = named(callee, fields[1])
            while name is not None and name.type == kind:
                callee, name = name, named(name, fields[1])
            if name is not None:
                known = special.get(name.start_byte)
                receiver = known[1] if known else chain(callee.child_by_field_name(fields[0]))
                special[name.start_byte] = ("call", receiver, count)
    return special


def _scopes(found: Iterable[Bound]) -> dict[str, tuple[list[int], list[int]]]:
    """By name the lines on which it is a local: the first and the last line of each stretch, in order."""
    lines: dict[str, set[tuple[int, int]]] = {}
    for name, start, last, _, _ in found:
        lines.setdefault(name, set()).add((start, last + 1))
    scopes: dict[str, tuple[list[int], list[int]]] = {}
    for name, pairs in lines.items():
        if len(pairs) == 1:
            ((start, end),) = pairs
            scopes[name] = [start], [end - 1]
            continue
        ordered = _merged(pairs)
        scopes[name] = [start for start, _ in ordered], [end - 1 for _, end in ordered]
    return scopes


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges in order, those that lie in others left out."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _drop_within(starts: list[int], spans: list[tuple[int, int]]) -> None:
    for first, end in reversed(spans):
        del starts[bisect_left(starts, first) : bisect_left(starts, end)]
