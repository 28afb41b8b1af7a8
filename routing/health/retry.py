"""When to ask the same model once more: at most twice, with jitter, and only where that can help in time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from ...clients.errors import ModelBusy, ModelError


@dataclass(frozen=True, slots=True)
class Retries:
    """The one place that retries. `chance` gives numbers from 0 to 1; seconds everywhere.

    The pause doubles from `first_s` up to `longest_s`, of which a random half is taken off, so that those who
    failed together do not come back together (the "equal jitter" of exponential backoff).
    """

    most: int = 2
    first_s: float = 0.5
    longest_s: float = 8.0
    chance: Callable[[], float] = field(default=random.random)

    def pause(self, done: int, error: ModelError, left_s: float, *, elsewhere: bool) -> float | None:
        """Return how long to wait before the next attempt at this model; None: do not try it again.

        `done` attempts were made and the last failed with `error`; `left_s` remain of the whole deadline;
        `elsewhere` tells that another model could be asked at once, which beats a wait that the provider asks for.
        """
        if not error.retryable or done > self.most:
            return None
        wanted = min(self.longest_s, self.first_s * 2.0 ** (done - 1))
        pause = wanted * (0.5 + self.chance() / 2)
        if isinstance(error, ModelBusy) and error.retry_after_s is not None and error.retry_after_s > 0:
            if elsewhere and error.retry_after_s > wanted:
                return None
            pause = max(pause, error.retry_after_s)
        return pause if pause < left_s else None
