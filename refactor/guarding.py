"""All guards over what an answer would change. Nothing is offered that one of them refuses.

On the thread that parses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .answer import Proposal
from .applying import apply
from .faults import AnswerUnusable, Fault
from .gathering import Gathered
from .guards import characters, imports, leaks, names, promises, symbols, syntax, veils
from .known import Known
from .original import Change, Original
from .outline import Outline
from .patching import after as after_change
from .patching import parts
from .scope import Scope

PASSED = ("matches exactly", "within scope", "parses", "symbols", "names", "characters")
"""What holds for every edit that is offered, as people are told of it."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """Changes that may be offered, and `notes` that a person should read before taking them."""

    changes: tuple[Change, ...]
    summary: str
    notes: tuple[str, ...] = ()


def guard(proposal: Proposal, gathered: Gathered, scope: Scope, known: Known | None) -> Guarded:
    """Carry a proposal out and look at the outcome; raise `AnswerUnusable` with all that is wrong.

    `scope` is that of `gathered` without the files that the model was not shown.
    """

    def locate(original: Original, symbol: str) -> tuple[int, int] | Fault:
        return _outline(gathered.outlines, original).locate(original, symbol)

    changes = apply(proposal, scope, locate)
    return Guarded(changes, proposal.summary, inspect(changes, gathered, scope, known))


def inspect(changes: tuple[Change, ...], gathered: Gathered, scope: Scope, known: Known | None) -> tuple[str, ...]:
    """Look at changes; return what is worth a note, raise `AnswerUnusable` with all that is wrong."""
    faults: list[Fault] = []
    notes: list[str] = []
    outlines: dict[str, Outline] = {}
    for change in changes:
        faults += characters.faults(change) or veils.faults(change)
    if faults:
        raise AnswerUnusable(tuple(faults))
    uses = len(changes) > 1 or gathered.command.task.reach == "uses"
    for change in changes:
        if change.original is None:
            outlines[change.path] = Outline(change.path, change.language, change.plain)
        else:
            outlines[change.path] = after_change(_outline(gathered.outlines, change.original), change, uses=uses)
    ahead = known.after(changes, {path: one.facts for path, one in outlines.items()}) if known is not None else None
    for change in changes:
        after = outlines[change.path]
        before = _outline(gathered.outlines, change.original) if change.original is not None else None
        found = syntax.faults(change, before.errors if before is not None else syntax.Errors(), after.errors)
        if not found and change.language == "python":
            found = syntax.python_faults(change, *parts(before or after, change, after), is_new=before is None)
        if not found and before is not None:
            found = symbols.faults(change, scope, before, after)
        if not found and before is not None:
            broken = promises.broken(change, scope, before, after)
            if scope.keeps == "told":
                notes += [said.rstrip(".") for _, said in broken]
            else:
                found = [Fault("symbols", said, change.path, one.start_line, one.text) for one, said in broken]
        if not found:
            found = names.faults(change, before, after, ahead) + imports.faults(change, before, after, ahead)
        faults += found
        notes += leaks.notes(change)
        if after.errors.unread:
            notes.append(f"{change.path} was not parsed: {after.errors.unread}")
        notes += [
            f"{change.path} imports {name}, which is not known here"
            for name in imports.nowhere(change, before, after, ahead)
        ]
        notes += [
            f"{change.path} imports {name}, which nothing else here does"
            for name in names.strangers(before, after, known)
        ]
    faults += _left_behind(changes, gathered, scope, outlines, known)
    if faults:
        raise AnswerUnusable(tuple(faults))
    return tuple(notes)


def _left_behind(
    changes: tuple[Change, ...], gathered: Gathered, scope: Scope, outlines: Mapping[str, Outline], known: Known | None
) -> list[Fault]:
    """After a new name: uses in view that still have the old one, where they can mean nothing else."""
    target = gathered.target
    subject = gathered.command.original.path
    if gathered.command.task.reach != "uses" or target is None or not changes:
        return []
    if subject not in outlines or outlines[subject].named(target.symbol):
        return [Fault("incomplete", f"{target.symbol} keeps its name in {subject}.", subject, target.start_line)]
    alone = known is not None and list(known.workspace.defining(target.name)) == [subject]
    uses = [site for site in gathered.uses if site.path in scope.originals and (alone or not site.likely)]
    found: list[Fault] = []
    for path in dict.fromkeys(site.path for site in uses):
        lines = {line for site in uses if site.path == path for line in range(site.start_line, site.end_line + 1)}
        before = _named(_outline(gathered.outlines, scope.originals[path]), target.name)
        sure = sum(1 for line in before if line in lines)
        after = _named(outlines[path], target.name) if path in outlines else before
        if len(after) > len(before) - sure:
            said = f"{path} still uses the name {target.name}, as in line {after[0]}."
            found.append(Fault("incomplete", said, path, after[0]))
    return found


def _named(outline: Outline, name: str) -> list[int]:
    """The lines on which a name is used."""
    return [one.line for one in outline.facts.references if one.name == name]


def _outline(outlines: dict[str, Outline], original: Original) -> Outline:
    known = outlines.get(original.path)
    if known is None:
        known = outlines[original.path] = Outline(original.path, original.language, original.plain)
    return known
