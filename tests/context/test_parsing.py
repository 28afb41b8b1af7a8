import pytest

from twolane.context import grammars
from twolane.context.parsing import MAX_BYTES, Parsed, Refused, TreeParser

SAMPLES = {
    "python": "def f(): pass",
    "typescript": "const x: number = 1;",
    "typescriptreact": "const x = <b>{1}</b>;",
    "tsx": "const x = <b/>;",
    "javascript": "let x = () => 1;",
    "javascriptreact": "let x = <b/>;",
    "go": "package p\nfunc f() {}",
    "rust": "fn f<'a>() {}",
    "java": "class A { void f() {} }",
    "c": "int f(void) { return 1; }",
    "cpp": "namespace a { class B {}; }",
    "csharp": "class A { int B { get; } }",
    "ruby": "def f\nend",
    "php": "<?php function f() {}",
    "lua": "local function f() end",
    "shellscript": "f() { echo 1; }",
}


def check(language: str, text: str, expected: str) -> None:
    """`expected` is '' for a tree, or the reason for none."""
    result = TreeParser(language).parse(text, seconds=20)
    assert (result.reason if isinstance(result, Refused) else "") == expected


def test_every_language_has_a_sample() -> None:
    assert set(SAMPLES) == set(grammars.languages())


@pytest.mark.parametrize("language", SAMPLES)
def test_each_grammar_reads_its_language(language: str) -> None:
    result = TreeParser(language).parse(SAMPLES[language])
    assert isinstance(result, Parsed)
    assert not result.root.has_error


def test_an_unknown_language_has_no_grammar() -> None:
    assert grammars.language("cobol") is None
    check("cobol", "x", "no grammar for this language")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(" * 100_000 + ")" * 100_000, "nested too deeply"),
        ("x = " + "{" * 200_000, "nested too deeply"),
        ("x" * (MAX_BYTES + 1), "larger than 1 MB"),
        ("é" * (MAX_BYTES // 2 + 1), "larger than 1 MB"),
        ("x = " + "a + \\\n" * 20_000 + "1\n", "nested too deeply"),
        ("x = (a" + "\n.b" * 70_000 + ")\n", "nested too deeply"),
        ("x = " + "[1], " * 5_000, ""),
        ("\ud800 = 1\n", ""),
        ("", ""),
    ],
    ids=["parentheses", "braces", "sum", "chain", "large", "large in bytes", "wide", "surrogate", "empty"],
)
def test_what_is_refused(text: str, expected: str) -> None:
    check("python", text, expected)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("c", "-" * 300_000, "too many symbols without a name between them"),
        ("java", "!" * 300_000, "too many symbols without a name between them"),
        ("cpp", "a<\n" * 200_000, "takes too much memory to parse"),
        ("c", "int a[] = {" + "1," * 100_000 + "};\n", ""),
        ("python", "a = 1\n" * 100_000, ""),
    ],
    ids=["minus", "not", "less", "an array", "many lines"],
)
def test_what_would_hold_everything_up_is_refused_and_what_is_only_long_is_not(
    language: str, text: str, expected: str
) -> None:
    check(language, text, expected)


def test_a_parser_goes_on_after_giving_up() -> None:
    parser = TreeParser("python")
    refused = parser.parse("x = " + "a + b * " * 20_000, seconds=0.0)
    assert isinstance(refused, Refused)
    assert refused.reason == "takes too long to parse"
    parsed = parser.parse("y = 1\n", seconds=10)
    assert isinstance(parsed, Parsed)
    assert parsed.root.end_byte == 6
    assert not parsed.root.has_error
