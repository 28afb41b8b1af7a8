"""What can be done about a finding: put its fix in, if that passes refactoring's guards, or call it no problem."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from ....refactor.faults import AnswerUnusable
from ....refactor.guarding import Guarded
from ....refactor.original import Original
from ....refactor.writing import obstacle
from ....review.dismissals import SHARED, UnreadableDismissals
from ....review.finding import Finding
from ... import fixing, refactoring, reviewing
from ...text.documents import Document
from ...wire.handshake import DISMISS
from ..review_marks import SOURCE, Marks
from .refactor import Parts
from .refactor_edits import Abilities, CannotDeliver, workspace_edit

_SHOWN = 60


class Actions:
    """Answers for findings that are shown."""

    def __init__(self, parts: Parts, marks: Marks) -> None:
        self._parts = parts
        self._marks = marks
        self._abilities = Abilities.of(parts.hello)
        support = parts.hello.capabilities
        for key in ("textDocument", "codeAction", "resolveSupport"):
            inner = support.get(key)
            support = inner if isinstance(inner, Mapping) else {}
        self._resolves = "edit" in (support.get("properties") or ())

    async def offered(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Actions for each finding that has a part of the lines."""
        if not _asked_for(params.context.only):
            return []
        uri = params.text_document.uri
        document = self._parts.documents.get(uri)
        if document is None:
            return []
        actions: list[types.CodeAction] = []
        for finding in self._marks.of(uri):
            if finding.start_line - 1 > params.range.end.line or finding.end_line - 1 < params.range.start.line:
                continue
            shown = [one for one in params.context.diagnostics if _is(one, finding)]
            if finding.replacement is not None and (fix := await self._fix(document, finding, shown)) is not None:
                actions.append(fix)
            actions += [self._dismissal(finding, shown, everybody=everybody) for everybody in (False, True)]
        return actions

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """Give the chosen fix its edit; where the text has changed meanwhile it is disabled, with the reason."""
        if action.command is not None:
            return action
        data = action.data if isinstance(action.data, Mapping) else {}
        document = self._parts.documents.get(str(data.get("uri")))
        name = str(data.get("finding"))
        finding = next((one for one in self._marks.of(document.uri) if one.name == name), None) if document else None
        if document is None or finding is None or document.version != data.get("version"):
            action.disabled = types.CodeActionDisabled("the text has changed; ask for the actions again")
            return action
        try:
            action.edit = await self._edit(document, finding)
        except (AnswerUnusable, CannotDeliver) as error:
            action.disabled = types.CodeActionDisabled(str(error))
        return action

    async def dismiss(self, name: str, *, everybody: bool, reason: str) -> dict[str, object]:
        """Call a finding no problem, for this person or for everybody; it goes at once, wherever it is shown."""
        shown = [(marked.root, one) for _, marked in self._marks for one in marked.findings if one.name == name]
        if not shown:
            return {"dismissed": 0, "reason": "it is not shown any more"}
        root, finding = shown[0]
        try:
            await asyncio.to_thread(_keep, root, finding, everybody, reason)
        except UnreadableDismissals as error:
            message = types.ShowMessageParams(types.MessageType.Error, f"Twolane: {error}")
            self._parts.server.window_show_message(message)
            return {"dismissed": 0, "reason": str(error)}
        return {"dismissed": len(self._marks.drop(name)), "reason": ""}

    async def _fix(
        self, document: Document, finding: Finding, shown: list[types.Diagnostic]
    ) -> types.CodeAction | None:
        action = types.CodeAction(
            title=f"Fix: {_short(finding.title)}",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=shown or None,
            is_preferred=True,
            data={"finding": finding.name, "uri": document.uri, "version": document.version},
        )
        if self._resolves:
            return action
        try:
            action.edit = await self._edit(document, finding)
        except (AnswerUnusable, CannotDeliver):
            return None
        return action

    async def _edit(self, document: Document, finding: Finding) -> types.WorkspaceEdit:
        location = document.location
        root = location.root
        if root is None:
            raise CannotDeliver("This file belongs to no workspace.")
        text = document.buffer.text
        original = Original(location.path, text, document.language, document.version, document.uri)
        backend = self._parts.backend

        def made() -> Guarded:
            workspace = backend.workspace(root)
            known = refactoring.known(workspace) if workspace is not None else None
            return fixing.fix(original, finding, root, known)

        guarded = await asyncio.get_running_loop().run_in_executor(backend.analysis, made)
        if document.version != original.version:
            raise CannotDeliver("The text has changed; ask for the actions again.")
        encoding = self._parts.documents.encoding
        return workspace_edit(guarded.changes, root, location.path, self._abilities, encoding, guarded.notes)

    @staticmethod
    def _dismissal(finding: Finding, shown: list[types.Diagnostic], *, everybody: bool) -> types.CodeAction:
        whom = f"for everybody ({SHARED})" if everybody else "for me"
        title = f"Not a problem, {whom}: {_short(finding.title)}"
        argument = {"finding": finding.name, "everybody": everybody}
        return types.CodeAction(
            title=title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=shown or None,
            command=types.Command(title=title, command=DISMISS, arguments=[argument]),
            data={"finding": finding.name},
        )


def _keep(root: Path, finding: Finding, everybody: bool, reason: str) -> None:
    if everybody and (why := obstacle(root, SHARED)):
        raise UnreadableDismissals(f"{root / SHARED} {why}; nothing was written.")
    reviewing.own_list(root, everybody=everybody).add([finding], reason)


def _is(diagnostic: types.Diagnostic, finding: Finding) -> bool:
    data = diagnostic.data
    return diagnostic.source == SOURCE and isinstance(data, Mapping) and data.get("finding") == finding.name


def _asked_for(only: object) -> bool:
    if not isinstance(only, list | tuple) or not only:
        return True
    kinds = [str(getattr(kind, "value", kind)) for kind in only]
    return any(kind in ("", "quickfix") for kind in kinds)


def _short(title: str) -> str:
    return title if len(title) <= _SHOWN else f"{title[: _SHOWN - 1].rstrip()}…"
