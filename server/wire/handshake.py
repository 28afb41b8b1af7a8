"""The answer to `initialize`, from plain JSON: editors wait for it, so nothing heavy is imported before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ... import __version__
from ..text.positions import Encoding, negotiate
from .messages import INVALID_PARAMS, ProtocolError

REFACTOR, REVIEW, DISMISS = "twolane.refactor", "twolane.review", "twolane.dismiss"
COMMANDS = ("twolane.explain", "twolane.status", "twolane.pause", "twolane.accepted", REFACTOR, REVIEW, DISMISS)
_INCREMENTAL = 2
_FIRST_IMPOSSIBLE_ID = 2**31


@dataclass(frozen=True, slots=True)
class Hello:
    """What the client said of itself. `capabilities` and `options` are its own JSON objects.

    `trusted`: the editor vouches for the workspace (`"trusted": true` in initializationOptions).
    """

    process_id: int | None = None
    encoding: Encoding = "utf-16"
    folders: tuple[str, ...] = ()
    trusted: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    capabilities: Mapping[str, Any] = field(default_factory=dict)

    @property
    def knows_ghost_text(self) -> bool:
        """Tell whether the client asks for inline completion."""
        document = self.capabilities.get("textDocument")
        return isinstance(document, Mapping) and isinstance(document.get("inlineCompletion"), Mapping)

    def supports(self, *path: str) -> bool:
        """Tell whether the client has set this capability, named key by key."""
        value: Any = self.capabilities
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value is True


def read(params: object) -> Hello:
    """Read `initialize`'s params; raise `ProtocolError` where what counts is not what LSP says."""
    if not isinstance(params, Mapping):
        raise _invalid("params", "an object")
    capabilities = params.get("capabilities")
    if not isinstance(capabilities, Mapping):
        raise _invalid("capabilities", "an object")
    process_id = params.get("processId")
    if process_id is not None and (not isinstance(process_id, int) or isinstance(process_id, bool)):
        raise _invalid("processId", "an integer or null")
    if process_id is not None and not 0 < process_id < _FIRST_IMPOSSIBLE_ID:
        process_id = None
    general = capabilities.get("general")
    offered = general.get("positionEncodings") if isinstance(general, Mapping) else None
    given = params.get("initializationOptions")
    options = dict(given) if isinstance(given, Mapping) else {}
    return Hello(
        process_id=process_id,
        encoding=negotiate(offered),
        folders=_folders(params),
        trusted=options.pop("trusted", False) is True,
        options=options,
        capabilities=capabilities,
    )


def answer(hello: Hello) -> dict[str, Any]:
    """Say what this server can do: the whole `InitializeResult`."""
    menu: dict[str, Any] = {} if hello.knows_ghost_text else {"completionProvider": {}}
    return {
        "capabilities": {
            "positionEncoding": hello.encoding,
            "textDocumentSync": {
                "openClose": True,
                "change": _INCREMENTAL,
                "save": {"includeText": True},
            },
            "notebookDocumentSync": {"notebookSelector": [{"notebook": "*"}]},
            "inlineCompletionProvider": True,
            **menu,
            "codeActionProvider": {
                "codeActionKinds": ["refactor.extract", "refactor.rewrite", "quickfix", "source"],
                "resolveProvider": True,
            },
            "executeCommandProvider": {"commands": list(COMMANDS)},
            "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
        },
        "serverInfo": {"name": "twolane", "version": __version__},
    }


def _folders(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the workspace folders' URIs: the list, or the older ways to name a single one."""
    listed = params.get("workspaceFolders")
    if listed is not None:
        if not isinstance(listed, list):
            raise _invalid("workspaceFolders", "an array or null")
        uris = [folder.get("uri") if isinstance(folder, Mapping) else None for folder in listed]
        if not all(isinstance(uri, str) for uri in uris):
            raise _invalid("workspaceFolders", "an array of folders with a uri")
        if uris:
            return tuple(str(uri) for uri in uris)
    root_uri = params.get("rootUri")
    if root_uri is not None and not isinstance(root_uri, str):
        raise _invalid("rootUri", "a string or null")
    if root_uri:
        return (root_uri,)
    root_path = params.get("rootPath")
    if isinstance(root_path, str) and root_path:
        from pathlib import Path

        path = Path(root_path)
        return (path.as_uri(),) if path.is_absolute() else ()
    return ()


def _invalid(what: str, expected: str) -> ProtocolError:
    return ProtocolError(INVALID_PARAMS, f"initialize: {what} must be {expected}")
