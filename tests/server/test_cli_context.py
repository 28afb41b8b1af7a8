"""`twolane context`: which lines of other files matter, without any model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from twolane.server import cli

HELPERS = "def double(number: int) -> int:\n    return number * 2\n\n\ndef half(number: int) -> int: ...\n"
MAIN = "from helpers import double, half\n\n\ndef main() -> None:\n    result = double(21)\n    print(result)\n"
OTHER = "from helpers import half\nfrom main import main\n\nmain()\nprint(half(3))\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME"):
        monkeypatch.setenv(f"XDG_{name}", str(tmp_path / name))
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    (root / "helpers.py").write_text(HELPERS)
    (root / "main.py").write_text(MAIN)
    (root / "other.py").write_text(OTHER)
    monkeypatch.chdir(root)
    return root


def asked(root: Path, capsys: pytest.CaptureFixture[str], *points: dict[str, Any], tokens: int = 200) -> list[Any]:
    (root / "points.jsonl").write_text("".join(json.dumps(point) + "\n" for point in points))
    cli.main(["context", "--points", "points.jsonl", "--tokens", str(tokens), "--json"])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def place(path: str, start: tuple[int, int], end: tuple[int, int], *masked: str) -> dict[str, Any]:
    def at(position: tuple[int, int]) -> dict[str, int]:
        return {"line": position[0], "column": position[1]}

    return {"path": path, "start": at(start), "end": at(end), "mask_imports": list(masked)}


def test_one_place_is_answered_with_the_agreed_fields(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["context", "main.py:5:14", "--tokens", "100", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {"snippets", "tokens", "ms"} <= answer.keys()
    first = next(one for one in answer["snippets"] if one["symbol"] == "double")
    assert set(first) == {"path", "start_line", "end_line", "symbol", "why", "score", "tokens", "text"}
    assert (first["path"], first["start_line"], first["text"]) == ("helpers.py", 1, "def double(number: int) -> int:")
    assert answer["tokens"] <= 100


def test_a_budget_into_which_nothing_fits_is_the_reason(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["context", "main.py:5:14", "--tokens", "0"]) == 0
    assert capsys.readouterr().out == "nothing: nothing fits into 0 tokens\n"


def test_people_are_told_which_lines_and_why(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["context", "main.py:5:14"]) == 0
    told = capsys.readouterr().out
    assert "# helpers.py" in told
    assert "imported here as double" in told


def test_every_point_has_one_answer_in_order_and_a_bad_one_an_error(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = asked(
        workspace,
        capsys,
        place("main.py", (5, 5), (5, 24)),
        place("nowhere.py", (1, 1), (1, 1)),
        place("other.py", (5, 1), (5, 15)),
    )
    assert ["error" in answer for answer in answers] == [False, True, False]
    assert answers[1]["error"]["kind"] == "bad-input"


def test_what_a_point_hides_tells_nothing(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither to its own file nor, through the index of the file on disk, by way of others."""
    shown = []
    for line in ("    result = double(21)", "    xx = yyy.zzz['q']", "    from other import main"):
        (workspace / "main.py").write_text(MAIN.replace("    result = double(21)", line))
        (answer,) = asked(workspace, capsys, place("main.py", (5, 1), (5, len(line) + 1)))
        shown.append(answer["snippets"])
    assert shown[0] == shown[1] == shown[2]


def test_a_masked_import_is_not_there(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_it, without = asked(
        workspace, capsys, place("other.py", (5, 1), (5, 15)), place("other.py", (5, 1), (5, 15), "half")
    )
    assert any(one["why"] == "imported here as half" for one in with_it["snippets"])
    assert not any(one["why"] == "imported here as half" for one in without["snippets"])


def test_a_place_or_points_must_be_named(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["context", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "misused"


def test_a_module_of_typescript_is_read_as_such(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "shop.mts").write_text(
        "export function total(prices: number[]): number {\n  return prices.length;\n}\n"
    )
    (workspace / "use.mts").write_text('import { total } from "./shop.mjs";\n\nexport const sum = total([1]);\n')
    assert cli.main(["context", "use.mts:3:24", "--tokens", "100", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["snippets"]
    assert [one["symbol"] for one in found] == ["total"]
