"""How late a process is woken that does nothing but sleep: what the machine adds to every wait, whoever waits."""

from __future__ import annotations

import asyncio
import json
import sys

_NAP_S = 0.005
_NAPS = """
import json, select, sys, time
late, before = [], time.perf_counter()
while not select.select([sys.stdin], [], [], {nap})[0]:
    now = time.perf_counter()
    late.append((now - before - {nap}) * 1000)
    before = now
json.dump(late, sys.stdout)
"""


class Sleeper:
    """A process that takes naps of 5 ms until it is asked how late each of them ended."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> Sleeper:
        """Send it to sleep."""
        pipe = asyncio.subprocess.PIPE
        command = sys.executable, "-c", _NAPS.format(nap=_NAP_S)
        return cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))

    async def late_ms(self) -> list[float]:
        """Wake it for good; how many milliseconds each nap was too long."""
        told, _ = await self._process.communicate(b"\n")
        return [float(late) for late in json.loads(told)]
