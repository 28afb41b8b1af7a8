"""Changes as LSP's `WorkspaceEdit`: versioned, annotated, in the form that the client can carry out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types

from ....refactor.original import Change
from ...text.positions import Encoding
from ...text.text_buffer import TextBuffer
from ...wire.handshake import Hello

_OWN, _OTHER, _NEW, _WHOLE = "twolane.here", "twolane.elsewhere", "twolane.new", "twolane.whole"


class CannotDeliver(Exception):
    """The client cannot carry such an edit out; `str(error)` is one sentence."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the client can do with an edit.

    `picks`, as our extension for VS Code says of it: it shows an edit of which something is to be confirmed as a tree
    in which a person ticks single parts, and what is to be confirmed is not ticked at first.
    """

    versioned: bool
    annotated: bool
    creates: bool
    picks: bool = False

    @classmethod
    def of(cls, hello: Hello) -> Abilities:
        """What it said of itself."""
        edits = _part(hello.capabilities, "workspace", "workspaceEdit")
        operations = edits.get("resourceOperations")
        annotations = edits.get("changeAnnotationSupport")
        versioned = edits.get("documentChanges") is True
        return cls(
            versioned=versioned,
            annotated=isinstance(annotations, Mapping),
            creates=isinstance(operations, list) and "create" in operations,
            picks=versioned and isinstance(annotations, Mapping) and hello.supports("experimental", "twolanePicks"),
        )


def workspace_edit(
    changes: tuple[Change, ...],
    root: Path,
    subject: str,
    abilities: Abilities,
    encoding: Encoding,
    notes: tuple[str, ...] = (),
) -> types.WorkspaceEdit:
    """All changes as one edit; raise `CannotDeliver`.

    Whatever lies beyond the file at hand is to be confirmed, and all of it where there are `notes` to be read. A client
    that lets a person pick parts would leave out what needs confirmation until it is ticked, and half of a new name is
    broken code: there it is asked for by one edit that inserts nothing, and all others are ticked from the start.
    """
    if not abilities.versioned:
        return _plain(changes, root, encoding)
    document_changes: list[types.TextDocumentEdit | types.CreateFile] = []
    for change in changes:
        uri = uri_of(change, root)
        annotation = None
        if abilities.annotated:
            annotation = _NEW if change.original is None else _OWN if change.path == subject else _OTHER
        if change.original is None:
            if not abilities.creates:
                raise CannotDeliver(f"This editor cannot make {change.path}; `twolane refactor --apply` can.")
            options = types.CreateFileOptions(overwrite=False, ignore_if_exists=False)
            document_changes.append(types.CreateFile(uri=uri, options=options, annotation_id=annotation))
        version = change.original.version if change.original is not None else None
        document_changes.append(
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version),
                [_annotated(edit, annotation) for edit in _edits(change, encoding)],
            )
        )
    if abilities.picks and (notes or reaches_beyond(changes, subject)):
        _confirm_as_a_whole(document_changes)
    used = {
        edit.annotation_id
        for one in document_changes
        if isinstance(one, types.TextDocumentEdit)
        for edit in one.edits
        if isinstance(edit, types.AnnotatedTextEdit)
    }
    annotations = {key: one for key, one in _annotations(notes, whole=_WHOLE in used).items() if key in used}
    return types.WorkspaceEdit(
        document_changes=document_changes, change_annotations=annotations if abilities.annotated else None
    )


def reaches_beyond(changes: tuple[Change, ...], subject: str) -> bool:
    """Whether other files than the one at hand change."""
    return any(change.path != subject for change in changes)


def uri_of(change: Change, root: Path) -> str:
    """The URI of a changed file, as the client wrote it where it is open."""
    if change.original is not None and change.original.uri:
        return change.original.uri
    return (root / change.path).as_uri()


def _annotations(notes: tuple[str, ...], *, whole: bool) -> dict[str, types.ChangeAnnotation]:
    told = "; ".join(notes)[:300] or None
    return {
        _OWN: types.ChangeAnnotation(
            "Twolane: the selected code", needs_confirmation=bool(notes) and not whole, description=told
        ),
        _OTHER: types.ChangeAnnotation("Twolane: other files", needs_confirmation=not whole, description=told),
        _NEW: types.ChangeAnnotation("Twolane: new files", needs_confirmation=not whole, description=told),
        _WHOLE: types.ChangeAnnotation(
            "Twolane: Apply takes all that is ticked", needs_confirmation=True, description="changes nothing by itself"
        ),
    }


def _confirm_as_a_whole(document_changes: list[types.TextDocumentEdit | types.CreateFile]) -> None:
    """Put in the edit that inserts nothing and is to be confirmed."""
    first = next(one for one in document_changes if isinstance(one, types.TextDocumentEdit) and one.edits)
    start = first.edits[0].range.start
    first.edits = [*first.edits, types.AnnotatedTextEdit(_WHOLE, types.Range(start, start), "")]


def _plain(changes: tuple[Change, ...], root: Path, encoding: Encoding) -> types.WorkspaceEdit:
    if new := next((change.path for change in changes if change.original is None), ""):
        raise CannotDeliver(f"This editor cannot make {new}; `twolane refactor --apply` can.")
    return types.WorkspaceEdit(changes={uri_of(change, root): _edits(change, encoding) for change in changes})


def _edits(change: Change, encoding: Encoding) -> list[types.TextEdit]:
    if change.original is None:
        start = types.Position(0, 0)
        return [types.TextEdit(types.Range(start, start), change.text)]
    buffer = TextBuffer(change.original.text)

    def place(offset: int) -> types.Position:
        found = buffer.position(offset, encoding)
        return types.Position(found.line, found.character)

    return [types.TextEdit(types.Range(place(edit.start), place(edit.end)), edit.text) for edit in change.edits]


def _annotated(edit: types.TextEdit, annotation: str | None) -> types.TextEdit | types.AnnotatedTextEdit:
    if annotation is None:
        return edit
    return types.AnnotatedTextEdit(annotation_id=annotation, range=edit.range, new_text=edit.new_text)


def _part(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for key in path:
        inner = value.get(key)
        value = inner if isinstance(inner, Mapping) else {}
    return value
