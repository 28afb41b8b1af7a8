"""How Python is read: overloads left out, records by decorator and base, docstrings, `__all__`."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Import, Kind
from ..draft import Draft
from ..language import ANY, MANY, OPTIONAL, REQUIRED, Call, Language
from ..source import Source

_OVERLOAD = re.compile(r"@\s*(?:\w+\.)*overload\b")
_PROPERTY = re.compile(r"@\s*(?:\w+\.)*(?:cached_|lazy_|class)?property\b")
_SETTER = re.compile(r"@\s*\w+\.(?:setter|deleter)\b")
_STATIC = re.compile(r"@\s*(?:\w+\.)*staticmethod\b")
_RECORD = re.compile(r"\b(dataclass|define|frozen|mutable|attrs|attr\.s|dataclass_transform)\b")
_RECORD_BASE: Final = frozenset({"NamedTuple", "TypedDict", "BaseModel", "Struct", "Enum", "IntEnum", "StrEnum"})
_ALL = re.compile(
    r"^__all__(?:\s*:[^=\n]*)?\s*(?:\+?=|\.extend\()\s*([\[(][^\])]*[\])]?)|^__all__\.append\((.*)\)", re.MULTILINE
)
_STRING = re.compile(r"""["']([^\W\d]\w*)["']""")
_DOC = re.compile(rb"[rRuU]{0,2}(?:\"\"\"|'''|\"|')")

_PATTERNS: Final = frozenset(
    {"pattern_list", "tuple_pattern", "list_splat_pattern", "dictionary_splat_pattern", "as_pattern_target"}
)
_BINDING: Final = frozenset(
    {"for_statement", "for_in_clause", "parameters", "lambda_parameters", "typed_parameter", "function_definition"}
)


class Python(Language):
    """Python, stubs included."""

    grammars = MappingProxyType({"python": ("tree_sitter_python", "language")})
    header = re.compile(r"\s*(?:async\s+)?(?:class\s+(?P<type>\w+)|def\s+(?P<function>\w+))")
    structure = ("structure.scm", "locals.scm")
    suffixes = MappingProxyType({".py": "python", ".pyi": "python", ".pyw": "python"})
    members = MappingProxyType({"attribute": ("object", "attribute")})
    calls = MappingProxyType({"call": Call("function")})
    wrappers = frozenset({"parenthesized_expression", "await"})
    literals = MappingProxyType(
        {
            "string": "str",
            "concatenated_string": "str",
            "integer": "int",
            "float": "float",
            "true": "bool",
            "false": "bool",
            "list": "list",
            "list_comprehension": "list",
            "dictionary": "dict",
            "dictionary_comprehension": "dict",
            "set": "set",
            "set_comprehension": "set",
            "tuple": "tuple",
            "none": "",
        }
    )
    lists = frozenset({"argument_list"})
    spreads = frozenset({"list_splat", "dictionary_splat", "generator_expression"})
    arity = MappingProxyType(
        {
            "identifier": REQUIRED,
            "typed_parameter": REQUIRED,
            "default_parameter": OPTIONAL,
            "typed_default_parameter": OPTIONAL,
            "list_splat_pattern": ANY,
            "dictionary_splat_pattern": ANY,
        }
    )
    comments = ("#",)
    block_scoped = False
    stop = frozenset({"True", "False", "None"})

    def branches(self, node: Node) -> list[Node]:
        if node.type == "conditional_expression" and node.named_child_count > 2:
            return [node.named_child(0), node.named_child(2)]
        return list(node.named_children) if node.type == "boolean_operator" else []

    def value(self, node: Node, source: Source) -> str:
        if node.type == "string" and source.data[node.start_byte : node.start_byte + 2].lower().startswith(
            (b"b", b"rb")
        ):
            return "bytes"
        return super().value(node, source)

    def kind(self, kind: Kind, node: Node, source: Source, decorators: str) -> Kind | None:
        if kind == "function" and decorators:
            if _OVERLOAD.search(decorators) or _SETTER.search(decorators):
                return None
            if _PROPERTY.search(decorators):
                return "field"
        if kind == "variable" and node.parent is not None:
            name = source.of(node.child_by_field_name("left") or node)
            return "constant" if name.lstrip("_").isupper() else "variable"
        return kind

    def body_of(self, node: Node) -> Node | None:
        return None if node.type == "ERROR" else super().body_of(node)

    def signature(self, node: Node, source: Source) -> tuple[int, int]:
        first = source.row(node.start_byte)
        if node.type == "ERROR":
            return first, first
        if (before := self.body_of(node)) is not None:
            while (before := before.prev_sibling) is not None:
                if before.type == ":":
                    return first, source.row(before.start_byte)
        return first, source.last_row(node.start_byte, node.end_byte)

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        parameters = node.child_by_field_name("parameters")
        if parameters is None:
            return -1, -1
        least = most = 0
        for child in parameters.named_children:
            asks = self.arity.get(child.type)
            if child.type == "typed_parameter" and (inner := child.named_child(0)) is not None:
                asks = self.arity.get(inner.type, asks)
            if asks == ANY:
                most = MANY
            elif asks is not None:
                least += asks == REQUIRED
                most += most >= 0
        holder = node.parent
        static = (
            holder is not None
            and holder.type == "decorated_definition"
            and _STATIC.search(source.slice(holder.start_byte, node.start_byte))
        )
        if owner and not static:
            least, most = max(0, least - 1), most - 1 if most > 0 else most
        return least, most

    def given(self, arguments: Node) -> int:
        return 1 if arguments.type == "generator_expression" else super().given(arguments)

    def record(self, kind: Kind, node: Node, source: Source, bases: tuple[str, ...], decorators: str) -> bool:
        return bool(_RECORD.search(decorators)) or any(base.rpartition(".")[2] in _RECORD_BASE for base in bases)

    def bound(self, node: Node, captures: dict[str, list[Node]]) -> Node | None:
        """A name in a pattern, where a loop or a function binds it; what `as` names holds what stands before it."""
        around = node.parent
        if around is None or around.type not in _PATTERNS:
            return node
        if around.type == "as_pattern_target":
            held = around.parent
            holder = held.parent if held is not None else None
            if held is not None and holder is not None and held.named_child_count and node.parent == around:
                value = held.named_child(0)
                if holder.type == "with_item":
                    captures["value"] = [value]
                elif holder.type == "except_clause" and value.type in ("identifier", "attribute"):
                    captures["type"] = [value]
            return node
        while around is not None and around.type in _PATTERNS:
            around = around.parent
        return node if around is not None and around.type in _BINDING else None

    def inner_doc(self, node: Node, source: Source) -> int:
        body = self.body_of(node)
        if body is not None and _DOC.match(source.data, body.start_byte):
            return source.row(body.start_byte) + 1
        return 0

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        first, last = node.start_point.row + 1, source.last_row(node.start_byte, node.end_byte) + 1
        found: list[Import] = []

        def word(part: Node | None) -> str:
            return "".join(source.of(part).split()) if part is not None else ""

        if node.type == "future_import_statement":
            return found
        module, level = "", 0
        if node.type == "import_from_statement":
            whole = word(node.child_by_field_name("module_name"))
            module = whole.lstrip(".")
            level = len(whole) - len(module)
            if any(child.type == "wildcard_import" for child in node.named_children):
                found.append(Import(module, "*", "*", first, last, level, top))
        for item in node.children_by_field_name("name"):
            alias = word(item.child_by_field_name("alias"))
            name = word(item.child_by_field_name("name")) if item.type == "aliased_import" else word(item)
            if not name:
                continue
            if node.type == "import_statement":
                found.append(Import(name, "", alias or name, first, last, 0, top))
            else:
                found.append(Import(module, name, alias or name, first, last, level, top))
        return found

    def finish(self, draft: Draft, source: Source) -> None:
        text = "\n".join(source.lines) if b"__all__" in source.data else ""
        for match in _ALL.finditer(text):
            draft.exports = [*(draft.exports or ()), *_STRING.findall(match[1] or match[2] or "")]


RULES: Final = Python()
