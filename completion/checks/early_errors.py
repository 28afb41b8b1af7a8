"""What a grammar takes and the language does not: `return` outside a function, a parameter that is there twice.

Only what stands in the text itself is told. What nobody can see, because the code around is cut out of a longer one or
may be a macro's, is not.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..filters.brackets import scan
from ..languages import indent

if TYPE_CHECKING:
    from tree_sitter import Node

    from .trial import Trial

_MOST_NODES = 600
_MOST_STEPS = 200
_SHORT_STRINGS: Final = frozenset({"python", "javascript", "typescript", "go", "java", "c", "cpp", "csharp", "lua"})
"""Languages whose strings in plain quotes end with their line."""

_ASYNCHRONOUS: Final = frozenset({"with_statement", "for_statement"})
_LONG_QUOTES: Final = ("'''", '"""')
_IDENTIFIERS: Final = frozenset({"identifier", "variable_name", "shorthand_property_identifier_pattern"})
_NAMES: Final = ("name", "pattern", "left", "declarator")


@dataclass(frozen=True, slots=True)
class _Language:
    """The kinds of nodes of one language: what functions are, what loops are, what leaves either.

    `returns` need a function around them, `breaks` a loop or a `switches`, `continues` a loop, `awaits` a function that
    says it is asynchronous. `types` are what a function may stand in and nothing can be left from. `parameters` are
    lists in which no name stands twice, `reserved` words that are no names, `outermost` what stands in no function,
    `declares` what gives a block a name that it has not; `top` says that what stands at the top of a file stands in no
    function.
    """

    functions: frozenset[str]
    loops: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()
    breaks: frozenset[str] = frozenset()
    continues: frozenset[str] = frozenset()
    awaits: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    reserved: frozenset[bytes] = frozenset()
    outermost: frozenset[str] = frozenset()
    declares: frozenset[str] = frozenset()
    top: bool = True


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _bytes(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


_LEAVING: Final = "break case continue default do else for goto if return switch while"
_SCRIPT_FUNCTIONS: Final = _words(
    "function_declaration function_expression arrow_function method_definition generator_function"
    " generator_function_declaration"
)
_SCRIPT: Final = _Language(
    functions=_SCRIPT_FUNCTIONS,
    loops=_words("for_statement for_in_statement while_statement do_statement"),
    switches=_words("switch_statement"),
    types=_words("class_static_block"),
    breaks=_words("break_statement"),
    continues=_words("continue_statement"),
    awaits=_words("await_expression"),
    parameters=_words("formal_parameters"),
    reserved=_bytes(
        "break case catch class const continue debugger default delete do else export extends finally for function if"
        " in instanceof new return switch throw try typeof var void while with"
    ),
    outermost=_words("export_statement import_statement"),
    declares=_words("lexical_declaration"),
)
_TYPED_SCRIPT: Final = replace(_SCRIPT, returns=_words("return_statement"))
_C: Final = _Language(
    functions=_words("function_definition lambda_expression"),
    returns=_words("return_statement"),
    parameters=_words("parameter_list"),
    reserved=_bytes(_LEAVING),
)
_LANGUAGES: Final = MappingProxyType(
    {
        "python": _Language(
            functions=_words("function_definition lambda"),
            loops=_words("for_statement while_statement"),
            types=_words("class_definition"),
            returns=_words("return_statement yield"),
            breaks=_words("break_statement"),
            continues=_words("continue_statement"),
            awaits=_words("await"),
            parameters=_words("parameters lambda_parameters"),
            reserved=frozenset(map(str.encode, keyword.kwlist)),
        ),
        "javascript": _SCRIPT,
        "javascriptreact": _SCRIPT,
        "typescript": _TYPED_SCRIPT,
        "typescriptreact": _TYPED_SCRIPT,
        "go": _Language(
            functions=_words("function_declaration method_declaration func_literal"),
            loops=_words("for_statement"),
            switches=_words("select_statement expression_switch_statement type_switch_statement"),
            returns=_words("return_statement"),
            breaks=_words("break_statement"),
            continues=_words("continue_statement"),
            parameters=_words("parameter_list"),
            reserved=_bytes(
                f"{_LEAVING} chan const defer fallthrough func go import interface map package range select"
                " struct type var"
            ),
        ),
        "java": _Language(
            functions=_words(
                "method_declaration constructor_declaration compact_constructor_declaration lambda_expression"
            ),
            loops=_words("for_statement enhanced_for_statement while_statement do_statement"),
            switches=_words("switch_expression"),
            types=_words("class_declaration enum_declaration interface_declaration record_declaration"),
            returns=_words("return_statement"),
            breaks=_words("break_statement"),
            continues=_words("continue_statement"),
            parameters=_words("formal_parameters"),
            reserved=_bytes(
                f"{_LEAVING} catch class extends finally import new package private protected public throw try"
            ),
            top=False,
        ),
        "csharp": _Language(
            functions=_words(
                "method_declaration constructor_declaration local_function_statement lambda_expression"
                " anonymous_method_expression accessor_declaration operator_declaration"
                " conversion_operator_declaration destructor_declaration"
            ),
            loops=_words("for_statement foreach_statement while_statement do_statement"),
            switches=_words("switch_statement"),
            types=_words("class_declaration struct_declaration record_declaration interface_declaration"),
            returns=_words("return_statement"),
            breaks=_words("break_statement"),
            continues=_words("continue_statement"),
            awaits=_words("await_expression"),
            parameters=_words("parameter_list"),
            reserved=_bytes(f"{_LEAVING} catch finally foreach throw try"),
            top=False,
        ),
        "rust": _Language(
            functions=_words("function_item closure_expression async_block"),
            loops=_words("loop_expression while_expression for_expression"),
            returns=_words("return_expression"),
            breaks=_words("break_expression"),
            continues=_words("continue_expression"),
            awaits=_words("await_expression"),
            parameters=_words("parameters closure_parameters"),
        ),
        "php": _Language(
            functions=_words("function_definition method_declaration anonymous_function arrow_function"),
            loops=_words("for_statement foreach_statement while_statement do_statement switch_statement"),
            breaks=_words("break_statement"),
            continues=_words("continue_statement"),
            parameters=_words("formal_parameters"),
        ),
        "lua": _Language(
            functions=_words("function_declaration function_definition"),
            loops=_words("for_statement while_statement repeat_statement"),
            breaks=_words("break_statement"),
            reserved=_bytes(
                "and break do else elseif end for function if in local not or repeat return then until while"
            ),
        ),
        "c": _C,
        "cpp": _C,
        "ruby": _Language(functions=_words("method"), parameters=_words("method_parameters")),
    }
)


def early_error(trial: Trial, text: str) -> str:
    """What is wrong with a text that its grammar takes, in words that are not its own; '' for nothing."""
    rules = _LANGUAGES.get(trial.question.language)
    parsed = trial.parsed(text) if rules is not None else None
    if rules is None or parsed is None:
        return ""
    start = len(trial.before)
    end = start + len(text.encode("utf-8", "replace"))
    for node in _touched(parsed.root, start, end):
        if said := _wrong(rules, node, trial, start, end):
            return said
    return _open_string(trial, text) or _too_shallow(trial, text)


def _open_string(trial: Trial, text: str) -> str:
    """That a string has no end, in a text that is no code where strings end with their line."""
    question = trial.question
    if question.shape is None or question.language not in _SHORT_STRINGS or question.place.rest.strip():
        return ""
    line = len(text[: text.rfind("\n") + 1].encode("utf-8", "replace"))
    if not any(stop > line for _, stop in trial.errors(text) or ()):
        return ""
    head = "" if line else question.place.head
    found = question.shape.tokens.finditer(head + text[text.rfind("\n") + 1 :])
    final = next(iter(reversed(list(found))), None)
    if final is None or final.start() < len(head):
        return ""
    last = final[0]
    ended = len(last) > 1 and last.endswith(last[:1]) and not last.endswith("\\" + last[:1])
    return "a string has no end" if last[:1] in ("'", '"') and last[:3] not in _LONG_QUOTES and not ended else ""


def _too_shallow(trial: Trial, text: str) -> str:
    """That the line below is further in than a text that opens no block for it, where indentation makes the blocks."""
    question = trial.question
    whole_line = "\n" in text or not question.place.head.strip()
    if question.shape is None or not question.shape.indented or question.place.rest.strip() or not whole_line:
        return ""
    below = next((one for one in question.view.after.split("\n", 8)[1:8] if one.strip()), "")
    line = ("" if "\n" in text else question.place.head) + text[text.rfind("\n") + 1 :]
    said = line.strip()
    if not said or said.startswith("#") or indent(below) <= indent(line) or said.endswith((":", "\\")):
        return ""
    if question.shape.opens_block(line):
        return ""
    found = scan(trial.before.decode("utf-8", "replace") + text, question.shape)
    return "" if found.opened or found.inside else "the line below is further in, and nothing opens a block for it"


def _touched(root: Node, start: int, end: int) -> Iterator[Node]:
    """The nodes that reach into a range of bytes, in order of the text, the outer ones first."""
    waiting, seen = [root], 0
    while waiting and seen < _MOST_NODES:
        node = waiting.pop()
        seen += 1
        yield node
        waiting += [one for one in reversed(node.named_children) if one.start_byte < end and one.end_byte > start]


def _wrong(rules: _Language, node: Node, trial: Trial, start: int, end: int) -> str:
    kind = node.type
    if kind in rules.parameters:
        return _parameters(node, start, end, python=trial.question.language == "python")
    if kind == "argument_list" and trial.question.language == "python":
        return _arguments(node, start, end)
    if node.start_byte < start:
        return ""
    word = kind.partition("_")[0]
    seen_whole = rules.top and trial.whole and not trial.within
    if kind == "identifier" and (node.text or b"") in rules.reserved and not _is_specifier(node.parent):
        return "a word of the language stands where a name belongs"
    if kind in rules.outermost and any(one.type in rules.functions for one in _above(node)):
        return f"`{word}` stands within a function"
    if kind in rules.declares and _lacks_value(node):
        return "a constant has no value"
    if kind == "throw_statement" and node.named_children and _starts_lower(node):
        return "nothing stands behind `throw`"
    if kind == "local_variable_declaration" and _is_hidden(node):
        return "a local says who may see it"
    if kind in rules.declares and (said := _declared_again(node, rules)):
        return said
    if kind in _ASYNCHRONOUS and node.children[0].type == "async" and _is_synchronous(node, rules):
        return "`async` stands in a function that is not"
    borders = rules.functions | rules.types
    if kind in rules.returns and not _stands_in(node, rules.functions, rules.types, seen_whole):
        return f"`{word}` stands outside a function"
    if node.named_child_count and kind not in rules.awaits:
        return ""
    if kind in rules.breaks and not _stands_in(node, rules.loops | rules.switches, borders, seen_whole):
        return "`break` stands outside a loop"
    if kind in rules.continues and not _stands_in(node, rules.loops, borders, seen_whole):
        return "`continue` stands outside a loop"
    if kind in rules.awaits and _is_synchronous(node, rules):
        return "`await` stands in a function that is not `async`"
    return ""


def _is_specifier(node: Node | None) -> bool:
    """Whether a node names what is exported or imported, where `default` may stand."""
    return node is not None and node.type.endswith(("_specifier", "_export"))


def _above(node: Node) -> Iterator[Node]:
    one = node.parent
    for _ in range(_MOST_STEPS):
        if one is None:
            return
        yield one
        one = one.parent


def _stands_in(node: Node, wanted: frozenset[str], borders: frozenset[str], seen_whole: bool) -> bool:
    """Whether a node stands in one of `wanted`, with none of `borders` between; so, too, where nobody can tell."""
    for one in _above(node):
        if one.type in wanted or one.is_error:
            return True
        if one.type in borders:
            return False
    return not seen_whole


def _is_synchronous(node: Node, rules: _Language) -> bool:
    function = next((one for one in _above(node) if one.type in rules.functions or one.is_error), None)
    if function is None or function.is_error or function.type == "async_block":
        return False
    return not any(
        child.type == "async" or (child.type in ("modifier", "function_modifiers") and b"async" in (child.text or b""))
        for child in function.children
    )


def _lacks_value(node: Node) -> bool:
    """Whether a constant of scripts has neither a value nor, as declarations do, a type."""
    if (node.children[0].text or b"") != b"const" or (node.parent and node.parent.type == "ambient_declaration"):
        return False
    names = [one for one in node.named_children if one.type == "variable_declarator"]
    return any(not one.child_by_field_name("value") and not one.child_by_field_name("type") for one in names)


def _starts_lower(node: Node) -> bool:
    """Whether what a statement says begins on a line below its word."""
    return node.named_children[0].start_point[0] > node.start_point[0]


def _is_hidden(node: Node) -> bool:
    """Whether a local of Java has a word that only members have."""
    words = (node.children[0].text or b"").split() if node.children[0].type == "modifiers" else []
    return not {b"public", b"private", b"protected", b"static"}.isdisjoint(words)


def _declared_again(node: Node, rules: _Language) -> str:
    """Whether a declaration of scripts gives its block a name that another one there has given it."""
    own = _declared(node)
    others = node.parent.named_children[:_MOST_NODES] if own and node.parent is not None else []
    for one in others:
        if one.type in rules.declares and one.start_byte != node.start_byte and own & _declared(one):
            return "a name is declared twice in one block"
    return ""


def _declared(declaration: Node) -> set[bytes]:
    names = (one.child_by_field_name("name") for one in declaration.named_children)
    return {name.text or b"" for name in names if name is not None and name.type == "identifier"}


def _parameters(node: Node, start: int, end: int, *, python: bool) -> str:
    """What is wrong with a list of parameters of which a part stands between two bytes."""
    seen: dict[bytes, bool] = {}
    optional = False
    for child in node.named_children:
        ours = child.end_byte > start and child.start_byte < end
        for name in _bound(child):
            if name.strip(b"_") and name in seen and (ours or seen[name]):
                return "two parameters have one name"
            seen[name] = ours or seen.get(name, False)
        if python and child.type in ("keyword_separator", "list_splat_pattern", "dictionary_splat_pattern"):
            return ""
        if python and child.type == "typed_parameter" and not _is_plain(child):
            return ""
        if python and child.type in ("identifier", "typed_parameter") and optional and ours:
            return "a parameter without a default stands behind one with it"
        optional = optional or child.type in ("default_parameter", "typed_default_parameter")
    return ""


def _bound(parameter: Node) -> Iterator[bytes]:
    """The names that a parameter binds, but for those in patterns; what looks like a function may be a macro of C."""
    if parameter.type == "function_declarator":
        return
    if parameter.type in _IDENTIFIERS:
        yield parameter.text or b""
        return
    if parameter.type == "typed_parameter":
        if _is_plain(parameter):
            yield parameter.children[0].text or b""
        return
    for field in _NAMES:
        if found := parameter.children_by_field_name(field):
            for one in found:
                yield from _bound(one)
            return
    if parameter.type.endswith("_declarator") and parameter.named_children:
        yield from _bound(parameter.named_children[-1])


def _is_plain(parameter: Node) -> bool:
    """Whether a parameter with a type is a name, and takes one argument."""
    return bool(parameter.children) and parameter.children[0].type == "identifier"


def _arguments(node: Node, start: int, end: int) -> str:
    """What is wrong with the arguments of a call of Python's."""
    names: dict[bytes, bool] = {}
    by_name = mine = False
    for child in node.named_children:
        ours = child.end_byte > start and child.start_byte < end
        if child.type == "keyword_argument":
            name = child.child_by_field_name("name")
            said = (name.text or b"") if name is not None else b""
            if said in names and (ours or names[said]):
                return "one argument is given twice"
            names[said] = ours
            by_name = True
            mine = ours
        elif child.type not in ("list_splat", "dictionary_splat", "comment") and by_name and (ours or mine):
            return "an argument without a name stands behind one with it"
    return ""
