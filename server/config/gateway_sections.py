"""The sections of the settings that say which lane may see what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...routing.globs import Cover
from ...routing.rules import MOST_PATTERNS, Rule, parse_rules
from .option import Layer, option


def _patterns(value: Any, _: Layer) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ValueError("allowed is a list of strings")
    if len(value) > MOST_PATTERNS:
        raise ValueError(f"{len(value)} patterns; at most {MOST_PATTERNS} are read")
    Cover(value)
    return tuple(value)


def _rules(value: Any, layer: Layer) -> tuple[Rule, ...]:
    return parse_rules(value, "workspace" if layer == "workspace" else "user")


_PATTERNS = "a list of patterns as in .gitignore, none beginning with `!`"


@dataclass(frozen=True, slots=True)
class Privacy:
    """Which files which models may see; docs/privacy.md tells what else counts.

    A value here that cannot be used means that nothing leaves this machine until it is mended.
    """

    blocked: tuple[str, ...] = option(
        (),
        'Files that no model may see, not even the one on this machine: `["vault/", "*.sql"]`.',
        "add",
        read=_patterns,
        allowed=_PATTERNS,
    )
    near_only: tuple[str, ...] = option(
        (),
        'Files that only the model on this machine may see: `["src/pricing/"]`.',
        "add",
        read=_patterns,
        allowed=_PATTERNS,
    )
    allow_sensitive: tuple[str, ...] = option(
        (),
        "Files that may leave this machine though they are named like files with keys and passwords (`.env`, `*.pem`, "
        '…): `["tests/fixtures/*.pem"]`.',
        "user",
        read=_patterns,
        allowed=_PATTERNS,
    )
    send_ignored: bool = option(False, "Let files that git ignores leave this machine too.", "tighten")


@dataclass(frozen=True, slots=True)
class Routing:
    """Which model answers what; docs/routing.md has the rules and examples."""

    rules: tuple[Rule, ...] = option(
        (),
        "Rules in order, each a table `[[routing.rules]]`; the first that fits a request decides. Rules of the "
        "workspace's file come after your own and can only take away.",
        "add",
        read=_rules,
        allowed="a list of tables with the keys that docs/routing.md names",
    )
