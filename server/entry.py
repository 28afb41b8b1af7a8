"""Where the console script begins: Ctrl-C ends it quietly even while the command line is still being loaded."""

from __future__ import annotations

_INTERRUPTED = 130
"""As `outcome` has it, which is not loaded yet."""


def main() -> int:
    """Run one command; return its exit code."""
    try:
        from .cli import main as run

        return run()
    except KeyboardInterrupt:
        return _INTERRUPTED
