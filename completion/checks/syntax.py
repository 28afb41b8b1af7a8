"""Does a text bring syntax errors that were not there before it, and where is it to be cut so that it brings none."""

from __future__ import annotations

import keyword
import re
import time
from collections.abc import Iterator

from ..filters import brackets
from ..languages import Shape
from ..question import Question
from .early_errors import early_error
from .trial import Trial
from .verdict import Verdict

CHECK = "syntax"
MOST_SECONDS = 0.005
"""Of this thread, on a processor: on a busy machine no less is tried."""

_MOST_LOST, _SOME_LOST = 1_500, 300
"""Where so many bytes around it are no code, or so many that are most of it, a parser cannot judge a text."""

_MOST_CUTS = 4
_DANGLING = re.compile(r"[\[({.,=+\-*/%&|<>!?:\\\s]+$")
"""Ends of a text behind which something is still to come."""

_POSTFIX = re.compile(r"(?:\+\+|--|[\w)\]>]>|[\w)\]][?!])\s*$")
"""Ends that look so and may be whole: `i++`, `Vec<u8>`, Rust's `?`, TypeScript's `!`."""

_ARROW = re.compile(r"=>\s*[({]?\s*$")
"""The head of a function: without its arrow it is something else."""

_DIRECTIVE = re.compile(r"\s*#\s*(?:define|error|include|pragma|undef|warning)\b.*[^\\]")
_MEMBER = re.compile(r"(?:\w|[)\]}\"'])\.$")
_WORD = re.compile(r"[^\W\d]\w*")
_NO_MEMBERS = {"python": frozenset(keyword.kwlist)}
"""Words that are never a member's name."""

_QUOTES_OR_CLOSERS = "\"'`)]}"
_CLOSER = {"(": ")", "[": "]", "{": "}"}
_ENDS = {"ruby": ("\nend\n",), "lua": ("\nend\n",), "shellscript": ("\nfi\n", "\ndone\n", "\n:\nfi\n", "\n:\ndone\n")}
"""What ends a block where no bracket does."""

_SEMICOLONS = dict.fromkeys(("c", "cpp", "csharp", "java", "php", "rust"), ("", ";"))
"""What a statement may need behind its last bracket."""

_FOREIGN = re.compile(r'#(?:\s|$|!)(?!\s*(?:define|el|endif|error|if|include|line|pragma|region|undef|warning))|"""')
_WITHOUT_HASHES = frozenset(
    {"javascript", "javascriptreact", "typescript", "typescriptreact", "go", "rust", "java", "c", "cpp", "csharp"}
)


def check(trial: Trial | None, question: Question, text: str) -> Verdict:
    """Compare the document with and without `text` at its cursor.

    What is no code must not become more. Brackets that the text leaves open are closed where that does; a line that
    opens a block may be its last: whoever accepts it goes on there.
    """
    late = time.thread_time() + MOST_SECONDS
    if _is_keyword_as_member(question, text):
        return Verdict(CHECK, "withheld", "", "a word of the language behind a dot")
    if trial is None:
        return Verdict(CHECK, "unchecked", text, "there is no grammar for this language, or the line is too long")
    wrong = trial.errors(text)
    if wrong is None:
        return Verdict(CHECK, "unchecked", text, "it is too long")
    blamed = early_error(trial, text)
    if trial.fits(text) and not blamed:
        if trial.lost > _MOST_LOST or (trial.lost > _SOME_LOST and 2 * trial.lost > len(trial.before + trial.after)):
            if _is_foreign_comment(question, text):
                return Verdict(CHECK, "withheld", "", "a comment of another language")
            return Verdict(CHECK, "unchecked", text, "the code around it cannot be parsed")
        if whole := _whole(trial, question, text, len(wrong)):
            return Verdict(CHECK, "closed", whole, "brackets were open")
        return Verdict(CHECK, "fits", text)
    if not blamed and (found := _completed(trial, question, text)) is not None:
        return found
    said = blamed or "syntax error"
    for shorter in _shorter(text, [start for start, _ in wrong], question.place.rest):
        if time.thread_time() > late:
            return Verdict(CHECK, "withheld", "", f"{said}; no time to mend it")
        if trial.fits(shorter) and not early_error(trial, shorter):
            return Verdict(CHECK, "cut", shorter, said)
    return Verdict(CHECK, "withheld", "", said)


def _completed(trial: Trial, question: Question, text: str) -> Verdict | None:
    """A text that is code once its brackets and blocks are closed; None where that does not help."""
    if question.language in ("c", "cpp") and not question.place.head.strip() and _DIRECTIVE.fullmatch(text):
        return Verdict(CHECK, "unchecked", text, "a line of the preprocessor's needs no code around it")
    if question.shape is not None and not question.place.rest.strip():
        for said in _as_said(text):
            ends = _closers(question, question.shape, said)
            whole = said + ends
            if ends and trial.fits(whole) and not _stands_below(question, whole) and not early_error(trial, whole):
                return Verdict(CHECK, "closed", said + ends, "brackets were open")
        closers = _closers(question, question.shape, text)
        if (body := _body(question, question.shape, text)) and trial.fits(text + closers + body):
            return Verdict(CHECK, "fits", text, "a block begins at its end")
        if any(trial.fits(text + end) for end in _ends(question, text, closers)):
            return Verdict(CHECK, "fits", text, "a block begins at its end")
        if (outer := _outer(trial, question, text)) and trial.fits(text + outer):
            return Verdict(CHECK, "fits", text, "the blocks around it have no end yet")
    return None


def _is_keyword_as_member(question: Question, text: str) -> bool:
    """Whether a text begins with a word that cannot stand behind the dot before it.

    Code that ends in a dot is no code already: that it stays so is no new error to a parser.
    """
    word = _WORD.match(text)
    return (
        word is not None
        and word[0] in _NO_MEMBERS.get(question.language, ())
        and bool(_MEMBER.search(question.place.head))
    )


def _whole(trial: Trial, question: Question, text: str, wrong: int) -> str:
    """A text that leaves brackets open in a half-written statement, closed if that is code then; else ''.

    `wrong` is how many places are no code with it as it is.
    """
    if not wrong or question.shape is None or question.place.rest.strip():
        return ""
    for said in _as_said(text):
        closers = _closers(question, question.shape, said)
        for ends in _SEMICOLONS.get(question.language, ("",)) if closers else ():
            whole = said + closers + ends
            found = trial.errors(whole)
            fewer = found is not None and len(found) < wrong
            if fewer and not _stands_below(question, whole) and not early_error(trial, whole):
                return whole
    return ""


def _stands_below(question: Question, text: str) -> bool:
    """Whether a text that was closed ends with lines that stand below already: it was cut where those begin."""
    lines = [line.strip() for line in text.split("\n")]
    below = [line.strip() for line in question.place.below]
    return any(lines[-count:] == below[:count] for count in range(2, min(len(lines), len(below) + 1)))


def _as_said(text: str) -> tuple[str, ...]:
    """What of a text is to be closed, the best first: without an end behind which something is still to come."""
    if _ARROW.search(text):
        return (text,)
    without = _DANGLING.sub("", text)
    return (text, without) if _POSTFIX.search(text) else (without,)


def _closers(question: Question, shape: Shape, text: str) -> str:
    """What would close the brackets that a text opens, where it does not end within a string.

    What was opened on an earlier line ends on a line of its own, as far in as the one that opened it.
    """
    found = brackets.scan(text, shape, question.place.head)
    if found.inside:
        return ""
    closers, line = "", text.rfind("\n") + 1
    for opener, at in reversed(found.opened):
        begins = text.rfind("\n", 0, at) + 1
        if begins != line:
            opening = text[begins:at] if begins else question.place.head + text[:at]
            closers += "\n" + opening[: len(opening) - len(opening.lstrip())]
            line = begins
        closers += _CLOSER[opener]
    return closers


def _outer(trial: Trial, question: Question, text: str) -> str:
    """What would close all that is open behind a text at the end of a document; '' where something stands below."""
    if question.shape is None or question.view.after.strip():
        return ""
    found = brackets.scan(trial.before.decode("utf-8", "replace") + text, question.shape)
    return "" if found.inside else "".join(f"\n{_CLOSER[opener]}" for opener, _ in reversed(found.opened))


def _body(question: Question, shape: Shape, text: str) -> str:
    """The least that could stand in the block that a text opens at its end; '' where it opens none."""
    line = ("" if "\n" in text else question.place.head) + text[text.rfind("\n") + 1 :]
    if not shape.indented or not line.rstrip().endswith(":"):
        return ""
    return "\n" + line[: len(line) - len(line.lstrip())] + "\tpass"


def _has_body_below(question: Question) -> bool:
    """Whether the line below the cursor's is further in, as the body of what the cursor's line begins."""
    line = question.place.head
    below = next((one for one in question.view.after.split("\n", 8)[1:8] if one.strip()), "")
    return len(below) - len(below.lstrip()) > len(line) - len(line.lstrip())


def _ends(question: Question, text: str, closers: str) -> tuple[str, ...]:
    """What may end, further below, the block that a text begins."""
    if text.startswith("#if") and question.language in ("c", "cpp") and "#endif" in question.view.after:
        return ("\n#endif\n",)
    if not _has_body_below(question):
        return ()
    if closers:
        return (f"\n{closers.lstrip()}",) if closers.lstrip().startswith("}") else ()
    return _ENDS.get(question.language, ())


def _is_foreign_comment(question: Question, text: str) -> bool:
    """Whether a line begins as a comment does elsewhere, at which a parser gives up."""
    if question.language not in _WITHOUT_HASHES:
        return False
    lines = [question.place.head + text.partition("\n")[0], *text.split("\n")[1:]]
    return any(_FOREIGN.match(line.lstrip()) for line in lines)


def _shorter(text: str, wrong: list[int], rest: str) -> Iterator[str]:
    """Beginnings of a text that may do: fewer of its lines, its first alone, then less of that.

    Of that, what stands before the quote or bracket behind the cursor (`rest`), or before the first error.
    """
    lines = text.split("\n")
    for count in range(len(lines) - 1, max(0, len(lines) - 1 - _MOST_CUTS), -1):
        if (kept := "\n".join(lines[:count]).rstrip()) and lines[count - 1].strip():
            yield kept
    if len(lines) > _MOST_CUTS + 1 and lines[0].strip():
        yield lines[0].rstrip()
    behind = rest.lstrip()[:1]
    if behind and behind in _QUOTES_OR_CLOSERS and (at := lines[0].find(behind)) > 0:
        yield lines[0][:at]
    first = lines[0].encode("utf-8", "replace")
    for start in wrong[:2]:
        if 0 < start < len(first) and (kept := first[:start].decode("utf-8", "ignore").rstrip()):
            yield kept
