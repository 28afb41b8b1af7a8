"""What the shape of a completion depends on in each language: comments, blocks, siblings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Final

MAX_LINE_CHARS = 400
"""A longer line opens, closes and begins nothing: it is data, and slow to look at."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The lexical facts of one language, as patterns.

    `opens` is searched in a line, `sibling`, `closer`, `goes_on` and `comment` are matched from its start.
    `tokens` matches strings, comments and brackets, and nothing else. `indented` says that indentation alone
    makes a block.
    """

    opens: re.Pattern[str]
    sibling: re.Pattern[str]
    closer: re.Pattern[str]
    goes_on: re.Pattern[str]
    label: re.Pattern[str]
    comment: re.Pattern[str]
    tokens: re.Pattern[str]
    indented: bool = False

    def opens_block(self, line: str) -> bool:
        """Whether the line opens a block."""
        return len(line) <= MAX_LINE_CHARS and self.opens.search(line) is not None

    def starts_definition(self, line: str) -> bool:
        """Whether the line starts a definition, which ends the one before it."""
        return len(line) <= MAX_LINE_CHARS and self.sibling.match(line) is not None

    def closes_block(self, line: str) -> bool:
        """Whether the line begins with what closes a block."""
        return self.closer.match(line) is not None

    def continues(self, line: str) -> bool:
        """Whether the line goes on with the statement of the block just left."""
        return self.goes_on.match(line) is not None

    def is_label(self, line: str) -> bool:
        """Whether the line is one of the cases of a choice, which ends the case before it."""
        return len(line) <= MAX_LINE_CHARS and self.label.match(line) is not None

    def is_comment(self, line: str) -> bool:
        """Whether the line is only a comment."""
        return self.comment.match(line) is not None


_LABEL = r"\s*(?:case\b[^;{}]*|default\s*):\s*(?://.*)?$"


@dataclass(frozen=True, slots=True)
class _Rules:
    """A `Shape` not compiled yet."""

    sibling: str
    tokens: tuple[str, ...]
    opens: str = rf"(?:[\[({{]|=>|->|\|\||&&)\s*$|^{_LABEL}"
    closer: str = r"\s*[\])}]"
    goes_on: str = r"\s*(?:else|catch|finally|case|default|while)\b"
    label: str = _LABEL
    comment: str = r"\s*(?://|/\*|\*)"
    indented: bool = False


_BRACKET = r"(?P<bracket>[\[\](){}])"
_DOUBLE = r'"(?:\\.|[^"\\\n])*(?:"|$|(?=\n))'
_SINGLE = r"'(?:\\.|[^'\\\n])*(?:'|$|(?=\n))"
_THRICE = (r'""".*?(?:"""|\Z)', r"'''.*?(?:'''|\Z)")
_BACKTICK = r"`(?:\\.|[^`\\])*(?:`|\Z)"
_BEFORE_PATTERN = "|".join(
    rf"(?<={before}{blank}/)" for before in (r"[(,=:\[!&|?{;]", "=>", r"\breturn") for blank in ("", r"\s")
)
_PATTERN = rf"/(?:{_BEFORE_PATTERN})(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/"
"""A regular expression, where a value is expected."""

_SLASHES = r"(?P<line>//[^\n]*)|/\*.*?(?:\*/|\Z)"
_HASH = r"(?P<line>#[^\n]*)"
_MODIFIERS = (
    r"(?:(?:public|private|protected|internal|static|final|abstract|async|override|virtual|sealed|readonly"
    r"|export|default|declare)\s+)"
)

_NO_TYPE = (
    r"and|assert|await|case|co_return|co_yield|delete|descending|else|from|goto|group|in|is|join|let|new|not|on|or|orderby"
    r"|return|select|throw|using|when|where|yield"
)
"""What stands before a call and is no type of a method."""

_OF_TYPES = r"(?:<(?:[^()=;<>]|<(?:[^()=;<>]|<[^()=;<>]*>)*>)*>)?"


def _here(kind: str) -> str:
    """A here-document, from `<<` and what may follow it (`kind`) to the word that ends it."""
    return rf"<<{kind}[\"'`]?(?P<here>[A-Z_]\w*)(?:[^\n]*\n(?:.*?\n)??[ \t]*(?P=here)\b|.*\Z)"


_SCRIPT = _Rules(
    rf"\s*{_MODIFIERS}*(?:function|class|interface|enum|type|namespace)\b"
    r"|\s*(?:async\s+|static\s+|get\s+|set\s+)*#?\w+\([^)]*\)[^;=]*\{\s*$",
    (_SLASHES, _DOUBLE, _SINGLE, _BACKTICK, _PATTERN),
)
_C = _Rules(
    r"\s*(?:class|struct|enum|union|namespace|template|typedef)\b|[A-Za-z_][\w:<>,*&~ ]*\([^;]*\)[^;]*\{?\s*$",
    (_SLASHES, r'R"(?P<raw>[^\s()\\]*)\(.*?(?:\)(?P=raw)"|\Z)', _DOUBLE, _SINGLE),
    goes_on=r"\s*(?:else|catch|finally|case|default|while)\b|\s*#|\s*\w+\s*:(?!:)",
)
_MANAGED = _Rules(
    rf"\s*(?:{_MODIFIERS}+[\w<>\[\],?. ]+[({{]|{_MODIFIERS}*(?:class|interface|enum|record|struct)\b"
    rf"|(?!(?:{_NO_TYPE})\b)\w[\w.]*{_OF_TYPES}(?:\[[\s,]*\])*\??\s+\w+{_OF_TYPES}\s*\([^;=]*\)[^;=()]*\{{?\s*$)",
    (_SLASHES, _THRICE[0], r'@"(?:""|[^"])*(?:"|\Z)', _DOUBLE, _SINGLE),
)
_CPP = replace(
    _C,
    sibling=rf"{_C.sibling}|\s+(?!(?:{_NO_TYPE})\b)(?:\w[\w:]*{_OF_TYPES}[*&]*\s+)+[*&]*~?\w+\s*\([^;=]*\)[^;=()]*\{{?\s*$",
)
_PYTHON = _Rules(
    r"\s*(?:async\s+)?(?:def|class)\b",
    (_HASH, *_THRICE, _DOUBLE, _SINGLE),
    opens=r"(?::|[\[({])\s*(?:#.*)?$",
    goes_on=r"\s*(?:else|elif|except|finally|case)\b",
    label=r"\s*case\b.*:\s*(?:#.*)?$",
    comment=r"\s*#",
    indented=True,
)
_GO = _Rules(r"\s*(?:func|type)\b", (_SLASHES, _DOUBLE, _SINGLE, r"`[^`]*(?:`|\Z)"))
_RUST = _Rules(
    r"\s*(?:pub(?:\([^)]*\))?\s+)?(?:async\s+|const\s+|unsafe\s+)*(?:fn|struct|enum|trait|impl|mod)\b",
    (_SLASHES, r'\br(?P<raw>#*)".*?(?:"(?P=raw)|\Z)', _DOUBLE, r"'(?:\\[^\n']+|[^\\'\n])'"),
)
_PHP = _Rules(
    rf"\s*{_MODIFIERS}*(?:function|class|interface|trait|enum)\b",
    (
        _here("<"),
        _SLASHES,
        r"#(?!\[)[^\n]*",
        _DOUBLE,
        _SINGLE,
    ),
    comment=r"\s*(?://|/\*|\*|#(?!\[))",
)
_RUBY = _Rules(
    r"\s*(?:def|class|module)\b",
    (
        _here("[-~]?"),
        r"(?P<line>#(?!\{)[^\n]*)",
        _DOUBLE,
        _SINGLE,
        r"`[^`\n]*`?",
    ),
    opens=r"^\s*(?:def|class|module|if|unless|while|until|case|begin|for|else|elsif|when|rescue|ensure)\b"
    r"(?!.*\bend\s*$)|\bdo(?:\s*\|[^|]*\|)?\s*$|[\[({]\s*(?:\|[^|]*\|)?\s*$",
    closer=r"\s*(?:[\])}]|end\b)",
    goes_on=r"\s*(?:else|elsif|when|in|rescue|ensure)\b",
    label=r"\s*(?:(?:when|in)\b|else\s*$)",
    comment=r"\s*#",
)
_LUA = _Rules(
    r"\s*(?:local\s+)?function\b",
    (r"(?:--)?\[(?P<level>=*)\[.*?(?:\](?P=level)\]|\Z)", r"(?P<line>--[^\n]*)", _DOUBLE, _SINGLE),
    opens=r"(?:\bthen|\bdo|\belse|\brepeat|\bfunction\b[^()]*\([^)]*\)|[\[({])\s*$",
    closer=r"\s*(?:[\])}]|end\b|until\b)",
    goes_on=r"\s*(?:else|elseif)\b",
    label=r"(?!)",
    comment=r"\s*--",
)
_SHELL = _Rules(
    r"\s*(?:function\s+\w+|[\w-]+\s*\(\s*\))",
    (
        _here("-?"),
        r"(?P<line>(?:(?<=\s)|(?<![\s\S]))#[^\n]*)",
        r'"(?:\\.|[^"\\])*(?:"|\Z)',
        r"'[^']*(?:'|\Z)",
        r"\\.",
    ),
    opens=r"(?:\bthen|\bdo|\belse|\bin|[({])\s*$|^\s*[\w*?|. -]+\)\s*$",
    closer=r"\s*(?:[)}]|fi\b|done\b|esac\b|;;)",
    goes_on=r"\s*(?:else|elif)\b",
    label=r"\s*[\w*?|. -]+\)\s*$",
    comment=r"\s*#",
)

_RULES: Final = MappingProxyType(
    {
        "python": _PYTHON,
        "typescript": _SCRIPT,
        "typescriptreact": _SCRIPT,
        "javascript": _SCRIPT,
        "javascriptreact": _SCRIPT,
        "go": _GO,
        "rust": _RUST,
        "java": _MANAGED,
        "csharp": _MANAGED,
        "c": _C,
        "cpp": _CPP,
        "php": _PHP,
        "ruby": _RUBY,
        "lua": _LUA,
        "shellscript": _SHELL,
    }
)


@cache
def shape(language: str) -> Shape | None:
    """The facts of an LSP language identifier, None for a language that is not known here."""
    if (rules := _RULES.get(language)) is None:
        return None
    return Shape(
        opens=re.compile(rules.opens),
        sibling=re.compile(rules.sibling),
        closer=re.compile(rules.closer),
        goes_on=re.compile(rules.goes_on),
        label=re.compile(rules.label),
        comment=re.compile(rules.comment),
        tokens=re.compile("|".join((*rules.tokens, _BRACKET)), re.DOTALL),
        indented=rules.indented,
    )


def known() -> tuple[str, ...]:
    """The LSP language identifiers with facts of their own."""
    return tuple(_RULES)


def indent(line: str, tab: int = 4) -> int:
    """The width of a line's leading white space, a tab reaching to the next multiple of `tab`."""
    width = 0
    for character in line:
        if character == " ":
            width += 1
        elif character == "\t":
            width += tab - width % tab
        else:
            break
    return width
