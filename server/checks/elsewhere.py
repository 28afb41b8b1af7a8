"""Models elsewhere: whether the team's server answers, and whether the prices set can be used."""

from __future__ import annotations

import asyncio
from datetime import date

from ...clients.errors import ModelError
from ...routing.errors import PriceUnknown
from ..compose import team_server
from ..config.settings import Loaded, Settings
from ..spending import price_table
from .check import Check
from .places import edit

_ANSWER_SECONDS = 10.0


def elsewhere(loaded: Loaded) -> list[Check]:
    """Ask the team's server what it is, where one is set; nothing of a document is sent."""
    settings = loaded.settings
    _, unusable = price_table(settings)
    checks = [Check("prices", "warning", problem, edit(loaded)) for problem in unusable]
    if settings.team.url:
        checks.append(_team(loaded))
    elif settings.team.completion:
        detail = "team.completion is on and team.url is empty, so the model on this machine answers"
        checks.append(Check("team", "warning", detail, edit(loaded)))
    return checks


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
