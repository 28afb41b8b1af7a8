"""Everything a person can set, typed, in one place.

Order, later wins: the defaults below, the user's file, the workspace's `twolane.toml`, the editor.
The workspace's file comes from whoever wrote the project, so each setting says what that file may do with
it (`Scope`). A value that cannot be used keeps the last good one and is reported as a `Problem`; nothing in
here raises. docs/settings.md is generated from this module by settings_docs.py.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from .gateway_sections import Privacy, Routing
from .history_section import History
from .near_sections import Engine, Near
from .option import Layer, Scope
from .option import option as _option
from .refactor_sections import Checks, Refactor
from .review_section import Review
from .settings_values import HIDDEN, UnusableError, checked, discreet, one_line, read_table
from .suggest_section import Suggest
from .workspace_section import Workspace

FILE_NAME = "twolane.toml"

_LEAVING = ("privacy", "routing", "budget", "far", "team")
"""Sections about what leaves this machine, and for how much."""

_MOST_UNKNOWN = 50
_LONGEST_HINTED = 80
"""Characters of a key beyond which nobody meant another."""


@dataclass(frozen=True, slots=True)
class Team:
    """A model server that the team runs: vLLM, llama.cpp's server, Ollama, TabbyAPI, or a LiteLLM proxy.

    Its key, where it wants one, comes from the environment (`TWOLANE_TEAM_KEY`) or the system's keyring.
    """

    url: str = _option(
        "",
        "The server's address: `https://models.example.com`. Empty: there is none.",
        "trusted",
    )
    model: str = _option(
        "",
        "The model to ask for, as the server calls it. Empty: the one that it has.",
        "trusted",
    )
    family: str = _option(
        "",
        "The form of prompt that the model was trained with for filling in the middle, as docs/models.md names them. "
        "Empty: found out from the server.",
        "trusted",
        choices=(
            "",
            "starter",
            "qwen-coder",
            "codegemma",
            "starcoder2",
            "granite",
            "granite-4",
            "deepseek-coder",
            "codestral",
            "seed-coder",
            "starcoder",
            "fim",
        ),
    )
    completion: bool = _option(
        False,
        "Let the team's server suggest while you type, in place of the model on this machine.",
        "tighten",
    )
    ahead: bool = _option(
        False,
        "Send the team's server also what nobody waits for yet (guesses at what you do next). Costs it work.",
        "tighten",
    )
    plain_http: bool = _option(
        False,
        "Allow an address that begins with http: on another machine, so that code travels unencrypted.",
        "user",
    )


_A_NAME = "the name of a model, without blanks"


def _name(value: Any, _: Layer) -> str:
    """An empty one would be asked for all the same, and the first to complain would be the price list."""
    if not isinstance(value, str) or value.split() != [value]:
        raise ValueError(f"allowed is {_A_NAME}")
    return value


@dataclass(frozen=True, slots=True)
class Far:
    """Anthropic's models, which answer when they are asked to. They need a key.

    The key comes from the environment (`ANTHROPIC_API_KEY`) or the system's keyring, another address from the
    environment alone (`ANTHROPIC_BASE_URL`).
    """

    enabled: bool = _option(True, "Let them be asked at all.", "tighten")
    model: str = _option(
        "claude-sonnet-5-5",
        "The model to ask for, as Anthropic calls it.",
        "trusted",
        read=_name,
        allowed=_A_NAME,
    )
    timeout_s: float = _option(
        180.0,
        "An answer that has not ended after so many seconds is given up.",
        "user",
        low=1,
        high=3600,
    )


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent on models elsewhere, all editors of this machine together; docs/costs.md tells how it holds."""

    request_dollars: float = _option(
        2.0, "The most that one request may cost, at its worst.", "tighten", low=0, high=1_000_000
    )
    day_dollars: float = _option(5.0, "The most that may be spent in a day.", "tighten", low=0, high=1_000_000)
    month_dollars: float = _option(
        50.0, "The most that may be spent in a calendar month.", "tighten", low=0, high=1_000_000
    )
    project_dollars: float = _option(
        50.0, "The most that may be spent in a calendar month for one workspace.", "tighten", low=0, high=1_000_000
    )
    prices: tuple[str, ...] = _option(
        (),
        "Prices of your own, before those that come with Twolane, in dollars per million tokens: "
        '`["MODEL input=3 output=15 cache_read=0.3 cache_write=3.75"]`. The two of the cache may be left out. '
        "MODEL may be `PROVIDER/MODEL` or `PROVIDER/*`; a server of your own that costs nothing is "
        '`["team/* input=0 output=0"]`.',
        "user",
    )
    keep_days: int = _option(
        400, "How many days the ledger remembers each request and what it sent.", "user", low=62, high=36_500
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; each section is a table of the file."""

    near: Near = field(default_factory=Near)
    engine: Engine = field(default_factory=Engine)
    completion: Suggest = field(default_factory=Suggest)
    team: Team = field(default_factory=Team)
    far: Far = field(default_factory=Far)
    budget: Budget = field(default_factory=Budget)
    routing: Routing = field(default_factory=Routing)
    privacy: Privacy = field(default_factory=Privacy)
    history: History = field(default_factory=History)
    workspace: Workspace = field(default_factory=Workspace)
    refactor: Refactor = field(default_factory=Refactor)
    checks: Checks = field(default_factory=Checks)
    review: Review = field(default_factory=Review)


EDITOR = "the editor's settings"
"""What stands in the place of a file's name in a `Problem` where no file is to blame."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A setting that was not used: where it stands, its key and value, what is allowed, what holds instead.

    `key` is empty where the whole file could not be used; `value` is shortened for display. `refused` where the
    value is good, but not the source's to set.
    """

    file: str
    key: str
    value: str
    allowed: str
    refused: bool = False

    @property
    def message(self) -> str:
        """One line for the person who can mend it."""
        what = f"{one_line(self.key, 80)} = {self.value} is not used: " if self.key else ""
        return one_line(f"{self.file}: {what}{self.allowed}", 2_000)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings that can be used, and what could not.

    `layers` holds the good values of each source; `files` the files that were looked for, in order.
    """

    settings: Settings
    problems: tuple[Problem, ...] = ()
    layers: Mapping[Layer, Mapping[str, Any]] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


def default_user_file() -> Path:
    """Where the user's own settings live; XDG_CONFIG_HOME moves it."""
    from platformdirs import user_config_path

    return user_config_path("twolane") / FILE_NAME


def looked_for(root: Path | None, others: Sequence[Path] = (), user_file: Path | None = None) -> tuple[Path, ...]:
    """The files that count: the user's own, the workspace's, those of the `others`; they may not be there."""
    folders = (root, *others) if root is not None else ()
    return user_file if user_file is not None else default_user_file(), *(folder / FILE_NAME for folder in folders)


def options() -> Iterator[tuple[str, Field[Any]]]:
    """Yield each setting as its dotted key and its field, in the order of the manual."""
    defaults = Settings()
    for section in fields(defaults):
        for option in fields(getattr(defaults, section.name)):
            yield f"{section.name}.{option.name}", option


def load(
    root: Path | None,
    *,
    trusted: bool,
    editor: Mapping[str, Any] | None = None,
    user_file: Path | None = None,
    previous: Loaded | None = None,
    others: Sequence[Path] = (),
) -> Loaded:
    """Read all sources and merge them; never raises.

    `root` is the workspace folder or None; `editor` what the editor sent (nested tables, as in the file,
    perhaps inside one named "twolane"); `user_file` stands in for the user's own file. Where `previous` is
    given, a source that has become unusable, or a value in it, keeps what it held in there. Of the files of the
    `others`, folders that are open beside it, counts what lets less leave this machine.
    """
    user_path, *workspace_paths = files = looked_for(root, others, user_file)
    merge = _Merge(previous.layers if previous is not None else {}, trusted)
    merge.file("user", user_path)
    for path in workspace_paths[:1]:
        merge.file("workspace", path)
    for path in workspace_paths[1:]:
        merge.beside(path)
    if editor is not None:
        nested = editor.get("twolane")
        merge.layer("editor", nested if len(editor) == 1 and isinstance(nested, Mapping) else editor, None)
    return Loaded(merge.settings(), tuple(merge.problems), merge.layers, files)


class _Merge:
    """Lays one source over another and keeps account of what could not be used."""

    def __init__(self, previous: Mapping[Layer, Mapping[str, Any]], trusted: bool) -> None:
        self.problems: list[Problem] = []
        self.layers: dict[Layer, dict[str, Any]] = {}
        self._previous = previous
        self._trusted = trusted
        self._known = dict(options())
        self._values: dict[str, Any] = {key: option.default for key, option in self._known.items()}

    def settings(self) -> Settings:
        parts: dict[str, dict[str, Any]] = {section.name: {} for section in fields(Settings)}
        for key, value in self._values.items():
            section, _, name = key.partition(".")
            parts[section][name] = value
        defaults = Settings()
        return Settings(**{name: type(getattr(defaults, name))(**values) for name, values in parts.items()})

    def file(self, layer: Layer, path: Path) -> None:
        kept = self._previous.get(layer, {})
        try:
            table = read_table(path)
        except UnusableError as error:
            held = {key: value for key, value in kept.items() if not self._refused(layer, key, value)}
            self._unusable(path, error, held=bool(held))
            self._take(layer, held)
            return
        self.layer(layer, table, path)

    def layer(self, layer: Layer, table: Mapping[str, Any], path: Path | None) -> None:
        """Check each value of one source, then let it count."""
        where = str(path) if path is not None else EDITOR
        kept = self._previous.get(layer, {})
        good: dict[str, Any] = {}
        for key, given in self._flat(table, where):
            try:
                value = checked(self._known[key], given, path.parent if path is not None else None, layer)
            except UnusableError as error:
                self.problems.append(Problem(where, key, discreet(key, given), str(error)))
                if key in kept and not self._refused(layer, key, kept[key]):
                    good[key] = kept[key]
                continue
            if refusal := self._refused(layer, key, value):
                self.problems.append(Problem(where, key, discreet(key, given), refusal, refused=True))
            else:
                good[key] = value
        self._take(layer, good)

    def beside(self, path: Path) -> None:
        """Let the file of another open folder keep text here and lower what may be spent; the rest is not its."""
        try:
            table = read_table(path)
        except UnusableError as error:
            self._unusable(path, error, held=False)
            return
        for key, given in self._flat(table, str(path)):
            scope: Scope = self._known[key].metadata["scope"]
            if key.partition(".")[0] not in _LEAVING or scope not in ("add", "tighten"):
                continue
            try:
                value = checked(self._known[key], given, path.parent, "workspace")
            except UnusableError as error:
                self.problems.append(Problem(str(path), key, discreet(key, given), str(error)))
                continue
            if not self._refused("workspace", key, value):
                self._count("workspace", {key: value})

    def _unusable(self, path: Path, error: UnusableError, *, held: bool) -> None:
        """Say that a whole file does not count; `held`: what it said before still does."""
        counts = "what it said before counts" if held else "nothing in the file counts"
        self.problems.append(Problem(str(path), "", "", f"{error}, so {counts} until that is mended"))

    def _take(self, layer: Layer, good: dict[str, Any]) -> None:
        self.layers[layer] = good
        self._count(layer, good)

    def _count(self, layer: Layer, good: Mapping[str, Any]) -> None:
        for key, value in good.items():
            scope: Scope = self._known[key].metadata["scope"]
            adds = scope == "add" or (scope == "tighten" and layer == "workspace")
            if adds and isinstance(value, tuple):
                value = tuple(dict.fromkeys((*self._values[key], *value)))
            self._values[key] = value

    def _flat(self, table: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
        """Yield dotted keys that exist, with their values; report what does not exist."""
        sections = {section.name for section in fields(Settings)}
        before = len(self.problems)
        for name, content in table.items():
            if len(self.problems) - before > _MOST_UNKNOWN:
                return self._given_up(where)
            if name in self._known:
                yield name, content
            elif name not in sections:
                self._unknown(where, name, content)
            elif not isinstance(content, Mapping):
                if content is not None:
                    self.problems.append(
                        Problem(where, name, discreet(name, content), f"a table, [{name}], stands here")
                    )
            else:
                for leaf, value in content.items():
                    if len(self.problems) - before > _MOST_UNKNOWN:
                        return self._given_up(where)
                    key = f"{name}.{leaf}"
                    if key not in self._known:
                        self._unknown(where, key, value)
                    elif value is not None:
                        yield key, value

    def _unknown(self, where: str, key: str, value: Any) -> None:
        hint = f'no such setting; did you mean "{near}"?' if (near := self._nearest(key)) else "no such setting"
        text = "{…}" if isinstance(value, Mapping) else discreet(key, value)
        if text == HIDDEN:
            hint = "no such setting, and a key has no place in a file: it comes from the environment or the keyring"
        self.problems.append(Problem(where, key, text, hint))

    def _given_up(self, where: str) -> None:
        """Say of the whole source that its rest is not read, so that no policy in it is taken for absent."""
        self.problems.append(Problem(where, "", "", f"more than {_MOST_UNKNOWN} faults; what follows is not read"))

    def _nearest(self, key: str) -> str | None:
        if len(key) > _LONGEST_HINTED:
            return None
        leaf = key.rpartition(".")[2]
        same_leaf = [known for known in self._known if known.rpartition(".")[2] == leaf]
        sections = [section.name for section in fields(Settings)] if "." not in key else []
        alike = difflib.get_close_matches(key, [*sections, *self._known], 1)
        candidates = [*same_leaf, *(one for one in alike if difflib.get_close_matches(leaf, [one.rpartition(".")[2]]))]
        return candidates[0] if candidates else None

    def _refused(self, layer: Layer, key: str, value: Any) -> str:
        """Say why this source may not set this; empty where it may."""
        if layer != "workspace":
            return ""
        scope: Scope = self._known[key].metadata["scope"]
        below = self._values[key]
        if scope == "user":
            return "only your own settings file or the editor may set it, because it concerns the whole machine"
        if scope == "trusted" and value != below and not self._trusted:
            return (
                "the workspace's file may set it only where you trust the workspace "
                "(--trust, or the editor's workspace trust)"
            )
        if scope != "tighten" or isinstance(value, tuple):
            return ""
        if isinstance(value, bool):
            return "" if below or not value else "the workspace's file may only turn it off"
        return "" if value <= below else f"the workspace's file may only lower it, and it is {below}"
