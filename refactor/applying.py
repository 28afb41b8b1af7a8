"""A proposal becomes the edits of files, or a list of what is wrong with it; nothing is half applied. Pure.

All edits are matched against the same originals, in exactly one place each. What an edit repeats unchanged does not
count as changed: only the lines that differ must lie in the scope, and only they are replaced.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable
from dataclasses import dataclass

from .answer import Proposal, Wanted
from .faults import AnswerUnusable, Fault
from .guards.paths import refusal
from .matching import find
from .original import Change, Edit, Original, edited
from .scope import Scope

Locate = Callable[[Original, str], tuple[int, int] | Fault]
"""The plain offsets of a whole symbol by its dotted name."""

_MOST_COMPARED = 4_000_000
"""Lines of both sides of one edit, multiplied, beyond which what lies between the first and the last difference counts
as changed."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Plain offsets and what is to stand there."""

    start: int
    end: int
    text: str


def apply(proposal: Proposal, scope: Scope, locate: Locate) -> tuple[Change, ...]:
    """Carry a proposal out on copies; raise `AnswerUnusable` with everything that is wrong with it."""
    faults: list[Fault] = []
    pieces: dict[str, list[_Piece]] = {}
    created: dict[str, Wanted] = {}
    for wanted in proposal.edits:
        if wanted.action == "create_file":
            if wanted.path.casefold() in map(str.casefold, created):  # one file, where disks do not tell them apart
                faults.append(Fault("overlap", f"{wanted.path} is made twice.", wanted.path))
            elif (reason := refusal(wanted.path, scope)) is not None:
                faults.append(Fault("path", reason, wanted.path))
            else:
                created[wanted.path] = wanted
            continue
        outcome = _placed(wanted, scope, locate)
        if isinstance(outcome, Fault):
            faults.append(outcome)
        else:
            pieces.setdefault(wanted.path, []).append(outcome)
    for path, found in pieces.items():
        faults += _overlaps(path, found)
    if faults:
        raise AnswerUnusable(tuple(faults))
    changes: list[Change] = []
    for path, found in pieces.items():
        original = scope.originals[path]
        fine = [part for piece in sorted(found, key=_place) for part in _refined(original, piece)]
        fine, wrong = _held(original, _with_same_ending(original, fine), scope)
        faults += wrong
        if fine:
            changes.append(_change(original, fine))
    changes += [_new(wanted, scope) for wanted in created.values()]
    if faults:
        raise AnswerUnusable(tuple(faults))
    return tuple(changes)


def rewritten(original: Original, plain: str, scope: Scope) -> Change | None:
    """The change that makes `plain` of a file, None where it leaves the scope or changes nothing."""
    fine, wrong = _held(original, _refined(original, _Piece(0, len(original.plain), plain)), scope)
    return _change(original, fine) if fine and not wrong else None


def _placed(wanted: Wanted, scope: Scope, locate: Locate) -> _Piece | Fault:
    """Find what an edit replaces."""
    original = scope.originals.get(wanted.path)
    if original is None:
        listed = ", ".join(sorted(scope.originals)[:8])
        return Fault("scope", f"{wanted.path[:200]} may not be changed; these may: {listed}.", wanted.path)
    if wanted.action == "replace_text":
        start = find(original, wanted.target)
        return start if isinstance(start, Fault) else _Piece(start, start + len(wanted.target), wanted.text)
    found = locate(original, wanted.target)
    if isinstance(found, Fault):
        return found
    start, end = found
    text = wanted.text if not wanted.text or wanted.text.endswith("\n") else wanted.text + "\n"
    if text and _indent(text) != (indent := _indent(original.plain[start:end])):
        said = (
            f"The text for {wanted.target} begins with another indentation than the symbol has ({len(indent)} columns)."
        )
        return Fault("absent", said, wanted.path, original.line_of(start), original.plain[start:end])
    return _Piece(start, end, text)


def _place(piece: _Piece) -> tuple[int, int]:
    return piece.start, piece.end


def _overlaps(path: str, pieces: list[_Piece]) -> list[Fault]:
    ordered = sorted(pieces, key=_place)
    return [
        Fault("overlap", f"Two edits of {path} replace the same text; make one of them.", path)
        for one, other in itertools.pairwise(ordered)
        if other.start < one.end or (one.start == other.start and one.end == other.end)
    ]


def _refined(original: Original, piece: _Piece) -> list[_Piece]:
    """Only the lines that differ."""
    before, after = _lines(original.plain[piece.start : piece.end]), _lines(piece.text)
    head = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        head += 1
    tail = 0
    for one, other in zip(reversed(before[head:]), reversed(after[head:]), strict=False):
        if one != other:
            break
        tail += 1
    starts = [piece.start]
    for line in before:
        starts.append(starts[-1] + len(line))
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    if not before and not after:
        return []
    if not before or not after or len(before) * len(after) > _MOST_COMPARED:
        return [_Piece(starts[head], starts[head + len(before)], "".join(after))]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        _Piece(starts[head + low], starts[head + high], "".join(after[new_low:new_high]))
        for tag, low, high, new_low, new_high in matcher.get_opcodes()
        if tag != "equal"
    ]


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _within(original: Original, piece: _Piece, scope: Scope) -> _Piece | None:
    """The same change within the scope; an insertion may stand elsewhere where the text comes out the same."""
    if scope.allows(original.path, piece.start, piece.end) is not None:
        return piece
    if piece.start != piece.end or not piece.text.endswith("\n"):
        return None
    moved = piece
    while moved.start > 0:
        line = original.plain[original.plain.rfind("\n", 0, moved.start - 1) + 1 : moved.start]
        if not moved.text.endswith(line):
            return None
        start = moved.start - len(line)
        moved = _Piece(start, start, line + moved.text[: len(moved.text) - len(line)])
        if scope.allows(original.path, start, start) is not None:
            return moved
    return None


def _with_same_ending(original: Original, pieces: list[_Piece]) -> list[_Piece]:
    """Let the file end as it did: with a line end or without."""
    plain = original.plain
    if not pieces or not plain or pieces[-1].end != len(plain):
        return pieces
    last = pieces[-1]
    kept = last.text or plain[: last.start]
    if plain.endswith("\n") and not kept.endswith("\n") and kept:
        last = _Piece(last.start, last.end, f"{last.text}\n")
    elif not plain.endswith("\n") and last.text.endswith("\n"):
        last = _Piece(last.start, last.end, last.text.rstrip("\n"))
    return [*pieces[:-1], last]


def _held(original: Original, pieces: list[_Piece], scope: Scope) -> tuple[list[_Piece], list[Fault]]:
    """The pieces, each within the scope, and a fault for each that cannot be."""
    kept: list[_Piece] = []
    faults: list[Fault] = []
    for piece in pieces:
        if (moved := _within(original, piece, scope)) is not None:
            kept.append(moved)
            continue
        first = original.line_of(piece.start)
        said = f"Line {first} of {original.path} may not be changed."
        faults.append(Fault("scope", said, original.path, first, original.lines(first, first)))
    return kept, faults


def _change(original: Original, pieces: list[_Piece]) -> Change:
    """Bring plain offsets back to the file's own, with its line ends."""
    end = original.line_end
    edits = tuple(
        Edit(
            original.to_text(piece.start),
            original.to_text(piece.end),
            piece.text.replace("\n", end) if end != "\n" else piece.text,
        )
        for piece in pieces
    )
    return Change(original.path, original.language, edited(original.text, edits), original, edits)


def _new(wanted: Wanted, scope: Scope) -> Change:
    text = wanted.text if wanted.text.endswith("\n") or not wanted.text else f"{wanted.text}\n"
    if (subject := scope.originals.get(scope.subject)) is not None and subject.line_end != "\n":
        text = text.replace("\n", subject.line_end)
    language = scope.new_files.language if scope.new_files is not None else ""
    return Change(wanted.path, language, text)


def _indent(text: str) -> str:
    line = next((line for line in text.split("\n") if line.strip()), "")
    return line[: len(line) - len(line.lstrip())]
