import textwrap

from twolane.context.parsing import Parsed, TreeParser
from twolane.context.python.outline import outline
from twolane.context.symbols import Outline


def read(source: str) -> Outline:
    parsed = TreeParser("python").parse(textwrap.dedent(source))
    assert isinstance(parsed, Parsed)
    return outline(parsed)


def check(source: str, *expected: str) -> None:
    """Each definition as `kind symbol start-end`."""
    found = read(source).definitions
    assert [f"{d.kind} {d.symbol} {d.start_line}-{d.end_line}" for d in found] == list(expected)


def check_imports(source: str, *expected: str) -> None:
    """Each import as `dots module : name as bound start-end`."""
    assert [
        f"{'.' * i.level}{i.module} : {i.name} as {i.bound} {i.start_line}-{i.end_line}{'' if i.top else ' inner'}"
        for i in read(source).imports
    ] == list(expected)


def test_functions_classes_members_and_constants() -> None:
    check(
        """\
        LIMIT = 3
        a, b = 1, 2
        name: str = "x"

        @decorated
        async def run(x: int) -> None:
            inner = 1
            def hidden(): ...

        class Signer(Base, metaclass=Meta):
            salt: bytes
            def __init__(self, key):
                self.key = key
            @property
            def key(self): return 1
            class Error(Exception):
                def show(self): ...
        """,
        "constant LIMIT 1-1",
        "constant a 2-2",
        "constant b 2-2",
        "constant name 3-3",
        "function run 6-6",
        "class Signer 10-10",
        "field Signer.salt 11-11",
        "method Signer.__init__ 12-12",
        "method Signer.key 15-15",
        "class Signer.Error 16-16",
        "method Signer.Error.show 17-17",
    )


def test_a_signature_ends_at_its_colon_and_after_three_lines() -> None:
    check(
        """\
        def two(
            a: int = 1) -> dict[str, int]:
            return {}
        def five(
            a,
            b,
            c,
        ):
            pass
        """,
        "function two 1-2",
        "function five 4-6",
    )
    assert read("def two(\n    a):\n    pass\n").definitions[0].text == "def two(\n    a):"


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
    definitions = read(
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
    assert [d.name for d in definitions if d.is_record] == ["Point", "x", "Row", "y"]


def test_every_form_of_import() -> None:
    check_imports(
        """\
        import os, a.b
        import a.b as c
        from a import (
            b,
            c as d,
        )
        from . import e
        from ..pkg.mod import *
        if TYPE_CHECKING:
            from t import T
        def f():
            from inner import g
        """,
        "os : None as os 1-1",
        "a.b : None as a.b 1-1",
        "a.b : None as c 2-2",
        "a : b as b 3-6",
        "a : c as d 3-6",
        ". : e as e 7-7",
        "..pkg.mod : * as * 8-8",
        "t : T as T 10-10",
        "inner : g as g 12-12 inner",
    )


def test_all_is_read_and_extended() -> None:
    assert read('__all__ = ["a", "b"]\n__all__ += ["c"]\n').exports == frozenset({"a", "b", "c"})
    assert read("x = 1\n").exports is None


def test_half_written_code_still_tells_its_imports() -> None:
    check_imports("from a import b\n\ndef f(:\n    x = b.\n\nclass (\n", "a : b as b 1-1")


def test_code_points_beyond_ascii_keep_lines_true() -> None:
    check("# é\nclass Größe:\n    def messen(self): ...\n", "class Größe 2-2", "method Größe.messen 3-3")
    assert read("class Größe:\n    pass\n").definitions[0].text == "class Größe:"
