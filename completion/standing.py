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
_ENDS: Final = _CLOSERS | {
    *("else", "elseif", "elif", "elsif", "rescue", "ensure", "when", "case", "default", ";;"),
    *("endif", "endfor", "endforeach", "endwhile", "endswitch"),
}
"""What may follow a body: its end, or the next part of the same statement."""

_BEGINNINGS: Final = frozenset({"then", "do", "begin", "else", "ensure", "rescue", "repeat", "in"})
"""Words behind which a body begins."""

_CASES: Final = frozenset(
    [
        *("colon_block", "switch_block", "for_statement", "case_statement", "default_statement", "case_item"),
        *("expression_case", "type_case", "communication_case", "default_case"),
    ]
)
"""What holds a body behind its colon, or behind its `)` in a shell."""

_HEADED: Final = frozenset(
    [
        *("if", "unless", "elsif", "while", "until", "for", "when", "rescue"),
        *("class", "module", "method", "singleton_method", "do_block", "block"),
    ]
)
_FUNCTIONS: Final = frozenset({"function_declaration", "function_definition"})
_PARTS: Final = frozenset({"colon_block", "switch_block", "do", "do_group", "then"})
_BODIES: Final = frozenset({"then", "do", "body_statement", "block_body"})
"""Ruby: what has a body that begins at a line's end, and what holds it."""

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
    block, vacant = _block(leaf, offset), _vacant(leaf, offset)
    opening = vacant or block
    return Standing(
        opens=_opens(leaf),
        after_comment=after_comment,
        in_list=_in_list(leaf, offset),
        empty=vacant is not None or (block is not None and _is_empty(block)),
        opener=_line(source, opening.start_byte) if opening is not None else "",
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
        return "yes" if _ends_behind(leaf) else "no"
    return "unknown"


def _ends_behind(leaf: Node) -> bool:
    """Whether what follows a leaf, comments left out, ends a body or goes on with the statement that has it."""
    node: Node | None = leaf
    for _ in range(_MOST_UP):
        if node is None:
            return False
        behind = node.next_sibling
        while behind is not None and is_comment(behind):
            behind = behind.next_sibling
        if behind is not None:
            while behind.children:
                behind = behind.children[0]
            return behind.type in _ENDS and not behind.is_missing
        node = node.parent
    return False


def _vacant(leaf: Node, offset: int) -> Node | None:
    """What has a body that is to begin behind a leaf and holds nothing yet; None where that cannot be told.

    Blocks in brackets are not meant. The body begins behind a word or a colon, in Ruby at the end of a line.
    """
    parent = leaf.parent
    if parent is None or parent.is_error or not _ends_behind(leaf):
        return None
    if _begins_body(leaf, parent):
        return parent.parent if parent.type in _PARTS else parent
    node = leaf
    for _ in range(_MOST_UP):
        if parent is None or parent.is_error:
            return None
        if _is_head(node, parent):
            return parent
        if parent.end_byte > offset:
            return None
        node, parent = parent, parent.parent
    return None


def _begins_body(leaf: Node, parent: Node) -> bool:
    """Whether a body, and neither a list nor a block in brackets of its own, begins behind a word or a sign."""
    if leaf.is_named:
        return False
    if leaf.type == "{":
        return parent.type.endswith("_statement") and parent.children[0] != leaf
    return leaf.type in _BEGINNINGS or (leaf.type in {":", ")"} and parent.type in _CASES)


def _is_head(node: Node, parent: Node) -> bool:
    """Whether a node is the last of what stands before the body of its parent."""
    if parent.type in _FUNCTIONS:
        return node.type == "parameters"
    if parent.type in {"block", "do_block"}:
        return node.type == "block_parameters"
    return (
        parent.type in _HEADED
        and parent.children[0] != node
        and not parent.children[0].is_named
        and node.type not in _BODIES
    )


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
