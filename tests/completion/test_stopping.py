import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twolane.completion import languages, mode
from twolane.completion.stopping import MAX_CHARS, StopRule


def rule(language: str, document: str, setting: mode.Setting = "auto", max_lines: int = 24) -> StopRule:
    before, _, after = document.partition("‸")
    place, shape = mode.look(before, after), languages.shape(language)
    return StopRule(mode.decide(place, shape, setting), place, shape, max_lines)


def check(language: str, document: str, text: str, kept: str, reason: str) -> None:
    """Fed character by character, the rule stops for `reason` ('' for the stream's own end) and keeps `kept`."""
    stop = rule(language, document)
    for character in text:
        if stop.feed(character):
            break
    else:
        stop.finish()
    assert (stop.text, stop.reason) == (kept, reason)


ELSE = "b();\n} else {\n  c();"


@pytest.mark.parametrize(
    ("language", "document", "text", "kept", "reason"),
    [
        ("python", "x = ‸", "1\n2", "1", "the line is complete"),
        ("python", "x = ‸ + y", "f(1) + y", "f(1) ", "the text after the cursor is reached"),
        ("python", "def f():‸", "\n    return 1\nx", "\n    return 1", "the block ends"),
        ("python", "def f():\n    ‸", "a = 1\n    b = 2\nc", "a = 1\n    b = 2", "the block ends"),
        ("python", "    if x:‸", "\n        a()\n    b()\n", "\n        a()", "the block ends"),
        ("python", "if x:‸", "\ny = 1\n", "", "the block stays empty"),
        ("python", "# f\n‸", "def f():\n    pass\ndef g", "def f():\n    pass", "a sibling begins"),
        ("python", "# f\n‸", "a = 1\nb = 2\n\nc", "a = 1\nb = 2", "the paragraph ends"),
        ("python", "def f():\n    ‸", "a = 1\n\n\n", "a = 1", "blank lines"),
        ("python", "# f\n‸\nb = 2", "a = 1\nb = 2\n", "a = 1", "the text below is reached"),
        ("javascript", "f(() => {‸", "\n  a();\n});\nb", "\n  a();\n});", "the block is closed"),
        ("javascript", "if (x) {\n  ‸\n}", "a();\n}", "a();", "the text below is reached"),
        ("go", "func f() {‸", "\n\ta()\n}\n\nfunc g", "\n\ta()\n}", "the block is closed"),
        ("ruby", "def f\n  ‸", "a\nend\nb", "a\nend", "the block is closed"),
        ("python", "# f\n‸", "row = 1\n" * 6, "row = 1", "repetition"),
        ("python", "# f\n‸", "a = next(b)\nb = next(a)\n" * 5, "a = next(b)\nb = next(a)", "repetition"),
        ("python", "x = ‸", "ab + cd, " * 15, "ab + cd", "repetition"),
        ("python", "x = ‸", "y" * 300, "y", "repetition"),
        ("python", "x = ‸", "a" + " the implementation of" * 6, "a the implementation of", "repetition"),
        ("python", "x = f‸", "(" * 40, "(", "repetition"),
        ("java", "int x = ‸", "endLine, " * 30, "endLine", "repetition"),
        ("javascript", "if (a) {\n  ‸\n}", "b();\n} else {\n  c();\n}\nd();", ELSE, "the text below is reached"),
        ("java", "if (a) {\n  ‸\n}", "b();\n} else {\n  c();\n}\nd();", ELSE, "the text below is reached"),
        ("python", "if (a and\n        b):\n    ‸\nd()", "b()\n    c()\nd()", "b()\n    c()", "the block ends"),
        ("python", "if (a and\n        b):\n    ‸\n\n\nd()", "b()\n    c()\nx()", "b()\n    c()", "the block ends"),
        ("c", "if (a &&\n      b) {\n  ‸\n}", "b();\n  c();\n}\nd();", "b();\n  c();", "the text below is reached"),
    ],
)
def test_where_it_stops(language: str, document: str, text: str, kept: str, reason: str) -> None:
    check(language, document, text, kept, reason)


@pytest.mark.parametrize(
    ("language", "document", "text"),
    [
        ("python", "def f():\n    ‸", "if a:\n        b()\n    elif c:\n        d()\n    e()"),
        ("python", "if x:\n    ‸", "a()\nelse:\n    b()"),
        ("python", "# f\n‸", "@wraps(f)\ndef g():\n    pass"),
        ("python", "x = ‸", "[0, 0, 0, 0, 0]"),
        ("python", "# ‸", "-" * 70),
        ("python", "x = ‸", "both(np.array([1.0, 2.0]), np.array([1.0, 2.0]), 3)"),
        ("javascript", "if (x) {\n  ‸", "a();\n} else {\n  b();"),
        ("python", "# ‸", "=" * 79),
        ("python", "# f\n‸", "row = 1\n" * 5),
        ("python", "root = ‸", "Path(__file__).resolve().parent.parent.parent.parent.parent"),
        ("python", "x: ‸", "Tuple[int, int, int, int, int, int]"),
        ("go", "func f() ‸", "(interface{}, interface{}, interface{}, interface{}) {"),
        ("cpp", "‸", "std::vector<std::vector<std::vector<std::vector<int>>>> x;"),
        ("c", "void ortho(‸", "float, float, float, float, float, float, float, float);"),
        ("rust", "let x = ‸", "(String::new(), String::new(), String::new(), String::new());"),
        ("php", "$x = ‸", '"ssssssssssssssssssssssssssss", $a'),
        ("java", "Object[] x = ‸", "{new Object(), new Object(), new Object(), new Object()};"),
        ("javascript", "function f() {\n  ‸", "q.pop();\n  r.push(1);\n  q.pop();\n  r.push(1);"),
        ("python", "def f():\n    ‸", "a()\n\n    b()"),
    ],
)
def test_where_it_goes_on(language: str, document: str, text: str) -> None:
    check(language, document, text, text, "")


def test_there_is_a_largest_number_of_lines_and_characters() -> None:
    stop = rule("python", "# f\n‸", max_lines=2)
    stop.feed("".join(f"a{n} = {n}\n" for n in range(99)))
    assert (stop.text, stop.reason) == ("a0 = 0\na1 = 1", "enough lines")
    stop = rule("python", "x = ‸")
    stop.feed("".join(str(number) for number in range(MAX_CHARS)))
    assert stop.reason == "too long"
    assert len(stop.text) <= MAX_CHARS + 1


def test_the_end_of_the_stream_is_the_end_of_a_line() -> None:
    check("javascript", "if (x) {\n  ‸\n}", "a();\n}", "a();", "the text below is reached")


DOCUMENTS = ["x = ‸", "def f():‸", "def f():\n    ‸\n", "# f\n‸\nx = 1", "f(‸, y)", "if (x) {\n  ‸\n}"]
CODE = st.lists(
    st.sampled_from(
        ["x = 1", "\n", "    ", "if a:", "}", "{", "def f():", ", y)", "else", "\r\n", "ab, ", " ", "return"]
    ),
    max_size=40,
).map("".join)


@settings(deadline=None)
@given(
    st.sampled_from(["python", "javascript", "ruby", "cobol"]),
    st.sampled_from(DOCUMENTS),
    CODE,
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
)
def test_the_pieces_do_not_matter(language: str, document: str, text: str, sizes: list[int]) -> None:
    whole, pieces = rule(language, document), rule(language, document)
    whole.feed(text)
    at = number = 0
    while at < len(text) and not pieces.feed(text[at : at + sizes[number % len(sizes)]]):
        at += sizes[number % len(sizes)]
        number += 1
    whole.finish()
    pieces.finish()
    assert (whole.text, whole.reason) == (pieces.text, pieces.reason)


@settings(deadline=None)
@given(st.sampled_from(["python", "go", "lua"]), st.sampled_from(DOCUMENTS), CODE)
def test_what_is_kept_is_the_beginning_of_what_was_written(language: str, document: str, text: str) -> None:
    stop = rule(language, document)
    stop.feed(text)
    stop.finish()
    assert text.replace("\r", "").startswith(stop.text)
