"""Code actions: what a model could do here, with its name and the price; none is asked before a person chooses."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache
from lsprotocol import types

from ....refactor.command import Diagnostic
from ....refactor.original import Original
from ....refactor.tasks import TASKS, Task
from ...text.documents import Document
from ...wire.handshake import REFACTOR, Hello

if TYPE_CHECKING:
    from .refactor_commands import Refactorings

INSTRUCT = "twolane.instruct"
"""A command of the client's that asks for an instruction, then runs `twolane.refactor` with it in its argument."""

_FRESH_S = 15.0
_MOST_QUOTES = 64


@dataclass(frozen=True, slots=True)
class _Price:
    """What stands behind a title, and until when."""

    words: str
    refusal: str
    size: int
    until: float


class Actions:
    """Answers `textDocument/codeAction` and its `resolve`."""

    def __init__(self, refactorings: Refactorings, hello: Hello) -> None:
        self._refactorings = refactorings
        action = _part(hello.capabilities, "textDocument", "codeAction")
        self._resolves = "command" in (_part(action, "resolveSupport").get("properties") or ())
        self._disables = action.get("disabledSupport") is True
        self._instructs = _part(hello.capabilities, "experimental").get("twolaneInstruction") is True
        self._prices: LRUCache[tuple[str, str], _Price] = LRUCache(_MOST_QUOTES)

    async def offered(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done with these lines; empty where nothing can, never an error."""
        document = self._refactorings.document(params.text_document.uri)
        if document is None or document.location.root is None:
            return []
        found = diagnostics(params.context.diagnostics)
        selected = params.range.start != params.range.end
        wanted = [
            task
            for task in TASKS.values()
            if _asked_for(task, params.context.only) and self._fits(task, selected=selected, diagnosed=bool(found))
        ]
        if not wanted:
            return []
        original = self._refactorings.original(document)
        symbol = await self._refactorings.in_definition(document, original, params.range)
        wanted = [task for task in wanted if symbol or task.needs != "symbol"]
        if params.context.trigger_kind == types.CodeActionTriggerKind.Invoked:
            self._refactorings.warm()
        actions: list[types.CodeAction] = []
        for task in wanted:
            price = await self._price(document, original, task)
            if price.refusal and not self._disables:
                continue
            actions.append(self._action(task, price, params, document, found))
        return actions

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """Give the chosen action its command; where the text has changed meanwhile it is disabled, with the reason."""
        data = action.data if isinstance(action.data, Mapping) else {}
        task = TASKS.get(str(data.get("task")))
        document = self._refactorings.document(str(data.get("uri")))
        if task is None or document is None or document.version != data.get("version"):
            action.disabled = types.CodeActionDisabled("the text has changed; ask for the actions again")
            return action
        self._refactorings.warm()
        action.command = self._command(task, data)
        return action

    def _fits(self, task: Task, *, selected: bool, diagnosed: bool) -> bool:
        if task.needs == "instruction":
            return self._instructs
        if task.needs == "diagnostics":
            return diagnosed
        return selected or task.needs != "selection"

    def _action(
        self,
        task: Task,
        price: _Price,
        params: types.CodeActionParams,
        document: Document,
        found: Sequence[Diagnostic],
    ) -> types.CodeAction:
        data = {
            "task": task.name,
            "uri": document.uri,
            "version": document.version,
            "range": {
                "start": {"line": params.range.start.line, "character": params.range.start.character},
                "end": {"line": params.range.end.line, "character": params.range.end.character},
            },
        }
        if task.needs == "diagnostics":
            data["diagnostics"] = [_told(one) for one in found]
        action = types.CodeAction(
            title=task.title + price.words,
            kind=task.kind,
            diagnostics=params.context.diagnostics if task.needs == "diagnostics" else None,
            data=data,
        )
        if price.refusal:
            action.disabled = types.CodeActionDisabled(price.refusal)
        elif not self._resolves:
            action.command = self._command(task, data)
        return action

    @staticmethod
    def _command(task: Task, data: Mapping[str, Any]) -> types.Command:
        name = INSTRUCT if task.needs == "instruction" else REFACTOR
        return types.Command(title=task.title, command=name, arguments=[dict(data)])

    async def _price(self, document: Document, original: Original, task: Task) -> _Price:
        """Model and price for a title, looked up anew a few times a minute only."""
        key = (document.uri, task.task)
        known = self._prices.get(key)
        size, now = len(original.text), time.monotonic()
        if known is not None and now < known.until and abs(known.size - size) * 10 <= max(size, 1):
            return known
        words, refusal = await self._refactorings.price(document, original, task)
        price = self._prices[key] = _Price(words, refusal, size, now + _FRESH_S)
        return price


def diagnostics(told: Sequence[types.Diagnostic]) -> tuple[Diagnostic, ...]:
    """Other servers' diagnostics as the client sends them."""
    return tuple(
        Diagnostic(
            one.range.start.line + 1,
            one.range.end.line + 1,
            str(getattr(one.message, "value", one.message))[:1_000],
            one.source or "",
            str(one.code) if one.code is not None else "",
        )
        for one in told[:20]
    )


def read_diagnostics(value: object) -> tuple[Diagnostic, ...]:
    """The diagnostics in a command's argument; what is none is passed over."""
    found: list[Diagnostic] = []
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("line"), int) and isinstance(one.get("message"), str):
            last = one.get("last_line")
            source, code = one.get("source"), one.get("code")
            found.append(
                Diagnostic(
                    one["line"],
                    last if isinstance(last, int) else one["line"],
                    one["message"][:1_000],
                    source if isinstance(source, str) else "",
                    code if isinstance(code, str) else "",
                )
            )
    return tuple(found[:20])


def _told(one: Diagnostic) -> dict[str, Any]:
    return {
        "line": one.first_line,
        "last_line": one.last_line,
        "message": one.message,
        "source": one.source,
        "code": one.code,
    }


def _asked_for(task: Task, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    if only is None:
        return True
    kinds = [str(getattr(kind, "value", kind)) for kind in only]
    return any(kind == "" or task.kind == kind or task.kind.startswith(f"{kind}.") for kind in kinds)


def _part(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for key in path:
        inner = value.get(key)
        value = inner if isinstance(inner, Mapping) else {}
    return value
