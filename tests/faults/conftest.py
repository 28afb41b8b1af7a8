from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests import fake_model_server
from tests.lsp_client import LspClient, private_environment

Start = Callable[..., LspClient]


def launch(folder: Path, script: dict[str, Any], *, drain: bool = True) -> LspClient:
    """Start a server whose model follows a script."""
    command = [sys.executable, "-P", fake_model_server.__file__, json.dumps(script)]
    environment = private_environment(folder)
    environment["PYTHONPATH"] = ""
    return LspClient(command, environment, folder, drain=drain)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start servers with a scripted model; whatever is left of them is ended with the test."""
    with ExitStack() as stack:

        def go(*, greet: bool = True, drain: bool = True, **script: Any) -> LspClient:
            folder = tmp_path / f"server{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            client = launch(folder, script, drain=drain)
            stack.callback(client.close)
            if greet:
                client.initialize()
            return client

        yield go


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LspClient]:
    """Return one greeted server for all tests of a file: each leaves it alive, which is the point."""
    client = launch(tmp_path_factory.mktemp("shared"), {"text": "value + 1"})
    client.initialize()
    yield client
    assert client.shut_down() == 0, client.log()
    client.close()
