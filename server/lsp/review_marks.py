"""The findings that the client shows as diagnostics: each goes with its text, and ends when that is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types

from ...review.finding import Finding, Severity
from ..text.documents import Document, Documents
from ..text.positions import LINE_END, width
from ..wire.handshake import Hello

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

SOURCE: Final = "twolane"
_CALM_S = 0.1
"""The client moves what it shows by itself; where it really is, it is told when the typing pauses."""

_SEVERITIES: Final[dict[Severity, types.DiagnosticSeverity]] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}


def plain(text: str) -> str:
    """A text with "\\n" for every line end that LSP knows, so that its lines are LSP's."""
    return LINE_END.sub("\n", text) if "\r" in text else text


@dataclass(frozen=True, slots=True)
class Marked:
    """The findings of one file and the text that they stand in (`plain`)."""

    root: Path
    text: str
    findings: tuple[Finding, ...]


class Marks:
    """By URI. Lives on the event loop."""

    def __init__(self, server: LanguageServer, hello: Hello, documents: Documents) -> None:
        self._server = server
        self._documents = documents
        told = _part(hello.capabilities, "textDocument", "publishDiagnostics")
        self._versions = told.get("versionSupport") is True
        self._relates = told.get("relatedInformation") is True
        self._marked: dict[str, Marked] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def __iter__(self) -> Iterator[tuple[str, Marked]]:
        """Each file that has findings, as they stand now."""
        for uri in list(self._marked):
            self.settle(uri)
        return iter(list(self._marked.items()))

    def marks(self, uri: str) -> bool:
        """Whether a file has findings."""
        return uri in self._marked

    def of(self, uri: str) -> tuple[Finding, ...]:
        """The findings of a file as they stand now."""
        self.settle(uri)
        marked = self._marked.get(uri)
        return marked.findings if marked is not None else ()

    def put(self, uri: str, root: Path, text: str, findings: Sequence[Finding]) -> None:
        """Show these in place of those before; their places are in `text`, which may be overtaken by now."""
        before = self._marked.pop(uri, None)
        if findings:
            self._marked[uri] = Marked(root, text, tuple(sorted(findings, key=lambda one: one.rank)))
            self._follow(uri)
        if uri in self._marked or before is not None:
            self._publish(uri)

    def drop(self, name: str) -> list[Finding]:
        """Take a finding away wherever it is shown; return each."""
        gone: list[Finding] = []
        for uri, marked in self:
            if found := [one for one in marked.findings if one.name == name]:
                gone += found
                self.put(uri, marked.root, marked.text, [one for one in marked.findings if one.name != name])
        return gone

    def changed(self, document: Document) -> None:
        """The text of a file that may have findings is another one now."""
        if document.uri in self._marked and document.uri not in self._timers:
            loop = asyncio.get_running_loop()
            self._timers[document.uri] = loop.call_later(_CALM_S, self.settle, document.uri)

    def read_anew(self, uri: str, text: str | None) -> None:
        """A file that is not open is another one on the disk; None where it is gone."""
        marked = self._marked.get(uri)
        if marked is None or self._documents.get(uri) is not None:
            return
        self._follow(uri, "" if text is None else text)
        if self._marked.get(uri) is not marked:
            self._publish(uri)

    def settle(self, uri: str) -> None:
        """Bring the findings of a file to where its text is now, and tell the client where that changes them."""
        if (timer := self._timers.pop(uri, None)) is not None:
            timer.cancel()
        before = self._marked.get(uri)
        self._follow(uri)
        after = self._marked.get(uri)
        if before is not None and (after is None or after.findings != before.findings):
            self._publish(uri)

    def close(self) -> None:
        """Follow nothing any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _follow(self, uri: str, now: str | None = None) -> None:
        from ...review.following import follow

        marked, document = self._marked.get(uri), self._documents.get(uri)
        if marked is None:
            return
        if now is None:
            if document is None or not document.synced:
                return
            now = plain(document.buffer.text)
        if now == marked.text:
            return
        if findings := follow(marked.findings, marked.text, now):
            self._marked[uri] = replace(marked, text=now, findings=findings)
        else:
            del self._marked[uri]

    def _publish(self, uri: str) -> None:
        marked, document = self._marked.get(uri), self._documents.get(uri)
        version = document.version if document is not None and self._versions else None
        found = list(self._diagnostics(marked)) if marked is not None else []
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))

    def _diagnostics(self, marked: Marked) -> Iterable[types.Diagnostic]:
        rows = marked.text.split("\n")
        for one in marked.findings:
            yield types.Diagnostic(
                range=self.place(rows, one),
                message=f"{one.title} {one.why}",
                severity=_SEVERITIES[one.severity],
                code=one.rule,
                source=SOURCE,
                related_information=self._related(marked.root, one),
                data={"finding": one.name},
            )

    def place(self, rows: Sequence[str], finding: Finding) -> types.Range:
        """What is marked of a finding, in the client's columns; `rows` are the lines of its text."""
        from ...review.following import span

        marked, encoding = span(rows, finding), self._documents.encoding
        top, bottom = (rows[line - 1] if line <= len(rows) else "" for line in (marked.first, marked.last))
        return types.Range(
            types.Position(marked.first - 1, width(top[: marked.start], encoding)),
            types.Position(marked.last - 1, width(bottom[: marked.end], encoding)),
        )

    def _related(self, root: Path, one: Finding) -> list[types.DiagnosticRelatedInformation] | None:
        if not self._relates or not one.related:
            return None
        return [
            types.DiagnosticRelatedInformation(
                types.Location(
                    (root / other.path).as_uri(),
                    types.Range(types.Position(other.line - 1, 0), types.Position(other.line, 0)),
                ),
                other.note,
            )
            for other in one.related
        ]


def _part(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for key in path:
        inner = value.get(key)
        value = inner if isinstance(inner, Mapping) else {}
    return value
