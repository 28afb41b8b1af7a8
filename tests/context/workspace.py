"""Small workspaces on disk, and what the index says about a cursor in them."""

from __future__ import annotations

import textwrap
from pathlib import Path

from twolane.context.document import Snapshot
from twolane.context.index import ContextIndex
from twolane.context.snippet import Packed

CURSOR = "‸"


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")
    return root


def snapshot(
    root: Path | None,
    path: str,
    text: str,
    *,
    version: int = 1,
    masked: frozenset[str] = frozenset(),
    language: str = "python",
) -> tuple[Snapshot, int]:
    """A document and the offset of its cursor mark (the end of the text where there is none)."""
    text = textwrap.dedent(text)
    offset = text.find(CURSOR)
    plain = text.replace(CURSOR, "")
    made = Snapshot(f"file:///{path}", path, root, language, version, plain, masked)
    return made, offset if offset >= 0 else len(plain)


def ask(
    root: Path,
    path: str,
    text: str,
    *,
    budget: int = 1000,
    masked: frozenset[str] = frozenset(),
    index: ContextIndex | None = None,
) -> Packed:
    index = index or ContextIndex(root)
    document, offset = snapshot(root, path, text, masked=masked)
    index.refresh(document)
    return index.snippets(document, offset, budget)


def symbols(packed: Packed) -> list[str]:
    return [f"{s.path} {s.symbol}" for s in packed.snippets]
