"""The one thread that computes: it runs models in turn, and answers for their state.

Weights alone are brought in on a thread beside it, so that whoever writes with one model does not wait for another.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ModelError, ModelLoading, ModelRefused, ModelUnavailable, TooLarge
from ..model import ModelInfo
from .job import Job
from .spec import ModelSpec
from .turns import Turns

if TYPE_CHECKING:
    from .loaded import Loaded

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_REFUSED_SECONDS = 10.0
"""A model that was refused is tried again after this long: the file may have been mended."""

_UNWANTED_SECONDS = 180.0
"""A model that no connected client wants any more, while they want another, stays for this long."""

_LOOK_SECONDS = 5.0
"""The files of the loaded models are looked at so often."""

_PROGRESS_STEP = 0.05

_LEAVING = "The engine is shutting down."

_OTHERS_SECONDS = 1.0
"""While a model is brought in the others go on for so long at most, before what cannot be done beside them."""

Load = Callable[[ModelSpec, Callable[[float], bool], Turns], "Loaded"]
Progress = Callable[[ModelSpec, float], None]


class Scheduler:
    """Owns the worker thread. All methods may be called from any thread and return at once."""

    def __init__(self, load: Load, on_progress: Progress) -> None:
        """`load` brings a model in, on the worker thread but for what it has done beside it; see `loading.Loader`.

        `on_progress` hears, on any thread, how far it is. Its last word on a model is 1.0, also where that was refused;
        an engine that leaves has none.
        """
        self._load = load
        self._on_progress = on_progress
        self._models: dict[ModelSpec, Loaded] = {}
        self._loading: dict[ModelSpec, float] = {}
        self._refused: dict[ModelSpec, tuple[ModelError, float]] = {}
        self._in_vain: dict[ModelSpec, set[ModelSpec]] = {}
        self._work: deque[Callable[[], None]] = deque()
        self._to_load: deque[ModelSpec] = deque()
        self._after: dict[ModelSpec, list[Callable[[], None]]] = {}
        self._arriving: deque[Job] = deque()
        self._wake = threading.Condition()
        self._unwanted: dict[ModelSpec, float] = {}
        self._leaving = False
        self._stuck_at = self._looked = 0.0
        self.used = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def submit(self, spec: ModelSpec, job: Job) -> None:
        """Run a job; a model that is not there yet starts to load and the job fails with `ModelLoading`."""
        self.used = time.monotonic()
        if spec in self._models or self._still_refused(spec):
            self._arriving.append(job)
            self._do(lambda: self._start(spec, job))
            self.reconsider()
            return
        self._bring(spec)
        job.fail(ModelLoading("The model is being loaded.", self._loading.get(spec, 0.0)))

    def reconsider(self) -> None:
        """Break off what is computed for nobody: its jobs were cancelled, or something more urgent has come."""
        arriving = list(self._arriving)
        for loaded in list(self._models.values()):
            loaded.runner.reconsider(arriving)

    def info(self, spec: ModelSpec) -> Future[ModelInfo]:
        """Load the model if need be and describe it; fails with `ModelRefused`."""
        self.used = time.monotonic()
        self._bring(spec)
        return self._call(spec, lambda loaded: loaded.info)

    def count(self, spec: ModelSpec, texts: Sequence[str]) -> Future[list[int]]:
        """Count each text in the model's tokens, loading it if need be."""
        self._bring(spec)
        return self._call(spec, lambda loaded: [len(loaded.model.tokenize(text)) for text in texts])

    def want(self, wanted: Collection[ModelSpec]) -> None:
        """Hear which models the connected clients want; called again and again, by one thread.

        One that none of them wants leaves after a while, or as soon as another needs its place on a device.
        """
        if not wanted:
            return
        now = time.monotonic()
        self._unwanted = {spec: self._unwanted.get(spec, now) for spec in list(self._models) if spec not in wanted}
        late = [spec for spec, since in self._unwanted.items() if now - since >= _UNWANTED_SECONDS]
        if late:
            self._do(lambda: self._give_back(late))

    def look_at_files(self) -> None:
        """Let go of models whose files were replaced, so that the next request brings the new ones; call it often."""
        now = time.monotonic()
        if self._models and now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            self._do(self._let_go_of_old)

    def refusal(self, spec: ModelSpec) -> ModelError | None:
        """Why the last attempt at loading a model failed; None where it did not."""
        error, _ = self._refused.get(spec, (None, 0.0))
        return error

    def status(self) -> list[dict[str, Any]]:
        """Describe the loaded models; those still loading or refused say so."""
        return [
            *(loaded.status() for loaded in list(self._models.values())),
            *({"path": spec.path, "loading": progress} for spec, progress in list(self._loading.items())),
            *({"path": spec.path, "refused": str(error)} for spec, (error, _) in list(self._refused.items())),
        ]

    @property
    def stuck(self) -> bool:
        """Whether one step of a model has taken so long that llama.cpp must hang; see `Loaded.stuck_after_s`."""
        at = self._stuck_at
        return bool(at) and time.monotonic() > at

    @property
    def busy(self) -> bool:
        """Whether something is being computed or loaded."""
        return bool(self._loading) or any(loaded.runner.busy for loaded in list(self._models.values()))

    def close(self, timeout: float) -> None:
        """Stop the thread; what is under way fails with `ModelUnavailable`."""
        with self._wake:
            self._leaving = True
            self._wake.notify()
        self._thread.join(timeout)

    def _bring(self, spec: ModelSpec) -> None:
        """Load a model once, however many ask for it at the same time."""
        with self._wake:
            if spec in self._loading or spec in self._models:
                return
            self._refused.pop(spec, None)
            self._loading[spec] = 0.0
            self._to_load.append(spec)
            self._wake.notify()

    def _still_refused(self, spec: ModelSpec) -> bool:
        _, since = self._refused.get(spec, (None, -_REFUSED_SECONDS))
        return time.monotonic() - since < _REFUSED_SECONDS

    def _do(self, work: Callable[[], None]) -> None:
        with self._wake:
            self._work.append(work)
            self._wake.notify()

    def _call(self, spec: ModelSpec, work: Callable[[Loaded], _T]) -> Future[_T]:
        """Have something told by a model, once it is loaded."""
        future: Future[_T] = Future()

        def answer() -> None:
            if spec in self._loading and not self._leaving:
                self._after.setdefault(spec, []).append(answer)
                return
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work(self._loaded(spec)))
            except ModelError as error:
                future.set_exception(error)

        self._do(answer)
        return future

    def _run(self) -> None:
        try:
            while self._next():
                self._step()
            self._fail_all()
        except BaseException:
            _log.exception("the worker thread failed; the engine leaves")
            os._exit(70)

    def beside(self, work: Callable[[], _T]) -> _T:
        """For what loads: run `work` on a thread of its own, the loaded models at work meanwhile; return its result."""
        ended: Future[_T] = Future()

        def run() -> None:
            try:
                ended.set_result(work())
            except BaseException as error:
                ended.set_exception(error)
            self._do(lambda: None)

        threading.Thread(target=run, name="loading", daemon=True).start()
        while self._next(until=lambda: ended.done() or self._leaving):
            self._step()
        if self._leaving:
            self._fail_all()
        self._hold()
        return ended.result()

    def let_others(self) -> None:
        """For what loads, before a longer piece of work: have the loaded models do first what is asked of them."""
        late = time.monotonic() + _OTHERS_SECONDS
        while self._next(until=lambda: not self._has_work() or time.monotonic() > late):
            self._step()
        self._hold()

    def _fail_all(self) -> None:
        """Tell everybody who waits that the engine leaves."""
        for loaded in self._models.values():
            loaded.runner.close(ModelUnavailable(_LEAVING))
        with self._wake:
            waiting = [*self._work, *chain.from_iterable(self._after.values())]
            self._work.clear()
            self._after.clear()
        for work in waiting:
            work()

    def _has_work(self) -> bool:
        return bool(self._work) or any(loaded.runner.busy for loaded in self._models.values())

    def _hold(self) -> None:
        for loaded in self._models.values():
            loaded.runner.hold()

    def _step(self) -> None:
        """One batch of each model that has something as urgent as there is."""
        ranked = [(loaded, loaded.runner.rank) for loaded in self._models.values()]
        best = min((rank for _, rank in ranked if rank is not None), default=None)
        for loaded, rank in ranked:
            if rank is None or best is None:
                continue
            if rank > best:
                loaded.runner.hold()
                continue
            self._stuck_at = time.monotonic() + loaded.stuck_after_s
            loaded.runner.step(self._still_coming)
            self._stuck_at = 0.0

    def _still_coming(self) -> list[Job]:
        return list(self._arriving)

    def _next(self, until: Callable[[], bool] | None = None) -> bool:
        """Do what was asked for since; wait while there is nothing to compute. False when leaving.

        Or, where that is given, as soon as it is so `until`: a model is being loaded then, and no other before it.
        """
        while True:
            with self._wake:
                if until() if until else self._leaving:
                    return False
                if self._work:
                    work = self._work.popleft()
                elif self._to_load and not until:
                    work = functools.partial(self._load_now, self._to_load.popleft())
                elif any(loaded.runner.busy for loaded in self._models.values()):
                    return True
                else:
                    self._wake.wait()
                    continue
            work()

    def _load_now(self, spec: ModelSpec) -> None:
        def heard(progress: float) -> bool:
            if self._loading[spec] + _PROGRESS_STEP <= progress < 1.0:
                self._loading[spec] = progress
                self._on_progress(spec, progress)
            return not self._leaving

        self._hold()
        try:
            self._on_progress(spec, 0.0)
            unwanted = [other for other in list(self._unwanted) if other in self._models]
            self._unload([other for other in unwanted if self._models[other].plan.on_device], "to make room")
            try:
                self._models[spec] = self._load(spec, heard, self)
            except TooLarge:
                if not self._make_room(spec):
                    raise
                self._models[spec] = self._load(spec, heard, self)
            self._in_vain.pop(spec, None)
            _log.info("loaded %s in %.2f s", spec.path, self._models[spec].seconds)
        except ModelError as error:
            if not self._leaving:
                _log.warning("%s", error)
                self._refused[spec] = error, time.monotonic()
        except Exception as error:
            _log.exception("%s cannot be loaded", spec.path)
            reason = f"{spec.path} cannot be loaded ({type(error).__name__}; the engine's log says more)"
            self._refused[spec] = ModelRefused(f"The model {reason}: choose another model."), time.monotonic()
        finally:
            with self._wake:
                del self._loading[spec]
                self._work.extend(self._after.pop(spec, ()))
            if not self._leaving:
                self._on_progress(spec, 1.0)

    def _make_room(self, spec: ModelSpec) -> bool:
        """Unload every model that computes nothing just now; False where all of those have left for `spec` in vain.

        What cannot fit is asked for again at every key all the same, and whoever uses the others is not to lose them.
        """
        idle = {other for other, loaded in self._models.items() if not loaded.runner.busy}
        in_vain = self._in_vain.setdefault(spec, set())
        if idle <= in_vain:
            return False
        in_vain |= idle
        self._unload(idle, "to make room")
        return True

    def _let_go_of_old(self) -> None:
        self._unload([spec for spec, loaded in self._models.items() if loaded.outdated], "its file was replaced")

    def _give_back(self, specs: Collection[ModelSpec]) -> None:
        self._unload(specs, "nobody wants it")

    def _unload(self, specs: Collection[ModelSpec], why: str) -> None:
        """Unload those of `specs` that compute nothing just now."""
        for spec in specs:
            if spec in self._models and not self._models[spec].runner.busy:
                self._models.pop(spec).close()
                _log.info("unloaded %s: %s", spec.path, why)

    def _start(self, spec: ModelSpec, job: Job) -> None:
        try:
            self._loaded(spec).runner.submit(job)
        except ModelError as error:
            job.fail(error)
        finally:
            self._arriving.remove(job)

    def _loaded(self, spec: ModelSpec) -> Loaded:
        if self._leaving:
            raise ModelUnavailable(_LEAVING)
        if spec in self._models:
            return self._models[spec]
        if spec in self._refused:
            raise self._refused[spec][0]
        raise ModelUnavailable(f"The model {spec.path} was unloaded; ask again.")
