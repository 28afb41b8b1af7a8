"""The composition root: the one place that builds the object graph from settings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from .. import starter
from ..clients.engine.client import LocalEngine
from ..clients.engine.spec import EngineOptions, ModelSpec
from ..clients.model import Health, InfillClient, Lane
from ..completion.asking import CompletionOptions
from ..completion.completer import Completer
from ..routing.privacy.privacy import Privacy
from .config import gateway, keys
from .config.settings import Settings

if TYPE_CHECKING:
    from ..clients.openai_compatible.server import RemoteServer
    from ..routing.money.ledger import Ledger

STARTER_FILE = "twolane-starter.gguf"


@dataclass(frozen=True, slots=True)
class Services:
    """What a server or a command works with. Nothing runs until it is used; `close` lets go of it all.

    `engine` and `completer` are those of `lane`. Where that is a team's server, `spare` answers on this machine for
    files that may not leave it, and `ledger` writes down what does.
    """

    engine: InfillClient
    completer: Completer
    options: CompletionOptions
    analysis: ThreadPoolExecutor
    privacy: Privacy
    lane: Lane = "near"
    spare: Services | None = None
    ledger: Ledger | None = None

    def serving(self, root: Path | None, path: str) -> Services | None:
        """Those of the lane that may be shown a file; None where none may."""
        if self.privacy.tier(root, path).allows(self.lane):
            return self
        return self.spare.serving(root, path) if self.spare is not None else None

    def refusal(self, root: Path | None, path: str) -> str:
        """Why no model may be shown a file, one sentence."""
        return f"No model may be shown this file: {self.privacy.tier(root, path).reason}."

    async def close(self) -> None:
        """End the work in progress and leave the engine to whoever else uses it."""
        await self.completer.close()
        await self.engine.close()
        if self.spare is not None:
            await self.spare.close()
        if self.ledger is not None:
            await self.ledger.close()
        self.analysis.shutdown(wait=False, cancel_futures=True)


def model_path(settings: Settings) -> Path:
    """The GGUF file that the settings ask for; the starter where they name none."""
    if settings.near.model:
        return Path(settings.near.model)
    return Path(str(resources.files(starter) / STARTER_FILE))


def model_spec(settings: Settings) -> ModelSpec:
    """What the engine is asked to load."""
    near = settings.near
    return ModelSpec(
        path=str(model_path(settings)),
        context_tokens=near.context_tokens,
        slots=near.slots,
        threads=near.threads,
        gpu_layers=near.gpu_layers,
        flash_attention=near.flash_attention,
        kv_type=near.kv_type,
        adapters=near.adapters,
        draft_model=near.draft_model,
    )


def engine_options(settings: Settings) -> EngineOptions:
    """How the engine's process is asked to behave."""
    return EngineOptions(idle_exit_s=settings.engine.idle_exit_minutes * 60)


def completion_options(settings: Settings) -> CompletionOptions:
    """The completer's part of the settings."""
    suggest = settings.completion
    return CompletionOptions(
        context_tokens=suggest.context_tokens,
        max_tokens=suggest.max_tokens,
        time_limit_ms=suggest.time_limit_ms,
        multiline=suggest.multiline,
        max_document_bytes=suggest.max_document_bytes,
        goal_ms=suggest.goal_ms,
        ahead=suggest.ahead,
    )


def team_server(settings: Settings, on_state: Callable[[Health], None] | None = None) -> RemoteServer:
    """The team's server; nothing is asked of it before it is needed."""
    from ..clients.openai_compatible.server import RemoteServer
    from ..clients.openai_compatible.spec import ServerSpec

    team = settings.team
    spec = ServerSpec(team.url, team.model, team.family, plain_http=team.plain_http, guesses=team.ahead)
    return RemoteServer(spec, keys.team, on_state)


def completing_lane(settings: Settings) -> Lane:
    """Who answers keystrokes: the team's server where the settings want it, else the model on this machine."""
    return "team" if settings.team.completion and settings.team.url else "near"


def build(settings: Settings, on_state: Callable[[Health], None] | None = None, fault: str = "") -> Services:
    """Build what answers requests; starts no process and reads no file.

    `on_state` hears of the model's coming and going, on the event loop; `fault` is what of the policy could not be
    used. One analysis thread: tree-sitter is used from one thread only.
    """
    analysis = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analysis")
    privacy = Privacy(gateway.privacy_rules(settings, fault))
    if completing_lane(settings) == "team":
        return _team(settings, on_state, fault, privacy, analysis)
    return _near(settings, on_state, privacy, analysis)


def _near(
    settings: Settings, on_state: Callable[[Health], None] | None, privacy: Privacy, analysis: ThreadPoolExecutor
) -> Services:
    engine = LocalEngine(model_spec(settings), engine_options(settings), on_state)
    completer = Completer(engine, analysis, lambda root, path: privacy.tier(root, path).allows("near"))
    return Services(engine, completer, completion_options(settings), analysis, privacy)


def _team(
    settings: Settings,
    on_state: Callable[[Health], None] | None,
    fault: str,
    privacy: Privacy,
    analysis: ThreadPoolExecutor,
) -> Services:
    from ..clients.openai_compatible.infill import RemoteInfill
    from . import elsewhere, spending

    server = team_server(settings, on_state)
    ledger = spending.ledger(settings)
    engine = elsewhere.guarded(RemoteInfill(server), server.host, settings, ledger, fault)
    completer = Completer(engine, analysis, lambda root, path: privacy.tier(root, path).allows("team"))
    spare = _near(settings, None, privacy, analysis)
    return Services(engine, completer, spare.options, analysis, privacy, "team", spare, ledger)
