"""Lines are searched for in a real model's forked cache: what is found, and what else happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients.test_job import Listener
from tests.clients.test_reuse import asking, typing
from tests.clients.test_runner import Failing
from twolane.clients.engine.families import QWEN, STARTER, Family
from twolane.clients.engine.fitting import WIDTH
from twolane.clients.engine.healing import Healing
from twolane.clients.engine.job import Job
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import DecodeFailed, Model, NoRoom, Sequences
from twolane.clients.engine.parking import Parking
from twolane.clients.engine.prompt import PromptBuilder
from twolane.clients.engine.runner import Runner
from twolane.clients.engine.search import Endings, Scores, Search
from twolane.clients.engine.searching import Searching
from twolane.clients.engine.spelling import Spelling
from twolane.clients.errors import ModelCrashed
from twolane.clients.model import InfillRequest

MOST_STEPS = 2000


class Engine:
    """A runner over the real model, in this process, that searches for lines; `movable` as sequences have it."""

    def __init__(self, model: Model, *, movable: bool = False, family: Family = STARTER) -> None:
        spelling = Spelling(model, STARTER)
        self.sequences = Sequences(
            model,
            context_tokens=1024,
            slots=2,
            threads=1,
            batch_tokens=256,
            movable=movable,
            branches=WIDTH,
            flash_attention="off",
            full_precision=True,
        )
        self.endings = Endings(model.vocabulary_size, spelling.piece, spelling.ends)
        self.spelling = spelling
        self.healing = Healing(model.vocabulary_size, spelling.piece, spelling.ends)
        self.runner = Runner(
            PromptBuilder(family, model.tokenize, model.special, model.begin, take_back=self.healing.take_back),
            spelling,
            self.sequences,
            slots=2,
            threads=lambda: 1,
            parking=Parking(1 << 24),
            healing=self.healing,
            searching=Searching(self.sequences, self.endings, spelling.piece, self.healing),
        )

    def begin(self, request: InfillRequest) -> tuple[Job, Listener]:
        listener = Listener()
        job = Job(request, listener)
        self.runner.submit(job)
        return job, listener

    def run(self) -> None:
        for _ in range(MOST_STEPS):
            if not self.runner.busy:
                return
            self.runner.step()
        raise AssertionError("it does not come to an end")

    def run_until_searching(self, job: Job) -> None:
        for _ in range(MOST_STEPS):
            if job.searched:
                return
            self.runner.step()
        raise AssertionError("nothing is searched for")

    def answer(self, request: InfillRequest) -> str:
        _, listener = self.begin(request)
        self.run()
        return "".join(listener.pieces)

    def read_anew(self, request: InfillRequest) -> str:
        """The same search, with everything read again for each hypothesis; nothing is forked."""
        job, _ = self.begin(replace(request, max_tokens=1, hypotheses=1))
        self.run()
        search = Search(WIDTH, self.endings, self.spelling.piece, 40, self.taken(request), self.healing.agreeing)
        held: dict[int, list[int]] = {0: []}
        step = search.feed([self.scores(job.prompt)])
        while step is not None:
            for source, target in step.copies:
                held[target] = list(held[source])
            for branch, token in step.tokens:
                held[branch].append(token)
            step = search.feed([self.scores(job.prompt + held[branch]).copy() for branch, _ in step.tokens])
        text = b"".join(map(self.spelling.piece, search.best()))[len(self.taken(request)) :].decode()
        return text.partition("\n")[0]

    def taken(self, request: InfillRequest) -> bytes:
        return self.runner._jobs._builder.build(request, 900).taken

    def scores(self, tokens: list[int]) -> Scores:
        self.sequences.forget(0, 0)
        at = 0
        for start in range(0, len(tokens), 256):
            piece = tokens[start : start + 256]
            at = self.sequences.add(0, start, piece, outputs=1)[0]
            self.sequences.decode()
        self.runner.slots[0].clear()
        return self.sequences.logits(at).copy()

    def close(self) -> None:
        self.sequences.close()


def wanted(request: InfillRequest, *, path: str = "signer.py") -> InfillRequest:
    return replace(request, path=path, max_tokens=40, stop=("\n",), hypotheses=WIDTH)


@pytest.fixture(scope="module")
def model(starter: Path) -> Iterator[Model]:
    loaded = Model(Library(), starter, 0, lambda _: None)
    yield loaded
    loaded.close()


@pytest.fixture(params=[False, True], ids=["separate", "movable"])
def engine(model: Model, request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = Engine(model, movable=request.param)
    yield made
    made.close()


def test_a_forked_cache_finds_what_reading_everything_anew_finds(engine: Engine) -> None:
    found = 0
    for request in typing(places=4, keys=3):
        expected = engine.read_anew(wanted(request))
        answer = engine.answer(wanted(request))
        assert answer.rstrip() == expected.rstrip()
        found += bool(answer.strip())
    assert found > 6


def test_a_searched_line_with_more_behind_it_keeps_the_text_behind_the_cursor(model: Model) -> None:
    engine = Engine(model, movable=True, family=QWEN)
    went_on = []
    try:
        for request in typing(places=12, keys=4, before=600, after=500):
            asked = replace(wanted(request), stop=())
            line = engine.answer(asked)
            _, typed = engine.begin(replace(asked, prefix=asked.prefix + "er(", hypotheses=1))
            engine.run()
            if "\n" in line:
                assert typed.usage is not None
                went_on.append(typed.usage.evaluated_tokens)
    finally:
        engine.close()
    assert went_on
    assert max(went_on) < 20


def test_a_search_says_what_it_took(engine: Engine) -> None:
    for request in typing(places=4, keys=2):
        _, listener = engine.begin(wanted(request))
        engine.run()
        assert listener.usage is not None
        assert listener.usage.searched_tokens >= listener.usage.generated_tokens - 1
        _, listener = engine.begin(replace(wanted(request), hypotheses=1))
        engine.run()
        assert listener.usage is not None
        assert listener.usage.searched_tokens == 0


def test_a_cancelled_search_leaves_nothing_behind(engine: Engine) -> None:
    request = wanted(asking("def add(first, second):\n    return fir", "\n"))
    expected = engine.answer(request)
    job, listener = engine.begin(wanted(asking("def sub(first, second):\n    return first - ", "\n")))
    engine.run_until_searching(job)
    job.cancelled = True
    engine.run()
    assert listener.usage is not None
    assert listener.usage.finish == "cancelled"
    assert engine.answer(request) == expected


def test_who_waits_takes_the_search_from_a_guess_that_begins_anew(engine: Engine) -> None:
    guess = wanted(asking("def add(first, second):\n    return fir", "\n"), path="guess.py")
    urgent = wanted(asking("class Shape:\n    def __init__(self, width):\n        self.", "\n"))
    expected = engine.answer(guess), engine.answer(urgent)
    job, guessing = engine.begin(replace(guess, priority="speculative"))
    engine.run_until_searching(job)
    _, waiting = engine.begin(urgent)
    engine.run()
    assert ("".join(guessing.pieces), "".join(waiting.pieces)) == expected


def test_two_who_wait_are_both_answered(engine: Engine) -> None:
    first = wanted(asking("def add(first, second):\n    return fir", "\n"), path="first.py")
    second = wanted(asking("class Shape:\n    def __init__(self, width):\n        self.", "\n"), path="second.py")
    begun = [engine.begin(first), engine.begin(second)]
    engine.run()
    assert all(listener.usage is not None and listener.pieces for _, listener in begun)


def test_a_search_whose_time_is_over_tells_the_best_line_so_far(engine: Engine) -> None:
    _, listener = engine.begin(replace(wanted(asking("def add(first, second):\n    ret", "\n")), time_limit_ms=0))
    engine.run()
    assert listener.usage is not None
    assert listener.usage.finish in ("time", "stop", "end")
    assert listener.usage.searched_tokens == 0


def test_a_search_whose_time_runs_out_tells_all_that_it_found(engine: Engine) -> None:
    left = 0
    for request in typing(places=10, keys=1):
        job, listener = engine.begin(wanted(request))
        while job.searched < 5 and engine.runner.busy:
            engine.runner.step()
        searching = engine.runner._searching
        if listener.usage is None and searching is not None and searching._under is not None:
            found = b"".join(map(engine.spelling.piece, searching._under.search.best()))[len(job.taken) :]
            job._first -= 1000
            engine.run()
            assert "".join(listener.pieces) == found.decode().partition("\n")[0]
            left += 1
    assert left > 2


@pytest.mark.parametrize("most", [3, 6])
def test_a_line_that_is_cut_short_says_so(engine: Engine, most: int) -> None:
    for request in typing(places=8, keys=1):
        said, cut = "", replace(wanted(request), max_tokens=most)
        _, listener = engine.begin(cut)
        engine.run()
        said = "".join(listener.pieces)
        assert listener.usage is not None
        assert listener.usage.finish == "length" or said == engine.answer(wanted(request))


def test_what_stands_in_further_lines_is_written_behind_a_line_that_was_searched_for(engine: Engine) -> None:
    answers = []
    for request in typing(places=8, keys=1, after=0):
        _, listener = engine.begin(replace(wanted(request), stop=()))
        engine.run()
        answers.append("".join(listener.pieces))
        usage = listener.usage
        assert usage is not None
        assert usage.reused_tokens + usage.evaluated_tokens <= usage.prompt_tokens
        assert answers[-1].startswith(engine.answer(wanted(request)))
    assert any(text.rstrip().count("\n") for text in answers)


def test_a_search_keeps_no_room_in_the_cache(engine: Engine) -> None:
    for request in typing(places=3, keys=1):
        engine.answer(wanted(request))
        assert [engine.sequences.length(branch) for branch in engine.sequences.branches] == [0] * WIDTH
    job, _ = engine.begin(wanted(asking("def sub(first, second):\n    return first - ", "\n")))
    engine.run_until_searching(job)
    job.cancelled = True
    engine.run()
    engine.answer(replace(wanted(asking("x = ", "\n")), hypotheses=1))
    assert [engine.sequences.length(branch) for branch in engine.sequences.branches] == [0] * WIDTH


def test_a_model_that_fails_in_a_search_is_told_and_goes_on_afterwards(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = wanted(asking("def sub(first, second):\n    raise ", "\n"))
    expected = engine.answer(request)
    job = Job(replace(request, path="other.py"), failing := Failing())
    engine.runner.submit(job)
    engine.run_until_searching(job)

    def fail() -> bool:
        raise DecodeFailed("on purpose")

    with monkeypatch.context() as patch:
        patch.setattr(engine.sequences, "decode", fail)
        engine.run()
    assert isinstance(failing.error, ModelCrashed)
    engine.sequences._count = 0
    assert engine.answer(request) == expected


def test_where_no_room_is_left_another_file_makes_some(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    request = wanted(asking("def sub(first, second):\n    raise ", "\n"))
    expected = engine.answer(request)
    job, listener = engine.begin(replace(request, path="other.py"))
    engine.run_until_searching(job)
    decode = engine.sequences.decode
    refused: list[bool] = []

    def once() -> bool:
        if not refused:
            refused.append(True)
            engine.sequences._count = 0
            raise NoRoom
        return decode()

    with monkeypatch.context() as patch:
        patch.setattr(engine.sequences, "decode", once)
        engine.run()
    assert refused
    assert "".join(listener.pieces) == expected


def test_where_nobody_can_make_room_what_was_found_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    job, listener = engine.begin(wanted(asking("def sub(first, second):\n    raise ", "\n")))
    engine.run_until_searching(job)
    decode = engine.sequences.decode

    def full() -> bool:
        if engine.runner._searching is not None and engine.runner._searching.at_work:
            engine.sequences._count = 0
            raise NoRoom
        return decode()

    with monkeypatch.context() as patch:
        patch.setattr(engine.sequences, "decode", full)
        patch.setattr(engine.runner._jobs, "make_room", lambda rank: False)
        engine.run()
    assert "".join(listener.pieces)
    assert listener.usage is not None


def test_who_comes_back_to_an_emptied_sequence_is_searched_for_anew(engine: Engine) -> None:
    request = wanted(asking("def sub(first, second):\n    raise ", "\n"))
    expected = engine.answer(request)
    job, listener = engine.begin(replace(request, path="other.py"))
    engine.run_until_searching(job)
    (slot,) = [slot for slot in engine.runner.slots if slot.job is job]
    key = slot.key
    slot.clear()
    slot.begin(job.prompt)
    slot.job, slot.key = job, key
    engine.run()
    assert "".join(listener.pieces) == expected
