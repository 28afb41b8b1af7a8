"""What must hold of the repository itself, so that a fresh clone works for whoever gets it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import portable
import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "dev" / "twolane"


def shipped_folders() -> list[str]:
    folders = {found.parent.name for found in ROOT.glob("*/__init__.py")}
    return sorted(folders - {"tests", "benchmarks"})


def test_no_file_is_tied_to_one_machine_or_package_index() -> None:
    assert portable.findings(portable.files()) == []


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("index-url = https://" + "pypi" + ".org/simple", True),
        ("see /" + "home/ada/twolane/x.py", True),
        ("cd /" + "Users/ada/twolane", True),
        ("a pypi package", False),
        ("$HOME/.cache and ~/.cache and /usr/bin/env", False),
        ("https://example.org/home/page/", False),
    ],
)
def test_a_file_tied_to_one_machine_is_found(tmp_path: Path, text: str, refused: bool) -> None:
    (tmp_path / "file.md").write_text("first line\n" + text)
    found = portable.findings([tmp_path / "file.md"])
    assert bool(found) == refused
    assert all("file.md:2: " in line for line in found)


def test_each_shipped_folder_is_linked_into_the_package_by_a_relative_link() -> None:
    links = sorted(path.name for path in PACKAGE.iterdir() if path.is_symlink())
    assert links == shipped_folders()
    for name in links:
        target = (PACKAGE / name).readlink()
        assert not target.is_absolute()
        assert (PACKAGE / name).resolve() == ROOT / name


def test_each_shipped_folder_is_in_the_wheel_and_the_source_archive() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    targets = project["tool"]["hatch"]["build"]["targets"]
    for name in shipped_folders():
        assert name in targets["wheel"]["only-include"]
        assert name in targets["sdist"]["only-include"]
        assert targets["wheel"]["sources"][name] == f"twolane/{name}"


def test_every_link_between_documents_leads_somewhere() -> None:
    pages = [path for path in portable.files() if path.suffix == ".md"]
    assert ROOT / "README.md" in pages
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_module_stays_within_five_hundred_lines() -> None:
    folders = [*shipped_folders(), "tests", "benchmarks", "dev"]
    modules = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    project = ROOT / "server" / "demo" / "project"
    ours = [path for path in modules if "node_modules" not in path.parts and not path.is_relative_to(project)]
    assert len(ours) > 20
    longest = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in ours}
    assert {name: lines for name, lines in longest.items() if lines > 500} == {}
