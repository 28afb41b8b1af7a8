"""The seam every model sits behind.

A client turns an `InfillRequest` into a stream of text pieces. It knows no editor: positions are already
offsets, documents already plain text. Everything it raises is a `errors.ModelError`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

Lane = Literal["near", "team", "far"]
Priority = Literal["live", "speculative", "warm", "background"]
"""Who waits: a person; a guess at what a person does next; a cache that is made warm; nobody in particular.

Work of a higher kind goes first, and stops what is lower within one step of the model.
"""
Finish = Literal["end", "stop", "length", "time", "cancelled"]
"""Why a stream ended: the model's own end, a stop text, `max_tokens`, `time_limit_ms`, or the caller."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A piece of another file shown to the model: its workspace-relative path and its text.

    `lines` are the first and the last line that it was taken from, counted from 1; 0 where nobody knows.
    """

    path: str
    text: str
    lines: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class InfillRequest:
    """A hole between `prefix` and `suffix`.

    `workspace` and `path` name the file (its KV sequence is kept under that pair); `repository` is the name
    the model is shown, `lines` the first and last line of the file that are shown, from 1. `extras` stand
    before the file, in this order. Generation ends at the first of `stop` (not included in the text), after
    `max_tokens`, or `time_limit_ms` after its first token. With `max_tokens` 0 the prompt is read, so that a
    later request finds it read, and nothing is generated.

    With `heals` a word that the prefix ends in is taken back, so that the answer need not go on from within it: the
    model writes it anew, and what was typed of it is not told again. `alternative` asks for another answer than the
    likeliest: the one that begins with the next likely token (1), the one after (2) …; it has a sequence of its own. A
    server elsewhere draws one instead.
    With more than one of `hypotheses` a model that can search looks for the likeliest first line among so many at a
    time, where else each token is the likeliest next one; it tells the line as a whole. With `copies` a model that can
    goes on as the same text did before in what it is shown, and first of all as another place does that is not shown:
    `onward` is what stands there behind the same text. `document` tells files of one name apart that are in no
    workspace.
    """

    prefix: str
    suffix: str
    path: str
    workspace: str
    repository: str
    extras: tuple[Extra, ...] = ()
    max_tokens: int = 64
    time_limit_ms: int = 1000
    stop: tuple[str, ...] = ()
    priority: Priority = "live"
    lines: tuple[int, int] = (0, 0)
    heals: bool = True
    alternative: int = 0
    hypotheses: int = 1
    copies: bool = False
    onward: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one generation took.

    `reused_tokens` of the prompt were found in the cache, `evaluated_tokens` computed. `guessed_tokens` were
    proposed without the model, `accepted_tokens` of them were what it would have said. `prefill_ms` and
    `decode_ms` are what a clock on the wall shows; `model_ms` is this answer's share of the model's own time.
    `sent_bytes` left this machine for it; `searched_tokens` were tried in search of the likeliest line, `copied_tokens`
    are not what the model thought likeliest but what followed the same text before.
    """

    prompt_tokens: int
    reused_tokens: int
    evaluated_tokens: int
    generated_tokens: int
    queue_ms: float
    prefill_ms: float
    decode_ms: float
    finish: Finish
    guessed_tokens: int = 0
    accepted_tokens: int = 0
    model_ms: float = 0.0
    sent_bytes: int = 0
    searched_tokens: int = 0
    copied_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What answers: `name` for people, `family` for the prompt form, `context_tokens` for one file, `host` where bytes
    go that leave this machine for it.

    `reads_per_s` and `writes_per_s` are tokens a second as measured when the model was loaded, 0 where nobody did.
    `copies` tells whether it goes on as the same text did before, where a request says so.
    """

    name: str
    family: str
    path: str
    context_tokens: int
    device: str
    lane: Lane = "near"
    host: str = ""
    reads_per_s: float = 0.0
    writes_per_s: float = 0.0
    copies: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """How a client's model is; `message` is for people, `progress` (0.0 to 1.0) has a meaning while loading.

    ``away`` is at rest until it is needed, ``down`` may mend itself (the next request tries), ``refused`` needs
    a person.
    """

    kind: Literal["away", "down", "starting", "loading", "ready", "refused"]
    message: str = ""
    progress: float = 0.0


class InfillStream(Protocol):
    """Text pieces as they are generated.

    `usage` is final once the stream is exhausted or has been left; before that it is what is known so far, if anything.
    """

    @property
    def usage(self) -> Usage | None:
        """What it took."""
        ...

    def __aiter__(self) -> AsyncIterator[str]:
        """Yield whole characters only; raise `ModelError` on failure."""
        ...

    def interrupt(self) -> None:
        """Nothing more is wanted: the model stops while the caller goes on."""
        ...


class InfillClient(Protocol):
    """A model that fills in the middle."""

    def infill(self, request: InfillRequest) -> AbstractAsyncContextManager[InfillStream]:
        """Start generating; leaving the context early cancels the model's work within one decode step."""
        ...

    @property
    def health(self) -> Health:
        """How the model is, as far as is known without asking it."""
        ...

    async def info(self) -> ModelInfo:
        """Say what answers, loading it if need be; raise `ModelError` where nothing can."""
        ...

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's own tokens."""
        ...

    async def close(self) -> None:
        """Let go of connections; running streams end as cancelled."""
        ...
