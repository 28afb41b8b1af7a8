"""Where the engine is found: a Unix socket in the user's runtime folder, or loopback TCP with a token.

The folder belongs to the user alone (mode 0700), and the one above it to nobody who could exchange it; the socket is
mode 0600. Whoever sets XDG_RUNTIME_DIR gets an engine of his own. Where there are no Unix sockets, `engine.json` (mode
0600) holds a loopback port and the token that both ends must know (`proof`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import stat
import tempfile
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from ..errors import ModelUnavailable

_LONGEST_SOCKET_PATH = 100

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The places of one user's engine; `folder` holds all but the log."""

    folder: Path
    log: Path
    unix: bool

    @property
    def socket(self) -> Path:
        """The Unix socket."""
        return self.folder / "engine.sock"

    @property
    def address_file(self) -> Path:
        """The port and token where there are no Unix sockets."""
        return self.folder / "engine.json"

    @property
    def lock(self) -> Path:
        """The lock that the one engine holds while it lives."""
        return self.folder / "engine.lock"

    @property
    def process_file(self) -> Path:
        """The process id of the engine that holds the lock."""
        return self.folder / "engine.pid"

    @property
    def taken(self) -> bool:
        """Whether something stands where clients look; an engine that leaves takes it away before anything else."""
        return (self.socket if self.unix else self.address_file).exists()

    def make(self) -> None:
        """Make the folder where it is not there (any more); raise `ModelUnavailable` where it is not safe to use."""
        folder = self.folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            facts, above = folder.lstat(), folder.parent.stat()
        except OSError as error:
            raise ModelUnavailable(
                f"The runtime folder {folder} cannot be made ({error.strerror or error}): "
                "set XDG_RUNTIME_DIR to a folder of yours."
            ) from error
        if hasattr(os, "getuid"):
            if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
                raise ModelUnavailable(
                    f"The runtime folder {folder} belongs to somebody else: set XDG_RUNTIME_DIR to a folder of yours."
                )
            if above.st_uid not in (0, os.getuid()):
                raise ModelUnavailable(
                    f"The folder {folder.parent} belongs to somebody else, who could put an engine of theirs in the "
                    "place of yours: set XDG_RUNTIME_DIR to a folder of yours."
                )
            if stat.S_IMODE(facts.st_mode) & 0o077:
                folder.chmod(0o700)

    def check(self) -> None:
        """Raise `ModelUnavailable` where something that is not a socket stands in the socket's place."""
        with contextlib.suppress(FileNotFoundError):
            if self.unix and not stat.S_ISSOCK(self.socket.lstat().st_mode):
                raise ModelUnavailable(
                    f"{self.socket} is in the way and is not a socket: move it away, then ask again."
                )

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, str]:
        """Connect; return the streams and the token to know, "" where none is needed.

        Raise `OSError` where nobody listens, or only an engine of an older version, which proves nothing.
        """
        if self.unix:
            reader, writer = await asyncio.open_unix_connection(str(self.socket))
            return reader, writer, ""
        try:
            address = json.loads(self.address_file.read_text("utf-8"))
            port, token = int(address["port"]), str(address["token"])
            if not 0 < port < 1 << 16:
                raise ValueError(f"no port has the number {port}")
            if not (token and address["proves"]):
                raise ValueError("without the token nothing can be proved")
        except (ValueError, KeyError, TypeError) as error:
            raise OSError(f"{self.address_file} is damaged, or of an older engine") from error
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return reader, writer, token

    async def listen(self, handler: Handler) -> tuple[asyncio.AbstractServer, str]:
        """Listen for clients; return the server and the token that they must know, "" where it is the socket's mode.

        Only the holder of `lock` may call this: a socket left by a dead engine is replaced. Raise
        `ModelUnavailable` where the place is taken by something else.
        """
        if not self.unix:
            server: asyncio.AbstractServer = await asyncio.start_server(handler, "127.0.0.1", 0)
            token = secrets.token_urlsafe(32)
            port = _port(server)
            _write_private(self.address_file, json.dumps({"port": port, "token": token, "proves": True}))
            return server, token
        self.check()
        with contextlib.suppress(FileNotFoundError):
            self.socket.unlink()
        old = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(handler, str(self.socket))
        except OSError as error:
            raise ModelUnavailable(
                f"The engine cannot listen on {self.socket} ({error.strerror or error}): "
                f"check the permissions of {self.folder}."
            ) from error
        finally:
            os.umask(old)
        return server, ""

    def forget(self) -> None:
        """Remove what a leaving engine would otherwise leave behind. Only for the process that the folder names."""
        for path in (self.socket if self.unix else self.address_file,):
            with contextlib.suppress(OSError):
                path.unlink()


def locate(*, unix: bool | None = None) -> Endpoint:
    """Find (and make) the folder of this user's engine; raise `ModelUnavailable` where it is not safe to use."""
    if unix is None:
        unix = hasattr(asyncio, "open_unix_connection")
    folder = _runtime_folder() / "twolane"
    if unix and len(os.fsencode(folder / "engine.sock")) > _LONGEST_SOCKET_PATH:
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"twolane-{os.getuid()}-{digest}"
    log = Path(platformdirs.user_log_dir("twolane", appauthor=False)) / "engine.log"
    endpoint = Endpoint(folder=folder, log=log, unix=unix)
    endpoint.make()
    return endpoint


def _runtime_folder() -> Path:
    """Return XDG_RUNTIME_DIR where it is set, whatever its mode (ours inside it is private), else the platform's."""
    chosen = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if chosen.is_absolute():
        return chosen
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", platformdirs.RuntimeDirWarning)  # the fallback is what we want
        return Path(platformdirs.user_runtime_dir())


def _port(server: Any) -> int:
    return int(server.sockets[0].getsockname()[1])


def _write_private(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
