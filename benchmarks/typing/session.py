"""One session on both sides, piece by piece in turns, so that what else the machine does hurts both alike."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twolane.clients.engine.endpoint import Endpoint

from ..editor import TWOLANE
from .event import Event
from .history import History
from .peer.plugin import LlamaVim
from .player import Assistant, Stage, play
from .score import Clock, Score
from .twolane_side import Twolane


@dataclass(frozen=True, slots=True)
class Sides:
    """What a session needs: the project, a folder for its copies, Twolane's environment, the peer's port.

    Without a port Twolane plays alone.
    """

    history: History
    folder: Path
    env: Mapping[str, str]
    port: int | None
    seed: int


async def replay(
    parts: list[list[Event]], sides: Sides, first: int, wait_s: float, *, watch: bool = False
) -> tuple[Score, Score]:
    """Play the pieces, A B B A …; return Twolane's score and the peer's. `first` numbers the first piece.

    Alone, Twolane plays them one after the other, and the peer's score stays empty.
    """
    scores = Score(), Score()
    clocks = Clock(scores[0]), Clock(scores[1])
    name = sides.history.name.split()[0]
    stages = [Stage(sides.history, sides.folder / side / name) for side in ("a", "b")]
    ours = await Twolane.start(sides.env, engine(sides.env), stages[0], clocks[0], scores[0])
    ours.watch = watch
    players: list[Assistant] = [ours]
    if sides.port is not None:
        players.append(LlamaVim(sides.port, stages[1], clocks[1], scores[1], sides.seed))
    try:
        for number, piece in enumerate(parts):
            turns = range(len(players))
            for side in turns if number % 2 == 0 else reversed(turns):
                clocks[side].piece = first + number
                await play(piece, stages[side], players[side], clocks[side], scores[side], wait_s)
    finally:
        await ours.finish()
    return scores


def engine(env: Mapping[str, str]) -> Endpoint:
    """The engine that all servers in this environment share."""
    command = [str(TWOLANE), "engine", "status", "--json"]
    done = subprocess.run(command, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, check=True)
    status = json.loads(done.stdout)
    return Endpoint(Path(status["socket"]).parent, Path(status["log"]), unix=os.name == "posix")
