"""The settings as the gateway takes them: what could not be used of them means that nothing leaves this machine."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from ...clients.model import Lane
from ...routing.policy import Policy
from ...routing.privacy.privacy import PrivacyRules
from .settings import Loaded, Settings

_SECTIONS = ("privacy", "routing", "budget")


def fault(loaded: Loaded) -> str:
    """What of the policy could not be used, '' where all of it could; names the file and the key.

    Caps and prices belong to it: where one of them cannot be read, nobody knows what may be spent.
    """
    for problem in loaded.problems:
        section = problem.key[:40].partition(".")[0]
        if not problem.refused and (not problem.key or difflib.get_close_matches(section, _SECTIONS, 1)):
            return problem.message
    return _unusable_price(loaded.settings.budget.prices)


def _unusable_price(prices: Sequence[str]) -> str:
    """The first of a person's own prices that is none; the shipped one is not to stand in for it."""
    if prices:
        from ...routing.money.prices import UnusablePrice, parse

        for words in prices:
            try:
                parse(words)
            except UnusablePrice as error:
                return f"budget.prices: {error}"
    return ""


def policy(settings: Settings, fault: str = "") -> Policy:
    """The rules in force."""
    absent: list[tuple[Lane, str]] = []
    if not settings.far.enabled:
        absent.append(("far", "far is turned off by far.enabled"))
    if not settings.team.url:
        absent.append(("team", "team is not set up: team.url is empty"))
    return Policy(settings.routing.rules, fault, team_completes=settings.team.completion, absent=tuple(absent))


def privacy_rules(settings: Settings, fault: str = "") -> PrivacyRules:
    """The privacy settings in force."""
    privacy = settings.privacy
    return PrivacyRules(
        blocked=privacy.blocked,
        near_only=privacy.near_only,
        allow_sensitive=privacy.allow_sensitive,
        send_ignored=privacy.send_ignored,
        fault=fault,
    )
