"""The same door for keystrokes: an `InfillClient` around one that asks a model elsewhere.

What the gateway does for a question is done here for a hole in a file: the tier of the file and of every piece of
another, secrets replaced, the worst case reserved, what leaves written down, the secrets put back, settlement. There is
no choice of model in it and no second try: the next key is one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ..clients.chat import ChatUsage
from ..clients.errors import ModelError, ModelRefused, RequestRefused
from ..clients.model import Health, InfillClient, InfillRequest, InfillStream, Lane, ModelInfo, Usage
from .ask import project_name
from .errors import GatewayError, PrivacyRefused
from .money.budget import NOTHING, Call, Caps, Piece, Settlement, State
from .money.charging import charge
from .money.days import local_day
from .money.ledger import Ledger
from .money.prices import Estimate, PriceTable, Rate
from .preparation import hidden_too_many
from .privacy.privacy import Privacy
from .secrets.scan import masked
from .secrets.veil import Veil, VeilFullError

_BYTES_PER_TOKEN = 3
_PATHS_KEPT = 256
_REFUSED_S = 60.0
"""So long a refusal for money holds before it is tried again; meanwhile another model may answer."""

_TOKENS_AROUND = 64
"""The marks of a model's form of prompt, and the names of the files in it."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where the wrapped client asks: for the ledger, the prices and the rules.

    `sends_guesses` tells whether it sends what nobody waits for; if not, such requests are its own to skip.
    """

    lane: Lane
    provider: str
    host: str
    model: str
    sends_guesses: bool = False


@dataclass(frozen=True, slots=True)
class _Ready:
    request: InfillRequest
    call: Call
    rate: Rate
    estimate: Estimate


class GuardedStream:
    """The wrapped client's pieces, with the secrets put back; see `model.InfillStream`."""

    def __init__(self, inner: InfillStream, veil: Veil, sent_bytes: int) -> None:
        self._inner = inner
        self._sent_bytes = sent_bytes
        self._pieces = aiter(inner)
        self._restorer = veil.restorer()
        self._ended = False
        self.usage: Usage | None = None
        self.first: float | None = None
        self.received = 0

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        while not self._ended:
            piece = await anext(self._pieces, None)
            if piece is None:
                self._ended = True
                self.tell()
                text = self._restorer.end()
            else:
                self.first = self.first or time.perf_counter()
                self.received += len(piece.encode("utf-8", "surrogatepass"))
                text = self._restorer.feed(piece)
            if text:
                return text
        raise StopAsyncIteration

    def interrupt(self) -> None:
        """Have the wrapped client stop, and go on."""
        self._inner.interrupt()
        self.tell()

    def tell(self) -> None:
        """Take over what the wrapped client tells of its work."""
        usage = self._inner.usage
        self.usage = replace(usage, sent_bytes=self._sent_bytes) if usage is not None else None


class GuardedInfill:
    """An `InfillClient` that lets nothing past the rules; owns and closes the wrapped one. Raises `ModelError` only.

    `caps` and `prices` are asked anew for each request. `clock` tells Unix seconds.
    """

    def __init__(
        self,
        inner: InfillClient,
        home: Home,
        *,
        privacy: Privacy,
        ledger: Ledger,
        prices: Callable[[], PriceTable],
        caps: Callable[[], Caps],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inner = inner
        self._home = home
        self._privacy = privacy
        self._ledger = ledger
        self._prices = prices
        self._caps = caps
        self._clock = clock
        self._refusal = ""
        self._refused_at = 0.0
        self._veil = Veil()
        self._masked = lru_cache(_PATHS_KEPT)(masked)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="guard")

    @property
    def health(self) -> Health:
        """How the wrapped client's model is; for a while after a cap or a missing price refused a request, that."""
        if self._refusal and 0 <= self._clock() - self._refused_at < _REFUSED_S:
            return Health("refused", self._refusal)
        return self._inner.health

    @asynccontextmanager
    async def infill(self, request: InfillRequest) -> AsyncIterator[InfillStream]:
        """Ask for a generation; raise `RequestRefused` where the file may not leave, `ModelRefused` for money."""
        if request.priority != "live" and not self._home.sends_guesses:
            async with self._inner.infill(request) as skipped:
                yield skipped
            return
        try:
            ready = await asyncio.get_running_loop().run_in_executor(self._thread, self._made_ready, request)
            await self._ledger.reserve(ready.call, self._caps())
        except PrivacyRefused as refusal:
            raise RequestRefused(str(refusal)) from None
        except GatewayError as refusal:
            self._refusal, self._refused_at = str(refusal), self._clock()
            raise ModelRefused(str(refusal)) from None
        began = time.perf_counter()
        stream: GuardedStream | None = None
        state: State = "cancelled"
        failure: ModelError | None = None
        try:
            async with self._inner.infill(ready.request) as inner:
                stream = GuardedStream(inner, self._veil, ready.call.body_bytes)
                yield stream
            stream.tell()
            if stream.usage is not None and stream.usage.finish != "cancelled":
                state = "done"
        except ModelError as error:
            state, failure = "failed", error
            raise
        finally:
            if stream is not None:
                stream.tell()
            await self._ledger.settle(_settlement(ready, stream, state, failure, began))

    async def info(self) -> ModelInfo:
        """Say what answers, and where."""
        return replace(await self._inner.info(), host=self._home.host)

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Guess each text's tokens from its bytes: to have them counted elsewhere would be to send the text."""
        return [-(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN) for text in texts]

    async def close(self) -> None:
        """Let go of the wrapped client."""
        await self._inner.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _made_ready(self, request: InfillRequest) -> _Ready:
        try:
            with self._privacy.moment():
                return self._veiled(request)
        except VeilFullError as error:
            raise hidden_too_many(error) from None

    def _veiled(self, request: InfillRequest) -> _Ready:
        root = Path(request.workspace) if request.workspace else None
        home = self._home
        verdict = self._privacy.tier(root, request.path, fresh=True)
        if not verdict.allows(home.lane):
            raise PrivacyRefused(f"{request.path} may not be shown to the {home.lane} lane: {verdict.reason}.")
        seen = [extra for extra in request.extras if self._privacy.tier(root, extra.path, fresh=True).allows(home.lane)]
        extras = tuple(
            replace(extra, path=self._veil.cover(extra.path), text=self._veil.cover(extra.text)) for extra in seen
        )
        prefix, suffix = self._veil.cover_around(request.prefix, request.suffix, edges=True)
        ready = replace(
            request,
            prefix=prefix,
            suffix=suffix,
            extras=extras,
            onward="",
            path=self._veil.cover(request.path),
            repository=self._veil.cover(request.repository),
        )
        data = _bytes(ready)
        rate = self._prices().rate(home.provider, home.model, local_day(self._clock()))
        estimate = rate.bound(len(data), _TOKENS_AROUND, request.max_tokens)
        call = Call(
            id=uuid.uuid4().hex,
            ask=uuid.uuid4().hex,
            attempt=1,
            project=project_name(root),
            task="completion",
            lane=home.lane,
            provider=home.provider,
            host=home.host,
            model=home.model,
            worst=estimate.worst,
            body_bytes=len(data),
            body_sha256=hashlib.sha256(data).hexdigest(),
            pieces=(
                Piece("file", self._masked(request.path), *request.lines),
                *(Piece("snippet", self._masked(extra.path), *extra.lines) for extra in seen),
            ),
        )
        return _Ready(ready, call, rate, estimate)


def _bytes(request: InfillRequest) -> bytes:
    document = {
        "prefix": request.prefix,
        "suffix": request.suffix,
        "path": request.path,
        "repository": request.repository,
        "extras": [[extra.path, extra.text] for extra in request.extras],
        "max_tokens": request.max_tokens,
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")


def _settlement(
    ready: _Ready, stream: GuardedStream | None, state: State, failure: ModelError | None, began: float
) -> Settlement:
    usage, charged = None, 0
    if stream is not None:
        usage = _reported(stream.usage)
        whole = state == "done"
        charged = charge(ready.rate, ready.estimate, usage, received=stream.received, whole=whole, error=failure)
    now = time.perf_counter()
    return Settlement(
        call=ready.call.id,
        state=state,
        charged=charged,
        usage=usage or NOTHING,
        reason=failure.kind if failure is not None else "",
        first_ms=(stream.first - began) * 1000 if stream is not None and stream.first is not None else None,
        ms=(now - began) * 1000,
    )


def _reported(told: Usage | None) -> ChatUsage | None:
    if told is None:
        return None
    fresh = max(0, told.prompt_tokens - told.reused_tokens)
    return ChatUsage(fresh, told.generated_tokens, cache_read_tokens=told.reused_tokens)
