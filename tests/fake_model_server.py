"""`twolane serve` with a scripted model in the place of the engine; its one argument is a JSON object.

`text` and `pieces` say what the model writes, `delay_s` how long before each piece; `print` is written to
file descriptor 1 by Python and by C while it does; `diary` is a file that
hears of every generation, of one that nobody asked for with its priority in front; `prompts` a file that gets a JSON
object for each one that somebody asked for, with its `prefix`, `suffix` and `path`;
`states` are told when the model is first asked about; `limits` are those of the streams.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from twolane.clients.engine.client import LocalEngine
from twolane.clients.errors import ModelCrashed, ModelError
from twolane.clients.model import Health, InfillRequest, ModelInfo, Usage
from twolane.completion.completer import Completer
from twolane.routing.privacy.privacy import Privacy
from twolane.server import compose
from twolane.server.config.gateway import privacy_rules
from twolane.server.config.settings import Settings
from twolane.server.lsp import language_server
from twolane.server.wire.stdio import Limits


class FakeStream:
    usage: Usage | None = None

    def __init__(self, script: dict[str, Any], note: Callable[[str], None]) -> None:
        self._script = script
        self._note = note

    async def __aiter__(self) -> AsyncIterator[str]:
        if self._script.get("print"):
            sys.stdout.write(self._script["print"])
            libc = ctypes.CDLL(None)
            libc.puts(self._script["print"].encode())
            libc.fflush(None)
        if self._script.get("crash"):
            raise ModelCrashed("the engine died in mid-answer")
        pieces = self._script.get("pieces") or [self._script.get("text", "")]
        for piece in pieces:
            await asyncio.sleep(self._script.get("delay_s", 0))
            yield piece
        self.usage = Usage(10, 5, 5, len(pieces), 0.0, 1.0, 1.0, "end")

    def interrupt(self) -> None:
        pass


class FakeInfill:
    def __init__(self, script: dict[str, Any], priority: str, note: Callable[[str], None]) -> None:
        self._script = script
        self._mark = "" if priority == "live" else f"{priority}:"
        self._note = note

    async def __aenter__(self) -> FakeStream:
        self._note(f"{self._mark}begin")
        return FakeStream(self._script, self._note)

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        self._note(self._mark + ("cancelled" if kind is asyncio.CancelledError else "end"))


class FakeModel:
    def __init__(self, script: dict[str, Any], on_state: Callable[[Health], None]) -> None:
        self.health = Health("ready")
        self._script = script
        self._on_state = on_state
        self._told = False

    def infill(self, request: InfillRequest) -> FakeInfill:
        if request.priority == "live" and (prompts := self._script.get("prompts")):
            with Path(prompts).open("a") as file:
                asked = {"prefix": request.prefix, "suffix": request.suffix, "path": request.path}
                file.write(json.dumps(asked) + "\n")
        return FakeInfill(self._script, request.priority, self._note)

    async def info(self) -> ModelInfo:
        if not self._told:
            self._told = True
            for state in self._script.get("states", []):
                self._on_state(Health(**state))
                await asyncio.sleep(0.05)
        if self._script.get("refused"):
            raise cast(type[ModelError], ModelCrashed)(self._script["refused"])
        return ModelInfo("fake", "starter", "fake.gguf", 2048, "none")

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]

    async def close(self) -> None:
        self._note("closed")

    def _note(self, event: str) -> None:
        if diary := self._script.get("diary"):
            with Path(diary).open("a") as file:
                file.write(event + "\n")


def main() -> int:
    script: dict[str, Any] = json.loads(sys.argv[1])

    def build(settings: Settings, on_state: Callable[[Health], None], fault: str) -> compose.Services:
        model = FakeModel(script, on_state)
        analysis = ThreadPoolExecutor(1)
        return compose.Services(
            engine=cast(LocalEngine, model),
            completer=Completer(model, analysis),
            options=compose.completion_options(settings),
            analysis=analysis,
            privacy=Privacy(privacy_rules(settings, fault)),
        )

    limits = Limits(**script.get("limits", {}))
    return language_server.main(build_services=build, limits=limits)


if __name__ == "__main__":
    raise SystemExit(main())
