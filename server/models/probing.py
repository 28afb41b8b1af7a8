"""What a model can do, found out by asking it: does it fill gaps, leak control tokens, reuse its cache, how fast."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ...clients.engine.client import LocalEngine
from ...clients.engine.spec import EngineOptions, ModelSpec
from ...clients.model import InfillRequest, ModelInfo, Usage

_TOKENS = 24
_CONTROL = re.compile(r"<[|\[]|[|\]]>|<fim|</?s>|\[(?:PREFIX|SUFFIX|MIDDLE)\]|\ufffd")


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap that only a look at what follows it, or at what stands above, fills: `fills` is a pattern of the answer."""

    before: str
    after: str
    fills: str


GAPS = (
    Gap("def area(width, height):\n    return width * ", "\n\n\nprint(area(2, 3))\n", r"\s*height\b"),
    Gap("import json\n\n\ndef load(path):\n    with open(path) as file:\n        return json.", "\n", r"load\(file\)"),
    Gap("items = [1, 2, 3]\ntotal = sum(", ")\nprint(total)\n", r"items\Z"),
    Gap("class Stack:\n    def __init__(self):\n        self.items = []\n\n    def push(self, item):\n        self.",
        "\n\n    def pop(self):\n        return self.items.pop()\n", r"items\.append\(item\)"),
    Gap("for index in range(10):\n    if ", " == 0:\n        print('even', index)\n", r"index % 2\Z"),
    Gap("try:\n    number = int(text)\nexcept ", ":\n    number = 0\n", r"ValueError\b"),
)  # fmt: skip

_TYPED = Gap(GAPS[0].before + "h", GAPS[0].after, r"eight\b")
"""The first gap after one more key."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote into a gap; `right` where it fills it, `leaked` where a control token stands in it."""

    text: str
    right: bool
    leaked: bool
    ms: float
    usage: Usage


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of it. `again` is the first gap asked once more with one character more; times are in milliseconds."""

    model: ModelInfo
    answers: tuple[Answer, ...]
    again: Answer
    loaded_s: float

    @property
    def filled(self) -> int:
        """Gaps that were filled."""
        return sum(answer.right for answer in self.answers)

    @property
    def leaks(self) -> int:
        """Answers with a control token in them."""
        return sum(answer.leaked for answer in (*self.answers, self.again))

    @property
    def reused(self) -> float:
        """The share of the prompt that was not read a second time."""
        usage = self.again.usage
        return usage.reused_tokens / usage.prompt_tokens if usage.prompt_tokens else 0.0

    @property
    def ms(self) -> float:
        """The median time of a whole answer."""
        return median(answer.ms for answer in self.answers)

    @property
    def usable(self) -> bool:
        """Whether it completes at all."""
        return self.filled > 0 and self.leaks == 0


async def probe(spec: ModelSpec, options: EngineOptions) -> Findings:
    """Load a model in the engine, ask it, and let go of it; raise `ModelError`."""
    engine = LocalEngine(spec, options)
    try:
        start = time.monotonic()
        info = await engine.info()
        loaded = time.monotonic() - start
        answers = tuple([await _asked(engine, gap, number) for number, gap in enumerate(GAPS)])
        again = await _asked(engine, _TYPED, 0)
        return Findings(info, answers, again, loaded)
    finally:
        await engine.close()


async def _asked(engine: LocalEngine, gap: Gap, number: int) -> Answer:
    request = InfillRequest(
        prefix=gap.before,
        suffix=gap.after,
        path=f"probe{number}.py",
        workspace=str(Path("probe")),
        repository="probe",
        max_tokens=_TOKENS,
        time_limit_ms=60_000,
        stop=("\n",),
    )
    start = time.monotonic()
    async with engine.infill(request) as stream:
        text = "".join([piece async for piece in stream])
        usage = stream.usage
    ms = (time.monotonic() - start) * 1000
    if usage is None:
        usage = Usage(0, 0, 0, 0, 0.0, 0.0, 0.0, "cancelled")
    leaked = _CONTROL.search(text) is not None
    return Answer(text, re.match(gap.fills, text.rstrip()) is not None, leaked, round(ms, 1), usage)
