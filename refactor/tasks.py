"""What can be asked for: each task's words, what it may change, and which check can decide about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from ..routing import task as routing
from .scope import Keeps

Name = Literal[
    "extract",
    "simplify",
    "types",
    "docs",
    "tests",
    "errors",
    "modernise",
    "rename",
    "signature",
    "fix",
    "do",
]

Reach = Literal["definition", "around", "uses", "callers", "tests"]
"""What may change: the definition at hand; also new ones beside it; also each place that names it; also the functions
that call it; nothing but tests."""

CheckName = Literal["types", "tests"]

LspKind = Literal["refactor.extract", "refactor.rewrite", "quickfix", "source"]


@dataclass(frozen=True, slots=True)
class Task:
    """`title` is for menus, `kind` is LSP's, `task` the gateway's; `words` tell the model what to do.

    `decided_by` are the project's checks that can tell a good answer from a bad one, '' for none.
    `needs` names what must come with the command, `keeps` what of public definitions stays.
    """

    name: Name
    title: str
    kind: LspKind
    task: routing.Task
    reach: Reach
    words: str
    decided_by: tuple[CheckName, ...] = ()
    needs: Literal["", "selection", "symbol", "diagnostics", "instruction"] = ""
    keeps: Keeps = "all"


_ALL: Final = (
    Task(
        "extract",
        "Extract function",
        "refactor.extract",
        "refactor",
        "around",
        "Move the selected lines into a new function (a method where they use the object) with a name that says what "
        "it does, parameters for what it needs and results for what is used afterwards; put it beside the definition "
        "that the lines come from, and call it in their place. Behaviour stays the same.",
        needs="selection",
    ),
    Task(
        "simplify",
        "Simplify",
        "refactor.rewrite",
        "refactor",
        "definition",
        "Make the selected code simpler and easier to read: fewer branches, less nesting, no repetition, the "
        "language's usual idioms. Behaviour, names and signatures that others use stay the same.",
        decided_by=("tests",),
    ),
    Task(
        "types",
        "Add types",
        "refactor.rewrite",
        "refactor",
        "definition",
        "Add precise types to the selected code, in the style of the file: parameters, results, attributes. Import "
        "what they need. Change nothing else.",
        decided_by=("types", "tests"),
        needs="symbol",
    ),
    Task(
        "docs",
        "Add or update documentation",
        "refactor.rewrite",
        "docs",
        "definition",
        "Write the documentation of the selected definition in the style of the file: what it promises, then what a "
        "caller must know (arguments, results, errors). Correct what is there and no longer true. Change no code.",
        needs="symbol",
    ),
    Task(
        "tests",
        "Generate tests",
        "source",
        "tests",
        "tests",
        "Write tests for the selected code, in the style and with the tools of the project's tests: what it promises, "
        "its edges, its errors. Each test asserts behaviour that a caller would notice. Add them to the test file that "
        "is shown, or make one where the project would look for it.",
        decided_by=("tests",),
        needs="symbol",
    ),
    Task(
        "errors",
        "Handle errors",
        "refactor.rewrite",
        "refactor",
        "definition",
        "Handle what can go wrong in the selected code, as the project handles errors elsewhere: name the failures "
        "that are expected, keep those that are not visible, release what is held. What succeeds today stays the same.",
    ),
    Task(
        "modernise",
        "Modernise",
        "refactor.rewrite",
        "refactor",
        "definition",
        "Rewrite the selected code with what the language and the libraries that are used offer today in the place of "
        "what is outdated. Behaviour, names and signatures stay the same.",
        decided_by=("types", "tests"),
    ),
    Task(
        "rename",
        "Rename by meaning",
        "refactor.rewrite",
        "refactor",
        "uses",
        "Give the selected definition a name that says what it is or does, in the style of the project, and change the "
        "name in every place that is shown. Change nothing else.",
        decided_by=("types", "tests"),
        needs="symbol",
    ),
    Task(
        "signature",
        "Change signature and callers",
        "refactor.rewrite",
        "refactor",
        "callers",
        "Change the signature of the selected function and everything that is shown that calls, overrides or tests it. "
        "Without an instruction the signature that stands there is right, and only the others follow it.",
        decided_by=("types", "tests"),
        needs="symbol",
        keeps="names",
    ),
    Task(
        "fix",
        "Fix",
        "quickfix",
        "refactor",
        "definition",
        "Mend the cause of the diagnostics that are shown, with the smallest change that is right. Silence none of "
        "them by a comment or a cast.",
        decided_by=("types", "tests"),
        needs="diagnostics",
        keeps="told",
    ),
    Task(
        "do",
        "Do what I say",
        "refactor.rewrite",
        "refactor",
        "around",
        "Carry out the person's instruction on the selected code.",
        needs="instruction",
        keeps="told",
    ),
)

TASKS: Final[Mapping[str, Task]] = MappingProxyType({task.name: task for task in _ALL})
"""By name, in the order of menus."""

NAMES: Final[tuple[str, ...]] = tuple(TASKS)
"""The names that a person can type."""
