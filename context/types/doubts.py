"""What could prove a finding wrong though no fact says so: asked only where something is about to be blamed.

In the languages that stand here a call is blamed only if the workspace has one function of its name, and a member of
the object itself only if its name stands nowhere else. What may make more than a parser sees is told by patterns over
the text, for each language one table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..columns import column
from ..facts import Definition
from ..view import Found, Workspace
from .hierarchy import untold_bases
from .prelude import namesakes
from .receiver import Held, Receivers
from .scope import SELF_WORDS

_NEVER: Final = re.compile(r"(?!)")
_MOST_FILES: Final = 8
_CALL_LINES: Final = 4
"""Lines below its first one that a call may go on in."""

_MOST_PARTS: Final = 16
_MOST_LINES: Final = 3
"""A longer signature is not seen as a whole."""

_SAME: Final = MappingProxyType({"c": "cpp"})
"""A language whose functions another one calls."""


@dataclass(frozen=True, slots=True)
class _Calls:
    """When nobody can say how many arguments a call may have.

    `signature` tells it by a signature, `lines` by those of the call, `few` by those of one that seems to have too few,
    `many` by the body of what seems to be given too many, `file` by the file that calls, `free` by that where what is
    called belongs to no type, `named` by `{name}` in it; `owner` by the head of the type that what is called belongs
    to. `typed` says that calls on whatever has a known type are judged, not on the object and the type alone.
    """

    signature: re.Pattern[str] = _NEVER
    lines: re.Pattern[str] = _NEVER
    few: re.Pattern[str] = _NEVER
    many: re.Pattern[str] = _NEVER
    file: re.Pattern[str] = _NEVER
    named: str = ""
    free: re.Pattern[str] = _NEVER
    owner: re.Pattern[str] = _NEVER
    typed: bool = True


_AMBIGUOUS: Final = re.compile(r"<[^<>;()]*,|^[ \t]*#", re.MULTILINE)
"""Arguments that a parser may take apart wrongly: a comma in angle brackets, lines that a build may leave out."""

_CALLS: Final = MappingProxyType(
    {
        "ruby": _Calls(
            signature=re.compile(r"[(\s,|]\w+:(?!:)"),
            file=re.compile(r"\bprepend\b|\brefine\b"),
            named=r"\b(?:define_method|alias_method|alias|delegate|def_delegators?)\b.*\b{name}\b",
            typed=False,
        ),
        "csharp": _Calls(
            signature=re.compile(r"#|\b__arglist\b|[(\]]\s*this\b|\[\s*Optional\b"),
            lines=_AMBIGUOUS,
            owner=re.compile(r"\bpartial\b"),
        ),
        "cpp": _Calls(
            signature=re.compile(r"#|[(,]\s*[A-Z_][A-Z0-9_]*\s*[,()]|\.\.\.|\(\s*this\b"),
            lines=_AMBIGUOUS,
            few=re.compile(r"[(,]\s*[A-Z_][A-Z0-9_]+\s*[,()]"),
            free=re.compile(r"\busing\s+namespace\b"),
            named=r"\busing\s+[\w:]+::{name}\b",
        ),
        "php": _Calls(
            signature=re.compile(r"/\*|#"),
            many=re.compile(r"\bfunc_(?:get_args?|num_args)\b", re.IGNORECASE),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class _Members:
    """When nobody can say which members an object of its own type has.

    `body` tells it by the lines of the type, `file` by the file that it stands in, where the type is called `{name}`,
    `above` by the lines above its head, `head` by the head itself;
    `open` by the head of a type that leaves to its heirs what its bases promise, where not all of those are known;
    `this` by what stands between the head of a method and the place: there the object may be another one. `kinds` are
    those of types that have all their members themselves. `written` says that members need not be declared.
    """

    kinds: frozenset[str]
    body: re.Pattern[str] = _NEVER
    file: str = ""
    above: re.Pattern[str] = _NEVER
    head: re.Pattern[str] = _NEVER
    open: re.Pattern[str] = _NEVER
    this: re.Pattern[str] = _NEVER
    written: bool = True


_OTHER_THIS: Final = re.compile(
    r"\bfunction\b|\bclass\b|(?:^|[{,])\s*(?:(?:get|set|async|static)\s+|\*\s*)*"
    r"(?!(?:if|for|while|switch|catch|with|super)\b)[\w$]+\s*\([^()]*\)\s*\{",
    re.MULTILINE,
)
_SCRIPT: Final = _Members(
    frozenset({"class"}),
    body=re.compile(
        r"\b(?:definePropert(?:y|ies)|setPrototypeOf|__proto__|__define[GS]etter__)\b|\bReflect\b|\bProxy\b"
        r"|\bthis\s*\[(?!k[A-Z]\w*\])[^\]]*\]\s*=(?!=)|\b[A-Z][\w$]*\.(?:call|apply)\(\s*this\b"
        r"|(?i:\b[\w$]*(?:appl[iy]|assign|auto|copy|decorat|defin|delegat|exten|inherit|init|install|merg|mix|observ|prox|set)"
        r"[\w$]*\(\s*this\b)"
    ),
    file=r"\b{name}\.prototype\b|\b(?:assign|inherits|mix\w*|extend\w*|decorat\w*)\s*\(\s*{name}\b",
    above=re.compile(r"^\s*@"),
    head=re.compile(r"^\s*@|\bextends\s+(?![\w$.]+\s*(?:<.*)?\{)"),
    this=_OTHER_THIS,
)
_TYPED_SCRIPT: Final = _Members(frozenset({"class", "interface", "enum"}), this=_OTHER_THIS, written=False)
_MEMBERS: Final = MappingProxyType(
    {
        "python": _Members(frozenset({"class"}), this=re.compile(r"^\s*class\b", re.MULTILINE), written=False),
        "java": _Members(
            frozenset({"class"}),
            this=re.compile(r"\bnew\s[^;]*\)\s*\{|\b(?:class|enum|interface|record)\s"),
            written=False,
        ),
        "javascript": _SCRIPT,
        "javascriptreact": _SCRIPT,
        "typescript": _TYPED_SCRIPT,
        "typescriptreact": _TYPED_SCRIPT,
        "tsx": _TYPED_SCRIPT,
        "php": _Members(
            frozenset({"class"}),
            open=re.compile(r"\babstract\b"),
            body=re.compile(
                r"\$this->[{$]|\$this\s*->\s*[{$]|\bnew\s+(?:readonly\s+)?class\b|\bbind(?:To)?\s*\(|@(?:property|method|mixin)"
                r"|\bAllowDynamicProperties\b|\bforeach\s*\([^)]*\bas\b[^)]*\$this->|\$\$",
                re.IGNORECASE,
            ),
        ),
        "rust": _Members(
            frozenset({"struct", "enum"}),
            above=re.compile(
                r"^\s*#\[(?!(?:derive\((?:\s*(?:(?:std|core)::\w+::)?(?:Debug|Clone|Copy|PartialEq|Eq|PartialOrd|Ord|Hash"
                r"|Default)\s*,?)*\)|cfg\(|allow\(|doc\b|must_use|non_exhaustive|repr\(|deprecated|inline)[^\n]*\]?\s*$)"
            ),
        ),
    }
)
_OWN_CRATES: Final = frozenset({"alloc", "core", "crate", "self", "std", "super"})
_IMPL: Final = re.compile(r"^\s*(?:unsafe\s+)?impl\b")


class Doubts:
    """Doubts about findings in one file, of which `text` is the whole as judged; None where nobody has it."""

    def __init__(self, workspace: Workspace, receivers: Receivers, path: str, text: str | None) -> None:
        self._workspace = workspace
        self._receivers = receivers
        self._path = path
        self._text = text
        self._language = receivers.scope(path).language

    def call(self, line: int, receiver: str, arguments: int, found: Sequence[Found], held: Held | None) -> bool:
        """Whether a call may be right though it does not fit what was `found`, a member of `held` if that is told."""
        rule = _CALLS.get(self._language)
        if rule is None:
            return False
        text, one = self._text, found[0]
        name, symbol = one.definition.name, one.definition.symbol
        if text is None or name in namesakes(self._language) or any(item.definition.symbol != symbol for item in found):
            return True
        same = self._all_named(name, symbol)
        if not same or min(item.definition.least for item in same) <= arguments <= same[0].definition.most:
            return True
        is_member = bool(one.definition.owner)
        if rule.file.search(text) or (rule.named and re.search(rule.named.replace("{name}", re.escape(name)), text)):
            return True
        if receiver:
            own = receiver in SELF_WORDS.get(self._language, ()) or (held is not None and held.whole)
            if not own and (not rule.typed or held is None or not self._no_other(held, name, symbol)):
                return True
        elif not is_member and (rule.free.search(text) or not self._the_only(line, one)):
            return True
        if any(self._untold(item, rule) or self._open(item, rule) for item in same):
            return True
        rows = "\n".join(text.split("\n")[line - 1 : line + _CALL_LINES])
        if re.search(rf"\bnew\s+(?:\w+\s*(?:\.|::)\s*)*{re.escape(name)}\b", rows):
            return True
        if rule.lines.search(rows) or self._other_level(line, receiver, same):
            return True
        if arguments < same[0].definition.least:
            return rule.few.search(rows) is not None
        return any(rule.many.search(self._body(item)) for item in same)

    def _all_named(self, name: str, symbol: str) -> list[Found]:
        """Everything that is called so there, where that is one function with one number of parameters."""
        paths = self._workspace.defining(name)
        found: list[Found] = []
        for path in paths[: _MOST_FILES + 1]:
            facts = self._workspace.facts(path)
            if facts is None or len(paths) > _MOST_FILES:
                return []
            if _family(facts.language) != _family(self._language):
                continue
            names = column(facts.definitions, "name")
            named = [facts.definitions[at] for at, one in enumerate(names) if one == name]
            found += [Found(path, one) for one in named if one.symbol == symbol]
        first = found[0].definition if found else None
        for item in found:
            one = item.definition
            if first is None or one.kind not in ("function", "method") or one.least < 0:
                return []
            if one.most != first.most or one.most < 0:
                return []
        return found

    def _no_other(self, held: Held, name: str, symbol: str) -> bool:
        """Whether a call on an object means the one member: C#'s types may be given more from anywhere."""
        if self._language != "csharp":
            return True
        if self._others(name, symbol):
            return False
        return not untold_bases(self._receivers.hierarchy.lineage(held.types[0]).types)

    def _the_only(self, line: int, found: Found) -> bool:
        """Whether a bare name can only mean a function that belongs to no type: no member is called so anywhere.

        What stands in a macro (`TEST_F(Cart, Adds) { … }`) may be another type's. In PHP the function is its
        namespace's or everybody's, and not imported.
        """
        name = found.definition.name
        around = self._receivers.scope(self._path).around(line)
        if self._others(name, found.definition.symbol):
            return False
        if self._language == "cpp" and any(item.name.isupper() for item in around):
            return False
        if self._language != "php":
            return True
        facts, there = self._workspace.facts(self._path), self._workspace.facts(found.path)
        if facts is None or there is None or any(item.bound == name for item in facts.imports):
            return False
        return there.package in ("", facts.package)

    def _others(self, name: str, symbol: str) -> bool:
        """Whether the workspace has anything else of a name."""
        for path in self._workspace.defining(name):
            facts = self._workspace.facts(path)
            if facts is None or any(item.name == name and item.symbol != symbol for item in facts.definitions):
                return True
        return False

    def _untold(self, item: Found, rule: _Calls) -> bool:
        """Whether a signature may take more or less than was counted, or cannot be seen as a whole."""
        one = item.definition
        if one.end_line - one.start_line >= _MOST_LINES:
            return True
        return rule.signature.search(one.text[one.text.find(one.name) + len(one.name) :]) is not None

    def _other_level(self, line: int, receiver: str, found: Sequence[Found]) -> bool:
        """Whether what calls belongs to a type and what is called to its objects, or the other way about (Ruby)."""
        if self._language != "ruby":
            return False
        if receiver and receiver not in SELF_WORDS["ruby"]:
            return any(not self._called_on_type(receiver, item) for item in found)
        if not found[0].definition.owner:
            inner = any(item.definition.text[:1].isspace() or item.path != self._path for item in found)
            return inner or bool(self._receivers.scope(self._path).owner(line))
        around = [
            item for item in self._receivers.scope(self._path).around(line) if item.kind in ("method", "function")
        ]
        if not around:
            return True
        level = self._of_type(self._path, around[0])
        return level is None or any(self._of_type(item.path, item.definition) != level for item in found)

    def _called_on_type(self, receiver: str, item: Found) -> bool:
        """Whether a method of Ruby is called on a type of its workspace, and one of that name only is known."""
        name = receiver.rpartition(".")[2]
        if name in namesakes("ruby") or len(self._workspace.defining(name)) != 1:
            return False
        functions = re.search(r"\bmodule_function\b|\bextend\s+self\b", "\n".join(self._rows(item.path) or []))
        return bool(self._of_type(item.path, item.definition)) or functions is not None

    def _of_type(self, path: str, definition: Definition) -> bool | None:
        """Whether a method of Ruby belongs to the type itself; None where its lines are not at hand."""
        if re.match(r"\s*(?:\w+\s+)*def\s+[\w:]+\.", definition.text):
            return True
        rows = self._rows(path)
        if rows is None or not 0 < definition.start_line <= len(rows):
            return None
        own = _indent(rows[definition.start_line - 1])
        for row in reversed(rows[: definition.start_line - 1]):
            if row.strip() and _indent(row) < own:
                return re.match(r"\s*class\s*<<", row) is not None
        return False

    def _open(self, found: Found, rule: _Calls) -> bool:
        """Whether the type that something belongs to may have more of that name than is seen."""
        facts, owner = self._workspace.facts(found.path), found.definition.owner
        types = [item for item in facts.definitions if item.symbol == owner] if facts is not None and owner else []
        return any(rule.owner.search(item.text) for item in types) or any(
            member.definition.name == "operator->"
            for item in types
            for member in self._receivers.hierarchy.own_members(Found(found.path, item))
        )

    def _body(self, item: Found) -> str:
        rows = self._rows(item.path) or []
        return "\n".join(rows[item.definition.start_line - 1 : item.definition.last_line])

    def _rows(self, path: str) -> list[str] | None:
        text = self._text if path == self._path else self._workspace.read(path)
        return text.split("\n") if text is not None else None

    def name(self, name: str) -> bool:
        """Whether a file asks first whether a name exists (`typeof NAME`), or it is a private member's (`#name`)."""
        if _MEMBERS.get(self._language) not in (_SCRIPT, _TYPED_SCRIPT):
            return False
        text = self._text or self._workspace.read(self._path) or ""
        return name.startswith("#") or re.search(rf"\btypeof\s+{re.escape(name)}(?![\w$])", text) is not None

    def member(self, line: int, receiver: str, name: str, held: Found, *, field: bool = False) -> bool:
        """Whether a type may have a member after all that its facts and those of its bases do not show.

        `field` says that only a field would do (Rust).
        """
        rule = _MEMBERS.get(self._language)
        if rule is None:
            return False
        own = receiver in SELF_WORDS.get(self._language, ())
        if not rule.written:
            return own and self._text is not None and self._another(line, held, rule)
        if not own or self._text is None or held.definition.kind not in rule.kinds:
            return True
        if self._stands(name) or self._another(line, held, rule):
            return True
        hierarchy = self._receivers.hierarchy
        lower = name.lower()
        types = hierarchy.lineage(held).types
        if any(rule.open.search(item.definition.text) for item in types) and untold_bases(types):
            return True
        if self._language == "rust" and (self._added_elsewhere(held, field=field) or (not field and self._traits())):
            return True
        for item in types:
            rows = self._rows(item.path)
            if rows is None or any(member.definition.name.lower() == lower for member in hierarchy.own_members(item)):
                return True
            one = item.definition
            if rule.body.search("\n".join(rows[max(0, one.start_line - 12) : one.last_line])):
                return True
            if rule.file and re.search(rule.file.replace("{name}", re.escape(one.name)), "\n".join(rows)):
                return True
            if self._marked(rows, one, rule):
                return True
        return False

    def _stands(self, name: str) -> bool:
        """Whether a name stands anywhere but in what is judged."""
        before = self._workspace.read(self._path)
        if before is None or re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", before):
            return True
        return any(path != self._path for path in (*self._workspace.defining(name), *self._workspace.using(name)))

    def _another(self, line: int, held: Found, rule: _Members) -> bool:
        """Whether the word for the object may mean another one on a line."""
        text = self._text or ""
        around = self._receivers.scope(self._path).around(line)
        rows = text.split("\n")
        if self._language == "rust":
            head = next((row for row in reversed(rows[:line]) if _IMPL.match(row)), "")
            return "::" in head.partition(" for ")[2] or "macro_rules!" in text
        if rule.this is _NEVER:
            return False
        method = next((item for item in around if item.owner == held.definition.symbol), None)
        if method is None:
            return True
        return rule.this.search("\n".join(rows[method.end_line : line])) is not None

    def _marked(self, rows: Sequence[str], definition: Definition, rule: _Members) -> bool:
        """Whether something stands above a type's head, or in it, that may give it more."""
        if rule.head.search(definition.text):
            return True
        for row in reversed(rows[: definition.start_line - 1]):
            if rule.above.match(row):
                return True
            if not row.lstrip().startswith(("#", "@", "//", "*", "/*")):
                return bool(row.strip()) and row.rstrip().endswith((")]", ","))
        return False

    def _traits(self) -> bool:
        """Whether the file imports what may be a trait that some crate has for every type of Rust."""
        imports = self._receivers.scope(self._path).facts.imports
        return any(
            item.bound == "*" or (item.name[:1].isupper() and item.module.partition("::")[0] not in _OWN_CRATES)
            for item in imports
        )

    def _added_elsewhere(self, held: Found, *, field: bool) -> bool:
        """Whether a type of Rust is given more by a macro or by a trait out of its own file, or stands for another."""
        name = re.escape(held.definition.name)
        adds = rf"\bDeref(?:Mut)?\s+for\s+[\w:]*\b{name}\b" + rf"|^\w+!\s*[({{\[][^;]*?\b{name}\b"
        more = adds if field else rf"{adds}|\bimpl\b[^{{;]*\bfor\s+&?[\w:]*\b{name}\b"
        parts = self._receivers.hierarchy.parts(held)
        if len(parts) > _MOST_PARTS:
            return True
        return any(
            re.search(more if path != held.path else adds, "\n".join(self._rows(path) or []), re.MULTILINE) is not None
            for path in parts
        )


def _family(language: str) -> str:
    return _SAME.get(language, language)


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())
