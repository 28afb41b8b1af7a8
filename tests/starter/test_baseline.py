from __future__ import annotations

from twolane.starter.baseline import Baseline


def test_it_repeats_what_followed_the_same_words() -> None:
    seen = "first = load(path, encoding='utf-8')\n"
    assert Baseline(seen + "second = load(", "", []).complete("rest-of-line") == "path, encoding='utf-8')"


def test_it_completes_a_word_begun() -> None:
    assert Baseline("configuration = 1\nprint(config", "", []).complete("rest-of-line").startswith("uration")


def test_it_sees_the_text_below_and_the_extras() -> None:
    assert Baseline("x = wanted_", "\ny = wanted_name\n", []).complete("rest-of-line") == "name"
    assert Baseline("x = wanted_", "", ["def wanted_name():"]).complete("rest-of-line") == "name():"


def test_nothing_seen_gives_nothing() -> None:
    assert Baseline("", "", []).complete("line") == ""


def test_several_lines_go_on_to_the_text_below() -> None:
    body = "    opened = open(path)\n    return opened.read()\n"
    seen = f"def first(path):\n{body}\nEND = 1\n\ndef second(path):"
    assert Baseline(seen, "\n\nEND = 1\n", []).complete("body").startswith("\n" + body.rstrip())
