from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twolane.completion import languages, mode
from twolane.completion.filters import chain, indentation, meaning, sentinels
from twolane.completion.filters.scene import Scene
from twolane.completion.stopping import StopRule

FAMILY_TOKENS = [
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<|file_separator|>",
    "<fim_prefix>",
    "<fim_suffix>",
    "<fim_middle>",
    "<file_sep>",
    "<｜fim▁begin｜>",
    "<｜fim▁hole｜>",
    "<｜fim▁end｜>",
    "<｜end▁of▁sentence｜>",
    "<[fim-prefix]>",
    "<[fim-suffix]>",
    "<[fim-middle]>",
    "[PREFIX]",
    "[SUFFIX]",
    "[MIDDLE]",
    "<PRE>",
    "<SUF>",
    "<MID>",
    "<EOT>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|some_new_token|>",
]


JAVA = languages.shape("java")


def check(before: str, after: str, text: str, shown: str, *filters: str, scene: Scene | None = None) -> None:
    """What the chain leaves of `text`, and which filters changed it."""
    scene = replace(scene or Scene("", "", languages.shape("python")), before=before, after=after)
    found, changed = chain.clean(scene, text)
    assert (found, list(changed)) == (shown, list(filters))


@pytest.mark.parametrize("token", FAMILY_TOKENS)
def test_control_tokens_of_every_family_are_cut(token: str) -> None:
    check("x = ", "", f"1{token}junk", "1", "control tokens")
    check("x = ", "", token, "", "control tokens")


@pytest.mark.parametrize("token", [token for token in FAMILY_TOKENS if token[1] in "|｜["])
def test_every_beginning_of_a_barred_token_is_cut_at_the_end(token: str) -> None:
    if "some_new" not in token:
        for length in range(3, len(token)):
            check("x = ", "", f"a{token[:length]}", "a", "control tokens")


@pytest.mark.parametrize(
    "text", ["a < b", "x |> f", "<b>x</b>", "a[i]", "xs[PREFIXES]", "a <file", "(<|> b)", "a || b"]
)
def test_code_that_only_looks_like_control_tokens_stays(text: str) -> None:
    assert sentinels.control_tokens(Scene("", ""), text) == text


@pytest.mark.parametrize(
    ("before", "after", "text", "shown", "filters"),
    [
        ("x = ", "", "caf\N{REPLACEMENT CHARACTER}", "caf", ["broken characters"]),
        ("x = ", "", "a\x00b", "a", ["broken characters"]),
        ("x = ", "", "a\u202eb", "a", ["broken characters"]),
        ("x = ", "", "a\ud83d", "a", ["broken characters"]),
        ("", "", "a\r\nb\rc", "a\nb\nc", ["line ends"]),
        ("", "", "#src/a.py\nx", "", ["path header"]),
        ("", "", "a = 1\n#lib/a.py\nb", "a = 1", ["path header"]),
        ("x = ", "", "a/b.c", "a/b.c", []),
        ("    total = sum(", "", "    total = sum(xs)", "xs)", ["start of line repeated"]),
        ("foo", "", "foo()", "foo()", []),
        ("f(", ")", "x)", "x", ["rest of line", "extra closing brackets"][1:]),
        ("f(", ");", "x);", "x", ["rest of line", "extra closing brackets"]),
        ("f('", "')", "a')", "a", ["rest of line"]),
        ("f('", "')", "a'", "a", ["rest of line"]),
        ("a = ", " + tax", "price + tax + 1", "price", ["rest of line", "trailing space"]),
        ("x = g(f(", ")", "1))", "1)", ["extra closing brackets"]),
        ("x = (", "", "1)", "1)", []),
        ("x = '('", "", ")", "", ["extra closing brackets"]),
        ("f('", "')", "a') + b", "a", ["rest of line"]),
        ("# (", "", "see)", "see)", []),
        ("a\n", "\nb = 1\nc = 2", "x = 0\nb = 1\nc = 2", "x = 0", ["lines below"]),
        ("a = 1\nb = 2\n", "", "a = 1\nb = 2", "", ["lines above"]),
        ("}\n", "", "}", "", ["extra closing brackets"]),
        ("if a:\n    pass\n", "\npass", "pass", "", ["lines below"]),
        ("    return ", "\n    return xs", "xs", "", ["line below"]),
        ("    return ", "\n    return f( xs,'a' )", 'f(xs, "a")', "", ["line below"]),
        ("", "\nf('a  b')", 'f("a b")', 'f("a b")', []),
        ("", "\nreturn_x", "return x", "return x", []),
        ("a = ", " + g( 'b' )", 'c+g("b")', "c", ["rest of line"]),
        ("xs = [\n    ", "\n    0,\n]", "0,", "0,", []),
        ("x = ", "", "f(1), f(1), f(1), f(1), f(1), f(1)", "f(1), f(1), f(1), f(1), f(1), f(1)", []),
        ("x = ", "", "1  \n\n\n", "1", ["trailing space"]),
        ("x", "", " \n\t", "", ["trailing space"]),
        ("return ", "width * height", "height", "", ["glued to a word"]),
        ("return ", "width", "height *  ", "height * ", ["trailing space"]),
        ("return ", "width", "self.", "self.", []),
        ("return ", " or width", "height", "height", []),
        ("f(", "_a)", "b", "", ["glued to a word"]),
    ],
)
def test_the_chain(before: str, after: str, text: str, shown: str, filters: list[str]) -> None:
    check(before, after, text, shown, *filters)


def test_the_last_line_of_a_text_cut_short_goes_unless_it_is_the_only_one() -> None:
    late = Scene("", "", cut_short=True)
    check("def f():", "", "\n    a = 1\n    b = ", "\n    a = 1", "unfinished line", scene=late)
    check("x = ", "", "a + b", "a + b", scene=late)
    check("def f():", "", "\n    a = 1", "\n    a = 1", scene=late)


def test_a_text_that_was_cut_short_going_round_in_circles_ends_after_the_first_round() -> None:
    late = Scene("", "", cut_short=True)
    check("x = ", "", "f(1), f(1), f(1), f(1), f(", "f(1)", "repetition", scene=late)
    check("x = ", "", "a" + " the implementation of" * 4, "a the implementation of", "repetition", scene=late)
    row = "\nrow = next(rows)"
    check("", "", "a = 1" + row * 4 + row[:5], "a = 1" + row, "unfinished line", "repetition", scene=late)
    check("", "", "a = 1" + row * 3 + row[:5], "a = 1" + row * 3, "unfinished line", scene=late)
    check("x = ", "", "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,", "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,", scene=late)


def test_a_header_without_folders_counts_if_the_model_was_shown_that_file() -> None:
    check(
        "",
        "",
        "a = 1\n# signer.py\nb",
        "a = 1",
        "path header",
        scene=Scene("", "", shown_paths=frozenset({"signer.py"})),
    )
    check("", "", "a = 1\n# signer.py\nb", "a = 1\n# signer.py\nb")


@pytest.mark.parametrize("line", ["# lib/a.py", "#lib/a.py", "// lib/a.py", "lib/a.py", "# src/lib/a.py"])
def test_the_path_of_the_document_or_of_a_file_that_was_shown_is_a_header(line: str) -> None:
    own = Scene("", "", path="src/lib/a.py")
    shown = Scene("", "", path="b.py", shown_paths=frozenset({"lib/a.py", "src/lib/a.py"}))
    for scene in (own, shown):
        check("", "", f"a = 1\n{line}\nb", "a = 1", "path header", scene=scene)


@pytest.mark.parametrize("line", ["# data/table.csv", "// lib/b.py", "    # lib/a.py", "# a.py", "# see lib/a.py"])
def test_another_path_in_a_comment_is_a_comment(line: str) -> None:
    scene = Scene("", "", languages.shape("python"), path="src/lib/a.py")
    check("", "", f"a = 1\n{line}\nb = 2", f"a = 1\n{line}\nb = 2", scene=scene)


def test_what_is_written_within_a_string_keeps_its_blanks() -> None:
    scene = Scene("", "", languages.shape("go"))
    before = "package a\n\nfunc f() string {\n\tif a {\n\t\tg()\n\t}\n\treturn `\nitems:\n  - "
    check(before, "\n`\n}\n", "a: 1\n    b: 2", "a: 1\n    b: 2", scene=scene)


def test_brackets_of_a_document_seen_in_part_are_matched_by_indentation() -> None:
    before, after = "    def f(self) {", "\n}\n"
    text = "\n        x\n    }"
    check(before, after, text, text, scene=Scene("", "", JAVA, begins_inside=True))
    cut = ("extra closing brackets", "trailing space")
    check(before, after, text, "\n        x", *cut, scene=Scene("", "", JAVA))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\tb\n", "\t"),
        ("a:\n  b\n", "  "),
        ("a:\n    b:\n        c\n", "    "),
        ("a\nb", None),
        ("a:\n        b\n", " " * 8),
        ("a\n\tb\nc\n    d\n", ""),
    ],
)
def test_the_indentation_unit(text: str, expected: str | None) -> None:
    assert indentation.unit(text) == expected


PIECES = st.lists(
    st.sampled_from(
        [*FAMILY_TOKENS[:9], "<|f", "x", "(", ")", "]", "\n", "    ", "\t", "'", '"', "return x", "\r\n", "#", "�"]
    ),
    max_size=25,
).map("".join)


@given(PIECES, PIECES, PIECES, st.sampled_from(languages.known()))
def test_no_control_token_survives_and_nothing_fails(before: str, after: str, text: str, language: str) -> None:
    shown, names = chain.clean(Scene(before, after, languages.shape(language)), text)
    assert not any(token in shown for token in FAMILY_TOKENS)
    assert "�" not in shown
    assert "\r" not in shown
    assert shown == "" or shown.strip()
    assert (shown == text) == (not names)


def test_a_text_that_begins_within_a_docstring_is_read_from_the_next_definition() -> None:
    before = 'ending of a docstring (\n"""\nimport a\ndef f(x):\n    return g('
    scene = Scene("", "", languages.shape("python"), begins_inside=True)
    check(before, "", "x)", "x)", scene=scene)
    check(before, ")", "x))", "x", "extra closing brackets", scene=scene)


@pytest.mark.parametrize("language", languages.known())
def test_endless_lines_are_no_work(language: str) -> None:
    """Quadratic patterns would take minutes here; the test's own time limit is the judge."""
    for unit in (": # ", "( ", "a(", " ", "{ |", "function f(", "/", "\"'"):
        endless = unit * (100_000 // len(unit))
        place = mode.look(endless, endless)
        decided = mode.decide(place, languages.shape(language), "auto")
        rule = StopRule(decided, place, languages.shape(language))
        rule.feed(endless[:4_000])
        check_scene = Scene(endless[:20_000], endless[:5_000], languages.shape(language))
        shown, _ = chain.clean(check_scene, rule.text)
        assert len(shown) <= len(rule.text)


def test_each_filter_has_words_for_people() -> None:
    words = {name: meaning.what(name) for name, _ in chain.FILTERS}
    assert len(set(words.values())) == len(chain.FILTERS)
    assert {name for name, said in words.items() if said == name} <= {"broken characters"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("lines below (-1023)", "lines that stand below already (1,023 characters less)"),
        ("indentation (+1)", "indentation of another kind than the file has (1 character more)"),
        ("src/a.py: privacy.near_only takes it in", "src/a.py: privacy.near_only takes it in"),
    ],
)
def test_what_a_filter_did_is_told_in_words(line: str, told: str) -> None:
    assert meaning.told(line) == told
