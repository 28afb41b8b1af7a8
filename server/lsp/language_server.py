"""`twolane serve`: the process that an editor starts and talks to over stdin and stdout."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..wire.collecting import Collector, everything
from ..wire.faults import log_fault
from ..wire.framing import Damage, Frame
from ..wire.handshake import Hello
from ..wire.lifecycle import Deadline, ParentWatch
from ..wire.logs import detach
from ..wire.messages import encode
from ..wire.session import Outbox, Peer, Session
from ..wire.stdio import Limits, Reader, Streams, Writer, claim

if TYPE_CHECKING:
    from ...clients.engine.client import LocalEngine
    from .backend import Build

_log = logging.getLogger(__name__)
_ANSWERS_GRACE_S = 0.4
_CLOSING_GRACE_S = 0.3

Load = Callable[[Hello, Outbox], Awaitable[Peer]]

_SWITCH_S = 0.0005
"""A thread that computes hands over after this long. Python's own 5 ms would hold up every answer while the analysis
thread parses; measured, typed-through answers then take 6.5 instead of 3 ms."""


def main(
    *,
    trusted: bool = False,
    user_file: Path | None = None,
    limits: Limits | None = None,
    build_services: Build | None = None,
) -> int:
    """Serve one client on stdin and stdout; return the exit code: 0 after `shutdown` and `exit`, else 1.

    `trusted` vouches for the workspace whatever the editor says; `user_file` and `build_services` stand in
    for the user's own settings and for the model. From here on nothing but the protocol reaches stdout.
    """
    limits = limits or Limits()
    sys.setswitchinterval(_SWITCH_S)
    streams = claim()
    if os.isatty(streams.incoming):
        _log.warning("this speaks LSP with an editor, not with people; Ctrl-C ends it")
    logs = detach()
    begun = asyncio.Event()
    beside: list[asyncio.Task[None]] = []

    async def load(hello: Hello, outbox: Outbox) -> Peer:
        if build_services is None:
            engine = await asyncio.to_thread(_engine_for, hello, trusted or hello.trusted, user_file)
            if engine is not None:
                beside.append(asyncio.get_running_loop().create_task(_give(engine, begun), name="head start"))
        assemble = await asyncio.to_thread(_heavy)
        return await assemble(
            hello,
            outbox,
            trusted=trusted or hello.trusted,
            user_file=user_file,
            build_services=build_services,
        )

    deadline = Deadline(limits.exit_s)
    try:
        return asyncio.run(serve_stdio(streams, load, begun.set, deadline, limits))
    finally:
        logs.stop()


async def serve_stdio(
    streams: Streams, load: Load, begun: Callable[[], None], deadline: Deadline, limits: Limits
) -> int:
    """Serve one client on two file descriptors until it leaves; return the exit code.

    `begun` is called when the client says that it is ready, whatever is loaded by then. `deadline` is armed as soon as
    the end is known, from then on everything is given up that takes longer.
    """
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_unexpected)
    ended: asyncio.Future[tuple[int, str]] = loop.create_future()

    def stop(code: int, reason: str) -> None:
        deadline.arm(code)
        if not ended.done():
            ended.set_result((code, reason))

    writer = Writer(streams.outgoing, lambda reason: stop(1, reason), limits)
    watches: list[ParentWatch] = []

    def greeted(hello: Hello) -> None:
        if hello.process_id is not None:
            watch = ParentWatch(hello.process_id, lambda: stop(1, "the client's process is gone"))
            watches.append(watch)
            watch.start()

    session = Session(_Outbox(writer), load, greeted, begun, stop)
    collector = Collector()

    def receive(frame: Frame | Damage) -> None:
        collector.heard()
        session.receive(frame)

    async def hung_up(reason: str) -> None:
        """Answer what was asked before the end of the input, in case somebody still listens."""
        give_up = loop.time() + _ANSWERS_GRACE_S
        while session.busy and not ended.done() and loop.time() < give_up:  # noqa: ASYNC110 - see below
            await asyncio.sleep(0.005)  # half a second at most, once in the life of the process
        stop(session.exit_code, reason)

    hang_ups: list[asyncio.Task[None]] = []

    def input_ended(reason: str) -> None:
        deadline.arm(session.exit_code)
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: hang_ups.append(loop.create_task(hung_up(reason))))

    reader = Reader(streams.incoming, receive, input_ended, limits)
    with _signals(loop, stop):
        writer.start()
        reader.start()
        collector.start()
        code, reason = await ended
    collector.stop()
    _log.log(logging.INFO if code == 0 else logging.WARNING, "the server ends: %s", reason)
    for watch in watches:
        watch.stop()
    for task in hang_ups:
        task.cancel()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_CLOSING_GRACE_S):
            await session.close()
    await writer.close(_CLOSING_GRACE_S)
    return code


class _Outbox:
    """Frames messages for the writer."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @property
    def congested(self) -> bool:
        return self._writer.congested

    def send(self, message: Mapping[str, Any]) -> None:
        self._writer.write(encode(message))


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: Callable[[int, str], None]) -> Iterator[None]:
    """End in order on SIGTERM and Ctrl-C, where the platform and the thread allow it."""
    caught: list[signal.Signals] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop, 128 + number, f"signal {number.name}")
            caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def _unexpected(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody caught, without the values in it."""
    error = context.get("exception")
    if isinstance(error, Exception):
        log_fault("a callback of the event loop", error)
    else:
        _log.error("%s", context.get("message"))


def _engine_for(hello: Hello, trusted: bool, user_file: Path | None) -> LocalEngine | None:
    """Whom keystrokes will go to. The settings are loaded for it, a fraction of what `_heavy` loads."""
    from ..head_start import engine_for

    return engine_for(hello.folders, trusted=trusted, editor=hello.options, user_file=user_file)


async def _give(engine: LocalEngine, begun: asyncio.Event) -> None:
    """Bring it up once the client is ready."""
    from ..head_start import give

    await begun.wait()
    await give(engine)


def _heavy() -> Callable[..., Awaitable[Peer]]:
    """Import what needs pygls and the completer, and make ready what reads and writes LSP's messages.

    Most of a second on a thread, so never before the greeting.

    What is loaded stays for good: from then on the collector passes it over, which else would hold up everything for
    40 ms again and again.
    """
    from .assembly import assemble
    from .protocol import strict_converter, warmed

    converter = warmed(strict_converter())
    everything()
    return partial(assemble, converter=converter)
