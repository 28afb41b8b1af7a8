"""How Ruby is read: classes and modules may be opened again, `new` yields its receiver, accessors are fields."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from tree_sitter import Node

from ...facts import Import, Kind
from ..language import ANY, OPTIONAL, REQUIRED, Call, Language
from ..source import Source

_MAKERS: Final = frozenset(
    [
        "attr_accessor",
        "attr_reader",
        "attr_writer",
        "attribute",
        "has_many",
        "has_one",
        "belongs_to",
        "delegate",
    ]
)
_MIXING: Final = frozenset({"include", "extend", "prepend"})
_LOADING: Final = frozenset({"require", "require_relative", "load"})
_GIVEN: Final = MappingProxyType(
    {
        "simple_symbol": ("field", _MAKERS),
        "constant": ("mixin", _MIXING),
        "scope_resolution": ("mixin", _MIXING),
        "string": ("import", _LOADING),
    }
)
"""What an argument tells by its kind, and of which calls."""
_ASSIGNED: Final = MappingProxyType({"constant": "constant", "instance_variable": "attribute", "identifier": "local"})
_MADE: Final = frozenset({"Struct.new()", "Class.new()", "Data.define()", "Module.new()"})


class Ruby(Language):
    """Ruby."""

    grammars = MappingProxyType({"ruby": ("tree_sitter_ruby", "language")})
    header = re.compile(
        r"\s*(?:(?:class|module)\s+(?:\w+::)*(?P<type>[A-Z]\w*)|def\s+(?:self\.)?(?P<function>\w+[?!=]?))"
    )
    structure = ("structure.scm", "locals.scm", "given.scm")
    suffixes = MappingProxyType({".rb": "ruby", ".rake": "ruby", ".gemspec": "ruby", ".ru": "ruby"})
    files = MappingProxyType({"Gemfile": "ruby", "Rakefile": "ruby", "Guardfile": "ruby"})
    leaves = frozenset(
        {"identifier", "constant", "self", "super", "instance_variable", "class_variable", "global_variable"}
    )
    members = MappingProxyType({"scope_resolution": ("scope", "name")})
    calls = MappingProxyType({"call": Call("method", receiver="receiver")})
    wrappers = frozenset({"parenthesized_statements"})
    literals = MappingProxyType(
        {
            "string": "String",
            "integer": "Integer",
            "float": "Float",
            "array": "Array",
            "hash": "Hash",
            "simple_symbol": "Symbol",
            "regex": "Regexp",
            "nil": "",
        }
    )
    spreads = frozenset(
        {"splat_argument", "hash_splat_argument", "block_argument", "forward_argument", "pair", "heredoc_body"}
    )
    arity = MappingProxyType(
        {
            "identifier": REQUIRED,
            "destructured_parameter": REQUIRED,
            "optional_parameter": OPTIONAL,
            "keyword_parameter": REQUIRED,
            "splat_parameter": ANY,
            "hash_splat_parameter": ANY,
            "forward_parameter": ANY,
        }
    )
    given_without = -1
    comments = ("#",)

    def defined(self, node: Node) -> Node | None:
        return node.child_by_field_name("name")

    def declares(self, kind: str, captures: dict[str, list[Node]], source: Source) -> str | None:
        """What stands left in an assignment; or what is handed to calls that make accessors, mix in or load."""
        if kind == "assigned":
            left = captures["left"][0]
            kind = _ASSIGNED[left.type]
            captures["local" if kind == "local" else "name"] = [left]
        elif kind == "given":
            given, arguments = captures["given"], captures["def.given"][0]
            role, names = _GIVEN[given[0].type]
            call = _called(arguments, names, source)
            if call is None or (role == "import" and arguments.named_child(0) != given[0]):
                return None
            captures["name"], captures["base"], captures["whole"] = given, given, [call]
            return role
        elif kind == "method" and (name := self.defined(captures["def.method"][0])) is not None:
            return kind if name.type == "identifier" or captures["def.method"][0].type != "alias" else None
        return kind

    def value(self, node: Node, source: Source) -> str:
        told = super().value(node, source)
        if node.type == "call" and told.startswith("="):
            told = told[1:] + "()"
        return told.removesuffix(".new()") if told not in _MADE else ""

    def kind(self, kind: Kind, node: Node, source: Source, decorators: str) -> Kind | None:
        right = node.child_by_field_name("right") if kind == "constant" else None
        if right is None or right.type != "call":
            return kind
        return "class" if self.chain(right, source).removesuffix("()") + "()" in _MADE else kind

    def name(self, text: str) -> str:
        return text.lstrip(":").replace("::", ".")

    def signature(self, node: Node, source: Source) -> tuple[int, int]:
        first = source.row(node.start_byte)
        if node.type in ("method", "singleton_method", "class", "module"):
            for field in ("parameters", "superclass", "name"):
                if (part := node.child_by_field_name(field)) is not None:
                    return first, source.last_row(node.start_byte, part.end_byte)
        return first, source.last_row(node.start_byte, node.end_byte)

    def count(self, node: Node, source: Source, owner: str) -> tuple[int, int]:
        if node.type in ("method", "singleton_method") and node.child_by_field_name("parameters") is None:
            return 0, 0
        return super().count(node, source, owner)

    def imports(self, node: Node, source: Source, top: bool) -> list[Import]:
        arguments, method = node.child_by_field_name("arguments"), node.child_by_field_name("method")
        if arguments is None or method is None or not arguments.named_child_count:
            return []
        module = source.of(arguments.named_child(0))[1:-1]
        line = node.start_point.row + 1
        level = int(source.of(method) == "require_relative")
        return [Import(module, "*", "*", line, line, level, top)]


def _called(arguments: Node, names: frozenset[str], source: Source) -> Node | None:
    """The call that has these arguments, where it is one of a name among `names`, on no object."""
    call = arguments.parent
    if call is None or call.type != "call" or call.child_by_field_name("receiver") is not None:
        return None
    method = call.child_by_field_name("method")
    return call if method is not None and method.type == "identifier" and source.of(method) in names else None


RULES: Final = Ruby()
