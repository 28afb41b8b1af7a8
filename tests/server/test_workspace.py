from __future__ import annotations

from pathlib import Path

import pytest

from twolane.server.text.workspace import Location, Workspace, file_path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b.py", "/a/b.py"),
        ("file://localhost/a/b.py", "/a/b.py"),
        ("file:///a%20b/%C3%A9.py", "/a b/é.py"),
        ("file:///a/x/../b.py", "/a/b.py"),
        ("file:///a/%2e%2e/%2E%2E/b.py", "/b.py"),
        ("file:///a/..%2f..%2fb.py", "/b.py"),
        ("file://server/share/b.py", None),
        ("untitled:Untitled-1", None),
        ("file:///%00", None),
        ("file:", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_file_path(uri: str, path: str | None) -> None:
    assert file_path(uri) == (Path(path) if path is not None else None)


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("file:///work/a/b.py", Location("a/b.py", Path("/work"))),
        ("file:///work/inner/b.py", Location("b.py", Path("/work/inner"))),
        ("file:///work/a/%2e%2e/%2e%2e/etc/passwd", Location("passwd", None)),
        ("file:///workshop/b.py", Location("b.py", None)),
        ("file:///work", Location("work", None)),
        ("untitled:Untitled-1", Location("Untitled-1", None)),
        ("git:/work/a.py?HEAD", Location("a.py", None)),
        ("file://server/share/b.py", Location("b.py", None)),
        ("http://[", Location("untitled", None)),
        ("", Location("untitled", None)),
    ],
)
def test_locate(uri: str, location: Location) -> None:
    workspace = Workspace(["file:///work", "file:///work/inner", "untitled:folder"])
    assert workspace.locate(uri) == location


def test_folders_come_and_go() -> None:
    assert Workspace().first is None
    workspace = Workspace()
    workspace.add(["file:///one/", "file:///two"])
    assert workspace.first == Path("/one")
    assert workspace.locate("file:///one/a.py").root == Path("/one")
    workspace.remove(["file:///one/", "file:///never"])
    assert workspace.first == Path("/two")
    assert workspace.locate("file:///one/a.py").root is None
