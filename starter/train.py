"""Train the starter model: `python -m twolane.starter.train --work DIR --minutes N [--resume]`.

Needs the shards that `twolane.starter.examples` wrote to DIR. Runs on the GPU that PyTorch finds (bfloat16, compiled),
else on the CPU, in bfloat16 where the processor multiplies it itself. The budget is wall-clock time, measuring
included: the learning rate warms up, stays, and falls to zero over the last part of it (`--decay-from`). `--start FILE`
begins with the weights of a GGUF, `--resume` goes on from DIR/checkpoint.pt, inside the same budget or, with a larger
`--minutes`, beyond it.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from . import readback
from .batches import epochs, sample
from .model import Model, Seen, plant_copying, seen_by
from .muon import Muon
from .shapes import PRESETS, Shape
from .shards import Example

_THREAD_REVIEW_S = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run is laid out; `per_group` held-out examples of each kind of hole are measured on.

    It ends with its minutes or, where `tokens` says so, with its tokens if these are used up before. A share of the
    examples, `loops`, breaks off in a loop that is learnt against. `even`: all tokens are learnt from, those of the
    missing text count double; from nothing that teaches faster.
    """

    minutes: float
    rows: int = 2
    length: int = 2048
    rate: float = 4e-3
    warmup: int = 40
    decay_from: float = 0.8
    save_every: float = 300.0
    per_group: int = 12
    tokens: int = 0
    loops: float = 0.0
    even: bool = False

    def rate_at(self, step: int, progress: float) -> float:
        """The learning rate at a step, `progress` being the share of the budget that is used."""
        warm = min(1.0, (step + 1) / self.warmup)
        left = min(1.0, max(0.0, (1 - progress) / (1 - self.decay_from)))
        return self.rate * warm * max(left, 0.01)


@dataclass(slots=True)
class Progress:
    """What a run has used up so far; kept in the checkpoint."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0


class Run:
    """One training run below a work folder. `threads` is 0 for what the machine has to spare."""

    def __init__(self, work: Path, shape: Shape, plan: Plan, threads: int) -> None:
        torch.set_flush_denormal(True)
        torch.manual_seed(1)
        self.work, self.plan = work, plan
        self._threads = threads
        torch.set_num_threads(threads or 1)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = Model(shape)
        plant_copying(self.model)
        self.model.to(self.device)
        inner = [w for name, w in self.model.named_parameters() if w.ndim == 2 and not name.startswith("embedding")]
        outer = [w for name, w in self.model.named_parameters() if w.ndim != 2 or name.startswith("embedding")]
        self.optimizers: list[torch.optim.Optimizer] = [
            Muon(inner, lr=plan.rate),
            torch.optim.AdamW(outer, lr=plan.rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
        ]
        self.progress = Progress()

    @property
    def checkpoint(self) -> Path:
        """The file that `--resume` reads."""
        return self.work / "checkpoint.pt"

    def start_from(self, model: Path) -> None:
        """Take the weights of a GGUF, whose sizes must be this run's."""
        found = readback.weights(model)
        self.model.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in found.items()})

    def resume(self) -> None:
        """Go on from the checkpoint; raises FileNotFoundError where there is none."""
        kept = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(kept["model"])
        for optimizer, state in zip(self.optimizers, kept["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        self.progress = Progress(**kept["progress"])

    def save(self) -> None:
        """Write the checkpoint; a crash while writing leaves the previous one."""
        kept = {
            "shape": asdict(self.model.shape),
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "progress": asdict(self.progress),
        }
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(kept, fresh)
        fresh.replace(self.checkpoint)

    def train(self) -> None:
        """Train until the budget is used, now and then saving, and logging the loss on held-out holes."""
        plan, began = self.plan, time.monotonic() - self.progress.seconds
        held_out = sample(self.work / "shards" / "heldout", plan.per_group, seed=1)
        step = _step(self.model, self.device, against=plan.loops > 0)
        folder, vocabulary = self.work / "shards" / "train", self.model.shape.vocabulary
        shards = epochs(folder, vocabulary, plan.rows, plan.length, self.progress.step, plan.loops, even=plan.even)
        self._report(held_out, math.nan, 0.0)
        losses: list[Tensor] = []
        last_save = last_review = since = time.monotonic()
        seen = 0
        for batch in shards:
            self.progress.seconds = time.monotonic() - began
            used = max(
                self.progress.seconds / (60 * plan.minutes), self.progress.tokens / plan.tokens if plan.tokens else 0
            )
            if used >= 1:
                break
            arrays = (batch.ids, batch.weights, batch.documents)
            ids, weights, documents = (torch.from_numpy(array).to(self.device) for array in arrays)
            loss = step(ids, weights, seen_by(documents))
            loss.backward()
            self._apply(plan.rate_at(self.progress.step, used))
            losses.append(loss.detach())
            self.progress.step += 1
            tokens = int((batch.documents > 0).sum())
            self.progress.tokens += tokens
            seen += tokens
            now = time.monotonic()
            if now - last_review > _THREAD_REVIEW_S:
                self._review_threads()
                last_review = now
            if now - last_save > plan.save_every:
                self._report(held_out, torch.stack(losses).mean().item(), seen / (now - since))
                self.save()
                losses, seen = [], 0
                last_save = since = time.monotonic()
        self._report(held_out, torch.stack(losses).mean().item() if losses else math.nan, 0.0)
        self.save()

    def _apply(self, rate: float) -> None:
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def _review_threads(self) -> None:
        """Take the cores that nobody else needs, one at least."""
        if self._threads == 0:
            others = os.getloadavg()[0] - torch.get_num_threads()
            cores = os.cpu_count() or 1
            torch.set_num_threads(max(1, min(cores, round(cores - max(0.0, others)))))

    def _report(self, held_out: list[Example], loss: float, speed: float) -> None:
        row: dict[str, float] = {
            "minutes": round(self.progress.seconds / 60, 2),
            "step": self.progress.step,
            "tokens": self.progress.tokens,
            "train_loss": round(loss, 4),
            "tokens_per_second": round(speed),
        }
        row |= {f"held-out {name}": value for name, value in self.losses(held_out).items()}
        print(row, flush=True)
        log = self.work / "training-log.csv"
        is_new = not log.exists()
        with log.open("a", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, row)
            if is_new:
                writer.writeheader()
            writer.writerow(row)

    @torch.no_grad()
    def losses(self, examples: list[Example]) -> dict[str, float]:
        """Nats a token of the missing text with its end: of all, by kind of hole, and inside words."""
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for example in examples:
            ids = torch.tensor([list(map(int, example.ids))], device=self.device)[:, : self.plan.length + 1]
            if example.middle >= ids.shape[1]:
                continue
            weights = torch.zeros(1, ids.shape[1] - 1, device=self.device)
            weights[:, example.middle - 1 :] = 1
            value, count = self.model.loss(ids, weights, gathered=True).item(), float(weights.sum())
            for name in ("all", example.kind, "inside a word" if example.inside_word else "not inside a word"):
                sums[name][0] += value * count
                sums[name][1] += count
        return {name: round(total / count, 4) for name, (total, count) in sorted(sums.items())}


_Step = Callable[[Tensor, Tensor, Seen], Tensor]


def _step(model: Model, device: torch.device, *, against: bool) -> _Step:
    """On a GPU compiled; on a CPU plain: examples differ in length, and compiling gains nothing."""
    on_cpu = device.type == "cpu"
    halved = not on_cpu or _multiplies_bfloat16()

    def step(ids: Tensor, weights: Tensor, seen: Seen) -> Tensor:
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=halved):
            return model.loss(ids, weights, seen, gathered=on_cpu, against=against)

    if on_cpu:
        return step
    compiled: Any = torch.compile(step, dynamic=False)
    return compiled  # type: ignore[no-any-return]  # torch.compile keeps the signature but is typed as Any


def _multiplies_bfloat16() -> bool:
    """Whether the processor does; others are slower at it than at float32."""
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with the shards; checkpoints go there")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="4m", help="the size of the model")
    parser.add_argument("--start", type=Path, help="a GGUF whose weights and sizes to begin with")
    parser.add_argument("--minutes", type=float, required=True, help="wall-clock budget, resumed time included")
    parser.add_argument("--tokens", type=int, default=0, help="end after so many, if that is before")
    parser.add_argument("--rate", type=float, default=Plan(1).rate, help="peak learning rate")
    parser.add_argument("--warmup", type=int, default=Plan(1).warmup, help="steps until the peak")
    parser.add_argument(
        "--decay-from", type=float, default=Plan(1).decay_from, help="share of the budget after which the rate falls"
    )
    parser.add_argument("--loops", type=float, default=0.0, help="share of examples that break off in a loop")
    parser.add_argument("--even", action="store_true", help="learn from all tokens, for a training from nothing")
    parser.add_argument("--rows", type=int, default=Plan(1).rows, help="rows of 2,048 tokens a step")
    parser.add_argument("--save-every", type=float, default=Plan(1).save_every, help="seconds between checkpoints")
    parser.add_argument("--per-group", type=int, default=Plan(1).per_group, help="held-out holes of each kind")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 for what the machine has to spare")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the work folder")
    options = parser.parse_args()
    shape = readback.shape_of(options.start) if options.start else PRESETS[options.preset]
    plan = Plan(
        options.minutes,
        options.rows,
        rate=options.rate,
        warmup=options.warmup,
        decay_from=options.decay_from,
        save_every=options.save_every,
        per_group=options.per_group,
        tokens=options.tokens,
        loops=options.loops,
        even=options.even,
    )
    run = Run(options.work, shape, plan, options.threads)
    if options.resume:
        run.resume()
    elif options.start:
        run.start_from(options.start)
    count = sum(weight.numel() for weight in run.model.parameters())
    print(f"{count / 1e6:.2f}M parameters, vocabulary {shape.vocabulary}, {run.device}", flush=True)
    run.train()


if __name__ == "__main__":
    main()
