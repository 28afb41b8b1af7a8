"""What llama.vim shows of an answer: blanks at the end dropped, nothing that stands in the file already."""

from __future__ import annotations

from dataclasses import dataclass

from .window import Place


@dataclass(frozen=True, slots=True)
class Hint:
    """Lines at the cursor; the last one carries on with what stands behind it. `acceptable` if not only blanks."""

    lines: tuple[str, ...]
    acceptable: bool


def hint(content: str, at: Place) -> Hint:
    """Make a hint of an answer's text."""
    lines = content.split("\n")
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return Hint((at.behind,), False)
    line, column = at.line, at.column
    if not line.strip():
        lead = min(len(lines[0]) - len(lines[0].lstrip()), len(line))
        line, lines[0] = lines[0][:lead], lines[0][lead:]
    before, behind = line[:column], line[column:]
    if _stands_there(lines, before, behind, at):
        lines = [""]
    lines[-1] += behind
    return Hint(tuple(lines), bool("".join(lines).strip()))


def _stands_there(lines: list[str], before: str, behind: str, at: Place) -> bool:
    below = at.lines[at.row + 1 :]
    if len(lines) > 1 and not lines[0] and tuple(lines[1:]) == below[: len(lines) - 1]:
        return True
    if lines == [behind]:
        return True
    next_row = next((row for row, line in enumerate(below) if line.strip()), 0)
    if not below or before + lines[0] != below[next_row]:
        return False
    after = below[next_row + 1 :]
    if len(lines) == 2:
        return bool(after) and after[0].startswith(lines[1])
    return tuple(lines[1:]) == after[: len(lines) - 1]
