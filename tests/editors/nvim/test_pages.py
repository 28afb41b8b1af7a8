"""What is generated of the Neovim plugin says what its sources say."""

from __future__ import annotations

import re

from editors.nvim import pages

DRIFTED = "editors/nvim has drifted from its sources: make docs"


def test_the_types_of_the_settings_have_not_drifted() -> None:
    assert pages.TYPES_PAGE.read_text(encoding="utf-8") == pages.types(), DRIFTED


def test_the_manual_has_not_drifted() -> None:
    assert pages.HELP_PAGE.read_text(encoding="utf-8") == pages.manual(), DRIFTED


def test_the_tags_have_not_drifted() -> None:
    assert pages.TAGS.read_text(encoding="utf-8") == pages.tags(), DRIFTED


def test_every_link_of_the_manual_leads_somewhere_and_no_tag_stands_twice() -> None:
    text = pages.manual()
    tags = re.findall(r"(?<!\S)\*([^\s*]+)\*(?!\S)", text)
    assert len(tags) == len(set(tags))
    assert set(re.findall(r"\|(twolane[^\s|]*)\|", text)) <= set(tags)


def test_every_option_is_told_with_what_it_allows() -> None:
    text = pages.manual()
    for feature, file in {"server": "server", "ghost": "ghost/init", "keys": "keys", "preview": "preview"}.items():
        source = (pages.LUA / f"{file}.lua").read_text(encoding="utf-8")
        named = re.findall(r"^  (\w+) = \"(?:string|boolean|table|number|function)", source, re.MULTILINE)
        single = re.findall(r"(\w+) = \"[a-z|]+\"", source.partition("M.types = {")[2].partition("}")[0])
        for name in {*named, *single}:
            assert f"*twolane-{feature}.{name}*" in text, f"{feature}.{name}"
