"""`twolane.refactor`: a chosen task is carried out and its edit handed to the client, or one message says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from ....clients.errors import ModelError
from ....refactor.command import CannotRefactor, Command
from ....refactor.conversation import Bill
from ....refactor.gathering import Gathered
from ....refactor.known import Known
from ....refactor.original import Original
from ....refactor.outcome import Outcome, counted
from ....refactor.preview import printable
from ....refactor.refactoring import Refactoring
from ....refactor.tasks import TASKS, Task
from ....refactor.writing import stale
from ....routing.errors import GatewayError
from ... import refactoring
from ...text.documents import Document
from ...text.text_buffer import Position
from ...wire.messages import INVALID_PARAMS, ProtocolError
from ..working import Work
from .refactor import Parts
from .refactor_actions import read_diagnostics
from .refactor_edits import Abilities, CannotDeliver, reaches_beyond, workspace_edit
from .refactor_taken import Taken, taken

Answer = dict[str, Any]
_MOST_OPEN = 400


@dataclass(slots=True)
class _Ended:
    """How a command ended: `said` for the person, as a warning where it brought nothing."""

    said: str
    applied: bool = False
    outcome: Outcome | None = None
    cost_usd: float = 0.0
    diff: str = ""
    taken: Taken = field(default_factory=Taken)

    def answer(self) -> Answer:
        """What the client's call returns."""
        outcome = self.outcome
        return {
            "applied": self.applied,
            "reason": "" if self.applied else self.said,
            "summary": outcome.summary if outcome is not None else "",
            "files": [change.path for change in outcome.changes] if outcome is not None else [],
            "left_out": [*self.taken.left_out, *self.taken.in_part],
            "diff": self.diff,
            "checks": [{"name": one.name, "state": one.state} for one in outcome.checks] if outcome is not None else [],
            "notes": list(outcome.notes) if outcome is not None else [],
            "lane": outcome.lane if outcome is not None else None,
            "model": outcome.model if outcome is not None else None,
            "cost_usd": self.cost_usd,
        }


class Refactorings:
    """Carries commands out for one client, one at a time for each document."""

    def __init__(self, parts: Parts) -> None:
        self._server = parts.server
        self._abilities = Abilities.of(parts.hello)
        self._documents = parts.documents
        self._sync = parts.sync
        self._backend = parts.backend
        self._configuration = parts.configuration
        self._door = parts.door
        self._working = parts.working
        self._busy: set[str] = set()

    # What code actions ask.

    def document(self, uri: str) -> Document | None:
        """An open file whose text is certainly the client's, and no larger than can be changed; no notebook's cell."""
        document = self._documents.get(uri)
        if document is None or not document.synced or not document.buffer.encodable or document.home != uri:
            return None
        return document if document.buffer.byte_size <= refactoring.MAX_BYTES else None

    def original(self, document: Document) -> Original:
        """The document as it stands."""
        location = document.location
        text = document.buffer.text
        return Original(location.path, text, document.language, document.version, document.uri)

    def lines(self, document: Document, original: Original, place: types.Range) -> tuple[int, int]:
        """The lines of a range; one that ends before the first character of a line does not hold that line."""
        encoding = self._documents.encoding
        start = document.place(Position(place.start.line, place.start.character), encoding).offset
        end = document.place(Position(place.end.line, place.end.character), encoding).offset
        start, end = min(start, end), max(start, end)
        first = original.line_of(original.to_plain(start))
        last = original.line_of(original.to_plain(end))
        if last > first and original.line_start(last) == original.to_plain(end):
            last -= 1
        return first, last

    async def in_definition(self, document: Document, original: Original, place: types.Range) -> bool:
        """Whether the lines lie in a definition, as far as the index knows; where it does not, they may."""
        root = document.location.root
        first, last = self.lines(document, original, place)

        def look() -> bool:
            workspace = self._backend.workspace(root)
            facts = workspace.facts(document.location.path) if workspace is not None else None
            if facts is None:
                return True
            return any(one.start_line <= last and first <= one.last_line for one in facts.definitions)

        return await asyncio.get_running_loop().run_in_executor(self._backend.analysis, look)

    def warm(self) -> None:
        """A person is about to choose."""
        self._door.warm()

    async def price(self, document: Document, original: Original, task: Task) -> tuple[str, str]:
        """What a title says of model and price, and why nobody may be asked ('' where somebody may)."""
        command = Command(task, document.location.root, original, 1, original.line_count)
        try:
            async with self._door.open() as elsewhere:
                refactorings = self._refactoring(elsewhere.gateway)
                quote = await refactorings.quote(refactorings.gather_for_price(command))
        except (GatewayError, ModelError) as error:
            return "", str(error)
        if quote.model is None:
            reason = quote.decision.reason or "no model may be asked"
            return "", f"{reason[:1].upper()}{reason[1:]}."
        price = f"about ${quote.likely_usd:.2g}" if quote.likely_usd else "free"
        return f" ({quote.model or quote.lane}, {price})", ""

    # The command.

    async def run(self, data: Any) -> Answer:
        """Carry out the command that `data` describes."""
        uri, name = (data.get("uri"), data.get("task")) if isinstance(data, Mapping) else (None, None)
        if not isinstance(uri, str) or not isinstance(name, str) or name not in TASKS:
            raise ProtocolError(INVALID_PARAMS, "twolane.refactor: the argument is an object with uri, task and range")
        return await self._run(data, TASKS[name])

    async def _run(self, data: Mapping[str, Any], task: Task) -> Answer:
        uri = str(data["uri"])
        if uri in self._busy:
            return self._tell(_Ended("Another command is still at work on this file."))
        self._busy.add(uri)
        self.warm()
        bill = Bill()
        analysis = self._backend.analysis
        try:
            ended = await self._working.run(f"Twolane: {task.title}", lambda work: self._done(data, task, work, bill))
        except CannotRefactor as error:
            ended = _Ended(str(error))
        except (GatewayError, ModelError) as error:
            ended = _Ended(str(error))
        except RuntimeError:
            if not self._replaced(analysis):
                raise
            ended = _Ended("The settings have changed meanwhile; nothing was changed. Try again.")
        finally:
            self._busy.discard(uri)
        if ended is None:
            ended = _Ended("Given up; nothing was changed.")
        ended.cost_usd = bill.dollars
        return self._tell(ended)

    def _replaced(self, analysis: Executor) -> bool:
        """Whether other services answer by now, and the thread of those before is gone."""
        return analysis is not self._backend.analysis

    async def _done(self, data: Mapping[str, Any], task: Task, work: Work, bill: Bill) -> _Ended:
        document = self.document(str(data["uri"]))
        if document is None:
            raise CannotRefactor("This file is not open, or its text is not certain; save it and try again.")
        wanted = data.get("version")
        if isinstance(wanted, int) and wanted != document.version:
            return _Ended("The text has changed since; nothing was asked. Choose the action again.")
        self._sync.flush()
        original = self.original(document)
        root = document.location.root
        first, last = self._place(data, document, original)
        instruction = data.get("instruction")
        command = Command(
            task,
            root,
            original,
            first,
            last,
            instruction if isinstance(instruction, str) else "",
            read_diagnostics(data.get("diagnostics")),
        )
        async with self._door.open() as elsewhere:
            refactorings = self._refactoring(elsewhere.gateway)
            work.say("gathering what hangs together with it")
            known = await asyncio.get_running_loop().run_in_executor(self._backend.analysis, self._known, root)
            gathered = await refactorings.gather(command, known, self._reader(root))
            outcome = await refactorings.run(gathered, known, work.say, bill)
        if not outcome.changes:
            return _Ended(outcome.reason, outcome=outcome)
        ended = await self._delivered(outcome, gathered, root)
        ended.diff = await asyncio.to_thread(lambda: outcome.diff)
        return ended

    async def _delivered(self, outcome: Outcome, gathered: Gathered, root: Path | None) -> _Ended:
        """Hand the edit to the client, if every file still is what it was made for."""
        if root is None:
            raise CannotRefactor("This file belongs to no workspace.")
        if reason := await self._outdated(outcome, root):
            return _Ended(reason, outcome=outcome)
        subject = gathered.command.original.path
        try:
            edit = workspace_edit(
                outcome.changes, root, subject, self._abilities, self._documents.encoding, outcome.notes
            )
        except CannotDeliver as error:
            return _Ended(str(error), outcome=outcome)
        beyond = reaches_beyond(outcome.changes, subject) or bool(outcome.notes)
        if beyond and not self._abilities.annotated and not await self._confirmed(outcome):
            return _Ended("Not wanted; nothing was changed.", outcome=outcome)
        if reason := await self._outdated(outcome, root):
            return _Ended(reason, outcome=outcome)
        label = f"Twolane: {gathered.command.task.title}"
        applied = await self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        if not applied.applied:
            why = f" ({applied.failure_reason})" if applied.failure_reason else ""
            return _Ended(f"The editor did not take the edit{why}; nothing was changed.", outcome=outcome)
        found = Taken()
        if self._abilities.picks and beyond:
            found = await taken(outcome.changes, lambda path: refactoring.read(root, path), partial(self._open, root))
        changes = tuple(change for change in outcome.changes if change.path not in found.left_out)
        added, removed = await asyncio.to_thread(counted, changes)
        files = "1 file" if len(changes) == 1 else f"{len(changes)} files"
        checks = "".join(f", {one.name} {one.state}" for one in outcome.checks)
        took = f"{files}, +{added} -{removed}{checks}; {outcome.model}, ${outcome.cost_usd:.3f}."
        said = " ".join(filter(None, (found.said, outcome.summary or "Done.", took)))
        return _Ended(said, applied=True, outcome=outcome, taken=found)

    async def _confirmed(self, outcome: Outcome) -> bool:
        paths = printable(", ".join(change.path for change in outcome.changes[:8]))
        told = printable("".join(f" {note}." for note in outcome.notes[:3]))
        answer = await self._server.window_show_message_request_async(
            types.ShowMessageRequestParams(
                types.MessageType.Info,
                f"Twolane: the edit changes {paths}.{told}",
                [types.MessageActionItem("Apply"), types.MessageActionItem("Discard")],
            )
        )
        return answer is not None and answer.title == "Apply"

    async def _outdated(self, outcome: Outcome, root: Path) -> str:
        """What is no longer as it was; '' where all is."""
        on_disk = []
        for change in outcome.changes:
            original = change.original
            if original is None or original.version is None:
                on_disk.append(change)
                continue
            document = self._documents.get(original.uri)
            if document is None or not document.synced or document.version != original.version:
                return f"{change.path} has changed meanwhile; nothing was changed."
        opened = {document.location.path for document in self._documents if document.location.root == root}
        for change in on_disk:
            if change.path in opened:
                return f"{change.path} was opened meanwhile; nothing was changed. Try again."
        return await asyncio.to_thread(stale, root, tuple(on_disk)) if on_disk else ""

    def _open(self, root: Path, path: str) -> Document | None:
        """The open document of a file."""
        held = (one for one in self._documents if one.location.root == root and one.location.path == path)
        return next(held, None)

    def _reader(self, root: Path | None) -> Callable[[str], Original | None]:
        """Reads files as they are now: open ones from the editor, the others from the disk."""
        opened = {
            document.location.path: self.original(document)
            for document in list(self._documents)[:_MOST_OPEN]
            if document.location.root == root
        }
        unsure = {document.location.path for document in self._documents if not document.synced}

        def read(path: str) -> Original | None:
            if path in unsure or root is None:
                return None
            return opened[path] if path in opened else refactoring.read(root, path)

        return read

    def _known(self, root: Path | None) -> Known | None:
        workspace = self._backend.workspace(root)
        return refactoring.known(workspace) if workspace is not None else None

    def _place(self, data: Mapping[str, Any], document: Document, original: Original) -> tuple[int, int]:
        try:
            start, end = data["range"]["start"], data["range"]["end"]
            numbers = [start["line"], start["character"], end["line"], end["character"]]
        except (KeyError, TypeError):
            numbers = []
        if len(numbers) != 4 or not all(isinstance(one, int) and one >= 0 for one in numbers):
            raise CannotRefactor("The command does not say which lines it is about.")
        place = types.Range(types.Position(numbers[0], numbers[1]), types.Position(numbers[2], numbers[3]))
        return self.lines(document, original, place)

    def _refactoring(self, gateway: Any) -> Refactoring:
        return Refactoring(gateway, self._backend.analysis, refactoring.options(self._configuration.settings))

    def _tell(self, ended: _Ended) -> Answer:
        whole = ended.applied and not ended.taken.said
        level = types.MessageType.Info if whole else types.MessageType.Warning
        cost = f" It cost ${ended.cost_usd:.3f}." if ended.cost_usd and not ended.applied else ""
        text = " ".join(printable(f"Twolane: {ended.said[:2_000]}{cost}").split())[:600]
        self._server.window_show_message(types.ShowMessageParams(level, text))
        return ended.answer()
