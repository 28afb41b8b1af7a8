"""What people really changed in a project: commits as texts before and after, wherever they come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

LANGUAGES = {
    ".c": "c",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".go": "go",
    ".h": "c",
    ".java": "java",
    ".js": "javascript",
    ".lua": "lua",
    ".php": "php",
    ".py": "python",
    ".rb": "ruby",
    ".rs": "rust",
    ".sh": "shellscript",
    ".ts": "typescript",
    ".tsx": "typescriptreact",
}
"""LSP's language identifiers by file name ending; only such files are typed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file of a commit; an empty text before is a new file, an empty text after a removed one."""

    path: str
    before: str
    after: str

    @property
    def language(self) -> str:
        """LSP's identifier of the file's language, '' for what nobody types here."""
        return LANGUAGES.get(PurePosixPath(self.path).suffix, "")


@dataclass(frozen=True, slots=True)
class Commit:
    """Changes that belong together."""

    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class History:
    """A project's text files by path as they were before the first of `commits`, which follow one another."""

    name: str
    files: dict[str, str]
    commits: tuple[Commit, ...]


class NoHistory(Exception):
    """There is nothing to type; the message says where it was looked for and what to do."""
