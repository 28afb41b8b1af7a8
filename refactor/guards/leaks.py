"""A secret that an edit writes into a file that did not hold it: worth a look, for what is committed is published."""

from __future__ import annotations

from ...routing.secrets.scan import scan
from ..original import Change


def notes(change: Change) -> list[str]:
    """The kinds of what looks like a secret in the new text of a file and stood nowhere in the old one."""
    before = change.original.text if change.original is not None else ""
    pieces = [edit.text for edit in change.edits] if change.original is not None else [change.text]
    kinds = {
        secret.kind
        for text in pieces
        for secret in scan(text)
        if any(text[start:end] not in before for start, end in secret.parts)
    }
    return [f"{change.path} would hold what looks like a secret ({kind})" for kind in sorted(kinds)]
