"""Which lines are measured, and that what they hide is what is needed."""

from __future__ import annotations

from pathlib import Path

from benchmarks.context import points, score
from benchmarks.context.arms.arm import Piece, fit, hidden
from benchmarks.context.definitions import Defined, read
from benchmarks.context.repository import Repository

TOOLS = "class Crate:\n    def weigh_it(self,\n                 unit):\n        ...\n\ndef pack_it(crate): ...\n"
USER = (
    "from tools import pack_it, Crate\n\ndef go(crate):\n    crate.weigh_it('kg')\n    return pack_it(crate)\n\n"
    "def again(crate):\n    return pack_it(crate)\n"
)


def repository() -> Repository:
    return Repository("r", Path("/nowhere"), {"tools.py": TOOLS, "user.py": USER})


def test_a_name_is_seen_or_new_and_its_import_may_be_masked() -> None:
    found = {(one.track, one.line, one.name, tuple(sorted(one.masked))) for one in points.find(repository(), 10)}
    assert found == {
        ("A", 5, "pack_it", ()),
        ("A", 8, "pack_it", ()),
        ("B", 4, "weigh_it", ()),
        ("C", 4, "weigh_it", ("Crate",)),
        ("M", 4, "weigh_it", ()),
    }


def test_what_is_hidden_is_gone() -> None:
    (point,) = [one for one in points.find(repository(), 10) if one.track == "B"]
    text, offset = hidden(repository(), point)
    assert "weigh_it" not in text
    assert text[offset - 4 : offset + 1] == "    \n"
    (middle,) = [one for one in points.find(repository(), 10) if one.track == "M"]
    text, offset = hidden(repository(), middle)
    assert text[:offset].endswith("    crate.")


def test_a_definition_has_at_most_three_lines_of_signature() -> None:
    made, anything = read("tools.py", TOOLS, "python")
    assert made == [
        Defined("weigh_it", "tools.py", 2, 3, True),
        Defined("pack_it", "tools.py", 6, 6, False),
        Defined("Crate", "tools.py", 1, 1, False),
    ]
    assert anything == {"weigh_it", "pack_it", "Crate"}


def test_only_a_whole_signature_within_the_budget_is_a_hit() -> None:
    (point,) = [one for one in points.find(repository(), 10) if one.track == "B"]
    lines = TOOLS.split("\n")
    whole = Piece("tools.py", 2, 3, "\n".join(lines[1:3]))
    part = Piece("tools.py", 2, 2, lines[1])
    outcome = score.judge(point, {100: [whole]}, 0.0)
    assert outcome.recalled[100]
    assert outcome.rank == 1
    outcome = score.judge(point, {100: [part]}, 0.0)
    assert not outcome.recalled[100]
    assert outcome.named[100]
    assert not score.judge(point, {15: [whole]}, 0.0).recalled[15]


def test_what_goes_beyond_the_budget_is_cut_from_the_end() -> None:
    shown, tokens = fit([Piece("a.py", 1, 3, "x = 1\ny = 2\nz = 3")], 15)
    assert [one.text for one in shown] == ["x = 1\ny = 2"]
    assert tokens <= 15
