"""A type as it is written becomes the names to look up: wrappers, pointers and arguments taken off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_PYTHON: Final = frozenset(
    [
        "Optional",
        "Awaitable",
        "Coroutine",
        "Annotated",
        "ClassVar",
        "Final",
        "Required",
        "NotRequired",
        "ReadOnly",
        "Type",
        "type",
        "Union",
        "Self",
        "AbstractAsyncContextManager",
        "AbstractContextManager",
        "AsyncContextManager",
        "ContextManager",
    ]
)
_SCRIPT: Final = frozenset(
    [
        "Promise",
        "PromiseLike",
        "Awaited",
        "Readonly",
        "Partial",
        "Required",
        "NonNullable",
        "Ref",
        "MutableRefObject",
        "RefObject",
    ]
)
_CPP: Final = frozenset(
    [
        "unique_ptr",
        "shared_ptr",
        "weak_ptr",
        "optional",
        "reference_wrapper",
        "atomic",
        "not_null",
        "observer_ptr",
        "future",
        "scoped_refptr",
    ]
)

_WRAPPERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "python": _PYTHON,
        "typescript": _SCRIPT,
        "typescriptreact": _SCRIPT,
        "tsx": _SCRIPT,
        "javascript": _SCRIPT,
        "javascriptreact": _SCRIPT,
        "go": frozenset({"Pointer"}),
        "rust": frozenset(
            [
                "Option",
                "Result",
                "Box",
                "Rc",
                "Arc",
                "Ref",
                "RefMut",
                "RefCell",
                "Cell",
                "Mutex",
                "RwLock",
                "MutexGuard",
                "Pin",
                "Cow",
                "Weak",
                "OnceCell",
                "OnceLock",
                "LazyLock",
                "io.Result",
            ]
        ),
        "java": frozenset(
            ["Optional", "CompletableFuture", "Future", "Supplier", "Provider", "AtomicReference", "Mono", "Class"]
        ),
        "c": frozenset(),
        "cpp": _CPP,
        "csharp": frozenset(["Task", "ValueTask", "Nullable", "Lazy", "Func", "IOptions"]),
    }
)
"""Per language, the outer types whose first argument is what the code is about."""

_NOTHING: Final = frozenset({"None", "null", "undefined", "nil", "void", "never", "NoneType", "false", "error", "()"})
_MAPPINGS: Final = frozenset(
    "dict Dict Mapping MutableMapping defaultdict DefaultDict OrderedDict Map ReadonlyMap HashMap BTreeMap".split()  # noqa: SIM905
)
_QUALIFIER = re.compile(
    r"^(?:(?:const|mut|dyn|impl|ref|struct|class|enum|union|final|readonly|volatile|static|typename|constexpr|inline"
    r"|extern|async|in|out|params|keyof|unsafe|scoped|required)\b\s*|'[a-z_]\w*\s+|[&*?@]+\s*|\.\.\.\s*)+"
)
_TRAILING = re.compile(r"(?:\s*(?:[&*?!]|\bconst\b))+$")
_NAME = re.compile(r"\\?[\w$]+(?:(?:\.|::|\\)[\w$]+)*$")
_PAIRS: Final = MappingProxyType({"<": ">", "[": "]", "(": ")", "{": "}"})


@dataclass(frozen=True, slots=True)
class Written:
    """What a type's text names: dotted `names`, nearest first; or `chains`, names and calls of which it is a result.

    `exact` says that a value has just that type: no wrapper was opened and nothing else was offered beside it (but
    null). `whole` says that it is the type itself, not a value of it (`type[Client]`).
    """

    names: tuple[str, ...] = ()
    chains: tuple[str, ...] = ()
    exact: bool = True
    whole: bool = False


def read_type(language: str, text: str) -> Written:
    """Read a type as `Definition.gives` and `Local.type` hold it, with or without type arguments; never fails."""
    text = " ".join(text.split())
    chosen = text.split(" | ") if "()" in text or "=" in text else [text]
    if any(one.startswith("=") or (one.endswith("()") and " " not in one) for one in chosen):
        return Written(chains=tuple(one.lstrip("=") for one in chosen[:4]), exact=len(chosen) == 1)
    names: list[str] = []
    exact, whole = True, False
    pending = [(text, 0)]
    while pending and len(names) < 4:
        part, depth = pending.pop(0)
        part = _bare(part)
        if depth > 6 or not part or part in _NOTHING:
            continue
        if part.startswith("(") and part.endswith(")"):
            inner = split(part[1:-1], ",")
            if len(inner) == 1 or language == "go":
                pending.insert(0, (inner[0].split(" ")[-1] if language == "go" else inner[0], depth + 1))
            continue
        choices = split(part, "|&+" if language != "python" else "|")
        if len(choices) > 1:
            pending[:0] = [(choice, depth + 1) for choice in choices]
            exact = exact and sum(_bare(choice) not in _NOTHING for choice in choices) == 1
            continue
        head, arguments, rest = _head(part)
        if rest.startswith("["):
            continue
        name = (head + rest).replace("::", ".").strip(".")
        if not _NAME.match(name):
            continue
        if arguments and (_wraps(language, name)):
            whole = whole or name in ("type", "Type", "Class")
            exact = False
            first = [arguments[0]] if name != "Union" else arguments
            pending[:0] = [(argument, depth + 1) for argument in first]
            continue
        names.append(name)
    return Written(tuple(dict.fromkeys(names)), exact=exact and len(names) < 2, whole=whole)


def element(language: str, text: str, *, values: bool = False) -> str:
    """The type, as written, of what a loop takes from a container of a type; '' where the text does not say.

    `values` asks for a mapping's values where a loop would take its keys.
    """
    for _ in range(4):
        text = _bare(text)
        choices = [choice for choice in split(text, "|") if _bare(choice) not in _NOTHING]
        text = choices[0] if choices else ""
        if text.endswith("[]"):
            return text[:-2]
        if text.startswith("[]"):
            return text[2:]
        head, arguments, rest = _head(text)
        if language == "go" and head == "map":
            return rest
        if not arguments:
            return ""
        name = head.rpartition(".")[2]
        if _wraps(language, head):
            text = arguments[0]
            continue
        return arguments[1] if name in _MAPPINGS and values and len(arguments) > 1 else arguments[0]
    return ""


def split(text: str, separators: str) -> list[str]:
    """Split at separators that stand outside any brackets; `->` and `=>` close nothing."""
    parts, start, depth = [], 0, 0
    for index, letter in enumerate(text):
        if letter in "<[({":
            depth += 1
        elif letter in ">])}":
            if letter == ">" and index and text[index - 1] in "-=":
                continue
            depth -= 1
        elif depth == 0 and letter in separators:
            parts.append(text[start:index].strip())
            start = index + 1
    parts.append(text[start:].strip())
    return parts


def _bare(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]:
        text = text[1:-1].strip()
    return _TRAILING.sub("", _QUALIFIER.sub("", text)).strip()


def _head(text: str) -> tuple[str, list[str], str]:
    """The name before the type arguments, the arguments, and what follows them."""
    opening = min((at for at in (text.find("<"), text.find("[")) if at >= 0), default=-1)
    if opening < 0:
        return text, [], ""
    if opening == 0:
        return "", [], text
    close, depth = _PAIRS[text[opening]], 0
    for index in range(opening, len(text)):
        if text[index] == text[opening]:
            depth += 1
        elif text[index] == close:
            depth -= 1
            if depth == 0:
                inner = text[opening + 1 : index]
                if not inner:
                    return text[:opening], [], text[opening:]
                return text[:opening].rstrip(":"), split(inner, ","), text[index + 1 :]
    return text[:opening].rstrip(":"), [], ""


def _wraps(language: str, name: str) -> bool:
    wrappers = _WRAPPERS.get(language, frozenset())
    return name in wrappers or name.rpartition(".")[2] in wrappers
