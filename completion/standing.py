"""What a cursor stands in and what opens, ends or is said directly before it, as the syntax tree has it.

Half-written code has a tree, too, only a less reliable one: what its errors leave in doubt is not told, and the rules
of `languages.py` decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from tree_sitter import Node

Told = Literal["yes", "no", "unknown"]

_CODE: Final = frozenset(
    [
        "interpolation",
        "template_substitution",
        "command_substitution",
        "process_substitution",
        "expansion",
        "simple_expansion",
        "string_interpolation",
        "jsx_expression",
        "interpolation_expression",
    ]
)
"""Code within a string."""

_NO_STRINGS: Final = frozenset({"concatenated_string", "string_array", "system_lib_string", "jsx_element"})
_STRINGS: Final = ("string", "heredoc", "nowdoc", "char_literal", "character_literal", "rune_literal", "regex")
_LISTS: Final = frozenset(
    [
        "argument_list",
        "arguments",
        "array",
        "array_creation_expression",
        "array_initializer",
        "array_expression",
        "dictionary",
        "element_list",
        "formal_parameters",
        "hash",
        "initializer_expression",
        "initializer_list",
        "list",
        "literal_value",
        "object",
        "parameter_list",
        "parameters",
        "parenthesized_expression",
        "set",
        "subscript",
        "table_constructor",
        "tuple",
    ]
)
"""What holds expressions one after the other: nothing of it is a block of statements."""

_NO_BLOCK_COLON: Final = frozenset(
    [
        "pair",
        "slice",
        "lambda",
        "typed_parameter",
        "typed_default_parameter",
        "assignment",
        "dictionary",
        "subscript",
        "format_specifier",
        "type",
        "named_expression",
    ]
)
_OPENERS: Final = frozenset({"{", "(", "[", ":", "then", "do", "begin", "=>", "in", "{|"})
_CLOSERS: Final = frozenset({"}", ")", "]", "end", "fi", "done", "esac", "|}", "until"})
_STATEMENTS: Final = frozenset({"expression_statement", "call_expression", "return_statement", "macro_invocation"})
_MOST_STEPS: Final = 400
_MOST_UP: Final = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """`inside` what literal text the cursor stands; whether the code before it `opens` a block that is still empty.

    `after_comment` says that the line above is only a comment, `in_list` that expressions, no statements, stand here,
    `empty` that the block around the cursor holds nothing: `opener` is the line that opens it.
    `statement` says that the code before the cursor is a call or the like, and no head of a definition.
    """

    inside: Literal["", "string", "comment"] = ""
    opens: Told = "unknown"
    after_comment: Told = "unknown"
    in_list: bool = False
    empty: bool = False
    opener: str = ""
    statement: bool = False


def stand(root: Node, source: bytes, offset: int) -> Standing:
    """Look at byte `offset` of the text that `root` is the tree of."""
    last = _last_code(source, offset)
    if last < 0:
        return Standing(opens="no", after_comment="no")
    inside = _inside(root, offset)
    if inside:
        return Standing(inside)
    leaf = _leaf(root, last)
    comment = _comment(leaf)
    row = source.count(b"\n", 0, offset)
    after_comment: Told = "no"
    if comment is not None:
        above = comment.end_point[0] - (comment.end_point[1] == 0)
        alone = not source[source.rfind(b"\n", 0, comment.start_byte) + 1 : comment.start_byte].strip()
        after_comment = "yes" if row - above == 1 and alone else "no"
        while comment is not None:
            last = _last_code(source, comment.start_byte)
            if last < 0:
                return Standing(opens="no", after_comment=after_comment)
            leaf = _leaf(root, last)
            comment = _comment(leaf)
    block = _block(leaf, offset)
    return Standing(
        opens=_opens(leaf),
        after_comment=after_comment,
        in_list=_in_list(leaf, offset),
        empty=block is not None and _is_empty(block),
        opener=_line(source, block.start_byte) if block is not None else "",
        statement=_is_statement(leaf, last),
    )


def is_comment(node: Node) -> bool:
    """Whether a node is a comment."""
    return "comment" in node.type


def is_string(node: Node) -> bool:
    """Whether a node is literal text."""
    kind = node.type
    return node.is_named and kind not in _NO_STRINGS and any(word in kind for word in _STRINGS)


def _last_code(source: bytes, offset: int) -> int:
    """The last byte before an offset that is no white space; -1 for none."""
    start = max(0, offset - 4_000)
    return start + len(source[start:offset].rstrip()) - 1 if source[start:offset].strip() else -1


def _leaf(root: Node, at: int) -> Node:
    return root.descendant_for_byte_range(at, at + 1) or root


def _comment(leaf: Node) -> Node | None:
    """The whole comment that a leaf is of."""
    node: Node | None = leaf
    found: Node | None = None
    while node is not None and (is_comment(node) or node is leaf) and node.parent is not None:
        found = node if is_comment(node) else found
        node = node.parent
    return found


def _inside(root: Node, offset: int) -> Literal["", "string", "comment"]:
    """What literal text holds the place between the byte before `offset` and that at it."""
    if offset == 0:
        return ""
    node: Node | None = _leaf(root, offset - 1)
    for _ in range(_MOST_UP):
        if node is None or node.type in _CODE:
            return ""
        if is_comment(node):
            open_end = offset == node.end_byte and not _is_closed_comment(node)
            return "comment" if node.start_byte < offset < node.end_byte or open_end else ""
        if is_string(node) and node.start_byte < offset < node.end_byte:
            return "string"
        node = node.parent
    return ""


def _is_closed_comment(node: Node) -> bool:
    return "block" in node.type or (node.start_point[0] != node.end_point[0] and node.end_point[1] > 0)


def _opens(leaf: Node) -> Told:
    """Whether a block that nothing stands in yet begins behind a leaf."""
    parent, kind = leaf.parent, leaf.type
    if is_string(leaf) or (parent is not None and is_string(parent)):
        return "no"
    if leaf.is_named or kind not in _OPENERS or parent is None or parent.is_error:
        return "unknown"
    if kind == ":":
        return "no" if parent.type in _NO_BLOCK_COLON else "unknown"
    if parent.children and parent.children[-1].type in _CLOSERS and not parent.children[-1].is_missing:
        return "yes" if _is_empty(parent) else "no"
    return "unknown"


def _block(leaf: Node, offset: int) -> Node | None:
    """The innermost node around the cursor from an opening word or bracket to its closing one."""
    node: Node | None = leaf
    for _ in range(_MOST_UP):
        if node is None:
            return None
        if node.start_byte < offset <= node.end_byte and node.child_count >= 2:
            first, last = node.children[0], node.children[-1]
            closed = last.type in _CLOSERS and not last.is_missing and last.start_byte >= offset
            if closed and first.type in _OPENERS and first.end_byte <= offset and not node.is_error:
                return node
        node = node.parent
    return None


def _line(source: bytes, at: int) -> str:
    start, end = source.rfind(b"\n", 0, at) + 1, source.find(b"\n", at)
    return source[start : end if end >= 0 else len(source)].decode("utf-8", "replace")


def _is_empty(block: Node) -> bool:
    return all(is_comment(child) for child in block.named_children)


def _in_list(leaf: Node, offset: int) -> bool:
    node: Node | None = leaf
    for _ in range(_MOST_UP):
        if node is None:
            return False
        if node.type in _LISTS:
            last = node.children[-1] if node.children else None
            if node.start_byte < offset and last is not None and not last.is_missing and last.start_byte >= offset:
                return True
        elif node.start_byte < offset < node.end_byte and "block" in node.type:
            return False
        node = node.parent
    return False


def _is_statement(leaf: Node, last: int) -> bool:
    node: Node | None = leaf
    for _ in range(_MOST_UP):
        if node is None or node.is_error or node.end_byte > last + 2:
            return False
        if node.type in _STATEMENTS:
            return True
        node = node.parent
    return False


def closes(root: Node, start: int, end: int) -> int | None:
    """How many of the blocks that were opened before byte `start` are closed between it and `end`.

    None where the tree cannot tell: errors lie among what is asked about.
    """
    found = steps = 0
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if (steps := steps + 1) > _MOST_STEPS:
            return None
        if node.end_byte <= start or node.start_byte >= end:
            continue
        if node.child_count == 0:
            if node.is_named or node.type not in _CLOSERS or node.start_byte < start or node.is_missing:
                continue
            parent = node.parent
            if parent is None or parent.is_error:
                return None
            found += parent.start_byte < start
        elif node.is_error and node.start_byte >= start:
            return None
        else:
            waiting += node.children
    return found
