"""The composition root: the one place that builds the object graph from settings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..clients.engine.client import LocalEngine
from ..clients.errors import ModelRefused
from ..clients.model import Health, InfillClient, Lane
from ..completion.analysis import Analysis
from ..completion.asking import CompletionOptions
from ..completion.completer import Completer
from ..completion.tended import Indexer
from ..routing.decision import Decision, LaneState, Question
from ..routing.policy import Policy
from ..routing.privacy.privacy import Privacy
from ..routing.privacy.tier import TIERS
from .config import gateway, keys
from .config.settings import Settings
from .indexer import indexer_for
from .lanes import WINDOW_BYTES, set_up
from .near import engine_options, model_spec

if TYPE_CHECKING:
    from ..clients.openai_compatible.server import RemoteServer
    from ..context.document import Snapshot
    from ..context.index import ContextIndex
    from ..routing.money.ledger import Ledger


class File(NamedTuple):
    """What the policy asks about a file."""

    root: Path | None
    path: str
    language: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Services:
    """What a server or a command works with. Nothing runs until it is used; `close` lets go of it all.

    `engine` and `completer` are those of `lane`, the first choice; `spare` holds the other, where there are two. The
    first of both has `policy` and `states`: the rules, and who can be asked. Of a team's server `ledger` writes down
    what is sent to it, and `look_again` asks it whether it is back. `context` is what `analysis` keeps true: the graphs
    of the workspaces.
    """

    engine: InfillClient
    completer: Completer
    options: CompletionOptions
    analysis: ThreadPoolExecutor
    privacy: Privacy
    policy: Policy = field(default_factory=Policy)
    states: tuple[LaneState, ...] = (LaneState("near", ""),)
    lane: Lane = "near"
    spare: Services | None = None
    ledger: Ledger | None = None
    look_again: Callable[[], None] = lambda: None
    context: Analysis | None = None

    def serving(self, file: File) -> Services | None:
        """Those of the lane that completes in a file; None where no model may."""
        for state in self.decide(file).candidates:
            for one in (self, self.spare):
                if one is not None and one.lane == state.lane:
                    return one
        return None

    def refusal(self, file: File) -> str:
        """Why no model may complete in a file, one sentence."""
        reason = self.decide(file).reason
        return f"{reason[:1].upper()}{reason[1:]}."

    def decide(self, file: File) -> Decision:
        """Ask the policy; a team's server that does not answer just now is no candidate, and is looked for again."""
        states = self.states
        team = next((one for one in (self, self.spare) if one is not None and one.lane == "team"), None)
        if team is not None and team.engine.health.kind in ("down", "refused"):
            team.look_again()
            reason = team.engine.health.message
            states = tuple(
                replace(one, available=False, reason=reason) if one.lane == "team" else one for one in states
            )
        verdict = self.privacy.lately(file.root, file.path)
        return self.policy.decide(Question("completion", file.path, file.language, file.size_bytes, verdict), states)

    async def close(self) -> None:
        """End the work in progress and leave the engine to whoever else uses it."""
        await self.completer.close()
        await self.engine.close()
        if self.spare is not None:
            await self.spare.close()
        if self.ledger is not None:
            await self.ledger.close()
        self.analysis.shutdown(wait=False, cancel_futures=True)


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
        wait_ms=suggest.wait_ms,
        check=suggest.check,
        hypotheses=suggest.hypotheses,
        copies=suggest.copies,
        in_strings=suggest.in_strings,
        in_comments=suggest.in_comments,
        in_middle_of_line=suggest.in_middle_of_line,
    )


def team_server(settings: Settings, on_state: Callable[[Health], None] | None = None) -> RemoteServer:
    """The team's server; nothing is asked of it before it is needed."""
    from ..clients.openai_compatible.server import RemoteServer
    from ..clients.openai_compatible.spec import ServerSpec

    team = settings.team
    spec = ServerSpec(team.url, team.model, team.family, plain_http=team.plain_http, guesses=team.ahead)
    return RemoteServer(spec, keys.team, on_state)


def build(
    settings: Settings,
    on_state: Callable[[Health], None] | None = None,
    fault: str = "",
    indexer: Callable[[Settings], Indexer | None] = indexer_for,
) -> Services:
    """Build what answers requests; starts no process and reads no file.

    `on_state` hears of the model's coming and going, on the event loop; `fault` is what of the policy could not be
    used; `indexer` says how workspaces are indexed. One analysis thread: tree-sitter is used from one thread only.
    """
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analysis")
    analysis = _Analysis(executor, Analysis(executor, indexer(settings)))
    privacy = Privacy(gateway.privacy_rules(settings, fault))
    analysis.context.follow(lambda index, snapshot: _expect(privacy, index, snapshot))
    team = settings.team
    if not team.url or not (team.completion or _team_may_complete(settings)):
        near = _near(settings, on_state, privacy, analysis)
        return replace(near, policy=gateway.policy(settings, fault), states=_states(settings))
    near = _near(settings, None if team.completion else on_state, privacy, analysis)
    remote = _team(settings, on_state if team.completion else None, fault, privacy, analysis)
    first, second = (remote, near) if team.completion else (near, remote)
    return replace(first, policy=gateway.policy(settings, fault), states=_states(settings), spare=second)


def _may_see(privacy: Privacy, lane: Lane) -> Callable[[Path | None, str], bool]:
    """Which other files' lines a lane may be shown."""
    return lambda root, path: privacy.lines_lately(root, path).allows(lane)


def _may_follow(privacy: Privacy) -> Callable[[Path | None, str, str], bool]:
    """Whether text of a file may come to stand in a document: not where the document may go where the file may not."""

    def may(root: Path | None, document: str, other: str) -> bool:
        own, its = (TIERS.index(privacy.lines_lately(root, path).tier) for path in (document, other))
        return its >= own

    return may


def _expect(privacy: Privacy, index: ContextIndex, snapshot: Snapshot) -> None:
    """On the analysis thread: the files of which lines may be shown are looked at before somebody waits for it."""
    shown = (candidate.path for candidate in index.pool(snapshot.path).candidates)
    privacy.expect(snapshot.root, chain(shown, index.near(snapshot.path), (snapshot.path,)))


class _Analysis(NamedTuple):
    """The one analysis thread, and what it keeps true for every lane."""

    thread: ThreadPoolExecutor
    context: Analysis


def _team_may_complete(settings: Settings) -> bool:
    """Whether a rule sends keystrokes to the team's server."""
    return any(
        "team" in (rule.lanes or ()) and "completion" in (rule.tasks or ("completion",))
        for rule in settings.routing.rules
    )


def _states(settings: Settings) -> tuple[LaneState, ...]:
    """Who can complete. A server without a price stays: the gateway says which key sets it, and a person hears it."""
    states = set_up(settings, "completion", WINDOW_BYTES)
    return tuple(state if state.price_usd is not None else replace(state, price_usd=0.0) for state in states)


def _near(
    settings: Settings, on_state: Callable[[Health], None] | None, privacy: Privacy, analysis: _Analysis
) -> Services:
    engine = LocalEngine(model_spec(settings), engine_options(settings), on_state)
    completer = Completer(engine, analysis.context, _may_see(privacy, "near"), may_follow=_may_follow(privacy))
    return Services(engine, completer, completion_options(settings), analysis.thread, privacy, context=analysis.context)


def _team(
    settings: Settings,
    on_state: Callable[[Health], None] | None,
    fault: str,
    privacy: Privacy,
    analysis: _Analysis,
) -> Services:
    from ..clients.openai_compatible.infill import RemoteInfill
    from . import elsewhere, spending

    server = team_server(settings, on_state)
    ledger = spending.ledger(settings)
    return Services(
        engine=(engine := elsewhere.guarded(RemoteInfill(server), _host(server), settings, ledger, fault)),
        completer=Completer(engine, analysis.context, _may_see(privacy, "team")),
        options=completion_options(settings),
        analysis=analysis.thread,
        privacy=privacy,
        lane="team",
        ledger=ledger,
        look_again=server.look_again,
        context=analysis.context,
    )


def _host(server: RemoteServer) -> str:
    """Where text goes; empty where the settings name no usable address: whoever asks the server is told so."""
    try:
        return server.host
    except ModelRefused:
        return ""
