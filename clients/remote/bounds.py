"""How much a server elsewhere may send: its answers come uncompressed, and no answer is longer than memory can bear.

A byte order mark before an answer is no part of it; whoever reads events would take it for the first one's name.

Imported when the first connection is opened, because httpx2 is.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import AsyncIterator

import httpx2

from ..errors import AnswerGarbled

MOST_BYTES = 32 << 20
"""Some ten times what an answer of 64,000 tokens takes as events."""


async def bound(response: httpx2.Response) -> None:
    """Take an answer in hand before its body is read; raise `AnswerGarbled` where it is compressed.

    A few bytes of a compressed answer can become gigabytes in one step, which nothing could interrupt.
    """
    host = response.request.url.netloc.decode("ascii", "replace")
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise AnswerGarbled(
            f"{host} compresses its answers, although it was asked not to: look at what stands in between."
        )
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream, host)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, host: str) -> None:
        self._inner = inner
        self._host = host

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        held: bytes | None = b""
        async for chunk in self._inner:
            left -= len(chunk)
            if left < 0:
                raise AnswerGarbled(f"{self._host} sent more than {MOST_BYTES >> 20} MiB; nothing of it is used.")
            if held is None:
                yield chunk
            elif not BOM_UTF8.startswith(held := held + chunk):
                yield held.removeprefix(BOM_UTF8)
                held = None
        if held:
            yield held.removeprefix(BOM_UTF8)

    async def aclose(self) -> None:
        await self._inner.aclose()
