"""What stands before a name, told by the text: for languages in which only a dot leads to a member.

A tree tells the same, at a node for every dot and every call, which is a quarter of the time that reading a file takes.
So only where the text does not tell (brackets, line breaks) the tree is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tree_sitter import Node

from ..facts import Use
from .language import MAX_CHAIN, Language
from .source import STEPS, Source

_DOT: Final = ord(".")
_ROUND: Final = ord(")")
_BLANK: Final = b" \t\r\n\\\f"
_OPAQUE: Final = b"]}\"'."
"""What ends something that is no chain of names."""


def special(
    rules: Language, root: Node, lists: Sequence[Node], source: Source, ends: Mapping[int, int]
) -> dict[int, tuple[Use, str, int]]:
    """By the offset of a name: that it is a member or called, its receiver, its arguments; plain names are left out.

    `lists` are the arguments of calls, `ends` says where the name that begins at an offset ends.
    """
    data, plain = source.data, source.plain
    arguments: dict[int, Node] = {}
    callees: dict[int, int] = {}
    for node in lists:
        start, end = node.byte_range
        while start and data[start - 1] in _BLANK:
            start -= 1
        arguments[start] = node
        callees[end] = start
    told: dict[int, tuple[Use, str, int]] = {}
    chains: dict[int, str] = {}
    broken = root.has_error
    for step, start in enumerate(sorted(ends)):
        if not step & STEPS:
            source.hurry()
        end = ends[start]
        receiver = ""
        if start and data[start - 1] == _DOT:
            before = start - 1
            while before and data[before - 1] in _BLANK:
                before -= 1
            known = chains.get(before)
            if known is None:
                known = _called(chains, callees, data, before) or _asked(rules, root, source, start, end)
            receiver = known
        if not receiver:
            chains[end] = plain[start:end] if plain else source.slice(start, end)
        elif receiver == "?" or receiver.count(".") >= MAX_CHAIN - 1:
            chains[end] = "?"
        else:
            chains[end] = f"{receiver}.{plain[start:end] if plain else source.slice(start, end)}"
        given = arguments.get(end)
        if given is not None:
            told[start] = ("call", receiver, _count(rules, given, data, broken=broken))
        elif receiver:
            told[start] = ("member", receiver, -1)
    return told


def _called(chains: Mapping[int, str], callees: Mapping[int, int], data: bytes, before: int) -> str:
    """The chain that ends with a call's arguments at `before`; '' where that cannot be told."""
    last = data[before - 1] if before else _DOT
    if last in _OPAQUE:
        return "?"
    callee = callees.get(before) if last == _ROUND else None
    if callee is None:
        return ""
    if (known := chains.get(callee)) is None:
        return "?" if callee in callees or data[callee - 1] != _ROUND else ""
    return "?" if known == "?" else f"{known}()"


def _asked(rules: Language, root: Node, source: Source, start: int, end: int) -> str:
    """What the tree says of the receiver of the name at an offset; '' where it is no member."""
    node = root.descendant_for_byte_range(start, end)
    around = node.parent if node is not None else None
    fields = rules.members.get(around.type) if around is not None else None
    if around is None or fields is None:
        return ""
    return rules.chain(around.child_by_field_name(fields[0]), source)


def _count(rules: Language, given: Node, data: bytes, *, broken: bool) -> int:
    """How many arguments a call gives: its named children, where none of them can be anything else."""
    start, end = given.byte_range
    if broken or data.find(b"*", start, end) >= 0 or data.find(b"#", start, end) >= 0:
        return rules.given(given) if given.named_child_count else 0
    return given.named_child_count if given.type in rules.lists else rules.given(given)
