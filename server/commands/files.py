"""Files on disk as the command line sees them: which workspace, which language, which text, which offset."""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG

from ...context.document import Snapshot
from ..text.positions import LINE_END

_SETTINGS, _REPOSITORY, _PACKAGE = "twolane.toml", ".git", "pyproject.toml"
MAX_BYTES = 256_000_000
_BINARY_PROBE = 8192

_OTHERS = {
    "css": "css",
    "html": "html",
    "json": "json",
    "kt": "kotlin",
    "md": "markdown",
    "sql": "sql",
    "swift": "swift",
    "toml": "toml",
    "yaml": "yaml",
    "yml": "yaml",
    "zig": "zig",
}
"""Languages that nothing here can parse, by the end of a file's name."""


class UnreadableError(Exception):
    """Why a file or a position in it cannot be used; one line that names the file."""


def workspace_of(path: Path) -> Path | None:
    """The nearest folder, from the folder `path` upwards, that holds a `twolane.toml`; without one the nearest project.

    None where there is neither. It is looked for up to the root of the repository: what it keeps on this machine it
    keeps in the packages below it, too.
    """
    project: Path | None = None
    for folder in (path, *path.parents):
        if (folder / _SETTINGS).exists():
            return folder
        if (folder / _REPOSITORY).exists():
            return project or folder
        if project is None and (folder / _PACKAGE).exists():
            project = folder
    return project


def language_of(path: Path) -> str:
    """The LSP language identifier by the file's name; `plaintext` where it is not known."""
    from ...context.languages.reading import language_of as parsed_as  # most commands need no grammars

    if path.name in ("Makefile", "makefile", "GNUmakefile"):
        return "makefile"
    if path.name == "Dockerfile":
        return "dockerfile"
    return parsed_as(path.name) or _OTHERS.get(path.suffix.lower().removeprefix("."), "plaintext")


def read_snapshot(path: Path, root: Path, version: int = 1) -> Snapshot:
    """Read the file as an editor would open it in the workspace `root`; raise `UnreadableError`.

    `root` is a resolved path. Line endings stay as they are; a byte order mark is not part of the text.
    """
    try:
        absolute = path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise UnreadableError(f"{path}: not a usable path ({error})") from error
    try:
        relative = absolute.relative_to(root)
    except ValueError as error:
        raise UnreadableError(f"{path}: outside the workspace {root}") from error
    return Snapshot(
        uri=absolute.as_uri(),
        path=relative.as_posix(),
        root=root,
        language=language_of(absolute),
        version=version,
        text=_read_text(absolute, path),
    )


def _read_text(absolute: Path, shown: Path) -> str:
    try:
        status = absolute.stat()
        if not S_ISREG(status.st_mode):
            kind = "a folder" if absolute.is_dir() else "not a regular file"
            raise UnreadableError(f"{shown}: it is {kind}; name a text file")
        if status.st_size > MAX_BYTES:
            raise UnreadableError(f"{shown}: too large ({status.st_size:,} bytes; at most {MAX_BYTES:,})")
        content = absolute.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableError(f"{shown}: there is no such file") from error
    except PermissionError as error:
        raise UnreadableError(f"{shown}: no permission to read it") from error
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{shown}: it cannot be read ({error})") from error
    if b"\0" in content[:_BINARY_PROBE]:
        raise UnreadableError(f"{shown}: it is a binary file; name a text file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableError(f"{shown}: line {line} is not UTF-8; save the file as UTF-8") from error


def offset_of(text: str, line: int, column: int, shown: str) -> int:
    """The offset of a 1-based line and column (code points), lines ended as LSP ends them.

    The column may stand just behind the last character of its line. Raise `UnreadableError` outside of the text, with
    what lies in it.
    """
    if line < 1:
        raise UnreadableError(f"{shown}:{line}:{column}: there is no line {line}; {lines_of(text)}")
    start = 0
    ends = LINE_END.finditer(text)
    for _ in range(1, line):
        passed = next(ends, None)
        if passed is None:
            raise UnreadableError(f"{shown}:{line}:{column}: there is no line {line}; {lines_of(text)}")
        start = passed.end()
    last = next(ends, None)
    end = len(text) if last is None else last.start()
    last_column = end - start + 1
    if not 1 <= column <= last_column:
        columns = "column 1 alone, as it is empty" if last_column == 1 else f"columns 1 to {last_column}"
        raise UnreadableError(f"{shown}:{line}:{column}: there is no column {column}; line {line} has {columns}")
    return start + column - 1


def lines_of(text: str) -> str:
    """How many lines a text has, as people say it; behind a line end at its end begins one more, which is empty."""
    count = sum(1 for _ in LINE_END.finditer(text)) + 1
    return f"the file has lines 1 to {count}" if count > 1 else "the file has line 1 alone"
