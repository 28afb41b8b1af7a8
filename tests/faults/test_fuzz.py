"""A conversation with random damage: the server answers again, or ends in order once the client has left."""

from __future__ import annotations

import random
from functools import partial

import pytest

from tests.faults.conftest import Start
from tests.faults.test_documents import edit
from tests.lsp_client import LspClient, message

URI = "file:///fuzz.py"


def conversation() -> list[bytes]:
    item = {"uri": URI, "languageId": "python", "version": 1, "text": "x = 1\né🎉 = 2\n" * 20}
    identity = {"uri": URI}
    said = [message(method="textDocument/didOpen", params={"textDocument": item})]
    for version in range(2, 30):
        change = edit((version, 1), (version, 2), "🎉\r\n")
        params = {"textDocument": {**identity, "version": version}, "contentChanges": [change]}
        said.append(message(method="textDocument/didChange", params=params))
        place = {"line": version, "character": 1}
        asked = {"textDocument": identity, "position": place, "context": {"triggerKind": 1}}
        said.append(message(id=f"c{version}", method="textDocument/inlineCompletion", params=asked))
        said.append(message(method="$/cancelRequest", params={"id": f"c{version}"}))
    return said


def damaged(said: list[bytes], chance: random.Random) -> bytes:
    """Flip, drop, double and move bytes and messages."""
    parts = list(said)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(parts))
        part = bytearray(parts[at])
        spot = chance.randrange(len(part))
        match chance.randrange(6):
            case 0:
                part[spot] = chance.randrange(256)
            case 1:
                del part[spot : spot + chance.randint(1, 30)]
            case 2:
                part[spot:spot] = chance.randbytes(chance.randint(1, 30))
            case 3:
                part *= 2
            case 4:
                other = chance.randrange(len(parts))
                parts[at], parts[other] = parts[other], parts[at]
                continue
            case _:
                part[spot:spot] = b"Content-Length: 17\r\n\r\n"
        parts[at] = bytes(part)
    return b"".join(parts)


def answers_again(client: LspClient, turn: int) -> bool:
    """Ask until there is an answer; a length that was made larger may swallow the first questions."""
    for number in range(100):
        call = f"again {turn} {number}"
        client.send(id=call, method="textDocument/hover", params={"pad": "x" * 10_000})
        if client.hears(partial(client.answers, call), 0.2):
            return True
    return False


@pytest.mark.parametrize("seed", range(5))
def test_random_damage(start: Start, seed: int) -> None:
    chance = random.Random(seed)
    client = start(text="value")
    client.command("twolane.status")
    turns = 0
    while turns < 20:
        client.send_bytes(damaged(conversation(), chance))
        if not answers_again(client, turns):
            break
        turns += 1
    assert client.process.poll() is None, client.log()
    assert turns > 0
    assert client.rubbish == b""
    assert client.told("window/showMessage") == []
    assert "failed with" not in client.log()
    client.hang_up()
    assert client.exit_code() == 1
