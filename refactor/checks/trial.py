"""An edit is tried on a copy of the workspace: formatted, then checked; a check that failed before decides nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..original import Change
from ..writing import content
from .plan import Plan, with_files
from .process import Finished, run
from .scratch import Scratch, TooLarge

State = Literal["passed", "failed", "failed before too", "not run"]
_SHOWN = 4_000
_ORDER = ("types", "tests")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check said. `output` is the end of what it wrote, `detail` one phrase for people."""

    name: str
    state: State
    ms: float = 0.0
    detail: str = ""
    output: str = ""


class Trial:
    """The checks of one command: the copy is made once, for all answers to it. `close` it."""

    def __init__(self, root: Path, plan: Plan, say: Callable[[str], None] = lambda _: None) -> None:
        self._root = root
        self._plan = plan
        self._say = say
        self._scratch: Scratch | None = None
        self._baseline: dict[str, Finished] = {}

    async def formatted(self, changes: tuple[Change, ...]) -> dict[str, str]:
        """The text of each changed file as the formatter leaves it, where it would have left the original alone."""
        if not self._plan.format or (scratch := await self._opened()) is None:
            return {}
        self._say("formatting")
        files = tuple(change.path for change in changes)
        tidy = await self._after_formatting(scratch, files, [(one.path, content(one.original)) for one in changes])
        kept = [one for one in changes if one.original is None or tidy.get(one.path) == content(one.original)]
        if not kept:
            return {}
        done = await self._after_formatting(
            scratch, tuple(one.path for one in kept), [(one.path, content(one)) for one in kept]
        )
        return {path: _text(data) for path, data in done.items() if data is not None}

    async def verdicts(self, changes: tuple[Change, ...]) -> tuple[Verdict, ...]:
        """What the type checker and the tests say; the first that fails is the last that runs."""
        found: list[Verdict] = []
        for name in _ORDER:
            if not self._plan.command(name):
                continue
            self._say(f"checking: {name}")
            found.append(await self._verdict(name, changes))
            if found[-1].state == "failed":
                break
        return tuple(found)

    async def close(self) -> None:
        """Delete the copy."""
        if self._scratch is not None:
            scratch, self._scratch = self._scratch, None
            await asyncio.shield(asyncio.to_thread(scratch.close))

    async def _verdict(self, name: str, changes: tuple[Change, ...]) -> Verdict:
        try:
            scratch = await self._opened()
        except (TooLarge, OSError) as error:
            return Verdict(name, "not run", detail=str(error))
        if scratch is None:
            return Verdict(name, "not run", detail="there is no copy")
        files = tuple(change.path for change in changes)
        await asyncio.to_thread(scratch.write, [(one.path, content(one)) for one in changes])
        try:
            after = await self._run(name, scratch, files)
        except OSError as error:
            return Verdict(
                name, "not run", detail=f"{self._plan.command(name)[0]} cannot be started ({error.strerror})"
            )
        if after.code == 0:
            return Verdict(name, "passed", after.ms)
        detail = after.stopped or f"exit code {after.code}"
        shown = _without_place(after.output, scratch.folder)[-_SHOWN:]
        if after.stopped:
            return Verdict(name, "failed", after.ms, detail, shown)
        key = f"{name} {files}"
        if key not in self._baseline:
            await asyncio.to_thread(scratch.write, [(one.path, content(one.original)) for one in changes])
            known = tuple(change.path for change in changes if change.original is not None)
            self._baseline[key] = await self._run(name, scratch, known)
        before = self._baseline[key]
        if before.code == 0 or _complaints(after, scratch.folder) - _complaints(before, scratch.folder):
            return Verdict(name, "failed", after.ms, detail, shown)
        return Verdict(name, "failed before too", after.ms, detail, shown)

    async def _after_formatting(
        self, scratch: Scratch, files: tuple[str, ...], contents: list[tuple[str, bytes | None]]
    ) -> dict[str, bytes | None]:
        await asyncio.to_thread(scratch.write, contents)
        there = tuple(path for path, data in contents if data is not None and path in files)
        if not there:
            return {}
        try:
            await run(
                with_files(self._plan.format, there),
                scratch.folder,
                self._root,
                self._plan.timeout_s,
                self._plan.memory_mb,
            )
        except OSError:
            return {}
        return {path: await asyncio.to_thread(scratch.read, path) for path in there}

    async def _run(self, name: str, scratch: Scratch, files: tuple[str, ...]) -> Finished:
        plan = self._plan
        command = with_files(plan.command(name), files)
        return await run(command, scratch.folder, self._root, plan.timeout_s, plan.memory_mb)

    async def _opened(self) -> Scratch | None:
        if self._scratch is None:
            self._say("copying the workspace")
            making = asyncio.ensure_future(asyncio.to_thread(Scratch, self._root, self._plan.linked))
            try:
                self._scratch = await asyncio.shield(making)
            except asyncio.CancelledError:
                making.add_done_callback(_discard)
                raise
        return self._scratch


def _discard(making: asyncio.Future[Scratch]) -> None:
    if not making.cancelled() and making.exception() is None:
        making.result().close()


_NUMBERS = re.compile(r"\d+(?:\.\d+)?")


def _complaints(finished: Finished, folder: Path) -> set[str]:
    """The lines of an output without numbers and times, which differ from one run to the next."""
    lines = _without_place(finished.output, folder).splitlines()
    return {_NUMBERS.sub("#", line).strip() for line in lines if re.search(r"error|fail|Error", line)}


def _without_place(output: str, folder: Path) -> str:
    return output.replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "")


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace")
