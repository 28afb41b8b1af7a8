"""Only what stands in the text, is new, and nobody says already, becomes a finding."""

from __future__ import annotations

from dataclasses import replace

from twolane.review.answer import Claim, Pointer
from twolane.review.changes import Lines
from twolane.review.finding import Related, Replacement
from twolane.review.proof import Proved, Reviewed, most_severe, prove
from twolane.review.regions import regions

TEXT = """\
def mean(values):
    total = 0
    for value in values:
        total += value
    return total / len(values)


def other():
    return 1
"""
FILE = Reviewed("stats.py", TEXT, regions(TEXT, None, [Lines(5, 5)]))
CLAIM = Claim(
    rule="division-by-zero",
    severity="error",
    path="stats.py",
    start_line=5,
    end_line=5,
    quote="return total / len(values)",
    title="An empty list divides by zero.",
    why="mean([]) raises ZeroDivisionError.",
    replace="len(values)",
    put="max(1, len(values))",
)


def proved(*claims: Claim, file: Reviewed = FILE) -> Proved:
    return prove(claims, [file], lambda _: False)


def reason(claim: Claim, file: Reviewed = FILE) -> str:
    found = proved(claim, file=file)
    assert found.findings == ()
    (dropped,) = found.dropped
    return dropped


def test_a_claim_that_stands_becomes_a_finding_with_its_fix() -> None:
    (finding,) = proved(CLAIM).findings
    assert (finding.start_line, finding.end_line, finding.rule) == (5, 5, "division-by-zero")
    assert finding.replacement == Replacement("len(values)", "max(1, len(values))")


def test_a_finding_is_shown_at_its_quote_not_at_its_range() -> None:
    (finding,) = proved(replace(CLAIM, start_line=1)).findings
    assert (finding.start_line, finding.end_line) == (5, 5)


def test_a_quote_over_several_lines_may_be_indented_otherwise() -> None:
    file = replace(FILE, regions=regions(TEXT, None, [Lines(3, 4)]))
    claim = replace(CLAIM, start_line=3, end_line=4, quote="for value in values:\n    total += value")
    (finding,) = proved(claim, file=file).findings
    assert (finding.start_line, finding.end_line) == (3, 4)


def test_a_quote_that_is_not_there_is_dropped() -> None:
    assert reason(replace(CLAIM, quote="return total // len(values)")) == "its quote does not stand there"
    assert reason(replace(CLAIM, quote="\n \n")) == "its quote does not stand there"


def test_a_quote_that_stands_elsewhere_is_dropped() -> None:
    assert reason(replace(CLAIM, start_line=1, end_line=2)) == "its quote does not stand there"


def test_lines_that_did_not_change_are_nobodys_business() -> None:
    claim = replace(CLAIM, start_line=2, end_line=2, quote="total = 0")
    assert reason(claim) == "about lines that did not change"


def test_a_range_outside_or_senseless_is_dropped() -> None:
    far = "x = 1\n" * 100 + TEXT
    file = Reviewed("stats.py", far, regions(far, None, [Lines(105, 105)]))
    assert reason(replace(CLAIM, start_line=2, end_line=2, quote="x = 1"), file) == "outside of what was asked about"
    assert reason(replace(CLAIM, start_line=6, end_line=5)) == "no sensible range of lines"
    assert reason(replace(CLAIM, start_line=0)) == "no sensible range of lines"


def test_another_file_is_not_under_review() -> None:
    assert reason(replace(CLAIM, path="../stats.py")) == "about another file"


def test_what_a_linter_says_there_is_not_said_again() -> None:
    file = replace(FILE, known={5: ["possible division by zero (empty list)"]})
    assert reason(CLAIM, file) == "another tool says it"


def test_what_a_linter_says_elsewhere_does_not_matter() -> None:
    file = replace(FILE, known={2: ["division by zero"], 5: ["line too long"]})
    assert len(proved(CLAIM, file=file).findings) == 1


def test_it_quotes_whole_lines_so_that_it_has_one_name_however_much_was_copied() -> None:
    (one,) = proved(replace(CLAIM, quote="len(values)")).findings
    (other,) = proved(CLAIM).findings
    assert one.quote == "return total / len(values)"
    assert one.name == other.name


def test_another_place_is_named_only_where_its_quote_was_shown() -> None:
    file = replace(FILE, around=(("caller.py", 40, "def report():\n    return mean([])\n"),))
    see = (
        Pointer("caller.py", "return mean([])", "calls it with nothing"),
        Pointer("caller.py", "return mean({})", "made up"),
        Pointer("stats.py", "total = 0", "starts here"),
        Pointer("stats.py", "len(values)", "the finding itself"),
        Pointer("other.py", "return mean([])", "not shown"),
    )
    (finding,) = proved(replace(CLAIM, see=see), file=file).findings
    assert finding.related == (
        Related("caller.py", 41, "calls it with nothing"),
        Related("stats.py", 2, "starts here"),
    )


def test_the_same_is_said_once() -> None:
    found = proved(CLAIM, replace(CLAIM, title="Division by zero for no values."))
    assert len(found.findings) == 1
    assert found.dropped == {"said twice": 1}


def test_a_fix_whose_place_is_not_clear_is_left_out_and_the_finding_stays() -> None:
    (finding,) = proved(replace(CLAIM, replace="a")).findings
    assert finding.replacement is None


def test_the_most_severe_come_first_and_the_rest_is_counted() -> None:
    (finding,) = proved(CLAIM).findings
    others = [replace(finding, severity="note", start_line=n) for n in range(1, 6)]
    shown, left_out = most_severe([*others, finding], 2)
    assert [one.severity for one in shown] == ["error", "note"]
    assert left_out == 4


def test_a_finding_keeps_its_name_when_it_moves_and_loses_it_when_its_text_changes() -> None:
    (finding,) = proved(CLAIM).findings
    assert replace(finding, start_line=90, end_line=90, path="renamed.py").name == finding.name
    assert replace(finding, quote="  return total /  len(values)").name == finding.name
    assert replace(finding, quote="return total / count").name != finding.name
    assert replace(finding, rule="other").name != finding.name
    assert replace(finding, symbol="median").name != finding.name
