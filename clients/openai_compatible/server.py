"""One server: its connection, what it can do, and how it is. Asked what it can do at first, and after a failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ..errors import (
    AnswerDeclined,
    KeyRefused,
    ModelBusy,
    ModelError,
    ModelLoading,
    ModelRefused,
    ModelUnavailable,
    RequestRefused,
)
from ..model import Health
from ..remote import address
from .connection import Connection
from .probe import Capabilities, probe
from .spec import ServerSpec

_log = logging.getLogger(__name__)

_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""After so many failures in a row the server is left alone for so long, unless somebody waits for it on purpose."""

_LONGEST_WAIT_S = 600.0
"""A server that is busy is obeyed when it says how long to stay away, up to here."""


class RemoteServer:
    """Reached when it is first needed. `on_state` hears every change of `health`, on the event loop.

    `key` looks the key up, None where there is none; it may be slow and is called off the event loop.
    """

    def __init__(
        self, spec: ServerSpec, key: Callable[[], str | None], on_state: Callable[[Health], None] | None = None
    ) -> None:
        self.spec = spec
        self.health = Health("away", "The team's server has not been needed yet.")
        self._key = key
        self._on_state = on_state or (lambda _: None)
        self._connection: Connection | None = None
        self._known: Capabilities | None = None
        self._trouble: ModelError | None = None
        self._asking: asyncio.Task[Capabilities] | None = None
        self._failures = 0
        self._rested_at = 0.0
        self._times_busy = 0
        self._busy: tuple[str, float] = "", 0.0
        self._closed = False

    @property
    def host(self) -> str:
        """Where text goes; raise `ModelRefused` where the settings name no usable address."""
        return self.connection.host

    @property
    def connection(self) -> Connection:
        """The connection; raise `ModelRefused` where the settings name no usable address."""
        if self._connection is None:
            spec = self.spec
            where = address.parse(spec.url, "team.url", plain_http=spec.plain_http, permission="team.plain_http = true")
            self._connection = Connection(where, self._key)
        return self._connection

    def ready(self) -> Capabilities:
        """Return what the server can do. Where that is not known, ask in the background and raise why not yet.

        Raise `ModelBusy` while it wants to be left alone: at every key it would only refuse again.
        """
        words, until = self._busy
        if (left := until - asyncio.get_running_loop().time()) > 0:
            raise ModelBusy(words, left)
        if self._known is not None:
            return self._known
        trouble = self._trouble
        self.look_again()
        raise trouble or ModelUnavailable("The team's server is being asked what it can do.")

    def look_again(self) -> None:
        """Ask in the background what it can do, unless that is known or was asked in vain a moment ago."""
        if self._known is None and not self._resting():
            self._ask()

    async def capabilities(self) -> Capabilities:
        """Return what the server can do, asking it if need be; raise `ModelError` where it cannot be had."""
        if self._known is not None:
            return self._known
        return await asyncio.shield(self._ask())

    def failed(self, error: ModelError) -> None:
        """An answer failed: where the server may have changed or gone, it is asked again before the next."""
        if isinstance(error, ModelBusy):
            self._leave_alone(error)
        if isinstance(error, ModelBusy | RequestRefused | AnswerDeclined):
            return
        if self._known is not None and not self._closed:
            self._known = None
            self._failures += 1
            self._rest(error)

    def worked(self) -> None:
        """An answer came whole."""
        self._failures = self._times_busy = 0

    async def close(self) -> None:
        """Let go of the connection."""
        self._closed = True
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait({self._asking})
        if self._connection is not None:
            await self._connection.close()

    def _resting(self) -> bool:
        return asyncio.get_running_loop().time() < self._rested_at

    def _leave_alone(self, busy: ModelBusy) -> None:
        """Ask nothing at a key for as long as the server says, else for longer each time."""
        self._times_busy += 1
        pause = _PAUSES_S[min(self._times_busy, len(_PAUSES_S)) - 1]
        if busy.retry_after_s is not None:
            pause = min(busy.retry_after_s, _LONGEST_WAIT_S)
        self._busy = str(busy), asyncio.get_running_loop().time() + pause

    def _rest(self, error: ModelError) -> None:
        self._trouble = error
        pause = _PAUSES_S[min(self._failures, len(_PAUSES_S)) - 1]
        self._rested_at = asyncio.get_running_loop().time() + pause
        if isinstance(error, ModelRefused):
            self._tell(Health("refused", str(error)))
        else:
            self._tell(Health("loading" if isinstance(error, ModelLoading) else "down", str(error)))

    def _ask(self) -> asyncio.Task[Capabilities]:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._found_out(), name="team server")
            self._asking.add_done_callback(_retrieved)
        return self._asking

    async def _found_out(self) -> Capabilities:
        if self._closed:
            raise ModelUnavailable("The connection to the team's server was closed.")
        if isinstance(self._trouble, KeyRefused):
            await self._drop_connection()
        try:
            connection = self.connection
            if self._failures == 0:
                self._tell(Health("starting", f"{connection.host} is asked what it can do."))
            known = await probe(connection, self.spec)
        except ModelError as error:
            self._failures += 1
            self._rest(error)
            raise
        except Exception as error:
            _log.exception("asking the team's server failed")
            self._failures += 1
            trouble = ModelUnavailable(
                f"The team's server cannot be asked ({type(error).__name__}); the log says more."
            )
            self._rest(trouble)
            raise trouble from None
        self._known, self._trouble = known, None
        self._tell(Health("ready", f"{known.model} at {connection.host} ({known.kind})", 1.0))
        return known

    async def _drop_connection(self) -> None:
        """The next connection looks the key up again."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    def _tell(self, health: Health) -> None:
        if health != self.health:
            self.health = health
            self._on_state(health)


def _retrieved(task: asyncio.Task[Capabilities]) -> None:
    """A failure that nobody waits for is kept in `_trouble`."""
    if not task.cancelled():
        task.exception()
