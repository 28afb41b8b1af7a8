"""Which claims become findings: only what stands in the text, is new, and nobody says already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..context.facts import FileFacts
from .answer import Claim
from .finding import Finding, Related, Replacement
from .regions import Region, symbol_at

MOST_LINES_OF_A_FINDING = 40


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One file under review: its text, what was asked about, and what other tools say about it already.

    `known` maps a line to the messages of linters and language servers there. `around` are pieces of other files that
    were shown with it, each a path, the number of its first line and its text.
    """

    path: str
    text: str
    regions: tuple[Region, ...]
    facts: FileFacts | None = None
    known: Mapping[int, Sequence[str]] = field(default_factory=dict)
    around: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Proved:
    """The findings, worst first, and how many claims were dropped, by reason."""

    findings: tuple[Finding, ...]
    dropped: Mapping[str, int]


def prove(claims: Sequence[Claim], files: Sequence[Reviewed], dismissed: Callable[[Finding], bool]) -> Proved:
    """Keep what can be shown to be true of these files; each dropped claim is counted under one reason."""
    by_path = {shown(file.path): file for file in files} | {file.path: file for file in files}
    dropped: Counter[str] = Counter()
    found: dict[tuple[str, str], Finding] = {}
    for claim in claims:
        file = by_path.get(claim.path)
        finding = _checked(claim, file) if file is not None else "about another file"
        if isinstance(finding, str):
            dropped[finding] += 1
        elif dismissed(finding):
            dropped["dismissed before"] += 1
        elif (key := (finding.path, finding.name)) in found or _said_twice(finding, found.values()):
            dropped["said twice"] += 1
        else:
            found[key] = finding
    return Proved(tuple(sorted(found.values(), key=lambda one: one.rank)), dropped)


def shown(path: str) -> str:
    """A file's name as a model reads and writes it: bytes that are no UTF-8, as some names have, are question marks."""
    return path.encode("utf-8", "replace").decode("utf-8")


def most_severe(findings: Sequence[Finding], most: int) -> tuple[tuple[Finding, ...], int]:
    """The worst `most` of them, and how many were left out."""
    ordered = sorted(findings, key=lambda one: one.rank)
    return tuple(ordered[:most]), max(0, len(ordered) - most)


def place(text: str, quote: str, first: int, last: int) -> tuple[int, int] | None:
    """The lines, within `first`..`last`, where `quote` stands, white space at the ends of its lines aside.

    None where it does not stand there. A part of a line is a quote too.
    """
    rows = text.split("\n")
    wanted = [line.strip() for line in quote.strip("\n").split("\n")]
    if not any(wanted):
        return None
    for start in range(max(1, first), min(last, len(rows)) - len(wanted) + 2):
        there = [row.strip() for row in rows[start - 1 : start - 1 + len(wanted)]]
        if len(wanted) == 1:
            if wanted[0] in there[0]:
                return start, start
        elif there[0].endswith(wanted[0]) and there[-1].startswith(wanted[-1]) and there[1:-1] == wanted[1:-1]:
            return start, start + len(wanted) - 1
    return None


def _checked(claim: Claim, file: Reviewed) -> Finding | str:
    if (
        claim.start_line < 1
        or claim.end_line < claim.start_line
        or claim.end_line - claim.start_line >= MOST_LINES_OF_A_FINDING
    ):
        return "no sensible range of lines"
    region = next((one for one in file.regions if one.first <= claim.start_line and claim.end_line <= one.last), None)
    if region is None:
        return "outside of what was asked about"
    lines = place(file.text, claim.quote, claim.start_line, claim.end_line)
    if lines is None:
        return "its quote does not stand there"
    if not region.is_new(*lines):
        return "about lines that did not change"
    if any(_alike(claim, message) for line in range(lines[0], lines[1] + 1) for message in file.known.get(line, ())):
        return "another tool says it"
    finding = Finding(
        path=file.path,
        start_line=lines[0],
        end_line=lines[1],
        rule=claim.rule,
        severity=claim.severity,
        title=claim.title,
        why=claim.why,
        quote=_whole_lines(file.text, lines),
        symbol=symbol_at(file.facts, lines[0]),
    )
    return replace(finding, replacement=_replacement(claim, file.text, lines), related=_related(claim, file, lines))


def _whole_lines(text: str, lines: tuple[int, int]) -> str:
    """What a finding quotes: whole lines, so that it has one name however much of them a model copies."""
    return "\n".join(row.strip() for row in text.split("\n")[lines[0] - 1 : lines[1]])


def _related(claim: Claim, file: Reviewed, lines: tuple[int, int]) -> tuple[Related, ...]:
    """The other places that it names, where their quotes stand in what was shown."""
    found: dict[tuple[str, int], Related] = {}
    for pointer in claim.see:
        pieces = [(first, text) for path, first, text in file.around if path == pointer.path]
        if pointer.path == file.path:
            rows = file.text.split("\n")
            pieces += [(one.first, "\n".join(rows[one.first - 1 : one.last])) for one in file.regions]
        for first, text in pieces:
            there = place(text, pointer.quote, 1, text.count("\n") + 1)
            if there is None:
                continue
            line = first + there[0] - 1
            if pointer.path != file.path or not lines[0] <= line <= lines[1]:
                found.setdefault((pointer.path, line), Related(pointer.path, line, pointer.note))
            break
    return tuple(found.values())


def _replacement(claim: Claim, text: str, lines: tuple[int, int]) -> Replacement | None:
    """The fix, where what it replaces stands exactly once in the finding's lines."""
    if not claim.replace or claim.replace == claim.put:
        return None
    there = "\n".join(text.split("\n")[lines[0] - 1 : lines[1]])
    return Replacement(claim.replace, claim.put) if there.count(claim.replace) == 1 else None


def _words(text: str) -> Collection[str]:
    return {word for word in "".join(char if char.isalnum() else " " for char in text.lower()).split() if len(word) > 2}


def _alike(claim: Claim, message: str) -> bool:
    """Whether a tool's message is about the same thing: half of the shorter one's words are in the other."""
    ours, theirs = set(_words(f"{claim.title} {claim.rule}")), set(_words(message))
    return bool(theirs) and len(ours & theirs) * 2 >= min(len(ours), len(theirs))


def _said_twice(finding: Finding, others: Collection[Finding]) -> bool:
    return any(
        other.path == finding.path
        and other.start_line <= finding.end_line
        and finding.start_line <= other.end_line
        and other.rule == finding.rule
        for other in others
    )
