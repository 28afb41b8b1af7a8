"""Path patterns: what gitignore(5) says of them, whatever they and the paths look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twolane.routing.globs import Cover, GlobError, Globs


def check(pattern: str, path: str, *, taken: bool) -> None:
    """Both kinds of matcher must agree, folders above the path included."""
    assert (Cover([pattern]).covering(path) is not None) == taken, (pattern, path)
    globs, parts = Globs([pattern]), path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts))]
    found = globs.last_match(path) is not None or any(globs.last_match(one, folder=True) for one in above)
    assert found == taken, (pattern, path)


@pytest.mark.parametrize(
    ("pattern", "taken", "left"),
    [
        ("name", "name a/name a/name/x", "names a/xname"),
        ("name/", "name/x a/name/x", "name a/name"),
        ("/name", "name name/x", "a/name"),
        ("a/b", "a/b a/b/c", "x/a/b"),
        ("*.py", "x.py a/x.py .py", "x.pyc xpy"),
        ("a*c", "ac abc abbc", "a/c abcd"),
        ("a?c", "abc", "ac a/c"),
        ("**/b", "b a/b a/x/b/c", "ab"),
        ("a/**", "a/b a/b/c", "a b/a/c"),
        ("a/**/b", "a/b a/x/b a/x/y/b a/b/b", "a/xb b"),
        ("a/**/b/**/c", "a/b/c a/b/b/c a/x/b/c/c", "a/c b/c"),
        ("*", "a a/b", ""),
        ("[ab]x", "ax bx", "cx /x"),
        ("[!ab]x", "cx", "ax"),
        ("[a-c]", "b", "d -"),
        ("[]x]", "] x", "y"),
        ("[[:digit:]]z", "1z", "az"),
        ("a[", "a[", "a"),
        (r"\#x", "#x", "x"),
        (r"a\*", "a*", "ab"),
        ("a b  ", "a|b", ""),
        ("*a*b*", "xaybz ab", "ba"),
        ("ab*b", "abb abxb", "ab"),
        ("ab*/", "ab/x abc/x y/abc/x", "abc x/ab"),
        ("*.d/", "a.d/x .d/y", "a.d x/a.d"),
    ],
)
def test_a_pattern_takes_in_what_git_says(pattern: str, taken: str, left: str) -> None:
    for path in taken.split():
        check(pattern, path.replace("|", " "), taken=True)
    for path in left.split():
        check(pattern, path, taken=False)


def test_a_file_of_too_many_wildcards_is_refused() -> None:
    Globs([f"*.e{number}" for number in range(5_000)])
    with pytest.raises(GlobError, match="500 patterns"):
        Globs([f"*a{number}?b" for number in range(5_000)])


def test_the_last_pattern_of_a_file_speaks() -> None:
    globs = Globs(["*.py", "!keep.py", "# no pattern", "", "a/*.py", "!/b.py"])
    assert [globs.last_match(path) is not None for path in ("x.txt", "x.py")] == [False, True]
    assert [globs.last_match(path).reopens for path in ("keep.py", "a/keep.py", "b.py")] == [True, False, True]  # type: ignore[union-attr]


@pytest.mark.parametrize("pattern", ["!x", "", "  ", "# x", "[z-a]", "x" * 1_001])
def test_a_pattern_that_can_only_add_says_what_is_wrong_with_it(pattern: str) -> None:
    with pytest.raises(GlobError):
        Cover([pattern])


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "b", "a" * 4_000),
        ("**/a/" * 30 + "b", "a/" * 500 + "a"),
        ("*?" * 60, "x" * 59),
        ("[ab]*" * 50 + "c", "ab" * 900),
    ],
)
def test_a_pattern_made_to_take_forever_does_not(pattern: str, path: str) -> None:
    check(pattern, path, taken=False)


PARTS = st.text("ab.*?", min_size=1, max_size=5)


@given(
    st.lists(st.one_of(PARTS, st.just("**")), min_size=1, max_size=4),
    st.lists(st.text("ab.", min_size=1, max_size=4), min_size=1, max_size=4),
)
def test_any_pattern_agrees_with_trying_everything(pattern: list[str], path: list[str]) -> None:
    text = "/".join(pattern)
    anchored = pattern if len(pattern) > 1 else ["**", *pattern]
    wanted = any(_fits(anchored, path[:count]) for count in range(1, len(path) + 1))
    assert (Cover([text]).covering("/".join(path)) is not None) == wanted


def _fits(pattern: list[str], path: list[str]) -> bool:
    """The definition, tried in every way: `**` is any number of folders, at the end at least one name."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        if all(part == "**" for part in pattern):
            return bool(path)
        return any(_fits(pattern[1:], path[count:]) for count in range(len(path) + 1))
    return bool(path) and _same(pattern[0], path[0]) and _fits(pattern[1:], path[1:])


def _same(glob: str, name: str) -> bool:
    if not glob:
        return not name
    if glob[0] == "*":
        return any(_same(glob[1:], name[count:]) for count in range(len(name) + 1))
    return bool(name) and glob[0] in ("?", name[0]) and _same(glob[1:], name[1:])


@pytest.mark.parametrize(
    "lines",
    [["*a" * 450 + str(number) for number in range(10)], [f"a{number}*b" for number in range(600)]],
    ids=["wildcards", "patterns"],
)
def test_a_file_that_would_take_long_to_make_ready_is_refused(lines: list[str]) -> None:
    with pytest.raises(GlobError, match="more than"):
        Globs(lines)


def test_without_regard_to_case_more_is_taken_in_and_never_less() -> None:
    cover = Cover([".env", "ID_*", "*.Key", "straße", "a?c"], ignore_case=True)
    for path in (".ENV", "x/.Env/y", "id_rsa", "\u0131d_x", "B.KEY", "b.\u212aey", "STRASSE", "STRA\u1e9eE/x", "ABC"):
        assert cover.covering(path) is not None, path
    assert Cover([".env"]).covering(".ENV") is None


def test_the_first_pattern_that_takes_a_path_in_is_the_one_that_is_told() -> None:
    patterns = ["x?", "*.b", "a.b", "a*", "a/**"]
    cover = Cover(patterns)
    for path, first in (("a.b", "*.b"), ("xy/a.b", "x?"), ("ab", "a*"), ("a/c", "a*"), ("c/a.b/xz", "x?")):
        assert (found := cover.covering(path)) is not None
        assert found.text == first
    assert cover.covering("c/d") is None
