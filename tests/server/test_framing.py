"""The framing finds every intact message, whatever stands around it and however it is cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.lsp_client import frame
from twolane.server.wire.framing import Damage, Frame, Framer


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    """Cut bytes into pieces of the given sizes, over and over."""
    pieces = []
    turn = 0
    while data:
        size = sizes[turn % len(sizes)]
        pieces.append(data[:size])
        data = data[size:]
        turn += 1
    return pieces


def read(pieces: list[bytes], limit: int = 1 << 20) -> tuple[list[bytes], list[Damage]]:
    framer = Framer(limit)
    found = [item for piece in pieces for item in framer.feed(piece)]
    bodies = [item.body for item in found if isinstance(item, Frame)]
    return bodies, [item for item in found if isinstance(item, Damage)]


def body(number: int, size: int = 0) -> bytes:
    return json.dumps({"n": number, "pad": "Content-Length: 5\r\n" * size}).encode()


sizes = st.lists(st.integers(1, 50), min_size=1, max_size=8)
NOISE = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([b"\r\n", b"\n\n", b"}}", b"Con"]),
    st.sampled_from([b"Content-Length: x\r\n\r\n", b"Content-Length: 99999999999\r\n\r\n"]),
)


@given(numbers=st.lists(st.integers(0, 5), max_size=6), sizes=sizes)
def test_intact_messages_arrive_however_they_are_cut(numbers: list[int], sizes: list[int]) -> None:
    bodies = [body(number, number) for number in numbers]
    assert read(cut(b"".join(map(frame, bodies)), sizes)) == (bodies, [])


@given(noise=st.lists(NOISE, max_size=5), sizes=sizes)
@example(noise=[b"Content-Length: 0\r\n\r\n"], sizes=[1])
@example(noise=[b"Content-Length: 30\r\nX: y\r\n"], sizes=[7])
def test_any_bytes_are_survived(noise: list[bytes], sizes: list[int]) -> None:
    framer = Framer(1000)
    for piece in cut(b"\n".join(noise) or b"-", sizes):
        for item in framer.feed(piece):
            assert isinstance(item, Damage) or len(item.body) <= 1000


@given(noise=st.lists(NOISE, max_size=4), sizes=sizes)
def test_after_noise_that_announces_no_body_the_next_messages_arrive(noise: list[bytes], sizes: list[int]) -> None:
    rubbish = b"".join(noise).replace(b":", b"").rstrip(b"-")
    bodies, _ = read(cut(rubbish + frame(body(1)) + frame(body(2)), sizes))
    assert bodies == [body(1), body(2)]


@pytest.mark.parametrize("off", [*range(-40, 0), *range(1, 18)])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_wrong_length_costs_the_damaged_message_at_most(off: int, size: int) -> None:
    damaged = b"x" * 50 + b'"}'
    damaged = b'{"a":"' + damaged
    stream = b"Content-Length: %d\r\n\r\n%s" % (len(damaged) + off, damaged) + frame(body(1)) + frame(body(2))
    bodies, _ = read(cut(stream, [size]))
    assert bodies[-2:] == [body(1), body(2)]


def test_a_length_too_large_loses_nothing_when_the_next_header_follows() -> None:
    first = body(1)
    bodies, damage = read([b"Content-Length: %d\r\n\r\n%s" % (len(first) + 3, first) + frame(body(2))])
    assert (bodies, damage) == ([first, body(2)], [])


def test_an_announced_giant_is_refused_without_holding_it() -> None:
    framer = Framer(1000)
    (damage,) = framer.feed(b"Content-Length: 1001\r\n\r\n")
    assert isinstance(damage, Damage)
    assert damage.refused
    for _ in range(100):
        assert list(framer.feed(b"x" * 65536)) == []
    (found,) = framer.feed(frame(b"{}"))
    assert found == Frame(b"{}")


def test_headers_of_similar_names_are_other_headers() -> None:
    header = b"X-Content-Length: 7\r\nContent-Length-Hint: 8\r\n"
    assert read([header + frame(b"{}")]) == ([b"{}"], [])


def test_damage_is_reported_once() -> None:
    _, damage = read([b"a\nb\n: c\n\n\nd\n" + frame(b"{}")])
    assert len(damage) == 1


def test_the_largest_message_is_accepted() -> None:
    assert read([frame(b" " * 1000)], 1000) == ([b" " * 1000], [])
