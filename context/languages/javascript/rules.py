"""How JavaScript is read: functions held by names, CommonJS beside modules, exports told apart."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar, Final

from tree_sitter import Node

from ...facts import Import, Kind
from ..draft import Draft
from ..language import ANY, OPTIONAL, REQUIRED, Call, Language
from ..source import Source

_FUNCTIONS: Final = frozenset({"arrow_function", "function_expression", "generator_function", "class"})
_HIDING: Final = frozenset(
    {"arguments", "pair", "array", "return_statement", "parenthesized_expression", "export_statement"}
)
"""What an object stands in whose members are nobody's."""
_HOLDER = re.compile(r"(?:[A-Za-z_$][A-Za-z0-9_$]*(?:\.prototype)?|module\.exports)\Z")
_EXPORTED: Final = MappingProxyType(
    {
        "arrow_function": "anonymous",
        "function_expression": "anonymous",
        "class": "anonymous",
        "identifier": "binding",
        "object": "binding",
    }
)
"""What `module.exports = …` is, by what stands there: a definition without a name, or names that are passed on."""
_LISTS: Final = frozenset({"object_pattern", "array_pattern"})
_PATTERNS: Final = _LISTS | {"pair_pattern", "assignment_pattern", "object_assignment_pattern", "rest_pattern"}
_ASSIGNS: Final = frozenset({"assignment_expression", "augmented_assignment_expression"})
_WAY_UP: Final = frozenset({"parenthesized_expression", "expression_statement", "unary_expression"})


class JavaScript(Language):
    """JavaScript, with or without JSX."""

    grammars = MappingProxyType(
        {
            "javascript": ("tree_sitter_javascript", "language"),
            "javascriptreact": ("tree_sitter_javascript", "language"),
        }
    )
    header = re.compile(
        r"\s*(?:export\s+)?(?:default\s+)?(?:abstract\s+|declare\s+)*(?:(?:class|interface|enum)\s+(?P<type>[\w$]+)"
        r"|(?:async\s+)?function\s*\*?\s*(?P<function>[\w$]+)"
        r"|type\s+(?P<alias>[\w$]+)\s*[=<]"
        r"|(?:(?:const|let|var)\s+|(?:module\.)?exports\.|(?P<owner>[A-Z][\w$]*)\.(?:prototype\.)?)(?P<assigned>[\w$]+)\s*"
        r"=\s*(?:async\s+)?(?:function\b|[\w$]+\s*=>|\((?:[^()]*\)\s*=>|[^()]+$))"
        r"|(?:const|let|var)\s+(?P<variable>[\w$]+)\s*[=:]"
        r"|(?:(?:public|private|protected|static|async|readonly|override|get|set)\s+)*(?P<method>#?[\w$]+)\s*\([^;]*(?:\{\s*|,|\()$)"
    )
    suffixes = MappingProxyType(
        {".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascriptreact"}
    )
    structure = ("structure.scm", "modules.scm", "plain.scm")
    references = ("references.scm", "jsx.scm")
    leaves = frozenset(
        {
            "identifier",
            "this",
            "super",
            "property_identifier",
            "private_property_identifier",
            "type_identifier",
            "shorthand_property_identifier",
        }
    )
    members: ClassVar[MappingProxyType[str, tuple[str, str]]] = MappingProxyType(
        {"member_expression": ("object", "property")}
    )
    calls = MappingProxyType({"call_expression": Call("function"), "new_expression": Call("constructor")})
    creations = MappingProxyType({"new_expression": "constructor"})
    literals = MappingProxyType(
        {
            "string": "string",
            "template_string": "string",
            "number": "number",
            "true": "boolean",
            "false": "boolean",
            "array": "Array",
            "regex": "RegExp",
            "null": "",
            "undefined": "",
        }
    )
    spreads = frozenset({"spread_element"})
    arity = MappingProxyType(
        {
            "identifier": REQUIRED,
            "object_pattern": REQUIRED,
            "array_pattern": REQUIRED,
            "assignment_pattern": OPTIONAL,
            "rest_pattern": ANY,
        }
    )
    before = frozenset({"decorator"})
    names: ClassVar[frozenset[str]] = frozenset(
        {"identifier", "type_identifier", "property_identifier", "private_property_identifier"}
    )
    lists_nothing = False
    hidden = re.compile(r"\bprivate\b")

    def declares(self, kind: str, captures: dict[str, list[Node]], source: Source) -> str | None:
        """What is assigned to a member: a method, what a module exports, a field of the object at hand."""
        if kind != "assigned":
            return kind
        left, right = captures["left"][0], captures["value"][0]
        owner, name = left.child_by_field_name("object"), left.child_by_field_name("property")
        if owner is None or name is None or name.type not in self.names:
            return None
        if owner.type == "this":
            captures["name"] = [name]
            return "attribute"
        if name.type != "property_identifier":
            return None
        around = source.of(owner)
        if around == "module":
            if source.of(name) != "exports":
                return None
            captures["name"] = [right]
            told = _EXPORTED.get(right.type)
            if told == "binding":
                whole = captures["def.assigned"][0].parent
                if whole is None or whole.type != "expression_statement":
                    return None
                captures["whole"] = [whole]
            return told
        if right.type in _FUNCTIONS and _HOLDER.match(around):
            del captures["value"]
        elif around not in ("exports", "module.exports"):
            return None
        captures["name"], captures["owner"] = [name], [owner]
        return "variable" if "value" in captures else "function"

    def meant(self, role: str, node: Node, source: Source) -> Node | None:
        """`require` and `import()` where a module's name is written out; whatever else holds a call is no import."""
        if node.type == "import":
            call = node.parent
            return call if call is not None and call.type == "call_expression" and _names_module(call) else None
        if node.type != "variable_declarator":
            return node
        value = node.child_by_field_name("value")
        if value is not None and value.type == "await_expression":
            call = value.named_child(0) if value.named_child_count else None
            callee = call.child_by_field_name("function") if call is not None else None
            return node if callee is not None and callee.type == "import" else None
        if value is not None and value.type == "member_expression":
            value = value.child_by_field_name("object")
        callee = value.child_by_field_name("function") if value is not None else None
        if value is None or callee is None or callee.type != "identifier" or source.of(callee) != "require":
            return None
        return node if _names_module(value) else None

    def opens(self, node: Node, captures: dict[str, list[Node]], source: Source) -> str | None:
        """The object that a name or a prototype is given owns its members; most others are nobody's."""
        around = node.parent
        kind = around.type if around is not None else ""
        if around is None or kind in _HIDING:
            return "hidden" if kind else None
        if kind == "variable_declarator":
            owner = around.child_by_field_name("name")
        elif kind == "assignment_expression":
            left = around.child_by_field_name("left")
            named = left.child_by_field_name("property") if left is not None else None
            if left is None or named is None or source.of(named) != "prototype":
                return None
            owner = left.child_by_field_name("object")
        else:
            return None
        if owner is None or owner.type != "identifier":
            return None
        captures["owner"] = [owner]
        return "owner"

    def branches(self, node: Node) -> list[Node]:
        if node.type == "ternary_expression":
            return [part for name in ("consequence", "alternative") if (part := node.child_by_field_name(name))]
        operator = node.child_by_field_name("operator") if node.type == "binary_expression" else None
        return list(node.named_children) if operator is not None and operator.type in ("||", "??") else []

    def bound(self, node: Node, captures: dict[str, list[Node]]) -> Node | None:
        """A name in a pattern, but where it is assigned to only, and where a declaration's own match has it."""
        around, depth = node.parent, 0
        while around is not None and around.type in _PATTERNS:
            depth += around.type in _LISTS
            around = around.parent
        if around is None or around.type in _ASSIGNS:
            return None
        return node if around.type != "variable_declarator" or depth > 1 else None

    def callable(self, node: Node) -> Node:
        for name in ("value", "right"):
            if (held := node.child_by_field_name(name)) is not None and held.type in _FUNCTIONS:
                return held
        return node

    def kind(self, kind: Kind, node: Node, source: Source, decorators: str) -> Kind | None:
        if kind == "method" and node.child_count > 1:
            words = {child.type for child in node.children[:4]}
            return "field" if words & {"get", "set"} else kind
        if kind == "function" and (held := self.callable(node)).type == "class" and held != node:
            return "class"
        if kind == "variable" and (holder := node.parent) is not None and holder.type == "lexical_declaration":
            return "constant" if source.data.startswith(b"const", holder.start_byte) else kind
        return kind

    def owner(self, text: str) -> str:
        return "" if text in ("exports", "module.exports") else self.bare(text).removesuffix(".prototype")

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        held = self.callable(node)
        if held.type == "arrow_function" and held.child_by_field_name("parameter") is not None:
            return 1, 1
        return super().count(node, source, owner)

    def open(self, node: Node) -> bool:
        """A function that is called where it stands, or handed to `define`, at the top of a file."""
        one = node.parent
        for _ in range(6):
            if one is None or one.type == "program":
                return one is not None
            if one.type == "arguments":
                holder = one.parent
                callee = holder.child_by_field_name("function") if holder is not None else None
                while callee is not None and callee.type == "parenthesized_expression" and callee.named_child_count:
                    callee = callee.named_child(0)
                if callee is None or callee.type not in _FUNCTIONS:
                    return False
            elif one.type not in _WAY_UP and one.type != "call_expression":
                return False
            one = one.parent
        return False

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        first, last = node.start_point.row + 1, source.last_row(node.start_byte, node.end_byte) + 1
        if node.type == "import_statement":
            found = _imported(node, source)
        elif node.type == "export_statement":
            found = _exported(node, source)
        elif node.type == "expression_statement":
            found = _assigned(node, source)
        elif node.type == "call_expression":
            holder = node.parent
            if holder is not None and holder.type == "await_expression":
                holder = holder.parent
            found = (
                [] if holder is not None and holder.type == "variable_declarator" else [(_asked(node, source), "", "")]
            )
        else:
            found = _required(node, source)
        passed = node.type in ("export_statement", "expression_statement")
        return [Import(module, name, bound, first, last, 0, top, passed) for module, name, bound in found]

    def finish(self, draft: Draft, source: Source) -> None:
        bound = {(item.bound, item.start_line) for item in draft.imports if not item.passes_on}
        draft.definitions = [
            item
            for item in draft.definitions
            if item.owner or item.kind not in ("constant", "variable") or (item.name, item.start_line) not in bound
        ]
        passed = {item.name for item in draft.imports if item.passes_on and not item.module}
        listed = [item.bound for item in draft.imports if item.passes_on and item.bound]
        if not draft.has_exports and not listed:
            return
        for number, item in enumerate(draft.definitions):
            if not item.owner:
                shown = item.name in passed or (item.exported and (draft.has_exports or not passed))
                if shown != item.exported:
                    draft.definitions[number] = replace(item, exported=shown)
        names = [
            item.name for item in draft.definitions if item.exported and not item.owner and item.name not in passed
        ]
        draft.exports = sorted({*names, *listed})


Bound = list[tuple[str, str, str]]


def _names_module(call: Node) -> bool:
    arguments = call.child_by_field_name("arguments")
    return arguments is not None and arguments.named_child_count > 0 and arguments.named_child(0).type == "string"


def _string(node: Node | None, source: Source) -> str:
    return source.of(node)[1:-1] if node is not None and node.type in ("string", "template_string") else ""


def _asked(call: Node, source: Source) -> str:
    arguments = call.child_by_field_name("arguments")
    return _string(arguments.named_child(0), source) if arguments is not None and arguments.named_child_count else ""


def _specifiers(clause: Node, source: Source, module: str) -> Bound:
    found: Bound = []
    for item in clause.named_children:
        if (name := item.child_by_field_name("name")) is not None:
            alias = item.child_by_field_name("alias")
            text = source.of(name).strip("\"'")
            found.append((module, text, source.of(alias).strip("\"'") if alias is not None else text))
    return found


def _imported(node: Node, source: Source) -> Bound:
    module = _string(node.child_by_field_name("source"), source)
    found: Bound = []
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            name = next((child for child in clause.named_children if child.type == "identifier"), None)
            asked = _string(clause.child_by_field_name("source"), source)
            return [(asked, "", source.of(name))] if name is not None else []
        if clause.type != "import_clause":
            continue
        for item in clause.named_children:
            if item.type == "identifier":
                found.append((module, "default", source.of(item)))
            elif item.type == "namespace_import" and item.named_child_count:
                found.append((module, "", source.of(item.named_child(0))))
            elif item.type == "named_imports":
                found.extend(_specifiers(item, source, module))
    return found or ([(module, "", "")] if module else [])


def _exported(node: Node, source: Source) -> Bound:
    module = _string(node.child_by_field_name("source"), source)
    if (value := node.child_by_field_name("value")) is not None:
        return [("", source.of(value), "default")] if value.type == "identifier" else []
    if (declaration := node.child_by_field_name("declaration")) is not None:
        name = declaration.child_by_field_name("name")
        return [("", source.of(name), "default")] if name is not None else []
    for child in node.named_children:
        if child.type == "export_clause":
            return _specifiers(child, source, module)
        if child.type == "namespace_export" and child.named_child_count:
            return [(module, "", source.of(child.named_child(0)))]
        if child.type == "identifier":
            return [("", source.of(child), "default")]
    return [(module, "*", "*")] if module else []


def _required(node: Node, source: Source) -> Bound:
    """`a = require("m")`, `{a: b} = require("m")`, `a = require("m").b`, and the same with `await import`."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    part = ""
    if value is not None and value.type == "await_expression" and value.named_child_count:
        value = value.named_child(0)
    if value is not None and value.type == "member_expression":
        held = value.child_by_field_name("property")
        part = source.of(held) if held is not None else ""
        value = value.child_by_field_name("object")
    if value is None or name is None:
        return []
    module = _asked(value, source)
    if name.type == "identifier":
        return [(module, part, source.of(name))]
    found: Bound = []
    for item in name.named_children if name.type == "object_pattern" else []:
        if item.type == "shorthand_property_identifier_pattern":
            found.append((module, source.of(item), source.of(item)))
        elif item.type == "pair_pattern":
            key, held = item.child_by_field_name("key"), item.child_by_field_name("value")
            if key is not None and held is not None and held.type == "identifier":
                found.append((module, source.of(key), source.of(held)))
    return found


def _assigned(node: Node, source: Source) -> Bound:
    """`module.exports = a` and `module.exports = {a, b: c}`."""
    right = node.named_child(0).child_by_field_name("right")
    if right is None:
        return []
    if right.type == "identifier":
        return [("", source.of(right), "default")]
    found: Bound = []
    for item in right.named_children:
        if item.type == "shorthand_property_identifier":
            found.append(("", source.of(item), source.of(item)))
        elif item.type == "pair":
            key, held = item.child_by_field_name("key"), item.child_by_field_name("value")
            if key is not None and held is not None and held.type == "identifier":
                found.append(("", source.of(held), source.of(key)))
    return found


RULES: Final = JavaScript()
