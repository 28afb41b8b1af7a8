"""Train the starter model: `python -m twolane.starter.train --work DIR --preset NAME --minutes N [--resume]`.

Needs the corpus that `twolane.starter.corpus` wrote to DIR. Runs on a CPU or on the GPU that PyTorch
finds (bfloat16 and compiled on both). The budget is wall-clock time: the learning rate warms up, stays,
and falls to zero over the last third; sequences are short at first and long at the end. `--resume` goes
on from DIR/checkpoint.pt, inside the same budget or, with a larger `--minutes`, beyond it.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from . import tokenizer
from .batches import Maker, Stream
from .corpus import load
from .model import PRESETS, Model, Shape, plant_copying
from .muon import Muon
from .tokenizer import Vocabulary

_WARMUP_STEPS = 40
_HELD_OUT_BATCHES = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run is laid out; lengths and rows are for the short phase and the long one."""

    minutes: float
    lengths: tuple[int, int] = (512, 2048)
    rows: tuple[int, int] = (16, 4)
    long_from: float = 0.82
    decay_from: float = 0.55
    rate: float = 5e-3
    save_every: float = 120.0

    def rate_at(self, step: int, progress: float) -> float:
        """The learning rate at a step, `progress` being the share of the budget that is used."""
        warm = min(1.0, (step + 1) / _WARMUP_STEPS)
        left = min(1.0, max(0.0, (1 - progress) / (1 - self.decay_from)))
        return self.rate * warm * max(left, 0.01)


@dataclass(slots=True)
class Progress:
    """What a run has used up so far; kept in the checkpoint."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0


class Run:
    """One training run below a work folder."""

    def __init__(self, work: Path, preset: str, plan: Plan, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(True)
        torch.manual_seed(1)
        self.work, self.preset, self.plan = work, preset, plan
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.vocabulary = _vocabulary(work, PRESETS[preset].vocabulary)
        self.model = Model(PRESETS[preset])
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
            "preset": self.preset,
            "shape": asdict(self.model.shape),
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "progress": asdict(self.progress),
        }
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(kept, fresh)
        fresh.replace(self.checkpoint)

    def train(self) -> None:
        """Train until the budget is used, saving now and then and logging held-out loss with each save."""
        held_out = _held_out(self.work, self.vocabulary)
        step = _compiled(self.model, self.device)
        plain = _compiled(self.model, self.device)
        while (phase := self._phase()) is not None:
            seed = 1000 + self.progress.step
            rows, length = self.plan.rows[phase], self.plan.lengths[phase]
            paths = (self.work / "train.jsonl", self.work / "vocabulary.json")
            with Stream(*paths, seed, rows, length) as stream:
                self._phase_loop(phase, stream, step, plain, held_out)
        self._report(plain, held_out, math.nan, 0.0)
        self.save()

    def _phase(self) -> int | None:
        used = self.progress.seconds / (60 * self.plan.minutes)
        return None if used >= 1 else int(used >= self.plan.long_from)

    def _phase_loop(
        self, phase: int, stream: Stream, step: _Step, plain: _Step, held_out: list[tuple[Tensor, Tensor]]
    ) -> None:
        last_save, losses, begun, seen = self.progress.seconds, [], time.monotonic(), 0
        while self._phase() == phase:
            started = time.monotonic()
            arrays = stream.next()
            ids, weights = (torch.from_numpy(array).to(self.device) for array in arrays)
            rate = self.plan.rate_at(self.progress.step, self.progress.seconds / (60 * self.plan.minutes))
            loss, _ = step(ids, weights)
            loss.backward()
            for optimizer in self.optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = rate
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            losses.append(loss.detach())
            self.progress.step += 1
            self.progress.tokens += weights.numel()
            seen += weights.numel()
            self.progress.seconds += time.monotonic() - started
            if self.progress.seconds - last_save >= self.plan.save_every:
                speed = seen / (time.monotonic() - begun)
                self._report(plain, held_out, torch.stack(losses).mean().item(), speed)
                self.save()
                last_save, losses, begun, seen = self.progress.seconds, [], time.monotonic(), 0

    @torch.no_grad()
    def _report(self, plain: _Step, held_out: list[tuple[Tensor, Tensor]], loss: float, speed: float) -> None:
        everything, middles = [], []
        for ids, weights in held_out:
            _, each = plain(ids.to(self.device), weights.to(self.device))
            each = each.cpu()
            everything.append(each[weights > 0])
            middles.append(each[weights > 1])
        row = {
            "minutes": round(self.progress.seconds / 60, 2),
            "step": self.progress.step,
            "tokens": self.progress.tokens,
            "train_loss": round(loss, 4),
            "held_out_loss": round(torch.cat(everything).mean().item(), 4),
            "held_out_middle_loss": round(torch.cat(middles).mean().item(), 4),
            "tokens_per_second": round(speed),
        }
        print(row, flush=True)
        log = self.work / "training-log.csv"
        is_new = not log.exists()
        with log.open("a", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, row)
            if is_new:
                writer.writeheader()
            writer.writerow(row)


_Step = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def _compiled(model: Model, device: torch.device) -> _Step:
    def step(ids: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            return model.loss(ids, weights)

    compiled: Any = torch.compile(step, dynamic=False)
    return compiled  # type: ignore[no-any-return]  # torch.compile keeps the signature but is typed as Any


def _vocabulary(work: Path, size: int) -> Vocabulary:
    path = work / "vocabulary.json"
    if path.exists():
        vocabulary = Vocabulary.load(path)
        if vocabulary.size == size:
            return vocabulary
    return tokenizer.train(load(work / "train.jsonl"), size, path)


def _held_out(work: Path, vocabulary: Vocabulary) -> list[tuple[Tensor, Tensor]]:
    maker = Maker(load(work / "heldout.jsonl"), vocabulary, seed=1)
    batches = [maker.batch(24, 512) for _ in range(_HELD_OUT_BATCHES)]
    return [(torch.from_numpy(ids), torch.from_numpy(weights)) for ids, weights in batches]


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder with the corpus; checkpoints go there")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="4m", help="the size of the model")
    parser.add_argument("--minutes", type=float, required=True, help="wall-clock budget, resumed time included")
    parser.add_argument("--rate", type=float, default=Plan(1).rate, help="peak learning rate")
    parser.add_argument("--save-every", type=float, default=Plan(1).save_every, help="seconds between checkpoints")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="CPU threads")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the work folder")
    options = parser.parse_args()
    shape: Shape = PRESETS[options.preset]
    run = Run(
        options.work,
        options.preset,
        Plan(options.minutes, rate=options.rate, save_every=options.save_every),
        options.threads,
    )
    if options.resume:
        run.resume()
    count = sum(weight.numel() for weight in run.model.parameters())
    print(f"{options.preset}: {count / 1e6:.2f}M parameters, vocabulary {shape.vocabulary}, {run.device}", flush=True)
    run.train()


if __name__ == "__main__":
    main()
