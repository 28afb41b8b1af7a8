"""Settings as the editor sends them, or as it lets us ask for them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from ...config.configuration import Configuration
from ...config.settings import FILE_NAME

_log = logging.getLogger(__name__)

Pull = Callable[[], Awaitable[Any]]


def register(
    server: LanguageServer, configuration: Configuration, pull: Pull | None, on_files: Callable[[list[str]], None]
) -> None:
    """Tie the settings to their methods. `pull` asks the client for its "twolane" section, where it answers.

    `on_files` hears the URIs of all files that the client says have changed.
    """

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        told: Any = params.settings
        if not told and pull is not None:
            told = await _pulled(pull)
        section = told.get("twolane", told) if isinstance(told, Mapping) else None
        await configuration.read(section if isinstance(section, Mapping) else None)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        """Read the settings again where their file is among what changed."""
        on_files([change.uri for change in params.changes])
        if any(change.uri.endswith(f"/{FILE_NAME}") for change in params.changes):
            await configuration.read()


def watch(server: LanguageServer, patterns: Sequence[str]) -> None:
    """Ask the client to say when a workspace's settings file changes, or a file that one of the patterns fits."""
    watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in (f"**/{FILE_NAME}", *patterns)]
    registration = types.Registration(
        id="twolane-files",
        method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers),
    )
    server.client_register_capability(types.RegistrationParams(registrations=[registration]))


async def _pulled(pull: Pull) -> Any:
    """Return the section that the client answers with; None where it does not."""
    try:
        sections = await pull()
    except (JsonRpcException, TimeoutError) as error:
        _log.warning("the client does not tell its settings (%s)", type(error).__name__)
        return None
    return sections[0] if isinstance(sections, Sequence) and sections else None
