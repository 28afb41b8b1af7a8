from __future__ import annotations

from twolane.starter.baseline import Baseline


def rest_of_line(before: str, after: str, *extras: str) -> str:
    return Baseline(before, after, extras).complete("rest-of-line", several=False)


def test_it_repeats_what_followed_the_same_words() -> None:
    seen = "first = load(path, encoding='utf-8')\n"
    assert rest_of_line(seen + "second = load(", "") == "path, encoding='utf-8')"


def test_it_completes_a_word_begun() -> None:
    assert rest_of_line("configuration = 1\nprint(config", "").startswith("uration")


def test_it_sees_the_text_below_and_the_extras() -> None:
    assert rest_of_line("x = wanted_", "\ny = wanted_name\n") == "name"
    assert rest_of_line("x = wanted_", "", "def wanted_name():") == "name():"


def test_nothing_seen_gives_nothing() -> None:
    assert Baseline("", "", []).complete("line", several=False) == ""


def test_several_lines_go_on_to_the_text_below() -> None:
    body = "    opened = open(path)\n    return opened.read()\n"
    seen = f"def first(path):\n{body}\nEND = 1\n\ndef second(path):"
    assert Baseline(seen, "\n\nEND = 1\n", []).complete("body", several=True).startswith("\n" + body.rstrip())


def test_an_argument_goes_on_over_its_lines_where_it_has_several() -> None:
    seen = "first = load(\n    path,\n    mode,\n)\nsecond = load("
    assert Baseline(seen, ")\n", []).complete("argument", several=True) == "\n    path,\n    mode,\n"
    assert Baseline(seen, ")\n", []).complete("argument", several=False) == ""
