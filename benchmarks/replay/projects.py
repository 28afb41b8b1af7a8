"""What code is hidden in: releases in every supported language, beyond those that the context is measured on.

Nothing of them was learnt from by the weights that ship. So `flask` is none of them, nor `fmt`, whose headers were
learnt from as torch's copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..corpora.corpus import CORPORA, Corpus, Source
from ..corpora.fetch import NotFetched, fetch

_FIRST: Final = ("httpx", "zod", "effect", "babel", "gin", "cobra", "ripgrep", "clap", "jsoup", "commons-lang")
"""Of those that the context is measured on: enough of each language."""


def _further(name: str, language: str, source: Source, package: str, version: str, sha256: str) -> Corpus:
    return Corpus(name, language, source, package, version, sha256, without=("dist",), held_out=True)


FURTHER: Final = (
    _further(
        "jansson",
        "c",
        "debian",
        "jansson",
        "2.14-2",
        "c739578bf6b764aa0752db9a2fdadcfe921c78f1228c7ec0bb47fa804c55d17b",
    ),
    _further(
        "yaml-cpp",
        "cpp",
        "debian",
        "yaml-cpp",
        "0.7.0+dfsg-8",
        "dc63708605404e0b963e0ca3a9619d1c8270eda2839603e6fa0384e5e51e5312",
    ),
    _further(
        "keepass",
        "csharp",
        "debian",
        "keepass2",
        "2.47+dfsg-2",
        "023ec3ec467c24b5bbc839973427cd2c0c31ab6f2f209d6172e68b56a5039309",
    ),
    _further(
        "redmine",
        "ruby",
        "debian",
        "redmine",
        "5.0.4-5+deb12u1",
        "6fccf53629e8beaa6b0c5020a24f5c66acbb7b546d4e6f3fb62974d5e9274ec6",
    ),
    _further(
        "twig",
        "php",
        "debian",
        "php-twig",
        "3.5.1-1+deb12u3",
        "1c6b0b85a6076bc2a96e916121dbb473a650a521b4ff82036fb7806d78dfef03",
    ),
    _further(
        "luasocket",
        "lua",
        "debian",
        "lua-socket",
        "3.1.0-1",
        "35a6819789b51d94a52e6cee12f07cb17cf02927438d76c31231db06bbf31f0b",
    ),
    _further(
        "bash-completion",
        "shellscript",
        "debian",
        "bash-completion",
        "1:2.11-6",
        "16adefabf43ec8ffb473704f5724d775c2f47e9f750d7d608f0251ec21fe8813",
    ),
    _further(
        "react-aria-components",
        "typescriptreact",
        "npm",
        "react-aria-components",
        "1.10.0",
        "18a6716d2cf67a3ca307913827c468ca270db3b87a2f8a5d299cb8d400065574",
    ),
)


CHOSEN: Final = (*(one for one in CORPORA if one.name in _FIRST), *FURTHER)


def every_language() -> Iterator[tuple[Path, str]]:
    """The folders to draw from, each with ''; a release that could not be had is its name, with the reason."""
    for corpus in CHOSEN:
        try:
            yield fetch(corpus), ""
        except NotFetched as problem:
            yield Path(corpus.name), str(problem)
