"""Texts that have begun to repeat themselves, for a model to learn not to go on with them and to end instead.

A small model that answers greedily falls into loops which the texts it learns from never show. Here some missing texts
are made to repeat a stretch of theirs; the repeated tokens are learnt against (their weights are below zero) and the
end behind them is learnt. After Welleck et al. (2020, unlikelihood training) and Xu et al. (2022, "Learning to break
the loop").
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_LONGEST = 12
_SHORT = 4
_AGAINST = -2.0


def looped(ids: Array, weights: Array, middle: int, rng: random.Random) -> tuple[Array, Array]:
    """An example whose missing text, from `middle` on and ended by one token, breaks off in a loop and then ends.

    Stretches of fewer than four tokens may be said twice, as people do; what has no room for a loop comes back as it
    was.
    """
    room = len(ids) - 1 - middle
    if room < 2:
        return ids, weights
    size = rng.randint(1, min(_LONGEST, room))
    stop = rng.randint(middle + size, middle + room)
    allowed = 1 if size < _SHORT else 0
    times = allowed + rng.randint(1, 3)
    again = np.tile(ids[stop - size : stop], times)
    against = np.full(len(again), _AGAINST, dtype=weights.dtype)
    against[: allowed * size] = 0
    return (
        np.concatenate((ids[:stop], again, ids[-1:])),
        np.concatenate((weights[:stop], against, weights[-1:])),
    )
