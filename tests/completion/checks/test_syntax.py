"""A text that brings syntax errors is cut to what brings none, or withheld; what is half written may stay so."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.completion import languages
from twolane.completion.checks import region, syntax, trial
from twolane.completion.checks.region import around
from twolane.completion.checks.trees import Trees, errors
from twolane.completion.question import pose
from twolane.completion.window import Window
from twolane.context.document import Snapshot

ROOM = (24_000, 6_000)


def check(language: str, document: str, text: str, finding: str, shown: str) -> None:
    before, _, after = document.partition("‸")
    snapshot = Snapshot("file:///x", "x", Path("/w"), language, 1, before + after)
    question = pose(snapshot, len(before), ROOM, "auto")
    verdict = syntax.check(trial.begin(Trees(), question), question, text)
    assert (verdict.finding, verdict.text) == (finding, shown)


FITTING = {
    "python": ("def f(a):\n    return ‸\n", "a + 1"),
    "typescript": ("function f(a: number) {\n  return ‸\n}\n", "a + 1;"),
    "typescriptreact": ("const a = () => {\n  return ‸\n};\n", "<b>{x}</b>;"),
    "javascript": ("function f(a) {\n  return ‸\n}\n", "a + 1;"),
    "javascriptreact": ("const a = () => {\n  return ‸\n};\n", "<b>{x}</b>;"),
    "go": ("package a\n\nfunc f(a int) int {\n\treturn ‸\n}\n", "a + 1"),
    "rust": ("fn f(a: i32) -> i32 {\n    let b = ‸\n    b\n}\n", "a + 1;"),
    "java": ("class A {\n    int f(int a) {\n        return ‸\n    }\n}\n", "a + 1;"),
    "c": ("int f(int a) {\n    return ‸\n}\n", "a + 1;"),
    "cpp": ("int f(int a) {\n    return ‸\n}\n", "std::max(a, 1);"),
    "csharp": ("class A {\n    int F(int a) {\n        return ‸\n    }\n}\n", "a + 1;"),
    "ruby": ("def f(a)\n  b = ‸\nend\n", "a.map(&:to_s)"),
    "php": ("<?php\nfunction f($a) {\n    return ‸\n}\n", "$a + 1;"),
    "lua": ("local function f(a)\n  return ‸\nend\n", "a + 1"),
    "shellscript": ("f() {\n  local a=‸\n}\n", '"$1"'),
}
WRONG = {
    "python": ("def f(a):\n    ‸\n", "x = (1 +) 2 def"),
    "typescript": ("function f(a: number) {\n  ‸\n}\n", "let = = 3 }} else"),
    "typescriptreact": ("function f(a: number) {\n  ‸\n}\n", "let = = 3 }} else"),
    "javascript": ("function f(a) {\n  ‸\n}\n", "let x = = 3 }} else"),
    "javascriptreact": ("function f(a) {\n  ‸\n}\n", "let x = = 3 }} else"),
    "go": ("package a\n\nfunc f(a int) int {\n\t‸\n}\n", "x := := ) 3 else"),
    "rust": ("fn f(a: i32) -> i32 {\n    ‸\n    b\n}\n", "let = ) = 3 fn;"),
    "java": ("class A {\n    int f(int a) {\n        ‸\n    }\n}\n", "int = ) = else;"),
    "c": ("int f(int a) {\n    ‸\n}\n", "int = ) = else;"),
    "cpp": ("int f(int a) {\n    ‸\n}\n", "int = ) = else;"),
    "csharp": ("class A {\n    int F(int a) {\n        ‸\n    }\n}\n", "int = ) = else;"),
    "ruby": ("def f(a)\n  ‸\nend\n", "= ) then else ]"),
    "php": ("<?php\nfunction f($a) {\n    ‸\n}\n", "$a = = ) else;"),
    "lua": ("local function f(a)\n  ‸\nend\n", "= ) then else ]"),
    "shellscript": ("f() {\n  ‸\n}\n", "then ) fi ;;"),
}


@pytest.mark.parametrize("language", FITTING)
def test_what_is_code_fits(language: str) -> None:
    document, text = FITTING[language]
    check(language, document, text, "fits", text)


@pytest.mark.parametrize("language", WRONG)
def test_what_is_no_code_is_withheld(language: str) -> None:
    document, text = WRONG[language]
    before, _, after = document.partition("‸")
    question = pose(Snapshot("file:///x", "x", None, language, 1, before + after), len(before), ROOM, "auto")
    verdict = syntax.check(trial.begin(Trees(), question), question, text)
    assert verdict.finding in ("withheld", "cut")
    assert verdict.text != text


@pytest.mark.parametrize(
    ("document", "text", "finding", "shown"),
    [
        ("def f(a):\n    ‸\n", "b = a + 1\n    return b", "fits", "b = a + 1\n    return b"),
        ("def f(a):\n    ‸\n", "b = a + 1\n    return b b", "cut", "b = a + 1"),
        ("x = 1\n‸\n", "first second", "withheld", ""),
        ("x = f(‸\n", "a, b", "fits", "a, b"),
        ("x = f(‸\n", "a, b)", "fits", "a, b)"),
        ("def f(a):\n    ‸\n    return a\n", "g(a, [", "closed", "g(a)"),
        ("def f(a):\n    ‸\n    return a\n", "g(a, [1, 2", "closed", "g(a, [1, 2])"),
        ("def f(a):\n    ‸\n    return a\n", "x = (", "withheld", ""),
        ("def f(a):\n    ‸\n    return a\n", "x =", "withheld", ""),
        ("def f(a):\n    ‸\n    return a\n", "if a:", "fits", "if a:"),
        ("class A:\n    x = (1\n\n    def f(self):\n        return ‸\n", "self.x", "fits", "self.x"),
    ],
)
def test_python(document: str, text: str, finding: str, shown: str) -> None:
    check("python", document, text, finding, shown)


@pytest.mark.parametrize(
    ("language", "document", "text", "shown"),
    [
        (
            "c",
            "void f(int a) {\n    ‸\n}\n",
            "if (a) {\n        b();\n        c();",
            "if (a) {\n        b();\n        c();\n    }",
        ),
        (
            "cpp",
            "void f(int a) {\n    ‸\n}\n",
            "for (int x : xs) {\n        b(a);",
            "for (int x : xs) {\n        b(a);\n    }",
        ),
        ("go", "func f(a int) {\n\t‸\n}\n", "for a < 9 {\n\t\ta++", "for a < 9 {\n\t\ta++\n\t}"),
        (
            "java",
            "class A {\n    void f(int n) {\n        ‸\n    }\n}\n",
            "while (n < 9) {\n            n++;",
            "while (n < 9) {\n            n++;\n        }",
        ),
        ("javascript", "function f(a) {\n  ‸\n}\n", "a.map((x) => {\n    g(x);", "a.map((x) => {\n    g(x);\n  })"),
        (
            "python",
            "def f(a):\n    ‸\n",
            "x = {\n        'a': 1,\n        'b': 2,",
            "x = {\n        'a': 1,\n        'b': 2\n    }",
        ),
        ("rust", "fn f(a: i32) -> R {\n    ‸\n}\n", "if a > 1 {\n        g(a)?", "if a > 1 {\n        g(a)?\n    }"),
        ("typescript", "const a = ‸\n", "{\n  b: 1,\n  c: 2,", "{\n  b: 1,\n  c: 2\n}"),
        (
            "csharp",
            "class A { void F() {\n    ‸\n} }\n",
            "foreach (var x in xs) {\n        n++;",
            "foreach (var x in xs) {\n        n++;\n    }",
        ),
        ("php", "<?php\nfunction f($a) {\n    ‸\n}\n", "if ($a) {\n        $a--;", "if ($a) {\n        $a--;\n    }"),
    ],
)
def test_what_an_earlier_line_opened_ends_on_a_line_of_its_own(
    language: str, document: str, text: str, shown: str
) -> None:
    check(language, document, text, "closed", shown)


@pytest.mark.parametrize(
    ("language", "document", "text", "shown"),
    [
        ("go", "func f(n int) {\n\t‸\n}\n", "g(func() { n++", "g(func() { n++})"),
        ("rust", "fn f() {\n    ‸\n}\n", "g(Vec::<u8>::new(), h()?", "g(Vec::<u8>::new(), h()?)"),
        ("typescript", "function f(a?: A) {\n  ‸\n}\n", "g(a!", "g(a!)"),
    ],
)
def test_an_operator_that_ends_an_expression_is_not_dropped(
    language: str, document: str, text: str, shown: str
) -> None:
    check(language, document, text, "closed", shown)


@pytest.mark.parametrize(
    ("line", "text", "finding"),
    [
        ("self.", "if self.a is None:\n            pass", "withheld"),
        ("f(x).", "not_found()", "fits"),
        ("self.", "imported = 1", "fits"),
        ("from .", "import a", "fits"),
    ],
)
def test_a_word_of_the_language_is_no_member(line: str, text: str, finding: str) -> None:
    document = f"class A:\n    def f(self):\n        {line}‸\n"
    check("python", document, text, finding, text if finding == "fits" else "")


def test_an_unknown_language_is_not_checked() -> None:
    check("cobol", "MOVE ‸", "A TO B )(", "unchecked", "A TO B )(")


@pytest.mark.parametrize("language", FITTING)
def test_what_is_typed_wrongly_and_mended_leaves_no_errors_behind(language: str) -> None:
    """Each state's tree is built upon the one before it; what is no code shows where it would in a new tree."""
    trees, (document, right), wrong = Trees(), FITTING[language], WRONG[language][1]
    before, _, after = document.partition("‸")
    typed = [wrong[:end] for end in range(len(wrong) + 1)]
    states = [*typed, *reversed(typed), *(right[:end] for end in range(len(right) + 1))]
    for state in states:
        text = before + state + after
        kept, fresh = trees.parse("a", language, text), trees.alone(language, text.encode())
        assert kept is not None
        assert fresh is not None
        assert errors(kept.root) == errors(fresh.root), text
    assert kept is not None
    assert not kept.broken


def test_a_tree_parsed_again_is_the_tree_of_the_text() -> None:
    trees, text = Trees(), "def f(a):\n    return [a, 'é']\n\n\nclass A:\n    pass\n"
    for place in range(len(text)):
        for put in ("", "(", "é\n", "x = 1\n"):
            changed = text[:place] + put + text[place + 1 :]
            again, fresh = trees.parse("a", "python", changed), Trees().parse("b", "python", changed)
            assert again is not None
            assert fresh is not None
            assert str(again.tree.root_node) == str(fresh.tree.root_node)
            assert errors(again.tree.root_node) == errors(fresh.tree.root_node)


def test_a_long_document_is_parsed_in_part() -> None:
    part = "def f(a):\n    if a:\n        return a\n\n"
    found = around(
        Window(part * 500 + "def g(b):\n    ", "\n\n" + part * 300, "\n", begins_inside=True), languages.shape("python")
    )
    assert found.whole
    assert found.before.startswith("def f")
    assert found.after.rstrip().endswith("return a")
    assert len(found.before) + len(found.after) < 12_000


@pytest.mark.parametrize(("text", "finding"), [("return a + 1", "fits"), ("return a +", "withheld")])
def test_within_a_long_class_the_method_alone_is_parsed(text: str, finding: str) -> None:
    method = "    def f(self, a):\n        return [\n            a,\n        ]\n\n"
    before = "class A:\n" + method * 400 + "    def g(self, a):\n        "
    after = "\n\n" + method * 200
    snapshot = Snapshot("file:///x", "x", None, "python", 1, before + after)
    question = pose(snapshot, len(before), (2_000, 600), "auto")
    verdict = syntax.check(trial.begin(Trees(), question, region.view(snapshot.text, len(before))), question, text)
    assert verdict.finding == finding


def test_a_region_without_a_border_says_so() -> None:
    assert not around(Window("    x = 1\n" * 2_000, "", "\n", begins_inside=True), None).whole


LONG_PHP = "<?php\n\nfunction first($a)\n{\n    return $a;\n}\n\n" + "".join(
    f"function f{number}($a)\n{{\n    $b = $a + {number};\n\n    return $b;\n}}\n\n" for number in range(200)
)


@pytest.mark.parametrize(("text", "finding"), [("return $a;", "fits"), ('{"a": %s}}', "withheld"), ('"""', "withheld")])
def test_php_far_below_its_opening_tag_is_code_all_the_same(text: str, finding: str) -> None:
    check("php", LONG_PHP + "function last($a)\n{\n    ‸\n}\n", text, finding, text if finding == "fits" else "")


def test_php_behind_its_closing_tag_is_text() -> None:
    page = "<?php\n" + "".join(f"$a{number} = {number};\n" for number in range(900)) + "?>\n\n<p>\n"
    found = around(region.view(page + "</p>\n", len(page)), languages.shape("php"), "php")
    assert not found.before.startswith("<?php")


@pytest.mark.parametrize(
    ("language", "document", "text"),
    [
        ("cpp", "namespace a {\n\nint f(int a) {\n  ‸\n    a += 1;\n  }\n  return a;\n}\n\nint g();\n", "while (a) {"),
        ("c", "int a;\n\n‸\nint b;\n#endif\n\nint c;\n", "#ifdef WIDE"),
        ("typescript", "function f(a) {\n  ‸\n    g(a)\n  }\n}\n", "if (a) { // so"),
        ("ruby", "class A\n  def f(a)\n    ‸\n      g(a)\n    end\n  end\nend\n", "a.each do |one|"),
        ("lua", "local function f(a)\n  ‸\n    g(a)\n  end\nend\n", "if a then"),
        ("shellscript", "f() {\n  ‸\n    g\n  done\n}\n", "for a in b c; do"),
    ],
)
def test_a_line_may_begin_the_block_whose_body_stands_below(language: str, document: str, text: str) -> None:
    check(language, document, text, "fits", text)


@pytest.mark.parametrize(("text", "finding"), [("# so it is", "withheld"), ("a(b);", "unchecked")])
def test_where_a_parser_gives_up_a_comment_of_another_language_is_seen(text: str, finding: str) -> None:
    noise = "] ) } ( case of [ => => ] )\n" * 80
    check("typescript", noise + "‸\n" + noise, text, finding, text if finding == "unchecked" else "")


def test_an_open_argument_list_is_no_block() -> None:
    check("rust", "fn f(&self) -> bool {\n    self‸\n        && a == b\n}\n", ".g(", "withheld", "")


def test_a_text_is_not_closed_into_what_stands_below() -> None:
    document = "int f(int a) {\n  if (a) {\n    ‸\n    return -1;\n  }\n  return a;\n}\n"
    check("cpp", document, "if (a < 2) {\n      return 0;", "closed", "if (a < 2) {\n      return 0;\n    }")
    check("cpp", document, "if (a < 2) {\n    return -1;", "withheld", "")
