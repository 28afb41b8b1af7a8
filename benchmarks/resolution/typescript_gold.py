"""What the TypeScript compiler says the imports of TypeScript and JavaScript files mean."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs

from .judged import Gold, Place

VERSION = "5.9.3"
"""The last compiler that is a JavaScript library."""

SECONDS = 600


class NoCompiler(Exception):
    """The compiler could not be had or failed: why, in one line."""


def gold(root: Path, texts: Mapping[str, str], sample: int, seed: int) -> Iterator[Gold]:
    """The meaning of at most `sample` imported names, drawn by `seed`."""
    files = [path for path in sorted(texts) if path.endswith((".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs"))]
    script = Path(__file__).with_name("gold.cjs")
    listed = "\n".join(files)
    command = ["node", "--max-old-space-size=4096", str(script), str(_compiler()), str(root)]
    done = subprocess.run(command, input=listed, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise NoCompiler((done.stderr.strip() or "node failed").splitlines()[-1])
    lines = done.stdout.splitlines()
    random.Random(seed).shuffle(lines)
    for line in sorted(lines[:sample]):
        said = json.loads(line)
        places = tuple(dict.fromkeys(Place(one["path"], one["line"]) for one in said["places"]))
        yield Gold(said["path"], said["line"], said["module"], said["name"], places, said["outside"])


def _compiler() -> Path:
    folder = platformdirs.user_cache_path("twolane", appauthor=False) / f"typescript-{VERSION}"
    compiler = folder / "node_modules" / "typescript"
    if not compiler.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}", encoding="utf-8")
        command = ["npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", f"typescript@{VERSION}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode:
            raise NoCompiler(f"npm cannot fetch typescript@{VERSION}: {done.stderr.strip()[-200:]}")
    return compiler
