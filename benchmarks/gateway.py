"""What the gateway costs before anything is sent: decisions, tiers, the scan for secrets and its false alarms.

    python -m benchmarks.gateway [--folder DIR ...] [--show]

The scan reads the standard library and every installed package of this environment; `--folder` adds sources of your
own, `--show` names each place that was taken for a secret, so that a person can judge it.
"""

from __future__ import annotations

import argparse
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from twolane.routing.decision import LaneState, Question
from twolane.routing.policy import Policy
from twolane.routing.privacy.privacy import Privacy, PrivacyRules
from twolane.routing.rules import parse_rules
from twolane.routing.secrets.scan import scan
from twolane.routing.secrets.secret import Secret

from .report import Figure, figure, machine, tell

RULES = 200
SOURCES = frozenset(
    {
        *(".c", ".cpp", ".cs", ".go", ".h", ".java", ".js", ".kt", ".kts", ".lua", ".php", ".py", ".pyi", ".rb", ".rs"),
        *(
            ".sh",
            ".sql",
            ".swift",
            ".tcl",
            ".ts",
            ".tsx",
            ".cfg",
            ".conf",
            ".gradle",
            ".ini",
            ".json",
            ".toml",
            ".yaml",
        ),
        *(".yml", ".css", ".html", ".md", ".rst", ".txt", ".xml"),
    }
)
LARGEST = 1_000_000
Alarm = tuple[Path, int, Secret]


def decisions(runs: int) -> Figure:
    """Time decisions among 200 rules of which none fits, the longest way."""
    rules = parse_rules(
        [
            {
                "paths": [f"packages/p{number}/**", f"*.gen{number}.*"],
                "languages": ["python", "go"],
                "max_bytes": 90_000,
            }
            for number in range(RULES)
        ]
    )
    policy = Policy(rules)
    states = (LaneState("near", "starter"), LaneState("team", "qwen"), LaneState("far", "claude", price_usd=0.2))
    times = []
    for number in range(runs + 1):
        question = Question("review", f"services/billing/module_{number}/handler.py", "python", 4_000)
        began = time.perf_counter()
        policy.decide(question, states)
        times.append((time.perf_counter() - began) * 1000)
    return figure(f"a decision among {RULES} rules", "ms", times[1:], goal_p95=1.0)


def tiers(runs: int) -> list[Figure]:
    """Time the tier of a file five folders deep, remembered and asked anew, with policy files at three levels."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        path = "services/billing/src/handlers/invoice.py"
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text("")
        (root / ".gitignore").write_text("".join(f"build{number}/\n*.tmp{number}\n" for number in range(50)))
        (root / "services" / ".cursorignore").write_text("private/\n*.sql\n")
        (root / "services" / "billing" / ".aiexclude").write_text("vault/\n")
        privacy = Privacy(PrivacyRules(blocked=("keys/",), near_only=("research/**",)), outer=())
        known, fresh = [], []
        privacy.tier(root, path)
        for _ in range(runs):
            began = time.perf_counter()
            privacy.tier(root, path)
            known.append((time.perf_counter() - began) * 1e6)
        for _ in range(runs):
            began = time.perf_counter()
            privacy.tier(root, path, fresh=True)
            fresh.append((time.perf_counter() - began) * 1e6)
    return [
        figure("the tier of a file, remembered", "µs", known, goal_p95=20),
        figure("the tier of a file, the disk asked anew", "µs", fresh),
    ]


def texts(folders: list[Path]) -> Iterator[tuple[Path, str]]:
    """Yield every source file below the folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in SOURCES and path.is_file() and path.stat().st_size < LARGEST:
                try:
                    yield path, path.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError):
                    continue


def scanning(folders: list[Path]) -> tuple[list[Figure], list[Alarm]]:
    """Scan everything once; return the rate, the alarms for each 10,000 lines, and the alarms."""
    size, lines, seconds = 0, 0, 0.0
    alarms: list[Alarm] = []
    for path, text in texts(folders):
        began = time.process_time()
        found = scan(text)
        seconds += time.process_time() - began
        size += len(text.encode())
        lines += text.count("\n")
        alarms += [(path, text.count("\n", 0, secret.start) + 1, secret) for secret in found]
    return [
        figure(f"the scan for secrets, {size / 1e6:.0f} MB", "MB/s", [size / 1e6 / seconds], goal=20, at_least=True),
        figure(f"alarms for 10,000 lines, of {lines:,}", "", [len(alarms) / lines * 10_000], goal=1.0),
    ], alarms


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="decisions, tiers, the scan for secrets")
    parser.add_argument("--runs", type=int, default=2_000, help="how often to measure (default 2000)")
    parser.add_argument("--folder", type=Path, action="append", default=[], help="scan the sources below it too")
    parser.add_argument("--show", action="store_true", help="name each place that was taken for a secret")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    given = parser.parse_args()
    where = machine()
    library = [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))]
    rates, alarms = scanning(list(dict.fromkeys([*library, *given.folder])))
    notes = [f"{path}:{line}: {secret.kind}" for path, line, secret in alarms] if given.show else []
    tell("gateway", where, [decisions(given.runs), *tiers(given.runs), *rates], notes, given.json)


if __name__ == "__main__":
    main()
