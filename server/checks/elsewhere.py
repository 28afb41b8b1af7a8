"""Models elsewhere: whether the team's server answers, whether there is a key for the far lane, what models cost."""

from __future__ import annotations

import asyncio
import sys
from datetime import date

from ...clients.anthropic.client import DEFAULT_URL, AnthropicClient
from ...clients.errors import KeyRefused, ModelError
from ...routing.errors import PriceUnknown
from ...routing.rules import unpriced
from ..compose import team_server
from ..config import keys
from ..config.gateway import fault
from ..config.settings import Loaded, Settings
from ..lanes import PROVIDERS
from ..spending import price_table
from .check import Check
from .places import edit

_ANSWER_SECONDS = 10.0


def elsewhere(loaded: Loaded, *, ask: bool = False) -> list[Check]:
    """Ask the team's server what it is, where one is set, and with `ask` the far lane's provider for its models.

    Nothing of a document is sent, and no key is shown.
    """
    settings = loaded.settings
    table, unusable = price_table(settings)
    broken = fault(loaded)
    checks = (
        [Check("policy", "error", f"nothing leaves this machine: {broken}", edit(loaded, broken))] if broken else []
    )
    problems = (*unusable, *unpriced(settings.routing.rules, table.models))
    checks += [Check("prices", "warning", problem, edit(loaded)) for problem in problems if problem != broken]
    if settings.team.url:
        checks.append(_team(loaded))
    elif settings.team.completion:
        detail = "team.completion is on and team.url is empty, so the model on this machine answers"
        checks.append(Check("team", "warning", detail, edit(loaded)))
    checks.append(_far(loaded, ask))
    return checks


def _far(loaded: Loaded, ask: bool) -> Check:
    """Whether the far lane could be asked: turned on, a key, a price; with `ask`, whether the key is taken."""
    far = loaded.settings.far
    if not far.enabled:
        return Check("far", "note", "turned off by far.enabled: commands go to the team's server, or nowhere")
    try:
        key = keys.anthropic()
    except KeyRefused as error:
        return Check("far", "error", str(error), f"{sys.executable} -m keyring set {keys.SERVICE} anthropic")
    if not key:
        detail = f"{far.model} can be asked for nothing: {keys.none_for_anthropic()}"
        return Check("far", "note", detail)
    try:
        price_table(loaded.settings)[0].rate(PROVIDERS["far"], far.model, date.today())  # noqa: DTZ011 - prices hold by the user's calendar
    except PriceUnknown as error:
        return Check("far", "error", str(error), edit(loaded))
    source = f"the key comes from {keys.anthropic_from()}"
    try:
        client = AnthropicClient(lambda: key, keys.anthropic_url() or DEFAULT_URL)
        if not ask:
            detail = f"{far.model} at {client.host}, {source}; `twolane doctor --ask` asks whether it is taken"
            return Check("far", "ok", detail)
        named = asyncio.run(_models(client))
    except ModelError as error:
        return Check("far", "error", f"{error} ({source})", f"export {keys.ANTHROPIC_KEY}=…")
    if named and far.model not in named:
        detail = f"{client.host} takes the key ({source}), and does not offer {far.model}"
        return Check("far", "warning", f"{detail}: it offers {', '.join(named[:6])}", edit(loaded))
    return Check("far", "ok", f"{client.host} takes the key ({source}) and offers {far.model}")


async def _models(client: AnthropicClient) -> list[str]:
    """The names of the models that may be asked for."""
    try:
        return [model.name for model in await client.models()]
    finally:
        await client.close()


def _team(loaded: Loaded) -> Check:
    settings = loaded.settings
    try:
        what = asyncio.run(asyncio.wait_for(_answering(settings), _ANSWER_SECONDS))
    except TimeoutError:
        detail = f"{settings.team.url} does not answer within {_ANSWER_SECONDS:.0f} s"
        return Check("team", "error", detail, edit(loaded))
    except ModelError as error:
        return Check("team", "error", str(error), edit(loaded))
    try:
        price_table(settings)[0].rate("team", settings.team.model, date.today())  # noqa: DTZ011 - prices hold by the user's calendar
    except PriceUnknown as error:
        return Check("team", "error" if settings.team.completion else "warning", str(error), edit(loaded))
    return Check("team", "ok", f"{settings.team.url} answers: {what}")


async def _answering(settings: Settings) -> str:
    """Say what the server is; raise `ModelError` also where it is to complete and cannot fill in the middle."""
    from ...clients.openai_compatible.infill import RemoteInfill

    server = team_server(settings)
    try:
        known = await server.capabilities()
        model = known.model.rpartition("/")[2] or "a model of its own"
        return f"{model}, {(await RemoteInfill(server).info()).family}" if settings.team.completion else model
    finally:
        await server.close()
