"""Names and members that a file binds elsewhere: what is of another function or type is told from what may be meant.

`⟦…⟧` marks what is judged.
"""

from __future__ import annotations

import textwrap

import pytest

from tests.context.test_knowledge import wrong

ORDERS = """
    def remove(number):
        customer_id = number
        return customer_id

    def total(orders):
        {}
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("⟦return customer_id⟧", ["unknown name: customer_id"]),
        ("⟦return number⟧", ["unknown name: number"]),
        ("⟦return orders⟧", []),
        ("⟦return [number for number in orders]⟧", []),
        ("⟦return remove(orders)⟧", []),
    ],
)
def test_another_function_s_locals_are_not_known_here(line: str, expected: list[str]) -> None:
    assert wrong({"a.py": ORDERS.format(line)}, "a.py") == expected


@pytest.mark.parametrize(
    "text",
    [
        "def outer():\n    one = 1\n    def inner():\n        ⟦return one⟧\n",
        "def one():\n    value = 1\n\nprint(⟦value⟧)\n",
        "def one():\n    global value\n    value = 1\n\ndef two():\n    ⟦return value⟧\n",
        "for value in range(3):\n    pass\n\ndef two():\n    ⟦return value⟧\n",
        "def one():\n    value = 1\n\ndef two(:\n    ⟦return value⟧\n",
        "def one(value): ⟦return value⟧\n",
    ],
)
def test_what_may_be_bound_here_is_believed(text: str) -> None:
    assert wrong({"a.py": text}, "a.py") == []


RECORDS = """
    class Product:
        def __init__(self) -> None:
            self.product_id = 1

        def to_dict(self):
            return {{"id": self.product_id}}

    class Supplier{}:
        def __init__(self) -> None:
            self.name = ""

        def to_dict(self):
            return ⟦self.product_id⟧
"""


@pytest.mark.parametrize(
    ("inherits", "more", "expected"),
    [
        ("", "", ["unknown member: product_id"]),
        ("(Product)", "", []),
        ("", "class Both(Supplier, Product): ...\n", []),
        ("", "def fill(supplier):\n    supplier.product_id = 2\n", []),
    ],
)
def test_a_member_of_an_unrelated_type_of_the_file(inherits: str, more: str, expected: list[str]) -> None:
    text = textwrap.dedent(RECORDS.format(inherits)) + "\n" + more
    assert wrong({"a.py": text}, "a.py") == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ts", "export function f({ a: b = 1, c: [d = 2] = [] }: P) {\n  ⟦return b + d;⟧\n}\ninterface P {}\n"),
        ("a.ts", "export const [p, [q, ...w]] = [1, [2, 3]];\n⟦export const all = [p, q, w];⟧\n"),
        ("a.ts", "for (const [s, t = s] of []) {\n  ⟦console.log(s, t);⟧\n}\nexport {};\n"),
        ("a.js", "export function f({ a: b = 1 }) {\n  ⟦return b;⟧\n}\n"),
        ("a.js", "export const v = {\n  'If|While'(path) {\n    const one = path;\n    ⟦return one;⟧\n  },\n};\n"),
        ("a.ts", "⟦export type Pair = readonly [first: string, second?: number];⟧\n"),
        ("a.ts", "⟦export type Bag = { [key: string]: number };⟧\n"),
        ("a.js", "export const where = typeof ⟦HOST⟧ !== 'undefined' ? 1 : 2;\n"),
        ("a.js", "export class A {\n  #hidden = 1;\n  is(other) {\n    return ⟦#hidden in other⟧;\n  }\n}\n"),
        (
            "a.ts",
            "export const run: { (one: string, two: string): void } = function () {};\n⟦run('', '');⟧\n",
        ),
        (
            "a.py",
            """
            def outer():
                class Inner:
                    def read(self):
                        return 1

                    value = property(⟦read⟧)

                return Inner()
            """,
        ),
        (
            "a.py",
            """
            class Outer:
                def make(self):
                    class Inner(Unknown):
                        def read(self):
                            return ⟦self.other⟧
            """,
        ),
        (
            "A.java",
            """
            class A {
                void make() {
                    Person p = new Person() {
                        public String toString() {
                            return this.⟦age⟧;
                        }
                    };
                }
            }
            """,
        ),
        (
            "a.go",
            """
            package a

            type Flag struct{ Value string }

            type Set struct{}

            func (s *Set) Visit(each func(*Flag)) {}

            func Make() *Set { return &Set{} }

            func use() {
                f := Make()
                ⟦f.Visit(func(f *Flag) {
                    _ = f.Value
                })⟧
            }
            """,
        ),
    ],
)
def test_ways_of_writing_that_are_right(path: str, text: str) -> None:
    assert wrong({path: text}, path) == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.ts", "export function f({ a: b = 1 }: P) {\n  ⟦return c;⟧\n}\ninterface P {}\n", ["unknown name: c"]),
        (
            "a.py",
            """
            class Outer:
                def make(self):
                    return ⟦self.other⟧
            """,
            ["unknown member: other"],
        ),
        (
            "A.java",
            """
            class A {
                void make() {
                    return this.⟦age⟧;
                }
            }
            """,
            ["unknown member: age"],
        ),
    ],
)
def test_the_same_without_what_makes_it_right(path: str, text: str, expected: list[str]) -> None:
    assert wrong({path: text}, path) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", "PORT = ⟦PORT⟧\n", ["unknown name: PORT"]),
        ("a.py", "PORT: int = ⟦int(PORT)⟧\n", ["unknown name: PORT"]),
        ("a.py", "def f():\n    one = ⟦one + 1⟧\n", ["unknown name: one"]),
        ("a.py", "PORT = 1\nPORT = ⟦PORT + 1⟧\n", []),
        ("a.py", "from x import *\nPORT = ⟦PORT⟧\n", []),
        ("a.py", "fib = ⟦lambda n: n if n < 2 else fib(n - 1) + fib(n - 2)⟧\n", []),
        ("a.py", "one = ⟦[one for one in range(3)]⟧\n", []),
        ("a.py", "input = ⟦input⟧\n", []),
        ("a.py", "def f():\n    call(\n        one=⟦one⟧,\n    )\n\ndef one(): ...\ndef call(one): ...\n", []),
        ("a.py", "def f():\n    one = ⟦'one' + str(call(one=1).one)⟧\n\ndef call(one): ...\n", []),
        ("a.py", "def f(one):\n    call(\n        one=⟦one⟧,\n    )\n", []),
        ("a.ts", "export const one = ⟦one + 1;⟧\n", ["unknown name: one"]),
        ("a.ts", "export const run = ⟦() => run();⟧\n", []),
        ("a.ts", "export const alg = ⟦add({ alg: 1 }.alg);⟧\nexport function add(a: unknown) {}\n", []),
        ("a.ts", "export const result = ⟦resulting();⟧\nexport function resulting() {}\n", []),
        ("a.js", "export var _a = ⟦{}, b = _a.b;⟧\n", []),
    ],
)
def test_a_name_is_not_its_own_first_value(path: str, text: str, expected: list[str]) -> None:
    assert wrong({path: text}, path) == expected
