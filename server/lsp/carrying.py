"""What of an answer still holds after the person typed on while the model wrote."""

from __future__ import annotations

from typing import NamedTuple


class Carried(NamedTuple):
    """`text` is to replace `start`..`end` (code points) of the document as it is now."""

    text: str
    start: int
    end: int


def carry(answer: Carried, cursor: int, asked: str, now: str) -> Carried | None:
    """Bring an answer for the text `asked`, with its cursor, to the text `now`; None where it is stale.

    It holds where nothing changed, or where the only change is an insertion at the cursor that the answer
    begins with; what was typed is then taken off its front.
    """
    if now is asked or now == asked:
        return answer
    typed = len(now) - len(asked)
    if typed <= 0 or not answer.start <= cursor <= answer.end:
        return None
    if not now.startswith(asked[:cursor]) or not now.endswith(asked[cursor:]):
        return None
    head = now[answer.start : cursor + typed]
    if len(answer.text) <= len(head) or not answer.text.startswith(head):
        return None
    done = cursor + typed
    if answer.start == cursor:
        return Carried(answer.text[len(head) :], done, answer.end + typed)
    return Carried(answer.text, answer.start, answer.end + typed)
