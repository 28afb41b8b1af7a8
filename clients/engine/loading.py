"""A model is loaded to fit this machine: what was left open is chosen, what cannot work is refused first.

Where memory turns out to be shorter than it seemed, less is asked for, once: at once where llama.cpp says so, in the
next engine where the process died of it.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, NoReturn

from ..errors import ModelRefused, TooLarge
from ..model import ModelInfo
from . import draft_model
from .adapters import Adapters
from .copying import Pieces
from .draft_model import Drafter
from .families import Family, detect
from .fitting import BATCH_TOKENS, MOVABLE, Failed, Machine, Plan, branches, plan, smaller, with_shared_cells
from .gguf_check import Header, read_header
from .healing import Healing
from .library import Library
from .llama import DecodeFailed, Model, NoMemory, NoRoom, Sequences
from .loaded import Draft, Loaded
from .machine import free_cores, this_machine
from .marks import Marks
from .parking import Parking
from .prompt import PromptBuilder
from .runner import Runner
from .search import Endings
from .searching import Searching
from .spec import ModelSpec
from .speed import measure
from .spelling import Spelling
from .trial import MOST_DEATHS, LastWords, Trials
from .turns import Alone, Turns
from .weights import Facts, Shelf, Weights, facts

_log = logging.getLogger(__name__)
_MIB = 1 << 20
_DRAFT_SPARE = 256 * _MIB


class _Load(NamedTuple):
    """One load under way."""

    progress: Callable[[float], bool | None]
    turns: Turns


class _Attempt(NamedTuple):
    """What was asked for, what is tried, perhaps with lower numbers, and why they are lower."""

    asked: ModelSpec
    tried: ModelSpec
    why: str = ""


class _Short(Exception):
    """Memory was too short for a plan."""

    def __init__(self, failed: Failed, chosen: Plan, error: NoMemory) -> None:
        super().__init__(str(error))
        self.failed: Failed = failed
        self.chosen = chosen
        self.error = error


class Loader:
    """Loads models, and knows which weights are in memory already. Called on the engine's worker thread only.

    The weights themselves are read beside it.
    """

    def __init__(self, library: Library, folder: Path, machine: Callable[[], Machine] = this_machine) -> None:
        """`folder` is the engine's own, where it notes what it loads; `machine` measures what is free."""
        self._library = library
        self._folder = folder
        self._machine = machine
        self._shelf = Shelf()

    @functools.cached_property
    def _words(self) -> LastWords:
        """Opened, like the notes, when the first model is loaded: the engine holds its folder's lock by then."""
        return LastWords(self._folder)

    @functools.cached_property
    def _trials(self) -> Trials:
        return Trials(self._folder, aborted=bool(self._words.said))

    def leave(self, *, forget: bool) -> None:
        """The engine leaves in order; with `forget` the next one knows nothing of earlier deaths."""
        if "_trials" in self.__dict__:
            self._trials.leave(forget=forget)
            self._words.close()

    def __call__(self, spec: ModelSpec, progress: Callable[[float], bool | None], turns: Turns | None = None) -> Loaded:
        """Load what `spec` names; `progress` hears 0.0 to 1.0, and ends it with False. Raise `ModelRefused`.

        `turns` is how the models that are at work go on meanwhile.
        """
        started = time.monotonic()
        load = _Load(progress, turns or Alone())
        header, draft, words = load.turns.beside(lambda: _headers(spec))
        attempt = self._after_deaths(header, draft, spec)
        try:
            files = _facts(spec)
            loaded = self._stepping_down(header, draft, attempt, load)
            if draft:
                self._add_draft(loaded, draft, words, load)
        except BaseException:
            self._trials.note(spec, "good")
            raise
        self._trials.note(spec, "computing" if loaded.plan.on_device else "good", loaded.plan)
        loaded.seconds = time.monotonic() - started
        loaded.files = files
        return loaded

    def _after_deaths(self, header: Header, draft: Header | None, spec: ModelSpec) -> _Attempt:
        """What to try, given how many engines have died of it; raise `ModelRefused` where that is enough."""
        deaths = self._trials.deaths(spec)
        if not deaths:
            return _Attempt(spec, spec)
        tried = self._trials.tried(spec, self._plan(header, draft, spec))
        less = smaller(spec, tried, "cache")
        if deaths >= MOST_DEATHS or less is None:
            numbers, minutes = _numbers(header, tried, self._machine()), self._trials.minutes_left(spec)
            raise ModelRefused(
                f"The engine died {'once' if deaths == 1 else f'{deaths} times'} with the model {header.path} "
                f"({numbers}): lower near.slots, near.context_tokens or near.gpu_layers, or choose a smaller model. "
                f"It is tried again in {minutes} minute{'' if minutes == 1 else 's'}, or after `twolane engine stop`."
            )
        return _Attempt(spec, less[0], f"the last engine died with it, so {less[1]}")

    def _stepping_down(self, header: Header, draft: Header | None, attempt: _Attempt, load: _Load) -> Loaded:
        try:
            return self._load(header, draft, attempt, load)
        except _Short as short:
            less = smaller(attempt.tried, short.chosen, short.failed)
            if attempt.why or less is None:
                self._give_up(header, short, tried_less=bool(attempt.why))
            attempt = attempt._replace(tried=less[0], why=f"memory was too short, so {less[1]}")
        _log.warning("%s is loaded smaller: %s", header.path, attempt.why)
        try:
            return self._load(header, draft, attempt, load)
        except _Short as short:
            self._give_up(header, short, tried_less=True)

    def _give_up(self, header: Header, short: _Short, *, tried_less: bool) -> NoReturn:
        numbers, tried = _numbers(header, short.chosen, self._machine()), ", and less was tried" if tried_less else ""
        raise ModelRefused(
            f"The model {header.path} does not fit ({numbers}){tried}: lower near.slots, near.context_tokens or "
            "near.gpu_layers, or choose a smaller model."
        ) from short.error

    def _plan(self, header: Header, draft: Header | None, spec: ModelSpec) -> Plan:
        held = self._shelf.find(header.path, spec.gpu_layers)
        machine = _without(self._machine(), draft.size + _DRAFT_SPARE if draft else 0)
        return plan(header, spec, machine, resident=held.gpu_layers if held else None)

    def _weights(self, header: Header, spec: ModelSpec, gpu_layers: int, load: _Load) -> Weights:
        """The weights of `header`, read beside the worker thread if they are not in memory. Raise `ModelRefused`."""

        def read() -> Model:
            return Model(self._library, header.path, gpu_layers, load.progress)

        return self._shelf.bring(header.path, spec.gpu_layers, gpu_layers, lambda: load.turns.beside(read))

    def _load(self, header: Header, draft: Header | None, attempt: _Attempt, load: _Load) -> Loaded:
        spec, used_devices, chosen = attempt.tried, self._machine().devices, self._plan(header, draft, attempt.tried)
        self._trials.note(attempt.asked, "loading", chosen)
        try:
            weights = self._weights(header, spec, chosen.gpu_layers, load)
        except NoMemory as error:
            raise _Short("weights", chosen, error) from error
        user = object()
        weights.users.append(user)
        adapters: Adapters | None = None
        try:
            model = weights.model
            name = model.metadata("general.name") or header.path.stem
            family: Family = detect(name, model.metadata, model.special)
            movable = not family.prefix_last and chosen.kv_type in MOVABLE and not header.state_bytes
            if movable and not (chosen.on_device or attempt.asked.slots):
                chosen = with_shared_cells(chosen)
                self._trials.note(attempt.asked, "loading", chosen)
            adapters = Adapters(model, header, spec.adapters)
            sequences = _sequences(load.turns, model, chosen, adapters, movable=movable, branches=branches(header))
            threads = _threads(spec, chosen.threads)
            reads_per_s, writes_per_s = _speed(sequences, threads(), load.turns)
        except BaseException as error:
            if adapters:
                adapters.close()
            self._shelf.let_go(weights, user)
            if isinstance(error, NoMemory):
                raise _Short("cache", chosen, error) from error
            raise
        spelling = Spelling(model, family)
        vocabulary = model.vocabulary_size, spelling.piece, spelling.ends
        healing = load.turns.beside(lambda: Healing(*vocabulary))
        searching: Searching | None = None
        pieces: Pieces | None = None
        if sequences.branches:
            pieces = load.turns.beside(lambda: Pieces(*vocabulary))
            endings = load.turns.beside(lambda: Endings(*vocabulary))
            searching = Searching(sequences, endings, spelling.piece, healing)
        loaded = Loaded(
            spec=attempt.asked,
            info=ModelInfo(
                name=name,
                family=family.name,
                path=str(header.path),
                context_tokens=sequences.context_tokens,
                device="gpu" if chosen.on_device else "cpu",
                reads_per_s=round(reads_per_s, 1),
                writes_per_s=round(writes_per_s, 1),
                copies=pieces is not None,
            ),
            plan=chosen,
            weights=weights,
            adapters=adapters,
            sequences=sequences,
            runner=Runner(
                _builder(model, family, healing, tells_lasting=not sequences.cuts),
                spelling,
                sequences,
                slots=chosen.slots,
                threads=threads,
                parking=_parking(chosen.parking_bytes, cuts=sequences.cuts),
                healing=healing,
                searching=searching,
                pieces=pieces,
            ),
            seconds=0.0,
            devices=used_devices if chosen.on_device else (),
            draft=None,
            stepped_down=attempt.why,
            release=self._release,
            files={},
        )
        weights.users[weights.users.index(user)] = loaded
        return loaded

    def _add_draft(self, loaded: Loaded, header: Header, words: int, load: _Load) -> None:
        """Bring the draft model in beside `loaded`, which is freed where that fails; raise `ModelRefused`.

        Where only memory is too short for it, `loaded` does without, and tells so.
        """
        spec = ModelSpec(
            str(header.path),
            context_tokens=draft_model.CONTEXT_TOKENS,
            slots=loaded.plan.slots,
            threads=loaded.plan.threads,
            gpu_layers=loaded.spec.gpu_layers if loaded.plan.on_device else 0,
        )
        try:
            chosen = self._plan(header, None, spec)
            weights = self._weights(header, spec, chosen.gpu_layers, load)
            weights.users.append(loaded)
            try:
                sequences = _sequences(load.turns, weights.model, chosen, None, movable=False)
            except BaseException:
                self._shelf.let_go(weights, loaded)
                raise
        except (NoMemory, TooLarge) as short:
            left_out = f"memory was too short for the draft model {header.path}, so it is left out"
            _log.warning("%s (%s)", left_out, short)
            loaded.stepped_down = "; ".join(filter(None, (loaded.stepped_down, left_out)))
            return
        except BaseException:
            loaded.close()
            raise
        loaded.draft = Draft(str(header.path), chosen, weights, sequences, Drafter(sequences, words))
        loaded.runner.drafter = loaded.draft.drafter

    def _release(self, loaded: Loaded) -> None:
        loaded.sequences.close()
        loaded.adapters.close()
        if loaded.draft:
            loaded.draft.sequences.close()
            self._shelf.let_go(loaded.draft.weights, loaded)
        self._shelf.let_go(loaded.weights, loaded)
        self._trials.note(loaded.spec, "good")


def _headers(spec: ModelSpec) -> tuple[Header, Header | None, int]:
    """What the files say of themselves; of how many tokens a draft model has the same."""
    header = read_header(Path(spec.path).expanduser())
    draft = read_header(Path(spec.draft_model).expanduser(), draft=True) if spec.draft_model else None
    return header, draft, draft_model.shared_vocabulary(header.path, draft.path) if draft else 0


def _facts(spec: ModelSpec) -> dict[Path, Facts]:
    """What tells each file of a specification from a later one under its name; those that are not there left out."""
    named = (spec.path, spec.draft_model, *(adapter.path for adapter in spec.adapters))
    found: dict[Path, Facts] = {}
    for path in (Path(name).expanduser() for name in named if name):
        with contextlib.suppress(OSError):
            found[path] = facts(path)
    return found


def _parking(budget: int, *, cuts: bool) -> Parking:
    return Parking(budget) if cuts else Parking(budget // 2, Marks(budget - budget // 2))


def _builder(model: Model, family: Family, healing: Healing, *, tells_lasting: bool) -> PromptBuilder:
    return PromptBuilder(
        family,
        model.tokenize,
        model.special,
        model.begin,
        lines_apart=model.byte_level,
        take_back=healing.take_back,
        tells_lasting=tells_lasting,
    )


def _sequences(
    turns: Turns, model: Model, chosen: Plan, adapters: Adapters | None, *, movable: bool, branches: int = 0
) -> Sequences:
    sequences = turns.beside(
        lambda: Sequences(
            model,
            context_tokens=chosen.context_tokens,
            slots=chosen.slots,
            threads=chosen.threads,
            batch_tokens=min(BATCH_TOKENS, chosen.context_tokens),
            movable=movable,
            branches=branches,
            on_device=chosen.on_device,
            flash_attention=chosen.flash_attention,
            kv_type=chosen.kv_type,
            adapters=adapters.in_use if adapters else (),
        )
    )
    if chosen.on_device:
        sequences.warm_up()
    return sequences


def _threads(spec: ModelSpec, most: int) -> Callable[[], int]:
    """How many threads pay just now; where a person set the number, that one."""
    return (lambda: most) if spec.threads else free_cores(most).count


def _speed(sequences: Sequences, threads: int, turns: Turns) -> tuple[float, float]:
    sequences.use_threads(threads)
    try:
        return measure(sequences, turns)
    except (DecodeFailed, NoRoom) as error:
        sequences.close()
        raise ModelRefused(f"llama.cpp cannot compute with this model ({error}): choose another model.") from error


def _numbers(header: Header, chosen: Plan, machine: Machine) -> str:
    if chosen.on_device:
        needed, free = chosen.device_bytes, chosen.free_device_bytes
        return f"about {needed // _MIB} MiB on the device, where {free // _MIB} MiB are free"
    return f"about {(header.size + chosen.kv_bytes) // _MIB} MiB, and {machine.free_bytes // _MIB} MiB are free"


def _without(machine: Machine, reserved: int) -> Machine:
    """Leave room for another model: on the first device, else in main memory."""
    if not machine.devices:
        return replace(machine, free_bytes=max(0, machine.free_bytes - reserved))
    first, *others = machine.devices
    return replace(machine, devices=(replace(first, free_bytes=max(0, first.free_bytes - reserved)), *others))
