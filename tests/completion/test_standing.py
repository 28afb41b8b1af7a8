"""How much is wanted, and where it ends, as the syntax tree has it, in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.completion import languages, mode
from twolane.completion.checks import trial
from twolane.completion.checks.trees import Trees
from twolane.completion.checks.trial import Trial
from twolane.completion.question import Question, pose
from twolane.completion.stopping import StopRule
from twolane.context.document import Snapshot


def at(language: str, document: str) -> tuple[Question, Trial]:
    before, _, after = document.partition("‸")
    snapshot = Snapshot("file:///x", "x", Path("/w"), language, 1, before + after)
    question = pose(snapshot, len(before), (24_000, 6_000), "auto")
    found = trial.begin(Trees(), question)
    assert found is not None
    return question, found


def decided(language: str, document: str) -> mode.Mode:
    question, found = at(language, document)
    return mode.decide(question.place, question.shape, "auto", found.standing())


EMPTY = {
    "python": "def f():\n    ‸\n\n\ndef g():\n    pass\n",
    "typescript": "function f(a: number) {\n\n  ‸\n\n}\n",
    "typescriptreact": "const A = () => {\n\n  ‸\n\n};\n",
    "javascript": "function f(a) {\n\n  ‸\n\n}\n",
    "javascriptreact": "const A = () => {\n\n  ‸\n\n};\n",
    "go": "package a\n\nfunc f(a int) int {\n\n\t‸\n\n}\n",
    "rust": "fn f(a: i32) -> i32 {\n\n    ‸\n\n}\n",
    "java": "class A {\n    int f(int a) {\n\n        ‸\n\n    }\n}\n",
    "c": "int f(int a)\n{\n\n    ‸\n\n}\n",
    "cpp": "int f(int a) {\n\n    ‸\n\n}\n",
    "csharp": "class A\n{\n    int F(int a)\n    {\n\n        ‸\n\n    }\n}\n",
    "ruby": "def f(a)\n  ‸\nend\n",
    "php": "<?php\nfunction f($a) {\n\n    ‸\n\n}\n",
    "lua": "local function f(a)\n  ‸\nend\n",
    "shellscript": "f() {\n\n  ‸\n\n}\n",
}
IN_TEXT = {
    "python": 'x = """\nif a:\n‸\n"""\n',
    "typescript": "const x = `\nif (a) {\n‸\n`;\n",
    "typescriptreact": "const x = `\nif (a) {\n‸\n`;\n",
    "javascript": "const x = `\nif (a) {\n‸\n`;\n",
    "javascriptreact": "/*\nif (a) {\n‸\n*/\nconst x = 1;\n",
    "go": "package a\n\nvar x = `\nif a {\n‸\n`\n",
    "rust": 'fn f() {\n    let x = r#"\nif a {\n‸\n"#;\n}\n',
    "java": "class A {\n/*\n  if (a) {\n‸\n*/\n}\n",
    "c": "/*\nif (a) {\n‸\n*/\nint x;\n",
    "cpp": "/*\nif (a) {\n‸\n*/\nint x;\n",
    "csharp": "/*\nif (a) {\n‸\n*/\nclass A { }\n",
    "ruby": "x = <<~TEXT\n  if a\n‸\nTEXT\n",
    "php": "<?php\n$x = <<<TEXT\nif (a) {\n‸\nTEXT;\n",
    "lua": "local x = [[\nif a then\n‸\n]]\n",
    "shellscript": "cat <<TEXT\nif a; then\n‸\nTEXT\n",
}
AFTER_COMMENT = {
    "python": "def f(a):\n    # Says what.\n    ‸\n",
    "typescript": "function f(a: number) {\n  // Says what.\n  ‸\n}\n",
    "typescriptreact": "const A = () => {\n  // Says what.\n  ‸\n};\n",
    "javascript": "function f(a) {\n  // Says what.\n  ‸\n}\n",
    "javascriptreact": "const A = () => {\n  // Says what.\n  ‸\n};\n",
    "go": "package a\n\nfunc f(a int) int {\n\t// Says what.\n\t‸\n}\n",
    "rust": "fn f(a: i32) -> i32 {\n    // Says what.\n    ‸\n}\n",
    "java": "class A {\n    int f(int a) {\n        // Says what.\n        ‸\n    }\n}\n",
    "c": "int f(int a) {\n    /* Says what. */\n    ‸\n}\n",
    "cpp": "int f(int a) {\n    // Says what.\n    ‸\n}\n",
    "csharp": "class A {\n    int F(int a) {\n        // Says what.\n        ‸\n    }\n}\n",
    "ruby": "def f(a)\n  # Says what.\n  ‸\nend\n",
    "php": "<?php\nfunction f($a) {\n    # Says what.\n    ‸\n}\n",
    "lua": "local function f(a)\n  -- Says what.\n  ‸\nend\n",
    "shellscript": "f() {\n  # Says what.\n  ‸\n}\n",
}
FILLED = {
    "python": "def f(a):\n    x = a\n    ‸\n    return x\n",
    "typescript": "function f(a: number) {\n  const x = a;\n  ‸\n  return x;\n}\n",
    "typescriptreact": "const A = () => {\n  const x = 1;\n  ‸\n  return x;\n};\n",
    "javascript": "function f(a) {\n  const x = a;\n  ‸\n  return x;\n}\n",
    "javascriptreact": "const A = () => {\n  const x = 1;\n  ‸\n  return x;\n};\n",
    "go": "package a\n\nfunc f(a int) int {\n\tx := a\n\t‸\n\treturn x\n}\n",
    "rust": "fn f(a: i32) -> i32 {\n    let x = a;\n    ‸\n    x\n}\n",
    "java": "class A {\n    int f(int a) {\n        int x = a;\n        ‸\n        return x;\n    }\n}\n",
    "c": "int f(int *a) {\n    *a = 1;\n    ‸\n    return 2;\n}\n",
    "cpp": "int f(int *a) {\n    *a = 1;\n    ‸\n    return 2;\n}\n",
    "csharp": "class A {\n    int F(int a) {\n        var x = a;\n        ‸\n        return x;\n    }\n}\n",
    "ruby": "def f(a)\n  x = a\n  ‸\n  x\nend\n",
    "php": "<?php\nfunction f($a) {\n    $x = $a;\n    ‸\n    return $x;\n}\n",
    "lua": "local function f(a)\n  local x = a\n  ‸\n  return x\nend\n",
    "shellscript": "f() {\n  local x=1\n  ‸\n  echo $x\n}\n",
}


VACANT = {
    "python": ["if a:\n    ‸\nelse:\n    b()\n", "for a in b:\n\n    ‸\n\nc()\n"],
    "typescript": ["if (a) {\n\n  ‸\n}\n", "for (const a of b) {\n\n  ‸\n}\n", "switch (a) {\n\n  ‸\n}\n"],
    "typescriptreact": ["if (a) {\n\n  ‸\n} else {\n  b();\n}\n", "while (a) {\n\n  ‸\n}\n"],
    "javascript": [
        "if (a) {\n  b();\n} else {\n\n  ‸\n}\n",
        "while (a) {\n\n  ‸\n}\n",
        "try {\n\n  ‸\n} catch (e) {}\n",
    ],
    "javascriptreact": ["if (a) {\n\n  ‸\n}\n", "for (const a of b) {\n\n  ‸\n}\n"],
    "go": [
        "package a\n\nfunc f(a int) {\n\tif a > 0 {\n\n\t\t‸\n\t}\n}\n",
        "package a\n\nfunc f(a int) {\n\tswitch a {\n\t\t‸\n\t}\n}\n",
        "package a\n\nfunc f(a int) {\n\tfor {\n\n\t\t‸\n\t}\n}\n",
    ],
    "rust": ["fn f() {\n    if a {\n\n        ‸\n    }\n}\n", "fn f() {\n    loop {\n\n        ‸\n    }\n}\n"],
    "java": [
        "void f() {\n    if (a) {\n\n        ‸\n    }\n}\n",
        "void f() {\n    while (a) {\n\n        ‸\n    }\n}\n",
    ],
    "c": [
        "int f() {\n    if (a) {\n\n        ‸\n    }\n}\n",
        "int f() {\n    do {\n\n        ‸\n    } while (a);\n}\n",
    ],
    "cpp": ["int f() {\n    if (a) {\n\n        ‸\n    }\n}\n", "int f() {\n    for (;;) {\n\n        ‸\n    }\n}\n"],
    "csharp": [
        "void F() {\n    if (a) {\n\n        ‸\n    }\n}\n",
        "void F() {\n    while (a) {\n\n        ‸\n    }\n}\n",
    ],
    "ruby": [
        *(
            f"{head}\n\n  ‸\nend\n"
            for head in ("if a", "while a", "for a in b", "x = if a", "class A < B", "a.each do |b|")
        ),
        *(f"if a\n  b\n{head}\n\n  ‸\nend\n" for head in ("else", "elsif c")),
        *(f"begin\n  b\n{head}\n\n  ‸\nend\n" for head in ("rescue A => e", "ensure")),
        "begin\n  ‸\nrescue A\n  b\nend\n",
        "case a\nwhen 1\n\n  ‸\nend\n",
    ],
    "php": [
        "<?php\nif ($a):\n    ‸\nelse:\n    b();\nendif;\n",
        "<?php\nif ($a):\n    b();\nelseif ($b):\n    ‸\nendif;\n",
        "<?php\nforeach ($a as $b):\n    ‸\nendforeach;\n",
        "<?php\nwhile ($a):\n    ‸\nendwhile;\n",
        "<?php\nfor (;;):\n    ‸\nendfor;\n",
        "<?php\nif ($a) {\n\n    ‸\n}\n",
    ],
    "lua": [
        *(f"{head}\n{gap}  ‸\nend\n" for head in ("if a then", "while a do", "for a in b do") for gap in ("", "\n")),
        *(f"if a then\n  b()\n{head}\n\n  ‸\nend\n" for head in ("else", "elseif c then")),
        "if a then\n  ‸\nelse\n  b()\nend\n",
        "repeat\n\n  ‸\nuntil a\n",
        "if a\n  and b then\n  ‸\nend\n",
        "a(function(b)\n\n  ‸\nend)\n",
    ],
    "shellscript": [
        *(f"{head}\n  ‸\nfi\n" for head in ("if a; then", "if a\nthen", "if a; then\n  b\nelif c; then\n")),
        *(f"{head}\n\n  ‸\ndone\n" for head in ("while a; do", "for a in b; do")),
        "if a; then\n  ‸\nelse\n  b\nfi\n",
        "case $a in\n  ‸\nesac\n",
        "case $a in\n  b)\n    ‸\n    ;;\nesac\n",
    ],
}
FULL = {
    "ruby": ["if a\n  b\n\n  ‸\nend\n", "begin\n  b\n\n  ‸\nend\n", "a.each do |b|\n  c\n\n  ‸\nend\n"],
    "lua": ["if a then\n  b()\n  ‸\nend\n", "if a then\n  ‸\n  b()\nend\n", "while a do\n  b()\n  ‸\nend\n"],
    "shellscript": [
        "if a; then\n  b\n  ‸\nfi\n",
        "if a; then\n  ‸\n  b\nfi\n",
        "case $a in\n  b)\n    c\n    ‸\n    ;;\nesac\n",
    ],
    "php": ["<?php\nif ($a):\n    b();\n    ‸\nendif;\n", "<?php\nif ($a):\n    ‸\n    b();\nendif;\n"],
    "go": ["package a\n\nfunc f(a int) {\n\tb()\n\t‸\n}\n"],
}


def test_every_language_is_here() -> None:
    for cases in (EMPTY, IN_TEXT, AFTER_COMMENT, FILLED, CLOSED, VACANT):
        assert set(cases) == set(languages.known())


@pytest.mark.parametrize("language", languages.known())
def test_an_empty_body_wants_a_block(language: str) -> None:
    assert decided(language, EMPTY[language]).kind == "block"


@pytest.mark.parametrize(
    ("language", "document"), [(language, each) for language in VACANT for each in VACANT[language]]
)
def test_the_empty_body_of_a_condition_or_a_loop_wants_a_block(language: str, document: str) -> None:
    assert decided(language, document).kind == "block"


@pytest.mark.parametrize(("language", "document"), [(language, each) for language in FULL for each in FULL[language]])
def test_a_body_that_holds_something_wants_a_line(language: str, document: str) -> None:
    assert decided(language, document).kind == "line"


@pytest.mark.parametrize("language", languages.known())
def test_within_text_and_comments_nothing_opens_a_block(language: str) -> None:
    how = decided(language, IN_TEXT[language])
    assert (how.kind, how.why.partition(" ")[0]) == ("line", "inside")


@pytest.mark.parametrize("language", languages.known())
def test_after_a_comment_a_block_is_wanted(language: str) -> None:
    assert decided(language, AFTER_COMMENT[language]).kind == "block"


@pytest.mark.parametrize("language", languages.known())
def test_between_statements_a_line_is_wanted(language: str) -> None:
    assert decided(language, FILLED[language]).kind == "line"


@pytest.mark.parametrize(
    ("language", "document", "kind"),
    [
        ("c", "int f(int a)\n‸\n", "block"),
        ("cpp", "int f(int a)\n‸\n\nint g();\n", "block"),
        ("csharp", "class A\n{\n    public int F(int a)\n    ‸\n}\n", "block"),
        ("java", "class A {\n    public int f(int a)\n    ‸\n}\n", "block"),
        ("php", "<?php\nfunction f($a)\n‸\n", "block"),
        ("c", "int f(int a)\n‸\n{\n    return a;\n}\n", "line"),
        ("python", "x = {\n    'a':\n    ‸\n}\n", "line"),
        ("python", "x = a[1:\n‸\n", "line"),
        ("c", "int f(int *a) {\n    int x = 2\n    * *a;\n    ‸\n    return x;\n}\n", "line"),
        ("javascript", "const x = [\n  1,\n\n‸\n];\n", "line"),
        ("javascript", "if (a) {\n  b();\n‸\n}\n", "line"),
    ],
)
def test_what_lines_alone_would_mistake(language: str, document: str, kind: str) -> None:
    how = decided(language, document)
    assert how.kind == kind, how.why


CLOSED = {
    "python": ("x = [\n    ‸", "1,\n    '],',\n]\ny = 2\n", "1,\n    '],',\n]"),
    "typescript": ("if (a) {‸", "\n  b('}');\n  }\nc();\n", "\n  b('}');\n  }"),
    "typescriptreact": ("if (a) {‸", "\n  b('}');\n  }\nc();\n", "\n  b('}');\n  }"),
    "javascript": ("if (a) {‸", "\n  b(/[}]/);\n  }\nc();\n", "\n  b(/[}]/);\n  }"),
    "javascriptreact": ("if (a) {‸", "\n  b('}');\n  }\nc();\n", "\n  b('}');\n  }"),
    "go": ("package a\n\nfunc f() {‸", "\n\tb('}')\n\t}\n\nfunc g", "\n\tb('}')\n\t}"),
    "rust": ("fn f() {‸", "\n    b('}');\n    }\n\nfn g", "\n    b('}');\n    }"),
    "java": ("class A {\n  void f() {‸", "\n    b('}');\n    }\n  void g", "\n    b('}');\n    }"),
    "c": ("int f(void)\n{‸", "\n    b('}');\n  }\nint g", "\n    b('}');\n  }"),
    "cpp": ("int f() {‸", "\n    b('}');\n  }\nint g", "\n    b('}');\n  }"),
    "csharp": ("class A {\n  void F() {‸", "\n    B('}');\n    }\n  void G", "\n    B('}');\n    }"),
    "ruby": ("def f‸", "\n  b('end')\n  end\ndef g", "\n  b('end')\n  end"),
    "php": ("<?php\nfunction f() {‸", "\n    b('}');\n  }\nfunction g", "\n    b('}');\n  }"),
    "lua": ("local function f()‸", "\n  b('end')\n  end\nlocal function g", "\n  b('end')\n  end"),
    "shellscript": ("if a; then‸", "\n  b 'fi'\n  fi\nc\n", "\n  b 'fi'\n  fi"),
}


@pytest.mark.parametrize("language", languages.known())
def test_the_block_ends_where_the_tree_closes_it_however_it_is_indented(language: str) -> None:
    document, text, kept = CLOSED[language]
    question, found = at(language, document)
    how = mode.decide(question.place, question.shape, "auto", found.standing())
    rule = StopRule(how, question.place, question.shape, closed=found.closed)
    rule.feed(text)
    rule.finish()
    assert (rule.text, rule.reason) == (kept, "the block is closed")


@pytest.mark.parametrize(
    ("language", "document", "text"),
    [
        ("javascript", "if (a) {‸", "\n  b(`\n}\n`);\n  c();\n"),
        ("go", "package a\n\nfunc f() {‸", "\n\tx := `\n}\n`\n\tb(x)\n"),
        ("javascript", "if (a) {‸", "\n  b();\n} else {\n  c();\n"),
        ("ruby", "def f‸", "\n  x = <<~T\n    end\n  T\n  b(x)\n"),
    ],
)
def test_a_bracket_in_a_text_closes_nothing(language: str, document: str, text: str) -> None:
    question, found = at(language, document)
    how = mode.decide(question.place, question.shape, "auto", found.standing())
    rule = StopRule(how, question.place, question.shape, closed=found.closed)
    rule.feed(text)
    assert not rule.stopped, rule.reason
