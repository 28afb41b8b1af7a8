"""Take a picture of a real session in VS Code: what was on the screen.

    python -m tests.editors.vscode.picture docs/vscode.png

The demo's project is opened, one of its lines is typed again with the real server and the starter model, and the
picture is taken once ghost text with a name from another file is there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.editors.vscode.code import Browser, Code, installed, packaged
from tests.lsp_client import console_script, private_environment
from twolane.server.demo.places import PLACES, Place, unpack

_LOOKS = {"workbench.colorTheme": "Default Dark Modern", "editor.fontSize": 14}
_ENOUGH = 12
"""Characters of a suggestion that are worth a picture."""
_SETTLED_S = 1.5


def main(arguments: Sequence[str]) -> int:
    """Write the picture; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        project = unpack(folder)
        environment = {**private_environment(folder), "HOME": scratch}
        extensions = installed(packaged(folder), folder)
        browser = Browser(folder)
        try:
            settings = {"twolane.server.path": str(console_script()), **_LOOKS}
            code = Code(browser, extensions, folder, project, environment, settings)
            try:
                _take(code, Path(arguments[0]).absolute())
            finally:
                code.close()
        finally:
            browser.close()
            stop = [str(console_script()), "engine", "stop"]
            subprocess.run(stop, env=environment, capture_output=True, timeout=60, check=False)
    return 0


def _take(code: Code, path: Path) -> None:
    for place in PLACES:
        code.open(place.path, place.line, 1)
        code.wait(lambda: "twolane-starter" in code.status(), "the model", 120)
        wanted = code.text(place.path).splitlines()[place.line - 1]
        if _typed(code, place, wanted):
            time.sleep(_SETTLED_S)
            code.browser.do("screenshot", path=str(path))
            return
    raise SystemExit("the starter suggested no name that is worth a picture")


def _typed(code: Code, place: Place, wanted: str) -> bool:
    """Type a line anew until much of its rest is suggested; tell whether that has come."""
    code.press("End", "Shift+Home", "Shift+Home", "Delete")
    for at, char in enumerate(wanted, 1):
        code.type(char)
        rest = wanted[at:]
        if len(rest) < _ENOUGH:
            return False
        give_up = time.monotonic() + 2
        while at > len(wanted) - len(wanted.lstrip()) and time.monotonic() < give_up:
            if len(ghost := code.ghost()) >= _ENOUGH and rest.startswith(ghost):
                return True
            time.sleep(0.05)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
