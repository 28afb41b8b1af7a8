"""The rules of a policy: what each one asks of a request, and what it leaves of the lanes.

The first of the user's rules that fits a request orders its candidates and limits them. After it, the first
fitting rule of the workspace's file may take more away: lanes, models, dollars, seconds. It never adds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast, get_args

from ..clients.model import Lane
from .globs import Cover, GlobError
from .naming import identifier
from .privacy.tier import TIERS, Tier
from .task import LANES, REMOTE, TASKS, Task

Origin = Literal["user", "workspace"]
Health = Literal["available", "any"]
"""Leave out what does not answer just now, or keep it in its place because waiting for it is better."""


MOST_RULES = 500
MOST_PATTERNS = 2_000
"""A file may come from a stranger, and each rule is held against those before it."""

_MOST_TOLD = 10


class RulesError(ValueError):
    """What is wrong with the rules, one sentence for each fault; `str(error)` tells the first of them."""

    def __init__(self, faults: Sequence[str]) -> None:
        more = f"; and {len(faults) - _MOST_TOLD} more" if len(faults) > _MOST_TOLD else ""
        super().__init__("; ".join(faults[:_MOST_TOLD]) + more)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, the `number`th of its file. An empty condition fits everything.

    Conditions: `tasks`, `paths` (patterns as in .gitignore), `languages` (LSP identifiers), `min_bytes` and
    `max_bytes` of the file (both included), `privacy` (the tier of what the request shows). Effects: `lanes`
    and `models` allowed, in order of choice (None and (): all), `max_price` in dollars for one request,
    `deadline_s` until the answer is whole, `health` of a candidate.
    """

    number: int
    origin: Origin = "user"
    tasks: tuple[Task, ...] = ()
    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    min_bytes: int = 0
    max_bytes: int | None = None
    privacy: Tier | None = None
    lanes: tuple[Lane, ...] | None = None
    models: tuple[str, ...] = ()
    max_price: float | None = None
    deadline_s: float | None = None
    health: Health = "available"
    cover: Cover | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """How people find it: its number in its file and what it speaks for."""
        about = ", ".join(self.paths or self.tasks or self.languages)
        about = about if len(about) <= 60 else about[:59] + "…"
        whose = "the workspace's rule" if self.origin == "workspace" else "rule"
        return f"{whose} {self.number} ({about})" if about else f"{whose} {self.number}"

    def fits(self, task: Task, path: str, language: str, size_bytes: int, tier: Tier) -> bool:
        """Whether every condition holds; `language` in lower case."""
        return (
            (not self.tasks or task in self.tasks)
            and (not self.languages or language in self.languages)
            and size_bytes >= self.min_bytes
            and (self.max_bytes is None or size_bytes <= self.max_bytes)
            and (self.privacy is None or tier == self.privacy)
            and (self.cover is None or self.cover.covering(path) is not None)
        )


_KEYS = tuple(one.name for one in fields(Rule) if one.name not in ("number", "origin", "cover"))


def parse_rules(tables: Any, origin: Origin = "user") -> tuple[Rule, ...]:
    """Read `[[routing.rules]]`; raise `RulesError` that names every fault with its rule, key and what is allowed."""
    if not isinstance(tables, list | tuple) or not all(isinstance(table, Mapping) for table in tables):
        raise RulesError(["routing.rules is a list of tables: [[routing.rules]]"])
    if len(tables) > MOST_RULES:
        raise RulesError([f"{len(tables)} rules; at most {MOST_RULES} are read"])
    faults: list[str] = []
    rules: list[Rule] = []
    for number, table in enumerate(tables, 1):
        reader = _Reader(number, table, origin)
        rule = reader.rule()
        faults += reader.faults
        if not reader.faults:
            faults += [f"rule {number} can never match: {why}" for why in _contradictions(rule)]
            faults += [f"rule {number} can never match: {why}" for why in _shadows(rule, rules)]
            rules.append(rule)
    if (patterns := sum(len(rule.paths) for rule in rules)) > MOST_PATTERNS:
        faults.append(f"{patterns} patterns in all rules; at most {MOST_PATTERNS} are read")
    if faults:
        raise RulesError(faults)
    return tuple(rules)


def unpriced(rules: Iterable[Rule], priced: Iterable[str]) -> list[str]:
    """One sentence for each model that a rule names and that has no price."""
    known = set(priced)
    return [
        f"{rule.name}: the model {model} has no price, so it can never be asked; give it one in budget.prices"
        for rule in rules
        for model in rule.models
        if model not in known
    ]


_WRITTEN_INSTEAD = {
    "python": "py pyi",
    "javascript": "js mjs",
    "typescript": "ts",
    "javascriptreact": "jsx",
    "typescriptreact": "tsx",
    "rust": "rs",
    "ruby": "rb",
    "csharp": "c#",
    "cpp": "c++ cc hpp",
    "go": "golang",
    "kotlin": "kt",
    "markdown": "md",
    "yaml": "yml",
}
_NO_LANGUAGES = {word: language for language, words in _WRITTEN_INSTEAD.items() for word in words.split()}
"""What people write for a language, and what every editor calls it."""


class _Reader:
    """Reads one table and keeps account of what is wrong with it."""

    def __init__(self, number: int, table: Mapping[str, Any], origin: Origin) -> None:
        self._number = number
        self._table = table
        self._origin = origin
        self.faults: list[str] = []

    def rule(self) -> Rule:
        for key in self._table:
            if key not in _KEYS:
                self._fault(key, f"no such key; there are {', '.join(_KEYS)}")
        paths = self._words("paths", None)
        cover = None
        try:
            cover = Cover(paths) if paths else None
        except GlobError as error:
            self._fault("paths", str(error))
        lanes = self._words("lanes", LANES, may_be_empty=True)
        return Rule(
            number=self._number,
            origin=self._origin,
            tasks=cast(tuple[Task, ...], self._words("tasks", TASKS)),
            paths=paths,
            languages=self._languages(),
            min_bytes=int(self._size("min_bytes") or 0),
            max_bytes=self._size("max_bytes"),
            privacy=cast(Tier | None, self._word("privacy", TIERS)),
            lanes=cast(tuple[Lane, ...], lanes) if "lanes" in self._table else None,
            models=self._words("models", None),
            max_price=self._number_of("max_price", "dollars for one request, 0 or more", least=0.0),
            deadline_s=self._number_of("deadline_s", "seconds, more than 0", least=0.001),
            health=cast(Health, self._word("health", get_args(Health)) or "available"),
            cover=cover,
        )

    def _fault(self, key: str, what: str) -> None:
        self.faults.append(f"rule {self._number}: {key[:60]}: {what}")

    def _words(self, key: str, choices: Sequence[str] | None, *, may_be_empty: bool = False) -> tuple[str, ...]:
        value = self._table.get(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
            self._fault(key, "allowed is a list of strings")
            return ()
        if not value and not may_be_empty:
            self._fault(key, "the list is empty, so the rule can never match; leave the key out to mean all")
        if choices is not None and (wrong := [word for word in value if word not in choices]):
            self._fault(key, f'"{wrong[0][:60]}" is none of {", ".join(choices)}')
            return ()
        return tuple(dict.fromkeys(value))

    def _languages(self) -> tuple[str, ...]:
        named = tuple(word.lower() for word in self._words("languages", None))
        for word in named:
            if (known := _NO_LANGUAGES.get(word.removeprefix("."))) is not None:
                self._fault(
                    "languages", f'"{word}" is no language identifier, so the rule can never match; write "{known}"'
                )
        return tuple(dict.fromkeys(map(identifier, named)))

    def _word(self, key: str, choices: Sequence[str]) -> str | None:
        value = self._table.get(key)
        if value is None:
            return None
        if value not in choices:
            self._fault(key, f"allowed is one of {', '.join(choices)}")
            return None
        return str(value)

    def _size(self, key: str) -> int | None:
        value = self._table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self._fault(key, "allowed is a whole number of bytes, 0 or more")
            return None
        return value

    def _number_of(self, key: str, allowed: str, *, least: float) -> float | None:
        value = self._table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < math.inf:
            self._fault(key, f"allowed is a number of {allowed}")
            return None
        return float(value)


def _contradictions(rule: Rule) -> Iterable[str]:
    """Why no request fits this rule, or none that fits could use it."""
    if rule.max_bytes is not None and rule.min_bytes > rule.max_bytes:
        yield f"min_bytes {rule.min_bytes} is above max_bytes {rule.max_bytes}"
    if rule.lanes == ("far",) and rule.tasks == ("completion",):
        yield "far does not complete: it is asked in words"
    if rule.privacy == "blocked" and rule.lanes:
        yield 'privacy = "blocked" means no model, and lanes names some'
    if rule.privacy == "near-only" and rule.lanes and REMOTE.issuperset(rule.lanes):
        yield f'privacy = "near-only" keeps text on this machine, and lanes names only {", ".join(rule.lanes)}'


def _shadows(rule: Rule, earlier: Iterable[Rule]) -> Iterable[str]:
    """Why an earlier rule takes every request that this one would fit."""
    for other in earlier:
        if (
            _covers(other.tasks, rule.tasks)
            and _covers(other.languages, rule.languages)
            and other.min_bytes <= rule.min_bytes
            and (other.max_bytes is None or (rule.max_bytes is not None and other.max_bytes >= rule.max_bytes))
            and other.privacy in (None, rule.privacy)
            and _covers_paths(other.paths, rule.paths)
        ):
            yield f"{other.name} stands before it and fits everything that it fits"
            return


def _covers(wide: Sequence[str], narrow: Sequence[str]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _covers_paths(wide: Sequence[str], narrow: Sequence[str]) -> bool:
    """Whether every path of `narrow` is surely one of `wide`; judged by the patterns' text, so never wrongly true."""
    return not wide or (bool(narrow) and all(any(_takes_in(one, path) for one in wide) for path in narrow))


def _takes_in(wide: str, narrow: str) -> bool:
    if wide == narrow or wide in ("*", "**", "**/*", "/**"):
        return True
    folder = wide.removesuffix("**").removesuffix("/")
    plain = not any(char in folder for char in "*?[\\") and "/" in wide
    return plain and wide != folder and narrow.lstrip("/").startswith(folder.lstrip("/") + "/")
