"""The columns that depend on the cursor, and one score for each candidate."""

from __future__ import annotations

import math

import numpy as np

from .cursor import View
from .features import COLUMNS, Column
from .pool import Floats, Pool, split
from .weights import NEW, SEEN

_FADING = 12
_WORDS_FADING = 4
_OFTEN_FADING = 30
_OFTEN = 1 / math.log(20)

_NEW, _SEEN = (np.array([weights.get(column.name, 0.0) for column in Column], np.float32) for weights in (NEW, SEEN))


def score(pool: Pool, view: View) -> Floats:
    """How likely each candidate is needed at the cursor: a logarithm, comparable within one answer only."""
    known = columns(pool, view)
    scores: Floats = np.where(known[:, Column.SEEN] > 0, known @ _SEEN, known @ _NEW)
    return scores


def begins(pool: Pool, view: View) -> Floats:
    """For each candidate 1 where its name agrees with what is typed of a name before the cursor, else 0."""
    if not view.prefix:
        return np.ones(len(pool.candidates), np.float32)
    return np.fromiter((one.name.startswith(view.prefix) for one in pool.candidates), np.float32, len(pool.candidates))


def columns(pool: Pool, view: View) -> Floats:
    """One row of numbers for each candidate."""
    size = len(pool.candidates)
    filled = np.zeros((size, COLUMNS), np.float32)
    filled[:, : Column.SEEN] = pool.static
    near, used = _closeness(pool, view)
    share = pool.share
    filled[:, Column.SEEN] = share * used[pool.name]
    filled[:, Column.SEEN_NEAR] = share * near[pool.name]
    filled[:, Column.SEEN_OFTEN] = share * _often(pool, view)[pool.name]
    owned = pool.via >= 0
    filled[:, Column.OWNER_SEEN] = np.where(owned, near[pool.via], 0.0)
    held, asked = _held(pool, view)
    filled[:, Column.RECEIVER] = np.where(pool.owner >= 0, held[pool.owner], 0.0)
    filled[:, Column.RECEIVER_FRESH] = filled[:, Column.RECEIVER] * (1 - used[pool.name])
    fades = {name: (1 + distance / _WORDS_FADING) ** -1.0 for name, distance in view.near.items()}
    filled[:, Column.COMPANION] = np.sqrt(np.minimum(pool.companions.spread(fades, size) * share, 4.0))
    words: dict[str, float] = {}
    for name, fade in fades.items():
        for word in split(name):
            if words.get(word, 0.0) < fade:
                words[word] = fade
    filled[:, Column.WORDS] = pool.words.spread(words, size)
    filled[:, Column.OWNER_WORDS] = pool.owner_words.spread(words, size)
    if view.dot:
        member = pool.static[:, Column.MEMBER] > 0
        filled[:, Column.DOT_MEMBER] = member
        filled[:, Column.DOT_OTHER] = ~member
        if asked is not None:
            filled[:, Column.DOT_HELD] = np.where(pool.owner >= 0, asked[pool.owner], 0.0)
    elif view.middle:
        filled[:, Column.BARE_MEMBER] = pool.static[:, Column.MEMBER]
    return filled


def _closeness(pool: Pool, view: View) -> tuple[Floats, Floats]:
    """For each name how near it stands (0 to 1), and whether it stands anywhere; one entry more, for none."""
    count = len(pool.names)
    near, used = np.zeros(count + 1, np.float32), np.zeros(count + 1, np.float32)
    if len(pool.use_name):
        fade = (1 + np.abs(pool.use_line - view.line) / _FADING) ** -1.5
        np.maximum.at(near, pool.use_name, fade.astype(np.float32))
        used[pool.use_name] = 1.0
    for name, distance in view.near.items():
        if (number := pool.names.get(name)) is not None:
            near[number] = max(near[number], (1 + distance / _FADING) ** -1.5)
            used[number] = 1.0
    near[count] = used[count] = 0.0
    return near, used


def _often(pool: Pool, view: View) -> Floats:
    """For each name how often it stands in the document, on a logarithmic scale; one entry more, for none."""
    size = len(pool.names) + 1
    if not len(pool.use_name):
        return np.zeros(size, np.float32)
    fade = 1 / (1 + np.abs(pool.use_line - view.line) / _OFTEN_FADING)
    return (np.log1p(np.bincount(pool.use_name, fade, size)) * _OFTEN).astype(np.float32)


def _held(pool: Pool, view: View) -> tuple[Floats, Floats | None]:
    """For each owner how near something that holds it is; and which are held by what stands before the dot."""
    count = int(pool.owner.max(initial=-1)) + 1
    held = np.zeros(count + 1, np.float32)
    asked = np.zeros(count + 1, np.float32) if view.dot else None
    for item in pool.held:
        if item.first <= view.line <= item.last:
            distance = view.near.get(item.text.rpartition(".")[2], abs(item.line - view.line))
            held[item.owner] = max(held[item.owner], (1 + distance / _FADING) ** -1.0)
            if asked is not None and item.text == view.receiver:
                asked[item.owner] = 1.0
    return held, asked
