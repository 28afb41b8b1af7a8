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
