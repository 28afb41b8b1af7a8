"""What a model has computed since it was loaded, and for whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model import Finish, Priority
from .job import RANKS, Job


@dataclass(slots=True)
class Tally:
    """Sums over all jobs of a model; milliseconds are those that the model computed.

    `wasted_ms` went into jobs that were cancelled: nobody saw their answers, though what they read of a prompt may
    serve the next. `shared_tokens` were taken over from another file instead of being read.
    """

    model_ms: dict[Priority, float] = field(default_factory=lambda: dict.fromkeys(RANKS, 0.0))
    wasted_ms: float = 0.0
    evaluated_tokens: int = 0
    generated_tokens: int = 0
    shared_tokens: int = 0
    broken_off: int = 0

    def computed(self, job: Job, milliseconds: float) -> None:
        """Note the share of a batch's time that went into `job`."""
        job.model_ms += milliseconds
        self.model_ms[job.request.priority] += milliseconds

    def ended(self, job: Job, finish: Finish) -> None:
        """Note what a job came to."""
        self.generated_tokens += len(job.generated)
        if finish == "cancelled":
            self.wasted_ms += job.model_ms

    def status(self) -> dict[str, object]:
        """Describe it for `engine status`."""
        return {
            "model_ms": {kind: round(spent, 3) for kind, spent in self.model_ms.items()},
            "wasted_ms": round(self.wasted_ms, 3),
            "evaluated_tokens": self.evaluated_tokens,
            "generated_tokens": self.generated_tokens,
            "shared_tokens": self.shared_tokens,
            "batches_broken_off": self.broken_off,
        }
