"""A workspace of so many real files: modules of this Python and of what is installed with it, copied."""

from __future__ import annotations

import hashlib
import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES = 100_000


def make(root: Path, count: int) -> int:
    """Put `count` modules below `root`, in the packages that they come from; how many bytes they have.

    Where there are too few, they are copied again into another folder, a line longer.
    """
    originals = sorted(_originals(), key=lambda item: hashlib.sha256(item[0].encode()).digest())
    total = 0
    for number in range(count):
        path, original = originals[number % len(originals)]
        turn = number // len(originals)
        target = root / f"copy{turn}" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original, target)
        if turn:
            with target.open("ab") as file:
                file.write(f"\n# {turn}\n".encode())
        total += target.stat().st_size
    return total


def _originals() -> Iterator[tuple[str, Path]]:
    for name in ("stdlib", "purelib"):
        base = Path(sysconfig.get_path(name))
        for path in base.rglob("*.py"):
            relative = path.relative_to(base)
            within = relative.parts[:-1]
            hidden = "site-packages" in within or any("test" in part and "data" in part for part in within)
            if not hidden and path.is_file() and 0 < path.stat().st_size <= MOST_BYTES:
                yield f"{name.removesuffix('lib')}/{relative.as_posix()}", path
