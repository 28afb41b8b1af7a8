"""Reviews of what a person changed: one at a time, nothing twice, and what fails leaves what was found before.

A save is remembered, not queued: however often a file is saved, at most one review of it waits behind the one that is
under way. What the model has seen once, it is not sent again; its findings come back from the memory.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from ...clients.errors import ModelError
from ...completion.trace import Trace
from ...review.changes import in_conflict
from ...review.dismissals import UnreadableDismissals
from ...review.finding import Finding
from ...review.following import follow, standing
from ...review.memory import Memory, MemoryUnusable
from ...review.proof import most_severe
from ...review.regions import Region
from ...review.reports import document
from ...review.reports.report import Report
from ...review.reviewing import Review, Reviewer, ReviewOptions, together
from ...review.subject import Subject
from ...routing.errors import GatewayError, NoCandidate, PrivacyRefused
from .. import changed, refactoring, reviewing
from ..commits import Commits
from ..text.documents import Document
from ..wire.faults import log_fault
from .features.refactor import Parts
from .notices import Notices
from .review_consent import Consent
from .review_marks import Marks, plain
from .review_others import Others
from .review_preparing import Ahead, File, Prepared, Wish, prepare
from .traces import Traces
from .working import Work

Answer = dict[str, Any]
_INFO, _WARNING = types.MessageType.Info, types.MessageType.Warning

NOT_ASKED_AGAIN = "The answer about some of this very text could not be used; the command `twolane.review` asks again."


@dataclass(slots=True)
class _State:
    """What is under way and what was not reviewed to the end, for `twolane.status`."""

    alive: str = ""
    began: float = float("-inf")
    incomplete: dict[str, str] = field(default_factory=dict)


class Reviews:
    """Lives on the event loop; what takes long is done on the analysis thread and on others."""

    def __init__(
        self,
        parts: Parts,
        notices: Notices,
        traces: Traces,
        marks: Marks,
        consent: Consent,
        others: Others,
        opened_as: Callable[[str], str | None],
        folder: Callable[[], Path | None],
    ) -> None:
        """`opened_as` is the text that a file had when it was opened: without git its changes are told from that."""
        self._parts = parts
        self._notices = notices
        self._traces = traces
        self._marks = marks
        self._consent = consent
        self._others = others
        self._memory = Memory()
        self._commits = Commits()
        self._ahead: Ahead | None = None
        self._unheard: set[tuple[Path, str]] = set()
        self._options = ReviewOptions()
        self._state = _State()
        self._waiting: dict[str, None] = {}
        self._worker: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._remembering = asyncio.Lock()
        self._opened_as = opened_as
        self._folder = folder
        self._unusable: set[str] = set()

    # What the shell tells.

    def saved(self, uri: str) -> None:
        """Review a file soon."""
        self._waiting[uri] = None
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work(), name="review")

    async def expect(self, uri: str) -> None:
        """The typing rests in a file that will be saved: prepare what the save would ask, if anybody answers that."""
        document = self._parts.documents.get(uri)
        file = self._of(document) if document is not None else None
        if file is None or (file.root, file.path) in self._unheard or await self._consent.wish() != "on":
            return
        wish = await self._wished(file)
        task = asyncio.create_task(self._prepare(wish))
        self._ahead = ahead = Ahead(wish, time.monotonic(), task)
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            if self._ahead is ahead and (task.cancelled() or task.exception() is not None):
                self._ahead = None

    async def close(self) -> None:
        """Give up what is under way."""
        if self._worker is not None and not self._worker.done():
            self._worker.cancel()
            await asyncio.wait([self._worker])
        self._memory.close()

    async def status(self) -> Answer:
        """What `twolane.status` tells."""
        return {
            "on_save": await self._consent.wish(),
            "reviewing": self._state.alive,
            "waiting": len(self._waiting),
            "pending": self._worker is not None and not self._worker.done(),
            "prepared": self._ahead.wish.file.path if self._ahead is not None and self._ahead.task.done() else "",
            "findings": sum(len(marked.findings) for _, marked in self._marks),
            "incomplete": [{"path": path, "reason": reason} for path, reason in self._state.incomplete.items()],
        }

    # The command.

    async def run(self, uris: Sequence[str], *, again: bool = False) -> Answer:
        """Review these files, or all that differ from the last commit; with `again` also what is known already."""
        skipped: Counter[str] = Counter()

        async def do(work: Work) -> list[Review]:
            files = [file for uri in uris if (file := await self._file(uri)) is not None]
            if uris and not files:
                skipped["not open, no text, or in no workspace folder"] += len(uris)
            if not uris:
                files = await self._all(skipped)
            found: list[Review] = []
            for number, file in enumerate(files, 1):
                work.say(f"{file.path} ({number} of {len(files)})" if len(files) > 1 else file.path)
                found.append(await self._reviewed(file, again=again))
            return found

        reviews = await self._parts.working.run("Twolane: review", do)
        if reviews is None:
            return document.render(Report((), {"given up": 1}))
        private = [one for one in reviews if isinstance(one.trouble, PrivacyRefused)]
        skipped.update(one.incomplete for one in private)
        return document.render(Report(tuple(one for one in reviews if one not in private), skipped))

    async def _all(self, skipped: Counter[str]) -> list[File]:
        """Every file of every folder that differs from the last commit, the open ones first."""
        opened = [one for one in self._parts.documents if one.location.root is not None and one.home == one.uri]
        files = [file for one in opened if (file := self._of(one)) is not None]
        seen = {(file.root, file.path) for file in files}
        roots = dict.fromkeys(file.root for file in files)
        if (first := self._folder()) is not None:
            roots.setdefault(first)
        for root in roots:
            try:
                found = await asyncio.to_thread(changed.since, root, "HEAD")
            except changed.NoRevision as error:
                skipped[str(error)] += 1
                continue
            skipped.update(reason for path, reason in found.skipped if (root, path) not in seen)
            files += [
                File((root / one.path).as_uri(), root, one.path, one.text, "")
                for one in found.files
                if (root, one.path) not in seen
            ]
        return files

    # One file after the other.

    async def _work(self) -> None:
        try:
            while self._waiting:
                if not await self._consent.given():
                    self._waiting.clear()
                    return
                pause = self._parts.configuration.settings.review.pause_s
                await asyncio.sleep(max(0.0, self._state.began + pause - time.monotonic()))
                uri = next(iter(self._waiting), None)
                if uri is None:
                    return
                del self._waiting[uri]
                file = await self._file(uri)
                if file is not None:
                    await self._on_save(file)
        except Exception as error:
            log_fault("a review on save", error)

    async def _on_save(self, file: File) -> None:
        await self._reviewed(file, show=True)

    async def _reviewed(self, file: File, *, again: bool = False, show: bool = False) -> Review:
        """Review one file and show what came of it; with `show` also that somebody is asked."""
        async with self._turn:
            self._state.alive = file.path
            analysis = self._parts.backend.analysis
            kind = "answer"
            try:
                review = await self._review(file, again=again, show=show)
            except (UnreadableDismissals, ModelError, GatewayError) as error:
                review, kind = Review(file.path, incomplete=str(error)), type(error).__name__
            except RuntimeError:
                if analysis is self._parts.backend.analysis:
                    raise
                review = Review(file.path, incomplete="The settings have changed meanwhile; save again.")
            finally:
                self._state.alive = ""
        self._say(file, review, review.trouble.kind if review.trouble is not None else kind)
        return review

    async def _review(self, file: File, *, again: bool, show: bool) -> Review:
        if in_conflict(file.text):
            return Review(file.path, incomplete=f"Not reviewed while {changed.IN_CONFLICT}.")
        dismissed = reviewing.dismissed(file.root)
        prepared = await self._prepared(file, again=again)
        keys, known, wanted = prepared.keys, prepared.known, prepared.wanted
        if wanted:
            asking = partial(self._asked, file, prepared.subjects, dismissed)
            given = await self._parts.working.run("Twolane: review", asking) if show else await asking(None)
            review = given or Review(file.path, incomplete="It was given up.")
            nobody = isinstance(review.trouble, NoCandidate | PrivacyRefused)
            (self._unheard.add if nobody else self._unheard.discard)((file.root, file.path))
        else:
            review = Review(file.path)
        old = [one for findings in known.values() for one in standing(findings, file.text) if not dismissed(one)]
        if review.incomplete:
            if review.trouble is None and review.model is not None:
                self._unusable.update(keys[region] for region in wanted)
            self._show(file, (), [*review.findings, *old])
            return review
        fresh = {keys[region]: (region, _within(review.findings, region)) for region in wanted}
        await self._keep(fresh)
        self._show(file, [*wanted, *known], [*review.findings, *old])
        shown, _ = most_severe([*review.findings, *old], self._parts.configuration.settings.review.most)
        return replace(review, findings=shown, incomplete=NOT_ASKED_AGAIN if prepared.passed_over else "")

    async def _prepared(self, file: File, *, again: bool) -> Prepared:
        """What is to be asked about a file; what was prepared for this very text a moment ago is that."""
        wish = await self._wished(file, again=again)
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.serves(wish):
            await asyncio.wait([ahead.task])
            if not ahead.task.cancelled() and ahead.task.exception() is None:
                return ahead.task.result()
        return await self._prepare(wish)

    async def _wished(self, file: File, *, again: bool = False) -> Wish:
        base = self._commits.known(file.root, file.path)
        if base is None:
            base = await asyncio.to_thread(self._commits.text, file.root, file.path)
        text = base.text
        if text is None:
            before = self._opened_as(file.uri)
            text = plain(before) if before is not None else file.text
        return Wish(file, text, self._others.on(file.uri, file.text), frozenset(self._unusable), again)

    async def _prepare(self, wish: Wish) -> Prepared:
        backend, root = self._parts.backend, wish.file.root
        work = partial(prepare, wish, lambda: (backend.workspace(root), backend.resolver(root)), self._memory)
        async with self._remembering:
            prepared = await asyncio.get_running_loop().run_in_executor(backend.analysis, work)
        if prepared.trouble:
            self._notices.tell("review:memory", prepared.trouble, _WARNING)
        return prepared

    async def _asked(
        self, file: File, subjects: Sequence[Subject], dismissed: Callable[[Finding], bool], work: Work | None
    ) -> Review:
        if work is not None:
            work.say(file.path)
        parts = self._parts
        settings = parts.configuration.settings
        most = settings.review.most
        reviews: list[Review] = []
        async with parts.door.open() as elsewhere:
            self._options = reviewing.with_settings(self._options, settings, most)
            reviewer = Reviewer(elsewhere.gateway, self._options)
            for subject in subjects:
                self._state.began = time.monotonic()
                reviews.append(await reviewer.review(subject, dismissed))
                if reviews[-1].incomplete:
                    break
        return together(reviews, most)

    # What is known, and what is shown.

    async def _keep(self, fresh: Mapping[str, tuple[Region, Sequence[Finding]]]) -> None:
        if not fresh:
            return
        async with self._remembering:
            try:
                await asyncio.to_thread(self._memory.keep, fresh)
            except MemoryUnusable as error:
                self._notices.tell("review:memory", str(error), _WARNING)

    def _show(self, file: File, reviewed: Sequence[Region], findings: Sequence[Finding]) -> None:
        """Show `findings`, and of those before what lies outside of the `reviewed` regions."""
        document = self._parts.documents.get(file.uri)
        now = plain(document.buffer.text) if document is not None and document.synced else file.text
        fresh = list(follow(findings, file.text, now))
        kept = follow(self._marks.of(file.uri), now, file.text) if reviewed else self._marks.of(file.uri)
        if reviewed:
            outside = [one for one in kept if not any(_holds(region, one) for region in reviewed)]
            kept = follow(outside, file.text, now)
        names = {one.name for one in fresh}
        self._marks.put(file.uri, file.root, now, [*fresh, *(one for one in kept if one.name not in names)])

    def _say(self, file: File, review: Review, kind: str) -> None:
        """Leave a trace, and tell the person of what kept a review from its end, each kind of trouble once."""
        filters = [f"{count} {reason}" for reason, count in review.dropped.items()]
        reason = review.incomplete or ("" if review.findings else "nothing found")
        trace = Trace(
            at=time.time(),
            kind="findings",
            path=file.path,
            language=file.language,
            lane=review.lane,
            model=review.model,
            filters=filters,
            shown=bool(review.findings),
            reason=reason,
        )
        self._traces.add(trace, file.root)
        self._state.incomplete.pop(file.path, None)
        if not review.incomplete:
            return
        self._state.incomplete[file.path] = review.incomplete
        if isinstance(review.trouble, PrivacyRefused):
            self._notices.tell(f"review:{kind}", f"{file.path} is not reviewed: {review.incomplete}", _INFO)
        else:
            told = f"{file.path} was not reviewed to the end: {review.incomplete}"
            self._notices.tell(f"review:{kind}", told, _WARNING)

    # Files.

    async def _file(self, uri: str) -> File | None:
        document = self._parts.documents.get(uri)
        if document is not None:
            return self._of(document)
        location = self._parts.sync.locate(uri)
        root = location.root
        if root is None:
            return None
        read = await asyncio.to_thread(refactoring.read, root, location.path)
        return File(uri, root, location.path, plain(read.text), read.language) if read is not None else None

    def _of(self, document: Document) -> File | None:
        """An open file as it stands; None where its text is not certain, too large, or in no workspace."""
        root = document.location.root
        if root is None or not document.synced or not document.buffer.encodable or document.home != document.uri:
            return None
        if document.buffer.byte_size > refactoring.MAX_BYTES:
            return None
        text = plain(document.buffer.text)
        return File(document.uri, root, document.location.path, text, document.language)


def _within(findings: Sequence[Finding], region: Region) -> list[Finding]:
    return [one for one in findings if _holds(region, one)]


def _holds(region: Region, one: Finding) -> bool:
    return region.first <= one.start_line <= region.last
