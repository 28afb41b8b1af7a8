"""`twolane serve`: the language server on stdin and stdout."""

from __future__ import annotations

import argparse


def run(arguments: argparse.Namespace) -> int:
    """Serve until the editor leaves."""
    from ..lsp.language_server import main

    return main(trusted=arguments.trust)
