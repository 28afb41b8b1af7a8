"""Collect the training text: source code of permissively licensed packages that are on this machine.

`python -m twolane.starter.corpus --work DIR [--site FOLDER ...] [--projects FOLDER ...]` writes `DIR/train.jsonl`,
`DIR/heldout.jsonl` (one file of code a line) and `DIR/packages.json` (licence and counts per package). A site is a
`site-packages` folder; below a projects folder (`node_modules`, Cargo's registry, `/usr/share/gocode/src`, unpacked
sources) every folder with a `package.json`, `Cargo.toml`, `go.mod` or `pom.xml` is a package, if its licence is known
from there or from the licence's text beside it. Nothing is downloaded, and the text itself is never committed.

The packages that the fourth training learnt from are listed in `fourth-corpus.txt`: `pip install --no-deps --target DIR
-r starter/fourth-corpus.txt` fetches them again, and `--site DIR` reads them.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import itertools
import json
import random
import re
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .languages import SUFFIXES
from .licences import MANIFESTS, Project, declared, files_in, is_permissive, of_folder, of_project

HELD_OUT = frozenset(
    {"attrs", "click", "h11", "markdown-it-py", "pluggy", "requests", "tomlkit", "typer", "sortedcontainers"}
)
"""Never trained on: what the scores in the model card are measured on."""
WRITTEN_AGAIN = ("anyio", "jinja2", "marshmallow", "sqlparse", "urllib3", "werkzeug")
"""What benchmarks write again from one release to the next, or review, beside what the other lists name."""
CHOSEN_ON = (
    *("alembic", "invoke", "isort", "kazoo", "kombu", "marshmallow", "oauthlib", "pint", "structlog", "uvicorn"),
)
"""What rules of the product were chosen on: how other places are followed, and how a line's end is searched for."""
EXCLUDED = frozenset(
    {
        *WRITTEN_AGAIN,
        *CHOSEN_ON,
        *("axum", "babel", "celery", "clap", "cobra", "commons-lang", "django", "effect", "flask", "gin", "gson"),
        *("hono", "httpcore", "httpcore2", "httpx", "httpx2", "itsdangerous", "jsoup", "poetry", "poetry-core"),
        *("rich", "ripgrep", "rxjs", "scrapy", "twolane", "viem", "zod"),
        *("bash-completion", "fmt", "jansson", "keepass", "luasocket", "react-aria-components", "redmine", "twig"),
        *("axum-core", "axum-extra", "axum-macros", "clap-builder", "clap-derive", "clap-lex", "globset", "grep"),
        *("grep-cli", "grep-matcher", "grep-pcre2", "grep-printer", "grep-regex", "grep-searcher", "lua-socket"),
        *("attr", "markdown-it", "yaml-cpp"),
    }
)
"""Neither trained nor measured on: the demonstration's project, the benchmarks' repositories, their kin, what rules
were chosen on, and the names that those held out are imported by."""

_SKIPPED_PARTS = re.compile(
    r"(^|/)(_?vendor(ed)?|_vendored_packages|third_party|extern|externals|testdata|test_data|fixtures"
    r"|snapshots|generated([-_](sources|src))?|lib2to3|pythonwin|idlelib|turtledemo|site-packages|__pycache__"
    r"|node_modules|dist|target|Godeps|\.git)(/|$)"
)
_SKIPPED_NAMES = re.compile(
    r"((_pb2(_grpc)?|parsetab|lextab|_parser_generated|unicodedata_db)\.py|\.min\.js|\.d\.ts|\.pb(\.gw)?\.go"
    r"|bindata\.go|(^|/)zz_generated[^/]*\.go)$"
)
_GENERATED = re.compile(
    r"(?i)\b(auto(matically )?-?generated|generated (automatically|by|from|file)|do not edit|must not be edited)\b"
)
_MARKED_GENERATED = re.compile(
    r"^(// Code generated .* DO NOT EDIT\.$|@((javax|jakarta)\.annotation\.)?(processing\.)?Generated\b)",
    re.MULTILINE,
)
"""Go's and Java's own marks, which stand anywhere in a file."""
_TEST_PATH = re.compile(
    r"(^|/)(tests?|testing|__tests__)/|(^|/)(test_[^/]*|conftest)\.py$|[._](test|spec)\.[a-z]+$|\w(Test|Tests|TestCase)\.java$"
)
_PACKAGE_LIMIT = 3_500_000
_LIBRARY = "python-standard-library"
_LIBRARY_LIMIT = 12_000_000
_TEST_SHARE = 0.15
_FILE_LIMITS = (300, 300_000)
_SHINGLE = 4
_NEAR_DUPLICATE = 0.5
_MOST_DEPTH = 6

Package = tuple[str, str, str, list[tuple[str, Path]]]
"""Name, version, licence, and the files as (path below the import root, place on disk)."""


@dataclass(slots=True)
class Source:
    """One file of code; `path` is '/'-separated and starts at the root that its imports start at."""

    package: str
    path: str
    text: str


@dataclass(slots=True)
class PackageCount:
    """What one package gave to the corpus, and under which licence."""

    name: str
    version: str
    licence: str
    files: int
    characters: int
    held_out: bool


def acceptable(path: str, text: str) -> bool:
    """True if the file looks written by people for people: not vendored, generated, data, or tiny."""
    if _SKIPPED_PARTS.search(path) or _SKIPPED_NAMES.search(path):
        return False
    if not _FILE_LIMITS[0] <= len(text) <= _FILE_LIMITS[1]:
        return False
    lines = text.splitlines()
    if max(map(len, lines)) > 400 or _GENERATED.search("\n".join(lines[:12])) or _MARKED_GENERATED.search(text):
        return False
    digits = sum(ch.isdigit() for ch in text)
    return digits / len(text) < 0.15 and len(text) / len(lines) < 70


class Duplicates:
    """Remembers the files seen so far; knows an exact copy and a near one (shared runs of four lines)."""

    def __init__(self) -> None:
        self._files: set[bytes] = set()
        self._shingles: set[int] = set()

    def is_copy(self, text: str) -> bool:
        """True if the text, or half of its four-line runs, was added before."""
        if self._digest(text) in self._files:
            return True
        shingles = self._runs(text)
        if not shingles:
            return False
        return len(shingles & self._shingles) > _NEAR_DUPLICATE * len(shingles)

    def add(self, text: str) -> None:
        """Remember the text."""
        self._files.add(self._digest(text))
        self._shingles |= self._runs(text)

    @staticmethod
    def _digest(text: str) -> bytes:
        return hashlib.sha256(text.encode("utf-8", "replace")).digest()

    @staticmethod
    def _runs(text: str) -> set[int]:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return {hash(tuple(lines[i : i + _SHINGLE])) for i in range(len(lines) - _SHINGLE + 1)}


def normalized(name: str) -> str:
    """A package's name as the lists above spell it, and as a file can be called."""
    return re.sub(r"[-_./:@]+", "-", name).strip("-").lower()


_AFFIXES = re.compile(r"^(lib|node-|php-|python3?-|rust-)|-?v?\d+$|(lib|-js|-rs)$")


def _spellings(name: str) -> frozenset[str]:
    """A name and what it becomes without the `lib`, the language and the number that packagers put to it."""
    plain = normalized(name)
    return frozenset((plain, _AFFIXES.sub("", plain), _AFFIXES.sub("", re.sub(r"-?v?\d+$", "", plain))))


def _names_kept_out(parts: Sequence[str]) -> bool:
    pairs = [f"{first}-{second}" for first, second in itertools.pairwise(parts)]
    return any(_spellings(part) & (EXCLUDED | HELD_OUT) for part in (*parts, *pairs))


def is_kept_out(name: str) -> bool:
    """True for a package of the lists above in any spelling: as a module's path, with its group, scope or number.

    `github.com/gin-gonic/gin`, `org.jsoup:jsoup`, `commons-lang3` and `@babel/core` are.
    """
    group, _, artifact = name.rpartition(":")
    return _names_kept_out([*filter(None, re.split(r"[/@.]", group)), *filter(None, re.split(r"[/@]", artifact))])


def is_copy_of_kept_out(path: str) -> bool:
    """True for a file that lies, inside another package, in a folder named like a package of the lists above."""
    return _names_kept_out(path.split("/")[:-1])


def distributions(sites: list[Path]) -> Iterator[Package]:
    """Each permissive Python distribution of the sites, one of a name; those that stay out in any case.

    Of what is learnt from, subfolders with a licence of their own are left out, and a top folder with one that is not
    known to be permissive.
    """
    seen: set[str] = set()
    for site in sites:
        for dist in sorted(importlib.metadata.distributions(path=[str(site)]), key=lambda d: d.name.lower()):
            name = normalized(dist.name)
            licence = declared(dist)
            if name in seen or not (is_permissive(licence) or (is_kept_out(name) and name not in HELD_OUT)):
                continue
            seen.add(name)
            files = [
                (str(entry), Path(str(dist.locate_file(entry))))
                for entry in dist.files or []
                if entry.suffix in SUFFIXES and not str(entry).startswith("..")
            ]
            yield name, dist.version, licence, files if is_kept_out(name) else list(_not_licensed_apart(files))


def _not_licensed_apart(files: list[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    known: dict[Path, bool] = {}
    for path, place in files:
        depth = path.count("/")
        for above, folder in enumerate(place.parents[:depth], start=1):
            if folder not in known:
                known[folder] = _is_licensed_apart(folder, top=above == depth)
        if not any(known[folder] for folder in place.parents[:depth]):
            yield path, place


def _is_licensed_apart(folder: Path, *, top: bool) -> bool:
    """Whether a folder may be under another licence than its distribution; a top folder's may be the same."""
    if not folder.is_dir() or not files_in(folder):
        return False
    return not (top and is_permissive(of_folder(folder)))


def projects(folders: list[Path]) -> Iterator[Package]:
    """Each permissive package of other languages below the folders, one of a name; those kept out in any case.

    A file belongs to the nearest package above it. Subfolders with a licence of their own are left out, and so are
    packages inside of vendored and generated folders.
    """
    seen: set[str] = set()
    for folder in folders:
        roots = _roots(folder)
        for root, found in roots.items():
            if found.name in seen or not (is_kept_out(found.name) or _may_be_learnt(root.relative_to(folder), found)):
                continue
            seen.add(found.name)
            kept = [(path.relative_to(root).as_posix(), path) for path in _files_below(root, roots)]
            yield found.name, found.version, found.licence, kept


def _roots(folder: Path) -> dict[Path, Project]:
    """The packages below a folder, by the folder of each; a jar that holds several has no licence that is known."""
    roots: dict[Path, Project] = {}
    for name in reversed(MANIFESTS):
        for manifest in sorted(folder.rglob(name)):
            if (found := of_project(manifest)) is not None:
                root = _root_of(manifest)
                several = root in roots and root != manifest.parent
                roots[root] = replace(found, licence="") if several else found
    return roots


def _may_be_learnt(place: Path, found: Project) -> bool:
    inside = "/".join(part for part in place.parts if part != "node_modules")
    return len(place.parts) < _MOST_DEPTH and not _SKIPPED_PARTS.search(inside) and is_permissive(found.licence)


def _root_of(manifest: Path) -> Path:
    """The package's folder; in an unpacked jar the pom lies in `META-INF/maven/GROUP/ARTIFACT/`."""
    above = manifest.parents
    in_jar = len(above) > 4 and (above[3].name, above[2].name) == ("META-INF", "maven")
    return above[4] if in_jar else above[0]


def _files_below(folder: Path, roots: Mapping[Path, Project]) -> Iterator[Path]:
    """The files to learn from, in order; not those of packages or with licences of their own further down."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if path not in roots and not files_in(path):
                yield from _files_below(path, roots)
        elif path.suffix in SUFFIXES and path.is_file():
            yield path


def standard_library() -> Package:
    """The running interpreter's own library, without its tests and without installed packages."""
    root = Path(sysconfig.get_path("stdlib"))
    files = [
        (str(path.relative_to(root)), path)
        for path in sorted(root.rglob("*.py"))
        if not re.search(r"(^|/)(tests?|site-packages|dist-packages)/", str(path.relative_to(root)))
    ]
    return _LIBRARY, sysconfig.get_python_version(), "PSF-2.0", files


def read_package(files: list[tuple[str, Path]], name: str, seen: Duplicates, *, keep_all: bool) -> list[Source]:
    """The package's acceptable, not yet seen files, a random share where it is large."""
    texts: dict[str, str] = {}
    for path, file in files:
        try:
            text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError):
            continue
        if acceptable(path, text):
            texts[path] = text
    chosen = sorted(texts)
    random.Random(name).shuffle(chosen)
    sources: list[Source] = []
    room = _LIBRARY_LIMIT if name == _LIBRARY else _PACKAGE_LIMIT
    test_room = _TEST_SHARE * sum(map(len, texts.values()))
    for path in chosen:
        text = texts[path]
        is_test = _TEST_PATH.search(path) is not None
        if seen.is_copy(text):
            continue
        if not keep_all and (room < len(text) or (is_test and test_room < len(text))):
            continue
        seen.add(text)
        room -= len(text)
        test_room -= len(text) if is_test else 0
        sources.append(Source(name, path, text))
    return sources


def _copies(package: Package) -> Package:
    """What a package brings along of those that stay out."""
    name, version, licence, files = package
    return name, version, licence, [file for file in files if is_copy_of_kept_out(file[0])]


def _without_copies(package: Package) -> Package:
    name, version, licence, files = package
    return name, version, licence, [file for file in files if not is_copy_of_kept_out(file[0])]


def build(work: Path, sites: list[Path], folders: list[Path]) -> list[PackageCount]:
    """Write the corpus below `work` and return the counts per package, largest first."""
    seen = Duplicates()
    installed = list(distributions(sites))
    held = [entry for entry in installed if entry[0] in HELD_OUT]
    others = [standard_library(), *(entry for entry in installed if entry[0] not in HELD_OUT), *projects(folders)]
    barred = [entry for entry in others if is_kept_out(entry[0])]
    train = [entry for entry in others if not is_kept_out(entry[0])]
    counts = _written(work / "heldout.jsonl", held, seen, held_out=True)
    for name, _, _, files in (*barred, *map(_copies, train)):
        read_package(files, name, seen, keep_all=True)
    counts += _written(work / "train.jsonl", list(map(_without_copies, train)), seen, held_out=False)
    counts.sort(key=lambda count: -count.characters)
    (work / "packages.json").write_text(json.dumps([asdict(count) for count in counts], indent=1))
    return counts


def _written(path: Path, entries: Sequence[Package], seen: Duplicates, *, held_out: bool) -> list[PackageCount]:
    """Write what the packages give, a file of code a line, and count it."""
    counts: list[PackageCount] = []
    with path.open("w", encoding="utf-8") as out:
        for name, version, licence, files in entries:
            sources = read_package(files, normalized(name), seen, keep_all=held_out)
            for source in sources:
                out.write(json.dumps(asdict(source)) + "\n")
            if sources:
                size = sum(len(source.text) for source in sources)
                counts.append(PackageCount(name, version, licence, len(sources), size, held_out))
    return counts


def load(path: Path) -> list[Source]:
    """Read a file that `build` wrote."""
    with path.open(encoding="utf-8") as lines:
        return [Source(**json.loads(line)) for line in lines]


def main() -> None:
    """Collect the corpus and print what each package gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for the corpus")
    parser.add_argument("--site", type=Path, action="append", help="a site-packages folder (repeatable)")
    parser.add_argument("--projects", type=Path, action="append", help="a folder of packages (repeatable)")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    sites = options.site or [Path(sysconfig.get_path("purelib"))]
    counts = build(options.work, sites, options.projects or [])
    for count in counts:
        mark = "held out" if count.held_out else ""
        print(f"{count.characters:>9} {count.files:>5} {count.name} {count.version} ({count.licence}) {mark}")
    trained = [count for count in counts if not count.held_out]
    print(f"{sum(c.characters for c in trained)} characters, {sum(c.files for c in trained)} files for training")


if __name__ == "__main__":
    main()
