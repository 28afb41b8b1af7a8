"""Where a file near a document says what stands before the cursor, and what it goes on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.context.graph.live import LiveWorkspace
from twolane.context.parallels import Parallels
from twolane.context.snippet import Parallel

from .workspace import write

HEAD = "def load(path):\n    with open(path, encoding='utf-8') as "
TAIL = "file:\n        return json.load(file)\n"
LOADER = f"import json\n\n\n{HEAD}{TAIL}"


def opened(root: Path, files: dict[str, str]) -> tuple[LiveWorkspace, Parallels]:
    workspace = LiveWorkspace.open(write(root, files), store=root / ".index")
    workspace.build(workers=1)
    return workspace, Parallels(workspace)


def found(root: Path, files: dict[str, str], before: str, after: str = "", path: str = "pkg/new.py") -> Parallel | None:
    _, parallels = opened(root, files)
    parallels.refresh(path, anew=False)
    return look(parallels, before, after, path)


def look(parallels: Parallels, before: str, after: str = "", path: str = "pkg/new.py") -> Parallel | None:
    """What is found where the model is shown all of the document."""
    return parallels.find(path, before + after, len(before), before, after)


def test_what_another_file_goes_on_with_is_found_with_its_place(tmp_path: Path) -> None:
    assert found(tmp_path, {"pkg/loader.py": LOADER}, "import yaml\n\n\n" + HEAD) == Parallel("pkg/loader.py", 5, TAIL)


def test_the_place_that_is_the_same_for_longest_is_taken_wherever_it_is(tmp_path: Path) -> None:
    other = LOADER.replace("def load(path)", "def read(path)").replace("json.load", "yaml.load")
    files = {"pkg/near.py": other, "far/away/loader.py": LOADER}
    place = found(tmp_path, files, HEAD)
    assert place is not None
    assert place.path == "far/away/loader.py"
    assert found(tmp_path, {**files, "pkg/near.py": LOADER}, HEAD) == Parallel("pkg/near.py", 5, TAIL), (
        "of two the near"
    )


@pytest.mark.parametrize(
    ("before", "after"), [(LOADER + "\n\n" + HEAD, ""), (HEAD, "\n\n" + LOADER)], ids=["above", "below"]
)
def test_nothing_is_sought_elsewhere_where_the_document_itself_says_as_much(
    tmp_path: Path, before: str, after: str
) -> None:
    assert found(tmp_path, {"pkg/loader.py": LOADER}, before, after) is None


def test_a_longer_place_elsewhere_goes_before_a_shorter_one_of_the_document(tmp_path: Path) -> None:
    shorter = "    with open(path, encoding='utf-8') as handle:\n        pass\n\n\n"
    place = found(tmp_path, {"pkg/loader.py": LOADER}, shorter + HEAD)
    assert place is not None
    assert place.text == TAIL


@pytest.mark.parametrize("others", [False, True])
def test_what_is_out_of_sight_in_the_document_itself_is_found_with_its_line(tmp_path: Path, *, others: bool) -> None:
    _, parallels = opened(tmp_path, {"pkg/loader.py": LOADER.replace("json.load", "yaml.load")})
    parallels.refresh("pkg/new.py", anew=False)
    far, near = LOADER + "\n" * 5, "# here\n" + HEAD

    def found(above: str, below: str) -> Parallel | None:
        text = above + near + below
        return parallels.find("pkg/new.py", text, len(above + near), near, "\n", others=others)

    above = found(far, "\n")
    assert above is not None
    assert (above.path, above.line, above.text.startswith(TAIL)) == ("pkg/new.py", 5, True)
    below = found("", "\n\n\n" + LOADER)
    assert below == Parallel("pkg/new.py", 10, TAIL)
    longer = parallels.find("pkg/new.py", far + HEAD, len(far + HEAD), HEAD, "", others=others)
    assert longer is not None
    assert longer.line == 5, "the document itself goes before others that say as much"
    assert (found("", "\n") is not None) == others


def test_line_ends_of_the_document_do_not_hide_what_is_in_sight_or_out_of_it(tmp_path: Path) -> None:
    _, parallels = opened(tmp_path, {})
    text = (LOADER + "\n" * 5 + HEAD).replace("\n", "\r\n")
    found = parallels.find("pkg/new.py", text, len(text), HEAD, "")
    assert found is not None
    assert (found.line, found.text.startswith(TAIL)) == (5, True)
    assert parallels.find("pkg/new.py", text, len(text), LOADER + "\n" * 5 + HEAD, "") is None


def test_what_is_only_just_the_same_leads_to_the_end_of_the_line_and_what_says_less_nowhere(tmp_path: Path) -> None:
    files = {"pkg/loader.py": LOADER}
    just = "    other = 1\n" + HEAD[-32:]
    assert len("".join(HEAD[-26:].split())) < 25
    place = found(tmp_path, files, "x" + HEAD[-26:])
    assert place is not None
    assert place.text == "file:"
    sure = found(tmp_path, files, just)
    assert sure is not None
    assert sure.text == TAIL
    assert found(tmp_path, files, "x" + HEAD[-20:]) is None
    assert found(tmp_path, files, "x = 1\n" + " " * 300) is None


def test_white_space_counts(tmp_path: Path) -> None:
    assert found(tmp_path, {"pkg/loader.py": LOADER}, HEAD.replace("    with", "        with")[-38:]) is not None
    assert found(tmp_path, {"pkg/loader.py": LOADER}, HEAD.replace("\n    with", "\n\twith")[-43:]) is not None
    assert found(tmp_path, {"pkg/loader.py": LOADER}, "x\n" + HEAD.replace(", ", ",\n")) is None


def test_where_the_other_file_ends_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    assert found(tmp_path, {"pkg/loader.py": "import json\n" + HEAD, "pkg/next.py": "x = 1\n"}, HEAD) is None


def test_lines_end_in_one_way_and_letters_of_several_bytes_stay_whole(tmp_path: Path) -> None:
    text = LOADER.replace("json.load(file)", "'größe' + 'ü' * 3") + "# ä\n" * 2_000
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "loader.py").write_bytes(text.replace("\n", "\r\n").encode())
    place = found(tmp_path, {}, HEAD)
    assert place is not None
    assert place.text.startswith("file:\n        return 'größe' + 'ü' * 3\n# ä\n")
    assert place.text.endswith("# ä\n")
    assert len(place.text.encode()) <= 1_500


def test_other_languages_are_not_asked_but_those_that_share_definitions(tmp_path: Path) -> None:
    line = "export const total = addUpAll(prices, "
    files = {"web/a.ts": f"{line}amounts);\n", "web/a.py": f"{line}numbers);\n"}
    place = found(tmp_path, files, line, path="web/b.tsx")
    assert place is not None
    assert (place.path, place.text) == ("web/a.ts", "amounts);\n")
    assert found(tmp_path, {"web/a.ts": files["web/a.ts"]}, line, path="web/b.rb") is None


def test_very_long_files_are_left_alone_and_so_is_what_is_far_where_there_is_much_near(tmp_path: Path) -> None:
    long = LOADER + "x = 1  # and so on\n" * 6_000
    assert found(tmp_path, {"pkg/loader.py": long}, HEAD) is None
    filler = {f"pkg/near_{number}.py": f"y = {number}\n" for number in range(500)}
    assert found(tmp_path, {"far/loader.py": LOADER}, HEAD) is not None
    assert found(tmp_path, {**filler, "far/loader.py": LOADER}, HEAD) is None


def test_open_buffers_speak_for_their_files_and_the_disk_again_when_they_close(tmp_path: Path) -> None:
    workspace, parallels = opened(tmp_path, {"pkg/loader.py": LOADER})
    workspace.update("pkg/loader.py", "python", LOADER.replace("json.load", "yaml.load"))
    parallels.refresh("pkg/new.py", anew=False)
    place = look(parallels, HEAD)
    assert place is not None
    assert "yaml.load" in place.text
    workspace.close("pkg/loader.py")
    parallels.refresh("pkg/new.py", anew=True)
    place = look(parallels, HEAD)
    assert place is not None
    assert "json.load" in place.text


def test_files_are_read_once_until_something_is_new_or_the_document_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, parallels = opened(tmp_path, {"pkg/loader.py": LOADER})
    read: list[str] = []
    inner = workspace.read

    def noted(path: str) -> str | None:
        read.append(path)
        return inner(path)

    monkeypatch.setattr(workspace, "read", noted)
    for _ in range(3):
        parallels.refresh("pkg/new.py", anew=False)
    assert read == ["pkg/loader.py"]
    parallels.refresh("pkg/new.py", anew=True)
    assert len(read) == 2
    parallels.forget("pkg/new.py")
    assert look(parallels, HEAD) is None
    parallels.refresh("pkg/new.py", anew=False)
    assert len(read) == 3


def test_a_file_that_went_or_was_never_a_source_says_nothing(tmp_path: Path) -> None:
    workspace, parallels = opened(tmp_path, {"pkg/loader.py": LOADER, "pkg/notes.txt": LOADER})
    (tmp_path / "pkg" / "loader.py").unlink()
    workspace.changed(["pkg/loader.py"])
    parallels.refresh("pkg/new.py", anew=False)
    assert look(parallels, HEAD) is None


def test_a_link_that_leads_outside_is_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    (inside / "pkg").mkdir(parents=True)
    (tmp_path / "loader.py").write_text(LOADER)
    (inside / "pkg" / "loader.py").symlink_to(tmp_path / "loader.py")
    assert found(inside, {}, HEAD) is None
