"""A request as one text for servers that take a prompt: made to fit, and with nothing in it that poses as control."""

from __future__ import annotations

import re
from dataclasses import replace

from ..engine.families import Family
from ..model import InfillRequest

_SHARE_OF_SUFFIX = 4
_PIPED_TOKEN = r"<\|[A-Za-z_]{2,40}\|>"  # noqa: S105 -- a pattern of control tokens, no password


class Room:
    """How many characters a prompt may have, learnt from what the server counts."""

    def __init__(self, context_tokens: int) -> None:
        """`context_tokens` is the model's window; 0 where it is not known, and then nothing is cut."""
        self.context_tokens = context_tokens
        self._chars_per_token = 2.5

    def chars(self, max_tokens: int) -> int:
        """Characters that fit beside `max_tokens` of answer; 0 where there is no limit."""
        if not self.context_tokens:
            return 0
        return int(max(64, self.context_tokens - max_tokens - 32) * self._chars_per_token)

    def learn(self, chars: int, tokens: int) -> None:
        """A prompt of so many characters had so many tokens."""
        if tokens >= 64:
            self._chars_per_token = max(0.5, min(5.0, 0.9 * chars / tokens))

    def overrun(self) -> None:
        """The server could not read a prompt that was thought to fit."""
        self._chars_per_token = max(0.5, self._chars_per_token * 0.7)


def fitted(request: InfillRequest, chars: int) -> InfillRequest:
    """Cut a request down to about `chars` characters (0: no limit).

    What goes first: other files from the last to the first, the far end of the suffix down to a quarter of the room,
    the far start of the prefix, there by whole lines where there are some.
    """
    if not chars:
        return request
    extras = list(request.extras)
    over = (
        len(request.prefix) + len(request.suffix) + sum(len(extra.path) + len(extra.text) for extra in extras) - chars
    )
    while over > 0 and extras:
        last = extras.pop()
        over -= len(last.path) + len(last.text)
    suffix = request.suffix
    if over > 0:
        kept = max(chars // _SHARE_OF_SUFFIX, len(suffix) - over)
        over -= max(0, len(suffix) - kept)
        suffix = suffix[:kept]
    prefix = request.prefix
    if over > 0:
        line = prefix.find("\n", over)
        prefix = prefix[line + 1 if 0 <= line < len(prefix) - 1 else over :]
    return replace(request, extras=tuple(extras), suffix=suffix, prefix=prefix)


def rendered(family: Family, request: InfillRequest) -> str:
    """Lay the request out in the family's form.

    A server reads control tokens out of text. So where text of the document spells one, its first sign is set apart
    by a space: the model sees the words, and the document cannot pose as something else.
    """
    return "".join(piece.text if piece.special else harmless(family, piece.text) for piece in family.render(request))


def harmless(family: Family | None, text: str) -> str:
    """The text with each control token that it spells set apart: the family's own, and whatever is written `<|…|>`."""
    own = {*family.specials, *family.stops} if family is not None else set[str]()
    control = "|".join([*map(re.escape, sorted(own)), _PIPED_TOKEN])
    return re.sub(control, lambda found: f"{found[0][0]} {found[0][1:]}", text)


def commented(request: InfillRequest) -> str:
    """The text before the cursor with the other files in front of it, for servers that take a suffix of their own."""
    return "".join(f"#{extra.path}\n{extra.text}\n" for extra in request.extras) + request.prefix
