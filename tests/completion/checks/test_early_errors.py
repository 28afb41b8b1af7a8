"""What a grammar takes and the language does not is withheld; what looks so and is right is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.completion.checks import syntax, trial
from twolane.completion.checks.trees import Trees
from twolane.completion.checks.verdict import Verdict
from twolane.completion.question import pose
from twolane.context.document import Snapshot

ROOM = (24_000, 6_000)


def verdict(language: str, document: str, text: str) -> Verdict:
    before, _, after = document.partition("‸")
    snapshot = Snapshot("file:///x", "x", Path("/w"), language, 1, before + after)
    question = pose(snapshot, len(before), ROOM, "auto")
    return syntax.check(trial.begin(Trees(), question), question, text)


@pytest.mark.parametrize(
    ("language", "document", "text", "said"),
    [
        ("python", "if __name__ == '__main__':\n    ‸\n", "return None", "`return` stands outside a function"),
        ("python", "class A:\n    ‸\n", "yield 1", "`yield` stands outside a function"),
        ("python", "def f(a):\n    if a:\n        ‸\n", "break", "`break` stands outside a loop"),
        ("python", "for a in b:\n    def f():\n        ‸\n", "continue", "`continue` stands outside a loop"),
        ("python", "def f(a):\n    ‸\n", "await a.close()", "`await` stands in a function that is not `async`"),
        ("python", "def f(\n    width: int,\n    ‸\n):\n    pass\n", "width: int = 0,", "two parameters have one name"),
        ("python", "def f(a, ‸):\n    pass\n", "b, b", "two parameters have one name"),
        ("python", "def f(a=1, ‸):\n    pass\n", "b", "a parameter without a default stands behind one with it"),
        ("python", "f(a=1, ‸)\n", "b", "an argument without a name stands behind one with it"),
        ("python", "f(‸, 3)\n", "a=1", "an argument without a name stands behind one with it"),
        ("python", "f(a=1, ‸)\n", "a=2", "one argument is given twice"),
        ("python", "if a.b‸\n    pass\n", '[0] == ":', "a string has no end"),
        (
            "python",
            "def f(a):\n    ‸\n        return a\n",
            "a = 1",
            "the line below is further in, and nothing opens a block for it",
        ),
        (
            "typescript",
            "function f(a: number) {\n  ‸\n}\n",
            "await a;",
            "`await` stands in a function that is not `async`",
        ),
        ("typescript", "function f(a: number, ‸) {}\n", "a: string", "two parameters have one name"),
        ("javascript", "function f(a) {\n  if (a) {\n    ‸\n  }\n}\n", "break;", "`break` stands outside a loop"),
        ("javascript", "test(() => {\n  ‸\n});\n", "export", "a word of the language stands where a name belongs"),
        ("typescript", "test(() => {\n  ‸\n});\n", "export const a = 1;", "`export` stands within a function"),
        ("javascript", "let a = 1;\n‸\n", "let a = 2;", "a name is declared twice in one block"),
        ("typescript", "function f() {\n  ‸\n}\n", "const k2;", "a constant has no value"),
        ("typescript", "function f(a: A) {\n  ‸\n  a.push(1);\n}\n", "throw", "nothing stands behind `throw`"),
        ("java", "class A {\n    void f() {\n        ‸\n    }\n}\n", "public int a;", "a local says who may see it"),
        ("python", "def f(a):\n    ‸\n", "async with a:", "`async` stands in a function that is not"),
        ("go", "package a\n\nfunc f(a int) {\n\t‸\n}\n", "continue", "`continue` stands outside a loop"),
        ("go", "package a\n\n‸\n", "return 1", "`return` stands outside a function"),
        ("rust", "fn f(a: A) {\n    ‸\n}\n", "a.run().await;", "`await` stands in a function that is not `async`"),
        ("rust", "fn f(a: i32, ‸) {}\n", "a: u8", "two parameters have one name"),
        ("java", "class A {\n    void f(int a) {\n        ‸\n    }\n}\n", "break;", "`break` stands outside a loop"),
        ("java", "class A {\n    void f(int a, ‸) {}\n}\n", "String a", "two parameters have one name"),
        (
            "csharp",
            "class A {\n    void F(Task a) {\n        ‸\n    }\n}\n",
            "await a;",
            "`await` stands in a function that is not `async`",
        ),
        ("php", "<?php\nfunction f($a, ‸) {\n}\n", "$a", "two parameters have one name"),
        ("lua", "local function f(a)\n  ‸\nend\n", "break", "`break` stands outside a loop"),
        ("c", "int f(char *a, ‸) {\n}\n", "int a", "two parameters have one name"),
        ("cpp", "int f(int a, ‸) {\n}\n", "const T& a", "two parameters have one name"),
        ("ruby", "def f(a, ‸)\nend\n", "a: 1", "two parameters have one name"),
    ],
)
def test_what_the_language_does_not_take_is_withheld(language: str, document: str, text: str, said: str) -> None:
    found = verdict(language, document, text)
    assert (found.finding, found.text, found.why) == ("withheld", "", said)


def test_what_stands_before_it_is_kept() -> None:
    found = verdict("python", "def f(a):\n    if a:\n        ‸\n", "a.close()\n        break")
    assert (found.finding, found.text) == ("cut", "a.close()")


def test_what_is_closed_is_looked_at_too() -> None:
    assert verdict("python", "print(‸\n", "last=1, 0.0").text != "last=1, 0.0)"


def test_a_string_without_an_end_is_cut() -> None:
    found = verdict("python", "if a.b‸\n    pass\n", '[0] == "["":')
    assert (found.finding, found.text) == ("cut", '[0] == "["')


@pytest.mark.parametrize(
    ("language", "document", "text"),
    [
        ("python", "def f(a):\n    if a:\n        ‸\n", "return None"),
        ("python", "def f(a):\n    for b in a:\n        if b:\n            ‸\n", "break"),
        ("python", "async def f(a):\n    ‸\n", "await a.close()"),
        ("python", "‸\n", "await a.close()"),
        ("python", "def f(a, *, b=1, ‸):\n    pass\n", "c"),
        ("python", "def f(a=1, ‸):\n    pass\n", "*b, c"),
        ("python", "def f(_, ‸):\n    pass\n", "__"),
        ("python", "f(a=1, ‸)\n", "*b, **c"),
        ("python", "f(a=1, ‸)\n", "b=a"),
        ("python", "def f(a):\n    ‸\n        return a\n", "if a:"),
        ("python", "def f(a):\n    ‸\n        return a\n", "# it is"),
        ("typescript", "const f = async (a: number) => {\n  ‸\n};\n", "await a;"),
        ("typescript", "class A {\n  async f() {\n    for (const a of b) {\n      ‸\n    }\n  }\n}\n", "await a;"),
        ("typescript", "type F = (a: number) => void;\nfunction f(a: F, ‸) {}\n", "b: (a: number) => void"),
        ("javascript", "switch (a) {\n  case 1:\n    ‸\n}\n", "break;"),
        ("javascript", "function f(a) {\n  ‸\n}\n", "outer: { break outer; }"),
        ("javascript", "let a = 1;\n{\n  ‸\n}\n", "let a = 2;"),
        ("typescript", "export namespace N {\n  ‸\n}\n", "export const a = 1;"),
        ("typescript", "‸\n", "export declare const a: string;"),
        ("typescript", "‸\n", "declare const a;"),
        ("typescript", "for (const a of b) {\n  ‸\n}\n", "throw new Error(a);"),
        ("java", "class A {\n    void f() {\n        ‸\n    }\n}\n", "final int a = 1;"),
        ("typescript", "const a = { default: 1 };\n‸\n", "a.default;"),
        ("python", "async def f(a):\n    ‸\n", "async with a:"),
        ("javascript", "if (!a) ‸\nuse(a);\n", "return;"),
        ("go", "package a\n\nfunc f(a chan int) {\n\tselect {\n\tcase <-a:\n\t\t‸\n\t}\n}\n", "break"),
        ("go", "package a\n\nfunc f(_ int, ‸) {}\n", "_ string"),
        ("rust", "async fn f(a: A) {\n    ‸\n}\n", "a.run().await;"),
        ("rust", "fn f(a: A) {\n    let b = async {\n        ‸\n    };\n}\n", "a.run().await;"),
        ("rust", "fn f() {\n    let v = loop {\n        ‸\n    };\n}\n", "break 1;"),
        ("java", "class A {\n  void f(int a) {\n    switch (a) {\n      case 1:\n        ‸\n    }\n  }\n}\n", "break;"),
        ("csharp", "class A {\n    async Task F(Task a) {\n        ‸\n    }\n}\n", "await a;"),
        ("csharp", "class A {\n  void F(Task a) {\n    Run(async () => {\n      ‸\n    });\n  }\n}\n", "await a;"),
        ("php", "<?php\nforeach ($a as $b) {\n    ‸\n}\n", "break;"),
        ("lua", "local function f(_, ‸)\nend\n", "_"),
        ("c", "void f(int a) {\n    each(a) {\n        ‸\n    }\n}\n", "break;"),
        ("c", "int f(int, ‸);\n", "int"),
        ("c", "int f(int UNUSED(a), ‸) {\n}\n", "int UNUSED(b)"),
    ],
)
def test_what_the_language_takes_is_shown(language: str, document: str, text: str) -> None:
    found = verdict(language, document, text)
    assert (found.finding, found.text) in (("fits", text), ("unchecked", text))
