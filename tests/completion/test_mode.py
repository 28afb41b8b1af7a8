import pytest

from twolane.completion import languages, mode


def check(language: str, document: str, expected: str, setting: mode.Setting = "auto") -> None:
    before, _, after = document.partition("‸")
    decided = mode.decide(mode.look(before, after), languages.shape(language), setting)
    assert decided.kind == expected, decided.why


@pytest.mark.parametrize(
    ("language", "document", "expected"),
    [
        ("python", "x = ‸", "line"),
        ("python", "def f():‸", "block"),
        ("python", "def f():  # why‸", "block"),
        ("python", "def f():\n    ‸", "block"),
        ("python", "def f():\n    ‸\n    return 1\n", "line"),
        ("python", "def f():\n    ‸\n\ndef g(): ...\n", "block"),
        ("python", "x = [\n    ‸\n]", "block"),
        ("python", "# say hello\n‸", "block"),
        ("python", "# say hello‸", "line"),
        ("python", "# what: ‸", "line"),
        ("python", "x = 1\n\n\n‸", "block"),
        ("python", "    x = 1\n    ‸", "line"),
        ("python", "f(‸)", "line"),
        ("python", "f(‸, 1)", "line"),
        ("python", "", "line"),
        ("python", "d[x:‸]", "line"),
        ("typescript", "if (a) {‸", "block"),
        ("typescript", "if (a) {‸}", "line"),
        ("typescript", "const f = () =>‸", "block"),
        ("go", "func f() {\n\t‸\n}", "block"),
        ("rust", "match x {\n    ‸\n}", "block"),
        ("java", "class A {\n    ‸\n}", "block"),
        ("c", "int f(void)\n{\n    ‸\n}", "block"),
        ("cpp", "// adds\n‸", "block"),
        ("csharp", "{\n    ‸\n}", "block"),
        ("php", "function f() {\n    ‸\n}", "block"),
        ("ruby", "def f\n  ‸", "block"),
        ("ruby", "xs.each do |x|\n  ‸\nend", "block"),
        ("ruby", "x = 1 if y\n‸", "line"),
        ("lua", "if x then\n  ‸", "block"),
        ("lua", "function f(a)\n  ‸\nend", "block"),
        ("shellscript", "for f in *; do\n  ‸\ndone", "block"),
        ("shellscript", "echo 1\n‸", "line"),
        ("cobol", "IF X:\n‸", "line"),
    ],
)
def test_automatic(language: str, document: str, expected: str) -> None:
    check(language, document, expected)


@pytest.mark.parametrize(
    ("document", "setting", "expected"),
    [
        ("def f():‸", "never", "line"),
        ("x = ‸", "always", "block"),
        ("f(‸)", "always", "line"),
        ("x = ‸ + 1", "always", "line"),
    ],
)
def test_the_setting_decides_where_the_line_is_free(document: str, setting: mode.Setting, expected: str) -> None:
    check("python", document, expected, setting)


def test_an_unknown_language_may_be_asked_for_blocks() -> None:
    check("cobol", "IF X\n‸", "block", "always")
