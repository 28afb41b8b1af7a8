"""Which files are tests, and which of them a file's name leads to: by the conventions of each language."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable

_FOLDERS = re.compile(r"(?:^|/)(?:tests?|__tests__|spec|specs|testing|src/test|[\w.]+\.Tests?)/")
_NAME = re.compile(
    r"^(?:test_[\w-]+|[\w-]+_test|[\w-]+_spec|[\w.-]+\.(?:test|spec|tests)|(?:Test[A-Z]\w*|\w+(?:Test|Tests|Spec|TestCase|IT)))$"
)
_AFFIXES = re.compile(r"^(?:test_|Test(?=[A-Z]))|(?:_test|_spec|\.test|\.spec|\.tests|Tests?|Spec|TestCase|IT)$")
_MANY = 12


def is_test(path: str) -> bool:
    """Whether a file is a test by its name or the folder it is in."""
    stem, _ = posixpath.splitext(posixpath.basename(path))
    return bool(_NAME.match(stem) or _FOLDERS.search(path))


def named_after(paths: Collection[str], path: str, names: Iterable[str] = ()) -> tuple[str, ...]:
    """The test files named after a file, or after one of `names`; the nearest first, at most twelve."""
    stem = _plain(posixpath.splitext(posixpath.basename(path))[0])
    folder = posixpath.basename(posixpath.dirname(path)).lower()
    wanted = {stem: 0}
    for name in names:
        if len(name) > 3:
            wanted.setdefault(_plain(name), 1)
    if stem in ("__init__", "index", "mod", "lib", "main"):
        wanted[_plain(folder)] = wanted.pop(stem)
    extension = posixpath.splitext(path)[1][:3]
    found: list[tuple[int, int, str]] = []
    for candidate in paths:
        base, ending = posixpath.splitext(posixpath.basename(candidate))
        if ending[:3] != extension or candidate == path or not is_test(candidate):
            continue
        if (place := wanted.get(_plain(_AFFIXES.sub("", base)))) is not None:
            found.append((place, -len(posixpath.commonprefix((path, candidate))), candidate))
    return tuple(candidate for _, _, candidate in sorted(found)[:_MANY])


def _plain(name: str) -> str:
    return re.sub(r"[_.-]", "", name).lower()
