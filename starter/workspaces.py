"""A package of the corpus as a workspace on disk, and what its symbol graph says at a hole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..context.document import Snapshot
from ..context.graph.live import LiveWorkspace
from ..context.index import ContextIndex
from ..context.snippet import Snippet
from ..server.commands.masking import masked
from . import languages
from .corpus import Source
from .holes import Hole

_WORD = re.compile(r"[^\W\d]\w*")
_IMPORTING = re.compile(r"^[ \t]*(?:from|import|use|#include)\b[^\n(]*(?:\([^()]*\))?.*", re.MULTILINE)
NO_SNIPPETS: tuple[Snippet, ...] = ()


class Package:
    """The files of one package below `root`, indexed as the product indexes a workspace."""

    def __init__(self, root: Path, sources: Sequence[Source], folder: str) -> None:
        self._root, self._folder = root, folder
        for source in sources:
            file = root / folder / source.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(source.text, encoding="utf-8")
        workspace = LiveWorkspace.open(root, store=root.parent / "index.sqlite")
        workspace.build(workers=1)
        self._index = ContextIndex(root, workspace)

    def hide(self, source: Source, hole: Hole, *, unimported: bool) -> tuple[Snapshot, int]:
        """The file before the text of the hole was written, and the offset of the hole.

        With `unimported` the names that only the hidden text uses are not imported yet. Raise `UnmaskableError` where
        the file cannot be parsed for that.
        """
        path = f"{self._folder}{source.path}"
        whole = Snapshot((self._root / path).as_uri(), path, self._root, languages.of(source.path), 1, source.text)
        names = alone_in(source.text, hole) if unimported else frozenset()
        return masked(whole, hole.start, hole.end, names)

    def snippets(self, snapshot: Snapshot, offset: int, tokens: int) -> tuple[Snippet, ...]:
        """What is shown of other files at a place; nothing of the hidden text stands in the index meanwhile."""
        if tokens <= 0:
            return NO_SNIPPETS
        try:
            self._index.refresh(snapshot)
            return self._index.snippets(snapshot, offset, tokens).snippets
        finally:
            self._index.forget(snapshot.path)


def without_imports(text: str) -> str:
    """A text without its import statements, roughly: by how their lines begin."""
    return _IMPORTING.sub("", text)


def alone_in(text: str, hole: Hole) -> frozenset[str]:
    """The names that a file uses nowhere but in the hole, imports aside."""
    rest = without_imports(text[: hole.start]) + without_imports(text[hole.end :])
    return frozenset(_WORD.findall(text[hole.start : hole.end])) - frozenset(_WORD.findall(rest))


@contextmanager
def opened(name: str, sources: Sequence[Source], folder: str = "") -> Iterator[Package]:
    """Lay a package out in a temporary folder named after it, with its files below `folder` ('src/', or '')."""
    with TemporaryDirectory(prefix="twolane-starter-") as place:
        root = Path(place).resolve() / name
        root.mkdir()
        yield Package(root, sources, folder)
