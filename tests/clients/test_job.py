"""What of a generation reaches the one who asked."""

from __future__ import annotations

from collections.abc import Callable

from twolane.clients.engine.job import Job
from twolane.clients.engine.prompt import Prompt
from twolane.clients.errors import ModelError
from twolane.clients.model import InfillRequest, Usage


class Listener:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.usage: Usage | None = None

    def text(self, text: str, so_far: Callable[[], Usage]) -> None:
        assert so_far().finish == "cancelled"
        self.pieces.append(text)

    def done(self, usage: Usage) -> None:
        self.usage = usage

    def failed(self, error: ModelError) -> None:
        raise AssertionError(error)


def check(
    spellings: list[bytes], expected: str, finish: str, *, stop: tuple[str, ...] = (), limit: int = 99
) -> Listener:
    """The spelled tokens, then an end token, are heard as `expected` and end with `finish`."""
    listener = Listener()
    request = InfillRequest("", "", "a", "w", "r", max_tokens=limit, time_limit_ms=99_000, stop=stop)
    job = Job(request, listener)
    job.admit(Prompt([1, 2, 3]), 1, 99)
    ended = None
    for token, spelling in enumerate(spellings):
        ended = job.take(token, spelling, ends=False)
        if ended:
            break
    ended = ended or job.take(99, b"", ends=True)
    assert ended is not None
    job.finish(ended)
    assert "".join(listener.pieces) == expected
    assert listener.usage is not None
    assert listener.usage.finish == finish
    return listener


def test_text_arrives_as_it_is_spelled() -> None:
    listener = check([b"a", b"b c"], "ab c", "end")
    assert listener.pieces == ["a", "b c"]


def test_only_whole_characters_are_passed_on() -> None:
    euro = "€".encode()
    assert check([b"x", euro[:1], euro[1:], b"y"], "x€y", "end").pieces == ["x", "€", "y"]
    check([b"x", euro[:2]], "x", "end")


def test_a_stop_is_not_shown_wherever_tokens_cut_it() -> None:
    check([b"one\n", b"two"], "one", "stop", stop=("\n",))
    check([b"a\n", b"\nb"], "a", "stop", stop=("\n\n",))
    assert check([b"a\n", b"b"], "a\nb", "end", stop=("\n\n",)).pieces == ["a", "\nb"]
    check([b"a\n"], "a\n", "end", stop=("\n\n",))
    check([b"xyz"], "x", "stop", stop=("z", "y"))


def test_the_limit_ends_it() -> None:
    listener = check([b"a", b"b", b"c"], "ab", "length", limit=2)
    assert listener.usage is not None
    assert listener.usage.generated_tokens == 2
