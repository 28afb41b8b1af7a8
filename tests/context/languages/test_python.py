"""What is particular to Python, beyond the fixtures."""

from __future__ import annotations

import textwrap

from twolane.context.facts import FileFacts
from twolane.context.languages.reading import read_text


def facts(source: str) -> FileFacts:
    found = read_text("python", textwrap.dedent(source), seconds=20)
    assert isinstance(found, FileFacts)
    return found


def check(source: str, *expected: str) -> None:
    """Each definition as `kind symbol start-end`."""
    found = facts(source).definitions
    assert [f"{d.kind} {d.symbol} {d.start_line}-{d.end_line}" for d in found] == list(expected)


def test_a_signature_ends_at_its_colon_and_after_three_lines() -> None:
    check(
        """\
        def two(
            a: int = 1) -> dict[str, int]:  # a comment
            # another
            return {}
        def five(
            a,
            b,
            c,
        ):
            pass
        """,
        "function two 1-2",
        "function five 5-7",
    )
    assert facts("def two(\n    a):\n    pass\n").definitions[0].text == "def two(\n    a):"


def test_definitions_in_branches_count_and_overloads_do_not() -> None:
    check(
        """\
        if TYPE_CHECKING:
            T = TypeVar("T")
        try:
            import fast
        except ImportError:
            def fast(): ...
        else:
            X = 1
        class A:
            @overload
            def f(self, a: int) -> int: ...
            @t.overload
            def f(self, a: str) -> str: ...
            def f(self, a): return a
        """,
        "constant T 2-2",
        "function fast 6-6",
        "constant X 8-8",
        "class A 9-9",
        "method A.f 14-14",
    )


def test_bases_and_records() -> None:
    definitions = facts(
        """\
        @dataclass(frozen=True)
        class Point(Generic[T], mod.Base):
            x: int
        class Row(NamedTuple):
            y: int
        class Plain: ...
        """
    ).definitions
    by_name = {d.name: d for d in definitions}
    assert by_name["Point"].bases == ("Generic", "mod.Base")
    assert [d.name for d in definitions if d.record] == ["Point", "x", "Row", "y"]


def test_all_is_read_and_extended() -> None:
    source = '__all__ = ["a", "b"]\n__all__ += ["c"]\n__all__.extend(["d"])\n__all__.append("e")\n'
    assert facts(source).exports == ("a", "b", "c", "d", "e")
    assert facts("x = 1\n").exports is None


def test_an_attribute_has_the_type_of_the_parameter_it_is_assigned() -> None:
    found = facts(
        "class A:\n    def __init__(self, pool: Pool):\n        self.pool = pool\n        self.size = pool.size\n"
    )
    assert {d.name: d.gives for d in found.definitions if d.kind == "field"} == {"pool": "Pool", "size": "=pool.size"}


def test_code_points_beyond_ascii_keep_lines_and_columns_true() -> None:
    check("# é\nclass Größe:\n    def messen(self): ...\n", "class Größe 2-2", "method Größe.messen 3-3")
    assert facts("class Größe:\n    pass\n").definitions[0].text == "class Größe:"
    assert facts('x = "é" + name\n').references[0].column == 10
