"""What the VS Code extension costs: its size, its activation, and the way from a key to ghost text on the screen.

    python -m benchmarks.editors.vscode [--keys N] [--json]

A real VS Code (`make test-vscode` installs it) with the real server and the starter model. For each key the clocks of
one machine tell: when the page heard it, when the server was asked and had answered (`tap.py`), and when ghost text
stood in the page. What remains without the server's own time is VS Code's, the language client's and the extension's.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.editors.vscode.code import EXTENSION, Browser, Code, installed, packaged
from tests.lsp_client import console_script, private_environment

_WATCH = """
(() => {
  const seen = (window.seen = { key: 0, ghost: 0 });
  window.addEventListener('keydown', () => Object.assign(seen, { key: Date.now(), ghost: 0 }), true);
  const look = () => {
    if (!seen.ghost && seen.key && document.querySelector('.ghost-text-decoration')) seen.ghost = Date.now();
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
})()
"""
_CODE = '''\
class Cart:
    """Holds items until they are paid for."""

    def __init__(self, items, owner, currency):
        self.items = items
        self.owner = owner
        self.currency

    def total(self):
        return sum(item.price for item in self.items)
'''
_LINE, _COLUMN = 7, len("        self.currency") + 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=40, help="how many keys are pressed")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        figures = measured(Path(scratch), options.keys)
    print(json.dumps(figures) if options.json else _table(figures))
    return 0


def measured(folder: Path, keys: int) -> dict[str, Any]:
    """Start VS Code and press so many keys."""
    project = folder / "project"
    project.mkdir()
    (project / "cart.py").write_text(_CODE)
    environment = {**private_environment(folder), "HOME": str(folder)}
    extensions = installed(packaged(folder), folder)
    program, heard = folder / "twolane", folder / "heard.jsonl"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{EXTENSION.parents[1]}" exec "{sys.executable}" -P -m benchmarks.editors.tap '
        f'"{heard}" "{console_script()}" serve\n'
    )
    program.chmod(0o755)
    browser = Browser(folder)
    try:
        code = Code(browser, extensions, folder, project, environment, {"twolane.server.path": str(program)})
        try:
            return {
                "bundle_bytes": sum(
                    (EXTENSION / "dist" / name).stat().st_size for name in ("extension.js", "client.js")
                ),
                **_pressed(code, keys, heard),
                **_activations(code),
            }
        finally:
            code.close()
    finally:
        browser.close()
        stop = [str(console_script()), "engine", "stop"]
        subprocess.run(stop, env=environment, capture_output=True, timeout=60, check=False)


def _pressed(code: Code, keys: int, heard: Path) -> dict[str, Any]:
    code.open("cart.py", _LINE, _COLUMN)
    code.wait(lambda: "twolane-starter" in code.status(), "the model", 120)
    code.press("Backspace")
    code.wait_ghost()
    code.browser.do("evaluate", code=_WATCH)
    samples: list[Mapping[str, float]] = []
    for number in range(keys):
        code.press("Escape")
        code.wait(lambda: not code.ghost(), "the end of the last suggestion")
        code.press("Backspace" if number % 2 else "y")
        seen = code.wait(lambda: (told := code.browser.do("evaluate", code="window.seen"))["ghost"] and told, "ghost")
        told = [json.loads(line) for line in heard.read_text().splitlines()]
        last = next((one for one in reversed(told) if one["items"] and one["asked"] * 1000 >= seen["key"] - 1), None)
        if last is not None and last["answered"] * 1000 <= seen["ghost"] + 2:
            asked, answered = last["asked"] * 1000, last["answered"] * 1000
            samples.append(
                {
                    "key_to_request": asked - seen["key"],
                    "answer": answered - asked,
                    "answer_to_ghost": seen["ghost"] - answered,
                    "beyond_the_answer": seen["ghost"] - seen["key"] - (answered - asked),
                }
            )
    return {"keys": len(samples), **{f"{name}_ms": _percentiles([one[name] for one in samples]) for name in samples[0]}}


def _activations(code: Code) -> dict[str, Any]:
    """What VS Code itself says of activations, loading the code and calling it: ours, and those that come with it."""
    code.run("Show Running Extensions")
    rows = code.wait(
        lambda: [row for row in code.texts(".runtime-extensions-editor .monaco-list-row") if "Activation" in row],
        "the running extensions",
    )
    found = {row: int(told[1]) for row in rows if (told := re.search(r"Activation: (\d+)\s?ms", row)) is not None}
    own = [ms for row, ms in found.items() if row.startswith("Twolane")]
    others = sorted(ms for row, ms in found.items() if not row.startswith("Twolane"))
    return {"activation_ms": own[0] if own else None, "activations_of_others_ms": others}


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(values, n=20)
    return {"p50": round(cuts[9], 1), "p95": round(cuts[18], 1)}


def _table(figures: Mapping[str, Any]) -> str:
    lines = [f"| VS Code, {figures['keys']} keys | p50 ms | p95 ms |", "|---|---|---|"]
    names = {
        "key_to_request_ms": "key until the server is asked (VS Code's own wait included)",
        "answer_ms": "the server's answer",
        "answer_to_ghost_ms": "answer until ghost text stands in the page",
        "beyond_the_answer_ms": "key until ghost text, without the answer",
    }
    lines += [f"| {name} | {figures[key]['p50']} | {figures[key]['p95']} |" for key, name in names.items()]
    lines.append(f"| activation of the extension | {figures['activation_ms']} | |")
    lines.append(f"| of those that come with VS Code | {figures['activations_of_others_ms']} | |")
    return "\n".join([*lines, "", f"bundle: {figures['bundle_bytes'] / 1000:.0f} kB"])


if __name__ == "__main__":
    sys.exit(main())
