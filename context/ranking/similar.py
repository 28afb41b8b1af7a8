"""Files that resemble a document, and the names that stand together in them: what others wrote next to these names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..view import Workspace
from .profile import Profile, Profiles

MAX_SIMILAR = 24
"""Files that speak for what is usually used together with a document's names."""

_CONSIDERED = 80
_MOST_FILES_OF_A_NAME = 60
_SHARE_OF_FILES = 8
_SAME_FOLDER = 1.5
_TOGETHER = 1.5
_REACH = 8
_COMPANION_FILES = 12
_COMPANION_LINES = 4
_MOST_READ = 200
_LEAST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Usage:
    """What similar files use: `names` with the share of these files' weight that uses them (0 to 1), and an example.

    `files` are the similar files with their share, best first.
    """

    names: Mapping[str, float]
    example: Mapping[str, str]
    files: Sequence[tuple[str, float]]


class Similar:
    """Asks the workspace who uses what. Belongs to one thread."""

    def __init__(self, workspace: Workspace, profiles: Profiles) -> None:
        self._workspace = workspace
        self._profiles = profiles
        self._path = ""
        self._using: dict[str, tuple[str, ...]] = {}
        self._companions: dict[str, tuple[tuple[str, ...], dict[str, float]]] = {}
        self._read: set[str] = set()

    def begin(self, path: str, *, anew: bool) -> None:
        """The document at `path` is the one at hand; `anew` where anything but its text may have changed."""
        if anew or path != self._path:
            self._path = path
            self._using = {}
            self._companions = {}
            self._read = set()

    def using(self, name: str) -> tuple[str, ...]:
        """The files that use a name, but for the document at hand, which never tells about itself."""
        found = self._using.get(name)
        if found is None:
            found = self._using[name] = tuple(path for path in self._workspace.using(name) if path != self._path)
        return found

    def rarity(self, name: str, total: int) -> float:
        """How much sharing this name says: the logarithm of one over the share of files that use it."""
        return math.log(1 + total / (1 + len(self.using(name))))

    def usage(self, path: str, own: Profile, changed_with: Mapping[str, float], total: int) -> Usage:
        """What files like the one at `path` use; the file itself never takes part."""
        limit = max(_MOST_FILES_OF_A_NAME, total // _SHARE_OF_FILES)
        raw: dict[str, float] = {}
        for name in own.uses:
            if len(name) < _LEAST_LETTERS:
                continue
            files = self.using(name)
            if not 0 < len(files) <= limit:
                continue
            weight = math.log(1 + total / len(files)) ** 2
            for other in files:
                raw[other] = raw.get(other, 0.0) + weight
        folder = path.rpartition("/")[0]
        for other in self._workspace.within(folder):
            raw[other] = raw.get(other, 0.0) + 1.0
        for other, weight in changed_with.items():
            raw[other] = raw.get(other, 0.0) + 4.0 * weight
        raw.pop(path, None)
        best = sorted(raw.items(), key=lambda item: (-item[1], item[0]))[:_CONSIDERED]
        weighed: list[tuple[float, str, Profile]] = []
        for other, weight in best:
            profile = self._profiles.of(other)
            if profile is None or not profile.uses:
                continue
            weight /= math.sqrt(20 + len(profile.uses))
            if other.rpartition("/")[0] == folder:
                weight *= _SAME_FOLDER
            weight *= 1 + _TOGETHER * changed_with.get(other, 0.0)
            weighed.append((weight, other, profile))
        weighed.sort(key=lambda item: (-item[0], item[1]))
        weighed = weighed[:MAX_SIMILAR]
        whole = sum(weight for weight, _, _ in weighed) or 1.0
        names: dict[str, float] = {}
        example: dict[str, str] = {}
        for weight, other, profile in weighed:
            for name in profile.uses:
                names[name] = names.get(name, 0.0) + weight / whole
                example.setdefault(name, other)
        return Usage(names, example, tuple((other, weight / whole) for weight, other, _ in weighed))

    def companions(self, own: Profile, preferred: Sequence[str], total: int) -> dict[str, dict[str, float]]:
        """For each of the document's rarer names: names that stand near it in other files, with how often (0 to 1).

        Of many files those of `preferred` are asked first.
        """
        limit = max(_MOST_FILES_OF_A_NAME, total // _SHARE_OF_FILES)
        order = {other: number for number, other in enumerate(preferred)}
        found: dict[str, dict[str, float]] = {}
        for name in own.uses:
            files = self.using(name) if len(name) >= _LEAST_LETTERS else ()
            if not 0 < len(files) <= limit:
                continue
            chosen = files
            if len(files) > _COMPANION_FILES:
                chosen = tuple(sorted(files, key=lambda one: (order.get(one, 999), one)))[:_COMPANION_FILES]
            known = self._companions.get(name)
            if known is None or known[0] != chosen:
                known = self._companions[name] = chosen, self._around(name, self._readable(chosen))
            if known[1]:
                found[name] = known[1]
        return found

    def _readable(self, files: Sequence[str]) -> list[str]:
        """Those of these files that are read for one document; in a large workspace no more than some are."""
        if len(self._read) < _MOST_READ:
            self._read.update(files)
        return [one for one in files if one in self._read]

    def _around(self, name: str, files: Iterable[str]) -> dict[str, float]:
        seen: Counter[str] = Counter()
        windows = 0
        for other in files:
            profile = self._profiles.of(other)
            if profile is None:
                continue
            for line in profile.uses.get(name, ())[:_COMPANION_LINES]:
                seen.update(profile.around(line, _REACH))
                windows += 1
        seen.pop(name, None)
        return {other: count / (windows + 1) for other, count in seen.items()}
