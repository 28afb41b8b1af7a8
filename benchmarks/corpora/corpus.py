"""Which releases are measured on. Each is the archive that its project, or Debian, published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["pypi", "npm", "debian"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A release: who publishes it, under which name and version, and the SHA-256 of its source archive.

    `language` is the one it is measured for; `folder` the part of the archive that is taken as the workspace, and
    `without` the folders in it (patterns) that are left out: vendored, generated, data for tests. `held_out` says
    that nothing was tuned on it.
    """

    name: str
    language: str
    source: Source
    package: str
    version: str
    sha256: str
    folder: str = ""
    without: tuple[str, ...] = ()
    held_out: bool = False


CORPORA: tuple[Corpus, ...] = (
    Corpus(
        "httpx",
        "python",
        "pypi",
        "httpx",
        "0.28.1",
        "75e98c5f16b0f35b567856f597f06ff2270a374470a5c2392242528e3e3e42fc",
    ),
    Corpus(
        "attrs",
        "python",
        "pypi",
        "attrs",
        "25.4.0",
        "16d5969b87f0859ef33a48b35d55ac1be6e42ae49d5e853b597db70c35c57e11",
    ),
    Corpus(
        "celery",
        "python",
        "pypi",
        "celery",
        "5.5.3",
        "6c972ae7968c2b5281227f01c3a3f984037d21c5129d07bf3550cc2afc6b10a5",
    ),
    Corpus(
        "django",
        "python",
        "pypi",
        "Django",
        "5.2.8",
        "23254866a5bb9a2cfa6004e8b809ec6246eba4b58a7589bc2772f1bcc8456c7f",
        held_out=True,
    ),
    Corpus(
        "flask",
        "python",
        "pypi",
        "flask",
        "3.1.2",
        "bf656c15c80190ed628ad08cdfd3aaa35beb087855e2f494910aa3774cc4fd87",
    ),
    Corpus(
        "poetry",
        "python",
        "pypi",
        "poetry",
        "2.2.1",
        "bef9aa4bb00ce4c10b28b25e7bac724094802d6958190762c45df6c12749b37c",
    ),
    Corpus(
        "scrapy",
        "python",
        "pypi",
        "Scrapy",
        "2.13.3",
        "bf17588c10e46a9d70c49a05380b749e3c7fba58204a367a5747ce6da2bd204d",
        held_out=True,
    ),
    Corpus(
        "rxjs",
        "typescript",
        "npm",
        "rxjs",
        "7.8.2",
        "2312f8ffd9726ffd7bd53ea12c5f13663d09a3dc3326f448c70b88f5ef6fac82",
        without=("dist",),
    ),
    Corpus(
        "effect",
        "typescript",
        "npm",
        "effect",
        "4.1.0",
        "41705a35c964192dfc742863f0e099727ccda7ff2bd67a06d09b093a336f2b0e",
        without=("dist",),
    ),
    Corpus(
        "viem",
        "typescript",
        "npm",
        "viem",
        "2.57.20",
        "32241c5553f316a299921ce66ad2315e21a3b34d16c6bfc075a55e729c7207a2",
        without=("_cjs", "_esm", "_types"),
        held_out=True,
    ),
    Corpus(
        "zod",
        "typescript",
        "npm",
        "zod",
        "4.6.7",
        "84efd155bed93270286e793fc951be270b536cbd5b0eeb111f0fa3967201d698",
        without=("v3", "v4", "v4-mini", "mini", "locales"),
    ),
    Corpus(
        "babel",
        "typescript",
        "debian",
        "node-babel7",
        "7.20.15+ds1+~cs214.269.168-3+deb12u2",
        "659d96ab6bdfc53ff63b783eed35b20f3fe5eed161b292f07502f2e016c10c91",
        without=("**/fixtures",),
        held_out=True,
    ),
    Corpus(
        "gin",
        "go",
        "debian",
        "golang-github-gin-gonic-gin",
        "1.8.1-1",
        "9f6a9a6c2b96c323902d8ee1728152bafdf1894130554a93af5d3f1807c0403b",
    ),
    Corpus(
        "ripgrep",
        "rust",
        "debian",
        "rust-ripgrep",
        "13.0.0-4",
        "f37c9d2c2bc7e00bd2653e13771397b94e452583da9b9494eabef627618d64bf",
    ),
    Corpus(
        "rich",
        "python",
        "pypi",
        "rich",
        "14.0.0",
        "82f1bc23a6a21ebca4ae0c45af9bdbc492ed20231dcb63f297d6d1021a9d5725",
    ),
    Corpus(
        "cobra",
        "go",
        "debian",
        "golang-github-spf13-cobra",
        "1.6.1-1",
        "f38f8b26895903be06089ff20882fc771dbca12f41cf81d7bd823be65e6cec52",
        held_out=True,
    ),
    Corpus(
        "clap",
        "rust",
        "debian",
        "rust-clap",
        "4.0.32-1",
        "a7db700bc935f9e43e88d00b0850dae18a63773cfbec6d8e070fccf7fef89a39",
    ),
    Corpus(
        "commons-lang",
        "java",
        "debian",
        "libcommons-lang3-java",
        "3.12.0-2+deb12u1",
        "f7c22574707611b63bae19ff17f59e24cdd32e2b0e61a50ec9b1b525fbc909d1",
    ),
    Corpus(
        "jsoup",
        "java",
        "debian",
        "jsoup",
        "1.15.3-1",
        "052511f0be47511f9b2a17d44fc1eccc4b5373e77cc5a3221e34b6af437e1e2e",
        held_out=True,
    ),
)


def of(language: str) -> tuple[Corpus, ...]:
    """The releases measured for one language."""
    return tuple(corpus for corpus in CORPORA if corpus.language == language)
