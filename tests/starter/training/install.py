"""Put what training needs into an environment of its own: `python install.py FOLDER`; nothing where it is there.

It is the extra `train` of `pyproject.toml`, whose PyTorch is too large for the environment that all tests share.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import venv
from pathlib import Path

_PROJECT = Path(__file__).parents[3] / "pyproject.toml"


def main() -> None:
    """Install into the folder named on the command line."""
    folder = Path(sys.argv[1]).expanduser()
    wanted: list[str] = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["optional-dependencies"]["train"]
    done = folder / "installed"
    said = "\n".join([sys.version, *wanted])
    if done.exists() and done.read_text("utf-8") == said:
        return
    print(f"installing {', '.join(wanted)} into {folder} (once)", flush=True)  # noqa: T201 -- a command that tells what it does
    venv.create(folder, clear=True, with_pip=True)
    subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *wanted], check=True)
    done.write_text(said, "utf-8")


if __name__ == "__main__":
    main()
