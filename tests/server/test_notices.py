from __future__ import annotations

import logging

import pytest
from lsprotocol.types import MessageType, ShowMessageParams

from twolane.clients.errors import ModelCrashed, ModelLoading, ModelRefused
from twolane.clients.model import Health
from twolane.server.lsp.notices import Notices


def test_each_kind_of_trouble_is_shown_once_and_never_before_the_editor_is_ready() -> None:
    shown: list[ShowMessageParams] = []
    notices = Notices(shown.append)
    notices.tell("a", "first", MessageType.Warning)
    notices.tell("a", "again", MessageType.Warning)
    assert shown == []
    notices.begin()
    assert shown == [ShowMessageParams(MessageType.Warning, "Twolane: first")]
    notices.tell("a", "and again", MessageType.Warning)
    notices.tell("b", "second", MessageType.Error)
    notices.begin()
    assert [message.message for message in shown] == ["Twolane: first", "Twolane: second"]
    notices.forget("a")
    notices.tell("a", "another", MessageType.Warning)
    notices.tell("b", "the same", MessageType.Error)
    assert [message.message for message in shown] == ["Twolane: first", "Twolane: second", "Twolane: another"]


def test_a_model_on_its_way_is_no_news_and_one_that_fails_is_news_once(caplog: pytest.LogCaptureFixture) -> None:
    shown: list[ShowMessageParams] = []
    notices = Notices(shown.append)
    notices.begin()
    with caplog.at_level(logging.INFO):
        notices.trouble(ModelLoading("on its way", 0.5))
    assert "on its way" in caplog.text
    for state in (Health("starting", "soon"), Health("ready", "here"), Health("down"), Health("away", "idle")):
        notices.engine(state)
    assert shown == []
    notices.trouble(ModelCrashed("it died"))
    notices.engine(Health("down", "it died"))
    notices.trouble(ModelCrashed("it died again"))
    notices.trouble(ModelRefused("no such file"))
    notices.engine(Health("refused", "no such file"))
    assert [message.type for message in shown] == [MessageType.Warning, MessageType.Error]
