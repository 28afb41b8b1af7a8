"""Whether review on save is wanted: the setting says so, or the person, who is asked once."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

import platformdirs
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from ...routing.decision import Question
from ..config.configuration import Configuration
from ..config.gateway import policy
from ..lanes import set_up
from ..wire.handshake import Hello
from .notices import Notices

_log = logging.getLogger(__name__)
Wish = Literal["on", "off", "ask"]

_YES, _NO = "Review on save", "No"
_TYPICAL_BYTES = 12_000


def answer_path() -> Path:
    """Where the answer is kept; XDG_DATA_HOME moves it."""
    return platformdirs.user_data_path("twolane", appauthor=False) / "review.json"


class Consent:
    """Nothing is sent on save before the person has said yes, in the settings or to the question."""

    def __init__(
        self, server: LanguageServer, hello: Hello, configuration: Configuration, notices: Notices, path: Path
    ) -> None:
        self._server = server
        self._asks = isinstance(hello.capabilities.get("window"), dict) and bool(
            hello.capabilities["window"].get("showMessage")
        )
        self._configuration = configuration
        self._notices = notices
        self._path = path
        self._asked = False
        self._asking = asyncio.Lock()

    async def wish(self) -> Wish:
        """What the settings say, or what was answered, in any window; "ask" as long as nothing was."""
        setting = self._configuration.settings.review.on_save
        return setting if setting != "ask" else await asyncio.to_thread(_answered, self._path)

    async def given(self) -> bool:
        """Whether a save may be reviewed; asks the person where nobody has and a model could do it."""
        async with self._asking:
            wish = await self.wish()
            if wish != "ask" or self._asked:
                return wish == "on"
            who = await asyncio.to_thread(self._who)
            if not who:
                return False
            self._asked = True
            if not self._asks:
                text = f'{who} could review what you save: review.on_save = "on" in your settings lets it.'
                self._notices.tell("review:consent", text, types.MessageType.Info)
                return False
            wish = await self._put(who)
            if wish != "ask":
                await asyncio.to_thread(_keep, self._path, wish)
            return wish == "on"

    def _who(self) -> str:
        """The model that would be asked; '' where none is set up."""
        settings = self._configuration.settings
        states = tuple(set_up(settings, "review", _TYPICAL_BYTES))
        rules = policy(settings, self._configuration.fault)
        chosen = rules.decide(Question("review", size_bytes=_TYPICAL_BYTES), states).chosen
        return (chosen.model or f"the {chosen.lane}'s model") if chosen is not None else ""

    async def _put(self, who: str) -> Wish:
        day = self._configuration.settings.budget.day_dollars
        text = (
            f"Twolane: shall {who} review what you changed when you save a file? It is sent the changed functions and "
            f"what belongs to them; at most ${day:g} a day is spent on everything. The setting review.on_save changes "
            "this later."
        )
        actions = [types.MessageActionItem(_YES), types.MessageActionItem(_NO)]
        ask: Callable[..., Awaitable[types.MessageActionItem | None]] = self._server.window_show_message_request_async
        try:
            answer = await ask(types.ShowMessageRequestParams(types.MessageType.Info, text, actions))
        except JsonRpcException as error:
            _log.info("the client does not put questions (%s)", type(error).__name__)
            return "ask"
        if answer is None:
            return "ask"
        return "on" if answer.title == _YES else "off"


def _answered(path: Path) -> Wish:
    try:
        said = json.loads(path.read_text("utf-8")).get("on_save")
    except (OSError, ValueError, AttributeError):
        return "ask"
    return said if said in ("on", "off") else "ask"


def _keep(path: Path, wish: Wish) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".review-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"format": 1, "on_save": wish}, file)
        Path(temporary).replace(path)
    except OSError as error:
        _log.warning("the answer about review on save cannot be kept: %s (%s)", path, error.strerror)
