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
    parallels.refresh(path)
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
    parallels.refresh("pkg/new.py")
    far, near = LOADER + "\n" * 5, "# here\n" + HEAD

    def found(above: str, below: str) -> Parallel | None:
        text = above + near + below
        return parallels.find("pkg/new.py", text, len(above + near), near, "\n", others=others)

    above = found(far, "\n")
    assert above is not None
    share = "file:\n        return "
    assert (above.path, above.line, above.text == share) == ("pkg/new.py", 5, others)
    assert above.text.startswith(share if others else TAIL)
    below = found("", "\n\n\n" + LOADER)
    assert below == Parallel("pkg/new.py", 10, share if others else TAIL)
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
    parallels.refresh("pkg/new.py")
    place = look(parallels, HEAD)
    assert place is not None
    assert "yaml.load" in place.text
    workspace.close("pkg/loader.py")
    parallels.refresh("pkg/new.py")
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
        parallels.refresh("pkg/new.py")
    assert read == ["pkg/loader.py"]
    (tmp_path / "pkg" / "loader.py").write_text(LOADER.replace("json.load", "yaml.load"))
    workspace.changed(["pkg/loader.py"])
    parallels.refresh("pkg/new.py")
    assert len(read) == 2
    parallels.forget("pkg/new.py")
    assert look(parallels, HEAD) is None
    parallels.refresh("pkg/new.py")
    assert len(read) == 3


def test_what_is_new_reaches_every_open_document(tmp_path: Path) -> None:
    workspace, parallels = opened(tmp_path, {"pkg/loader.py": LOADER})
    documents = [f"pkg/new_{number}.py" for number in range(6)]

    def heard() -> set[str]:
        for path in documents:
            parallels.refresh(path)
        found = [look(parallels, HEAD, path=path) for path in documents]
        return {place.text.split(".")[0].split()[-1] if place else "" for place in found}

    assert heard() == {"json"}
    workspace.update("pkg/loader.py", "python", LOADER.replace("json.load", "toml.load"))
    assert heard() == {"toml"}, "a buffer is edited"
    workspace.close("pkg/loader.py")
    assert heard() == {"json"}, "and closed without being saved"
    (tmp_path / "pkg" / "loader.py").unlink()
    workspace.changed(["pkg/loader.py"])
    assert heard() == {""}
    write(tmp_path, {"pkg/other.py": LOADER.replace("json.load", "yaml.load")})
    workspace.changed(["pkg/other.py"])
    assert heard() == {"yaml"}


def test_of_places_that_differ_only_what_they_share_is_told(tmp_path: Path) -> None:
    other = LOADER.replace("return json", "return yaml")
    place = found(tmp_path, {"pkg/a.py": LOADER, "pkg/b.py": other}, HEAD)
    assert place is not None
    assert place.text == "file:\n        return "
    nothing = LOADER.replace("as file", "as handle")
    assert found(tmp_path, {"pkg/a.py": LOADER, "pkg/b.py": nothing}, HEAD) is None


def test_a_place_with_nothing_behind_or_that_may_not_be_followed_hides_no_other(tmp_path: Path) -> None:
    files = {"pkg/a.py": HEAD + "\n", "pkg/b.py": LOADER, "pkg/c.py": LOADER.replace("json.load", "yaml.load")}
    _, parallels = opened(tmp_path, files)
    parallels.refresh("pkg/new.py")
    place = parallels.find("pkg/new.py", HEAD, len(HEAD), HEAD, "", allowed=lambda path: path != "pkg/c.py")
    assert place == Parallel("pkg/b.py", 5, TAIL)
    assert parallels.find("pkg/new.py", HEAD, len(HEAD), HEAD, "", allowed=lambda _: False) is None


def test_in_rows_and_rows_of_the_same_what_is_shown_counts_first(tmp_path: Path) -> None:
    rows = "".join(f'    Row(kind="plain", width=None, height={number}),\n' for number in range(300))
    text = "ROWS = [\n" + rows + '    Row(kind="plain", width=None, height='
    _, parallels = opened(tmp_path, {"pkg/loader.py": text + "7),\n]\n"})
    parallels.refresh("pkg/new.py")
    assert parallels.find("pkg/new.py", text, len(text), text[-3_000:], "") is None
    assert parallels.find("pkg/new.py", "#" * 500_000 + text, 500_000 + len(text), text[-3_000:], "") is None


@pytest.mark.parametrize("line", ["class ", "class Ci", "export class ", "    def ", "    async def area_"])
def test_what_another_file_called_its_own_is_no_name_for_something_new(tmp_path: Path, line: str) -> None:
    head = f"# All rights reserved, by all of us.\nfrom shapes import Shape\n\n\n{line}"
    assert found(tmp_path, {"pkg/loader.py": head + "rcle(Shape):\n    pass\n"}, head) is None
    assert found(tmp_path, {"pkg/loader.py": head + "rcle(Shape):\n    pass\n"}, head + "rcle(") is not None


def test_a_file_that_went_or_was_never_a_source_says_nothing(tmp_path: Path) -> None:
    workspace, parallels = opened(tmp_path, {"pkg/loader.py": LOADER, "pkg/notes.txt": LOADER})
    (tmp_path / "pkg" / "loader.py").unlink()
    workspace.changed(["pkg/loader.py"])
    parallels.refresh("pkg/new.py")
    assert look(parallels, HEAD) is None


def test_a_link_that_leads_outside_is_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    (inside / "pkg").mkdir(parents=True)
    (tmp_path / "loader.py").write_text(LOADER)
    (inside / "pkg" / "loader.py").symlink_to(tmp_path / "loader.py")
    assert found(inside, {}, HEAD) is None
