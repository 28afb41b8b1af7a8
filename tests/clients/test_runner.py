"""Whose turn it is, on which sequence; over a cache that only records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.clients.conftest import request
from tests.clients.test_job import Listener
from twolane.clients.engine.families import QWEN
from twolane.clients.engine.job import Job
from twolane.clients.engine.llama import DecodeFailed
from twolane.clients.engine.parking import Parking
from twolane.clients.engine.prompt import PromptBuilder
from twolane.clients.engine.runner import Runner
from twolane.clients.engine.search import Scores
from twolane.clients.errors import ModelCrashed, ModelError
from twolane.clients.model import InfillRequest


class Recorder:
    """A cache that checks that every sequence stays gapless, and always chooses the letter `x`."""

    def __init__(self, *, context: int = 4000, batch: int = 64, partial: bool = True, moves: bool = False) -> None:
        self.context_tokens = context
        self.partial = partial
        self.fails = False
        self.held: dict[int, list[int]] = {}
        self.aside: dict[int, tuple[int, list[int]]] = {}
        self.moves = moves
        self.most_moves = 1 << 20
        self.cuts = partial
        self.stops = False
        self.asked_to_stop = False
        self.batches: list[int] = []
        self.saved = 0
        self._batch = batch
        self._count = 0

    @property
    def room(self) -> int:
        return self._batch - self._count

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        held = self.held.setdefault(slot, [])
        assert position == len(held), "a sequence got a gap"
        held.extend(tokens)
        start = self._count + len(tokens) - outputs
        self._count += len(tokens)
        assert self._count <= self._batch
        return range(start, self._count)

    def decode(self) -> bool:
        self.batches.append(self._count)
        self._count = 0
        if self.fails:
            raise DecodeFailed("on purpose")
        return True

    def stop(self) -> None:
        self.asked_to_stop = True

    def go(self) -> None:
        self.asked_to_stop = False

    def length(self, slot: int) -> int:
        return len(self.held.get(slot, []))

    def share(self, source: int, target: int, length: int) -> bool:
        assert not self.held.get(target)
        self.held[target] = self.held[source][:length]
        return True

    def logits(self, index: int) -> Scores:
        raise AssertionError("no line is searched for here")

    def likeliest(self, index: int) -> int:
        return ord("x")

    def choose(self, index: int, among: Any, behind: int) -> int:
        return self.likeliest(index)

    def forget(self, slot: int, position: int) -> bool:
        if position and not self.partial:
            return False
        del self.held.setdefault(slot, [])[position:]
        return True

    def lift(self, slot: int, start: int, end: int, shift: int) -> None:
        self.aside[slot] = start + shift, self.held[slot][start:end]
        del self.held[slot][start:]

    def lower(self, slot: int) -> None:
        start, tokens = self.aside.pop(slot)
        assert start == len(self.held[slot]), "a block was put back where it does not belong"
        self.held[slot] += tokens

    def drop(self, slot: int) -> None:
        self.aside.pop(slot, None)

    def save(self, slot: int, most: int, *, uncut: bool = False) -> bytearray:
        assert not uncut
        states = "".join(map(chr, (token + 100 for token in self.held[slot]))).encode()
        if len(states) > most:
            return bytearray()
        self.saved += 1
        return bytearray(states)

    def restore(self, slot: int, states: bytearray, *, uncut: bool = False) -> bool:
        assert not uncut
        assert not self.held.get(slot)
        self.held[slot] = [ord(letter) - 100 for letter in states.decode()]
        return True

    def use_threads(self, threads: int) -> None:
        assert threads == 1


class Letters:
    def piece(self, token: int) -> bytes:
        return chr(token).encode()

    def ends(self, token: int) -> bool:
        return token < 0


class Failing(Listener):
    def __init__(self) -> None:
        super().__init__()
        self.error: ModelError | None = None

    def failed(self, error: ModelError) -> None:
        self.error = error


def runner(cache: Recorder, slots: int = 2, parking: int = 0) -> Runner:
    specials = {text: -1 - number for number, text in enumerate(QWEN.specials)}
    builder = PromptBuilder(QWEN, lambda text: [ord(letter) for letter in text], specials.get, None)
    return Runner(builder, Letters(), cache, slots=slots, threads=lambda: 1, parking=Parking(parking))


def finish(running: Runner, *wanted: InfillRequest) -> list[Failing]:
    """Run the requests together to their ends."""
    listeners = [Failing() for _ in wanted]
    for one, listener in zip(wanted, listeners, strict=True):
        running.submit(Job(one, listener))
    for _ in range(10_000):
        if not running.busy:
            return listeners
        running.step()
    raise AssertionError("it never ends")


def test_a_file_keeps_its_own_sequence() -> None:
    running = runner(Recorder())
    finish(running, request(path="a"), request(path="b"))
    (again,) = finish(running, request("def f(x):\n    return y", path="a"))
    assert again.usage is not None
    assert again.usage.reused_tokens > 20
    assert [slot.key for slot in running.slots] in ([("w", "b"), ("w", "a")], [("w", "a"), ("w", "b")])


def test_the_file_not_asked_for_longest_makes_room() -> None:
    running = runner(Recorder())
    for path in ("a", "b", "a", "c"):
        finish(running, request(path=path))
    assert {slot.key for slot in running.slots} == {("w", "a"), ("w", "c")}


def test_more_requests_than_sequences_wait_and_are_all_answered() -> None:
    listeners = finish(runner(Recorder()), *(request(path=str(number)) for number in range(7)))
    assert all("".join(listener.pieces) == "x" * 12 for listener in listeners)


def test_a_long_prompt_is_read_in_pieces_beside_the_answers_of_others() -> None:
    cache = Recorder(batch=64)
    listeners = finish(runner(cache), request("a" * 2000, path="a"), request(path="b", max_tokens=20))
    assert max(cache.batches) <= 64
    assert all(listener.usage and listener.usage.finish == "length" for listener in listeners)


def test_a_model_that_cannot_drop_a_part_reads_everything_again() -> None:
    running = runner(Recorder(partial=False))
    finish(running, request())
    (again,) = finish(running, request("def g"))
    assert again.usage is not None
    assert again.usage.reused_tokens == 0


def test_a_cancelled_request_ends_at_the_next_step_and_its_reading_is_kept() -> None:
    cache = Recorder()
    running = runner(cache)
    listener = Failing()
    job = Job(request("a" * 500, path="a"), listener)
    running.submit(job)
    running.step()
    job.cancelled = True
    running.step()
    assert not running.busy
    assert listener.usage is not None
    assert listener.usage.finish == "cancelled"
    (again,) = finish(running, request("a" * 500, path="a"))
    assert again.usage is not None
    assert again.usage.reused_tokens >= 64


def test_one_cancelled_before_its_turn_is_never_read() -> None:
    cache = Recorder()
    running = runner(cache)
    listener = Failing()
    job = Job(request(), listener)
    running.submit(job)
    job.cancelled = True
    running.step()
    assert cache.batches == []
    assert listener.usage is not None


def test_a_failed_batch_costs_its_answers_and_the_next_one_starts_afresh() -> None:
    cache = Recorder()
    running = runner(cache)
    cache.fails = True
    (failed,) = finish(running, request())
    assert isinstance(failed.error, ModelCrashed)
    cache.fails = False
    (good,) = finish(running, request())
    assert "".join(good.pieces) == "x" * 12


def test_the_text_behind_the_cursor_is_moved_not_read_again() -> None:
    running = runner(Recorder(moves=True))
    suffix = "\n" + "rest of the file\n" * 20
    finish(running, request("def f", suffix=suffix))
    (typed,) = finish(running, request("def fo", suffix=suffix))
    assert typed.usage is not None
    assert typed.usage.evaluated_tokens == 4
    assert typed.usage.reused_tokens == typed.usage.prompt_tokens - 4
    (erased,) = finish(running, request("def", suffix=suffix))
    assert erased.usage is not None
    assert erased.usage.evaluated_tokens <= 4


def test_an_answer_that_was_interrupted_keeps_the_text_behind_the_cursor() -> None:
    running = runner(Recorder(moves=True))
    suffix = "\n" + "rest of the file\n" * 20
    finish(running, request("def f", suffix=suffix))
    guess, urgent = Failing(), Failing()
    running.submit(Job(replace(request("def f(a)", suffix=suffix), priority="speculative"), guess))
    while len(guess.pieces) < 3:
        running.step()
    running.submit(Job(request("def fo", suffix=suffix), urgent))
    while running.busy:
        running.step()
    (typed,) = finish(running, request("def foo", suffix=suffix))
    for listener in (guess, urgent, typed):
        assert "".join(listener.pieces) == "x" * 12
        assert listener.usage is not None
        assert listener.usage.evaluated_tokens < 20


def test_what_was_moved_is_read_again_before_it_grows_stale() -> None:
    running = runner(Recorder(moves=True))
    suffix = "\n" + "rest of the file\n" * 20
    evaluated = []
    for typed in range(150):
        (answer,) = finish(running, request("x = " + "y" * typed, suffix=suffix))
        assert answer.usage is not None
        evaluated.append(answer.usage.evaluated_tokens)
    full = [count for count in evaluated if count > 100]
    assert len(full) == 2
    assert all(count == 4 for count in evaluated if count <= 100)


def read_at_every_key(running: Runner, keys: range, *, warmed: bool = False) -> list[int]:
    """The tokens that each key in front of a long suffix costs; `warmed` by a request that only reads."""
    evaluated = []
    for typed in keys:
        asked = request("x = " + "y" * typed, suffix="\n" + "rest of the file\n" * 20)
        before = [replace(asked, priority="warm", max_tokens=0)] if warmed else []
        answers = [answer for each in (*before, asked) for answer in finish(running, each)]
        evaluated.append(sum(answer.usage.evaluated_tokens for answer in answers if answer.usage))
    return evaluated


def test_what_was_moved_is_read_again_though_every_prompt_is_made_warm_first() -> None:
    evaluated = read_at_every_key(runner(Recorder(moves=True)), range(300), warmed=True)
    assert [key for key, count in enumerate(evaluated) if count > 100] == [0, 95, 190, 285]


def test_a_word_that_is_mended_over_and_over_makes_nothing_stale() -> None:
    running = runner(Recorder(moves=True))
    evaluated = [*read_at_every_key(running, range(3)), *read_at_every_key(running, range(2))]
    for _ in range(100):
        evaluated += read_at_every_key(running, range(2))
    assert [key for key, count in enumerate(evaluated) if count > 100] == [0]


def test_what_each_move_rounds_is_read_again_after_some_moves() -> None:
    cache = Recorder(moves=True)
    cache.most_moves = 8
    running = runner(cache)
    evaluated = [*read_at_every_key(running, range(1)), *read_at_every_key(running, range(1))]
    for _ in range(10):
        evaluated += read_at_every_key(running, range(2))
    assert [key for key, count in enumerate(evaluated) if count > 100] == [0, 11, 20]


def test_what_was_parked_as_stale_as_may_be_is_read_again_once_not_at_every_key() -> None:
    running = runner(Recorder(moves=True), slots=1, parking=10_000)
    read_at_every_key(running, range(95))
    finish(running, request("z" * 100, path="other.py"))
    evaluated = read_at_every_key(running, range(95, 105))
    assert evaluated[0] > 100
    assert all(count == 4 for count in evaluated[1:])


def test_a_request_cancelled_while_a_block_is_set_aside_loses_only_that_block() -> None:
    cache = Recorder(moves=True, batch=32)
    running = runner(cache)
    suffix = "\n" + "rest of the file\n" * 20
    finish(running, request("def f", suffix=suffix))
    job = Job(request("def f" + "o" * 60, suffix=suffix), Failing())
    running.submit(job)
    running.step()
    assert cache.aside
    job.cancelled = True
    running.step()
    assert not cache.aside
    (again,) = finish(running, request("def f" + "o" * 60, suffix=suffix))
    assert again.usage is not None
    assert again.usage.reused_tokens >= 32


def test_a_file_that_lost_its_sequence_finds_its_state_again() -> None:
    running = runner(Recorder(), slots=1, parking=10_000)
    long = "def f(x):\n    return " + "y + " * 30
    finish(running, request(long, path="a"))
    finish(running, request(long, path="b"))
    assert len(running.parking) == 1
    (back,) = finish(running, request(long + "z", path="a"))
    assert back.usage is not None
    assert back.usage.reused_tokens > 100


LONG = "def f(x):\n    return " + "y + " * 30


def visit(running: Runner, path: str) -> int:
    """The tokens that a file costs which is asked for again."""
    (answer,) = finish(running, request(path * 10 + LONG, path=path))
    assert answer.usage is not None
    return answer.usage.evaluated_tokens


def test_files_in_turn_are_not_read_again_though_only_one_has_room_aside() -> None:
    running = runner(Recorder(), slots=2, parking=450)
    assert all(visit(running, path) > 100 for path in "abc")
    assert len(running.parking) == 1
    assert [visit(running, path) for path in "abcabc"] == [1] * 6


def test_a_state_for_which_there_is_no_room_aside_is_not_even_copied() -> None:
    cache = Recorder()
    running = runner(cache, slots=1, parking=100)
    for path in "abab":
        assert visit(running, path) > 100
    assert (cache.saved, len(running.parking)) == (0, 0)


def test_alternatives_take_no_files_place_aside() -> None:
    running = runner(Recorder(), slots=2, parking=1100)
    for path in "abc":
        visit(running, path)
    shown = request("c" * 10 + LONG, path="c")
    finish(running, replace(shown, alternative=1), replace(shown, alternative=2))
    assert [visit(running, path) for path in "cba"] == [1] * 3


def test_an_alternative_makes_room_before_any_file_does() -> None:
    running = runner(Recorder(), slots=3)
    for path in "ab":
        visit(running, path)
    finish(running, replace(request("b" * 10 + LONG, path="b"), alternative=1))
    visit(running, "a")
    visit(running, "c")
    assert {slot.key for slot in running.slots} == {("w", "a"), ("w", "b"), ("w", "c")}


def test_guesses_that_come_true_spare_steps() -> None:
    cache = Recorder()
    (answer,) = finish(runner(cache), request("x" * 30, max_tokens=40))
    assert "".join(answer.pieces) == "x" * 40
    assert answer.usage is not None
    assert answer.usage.accepted_tokens >= 30
    assert len(cache.batches) < 15
    assert len(cache.held[0]) == answer.usage.prompt_tokens + 39


def test_a_model_whose_cache_cannot_be_cut_is_never_guessed_for() -> None:
    (answer,) = finish(runner(Recorder(partial=False)), request("x" * 30, max_tokens=40))
    assert answer.usage is not None
    assert answer.usage.guessed_tokens == 0


def test_the_first_piece_is_small_for_nobody_knows_yet_how_slow_the_model_is() -> None:
    cache = Recorder(batch=512)
    finish(runner(cache), request("a" * 2000))
    assert cache.batches[0] == 64
    assert max(cache.batches) > 64
