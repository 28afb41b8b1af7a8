"""What of an edit is really there afterwards, whatever the client says."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from twolane.refactor.original import Change, Edit, Original
from twolane.server.lsp.features import refactor_taken
from twolane.server.lsp.features.refactor_taken import taken
from twolane.server.text.documents import Document
from twolane.server.text.text_buffer import TextBuffer


@dataclass
class Held:
    """As much of an open document as is looked at."""

    text: str
    version: int = 1

    @property
    def buffer(self) -> TextBuffer:
        return TextBuffer(self.text)


@dataclass
class Client:
    """Files on the disk and open ones."""

    disk: dict[str, str] = field(default_factory=dict)
    open: dict[str, Held] = field(default_factory=dict)

    def read(self, path: str) -> Original | None:
        text = self.disk.get(path)
        return None if text is None else Original(path, text, "python", mark=text)

    def document(self, path: str) -> Document | None:
        return self.open.get(path)  # type: ignore[return-value] # a fake


def change(path: str, before: str, after: str, version: int | None = None) -> Change:
    original = Original(path, before, "python", version, mark=before)
    return Change(path, "python", after, original, (Edit(0, len(before), after),))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refactor_taken, "_PATIENCE_S", 0.0)


async def test_what_is_there_is_there_open_or_on_the_disk() -> None:
    client = Client({"b.py": "new\n", "n.py": "made\n"}, {"a.py": Held("new\n", 2)})
    changes = (
        change("a.py", "old\n", "new\n", 1),
        change("b.py", "old\n", "new\n"),
        Change("n.py", "python", "made\n"),
    )
    assert (await taken(changes, client.read, client.document)).said == ""


async def test_what_is_as_it_was_was_left_out() -> None:
    client = Client({"b.py": "old\n"}, {"a.py": Held("old\n", 1)})
    changes = (
        change("a.py", "old\n", "new\n", 1),
        change("b.py", "old\n", "new\n"),
        Change("n.py", "python", "made\n"),
    )
    found = await taken(changes, client.read, client.document)
    assert found.left_out == ("a.py", "b.py", "n.py")
    assert found.said.startswith("Left out: a.py, b.py, n.py. ")


async def test_one_step_to_another_text_is_a_part_of_it_and_what_came_later_is_nobodys_business() -> None:
    client = Client({"c.py": "third\n"}, {"a.py": Held("half\n", 2), "b.py": Held("typed on\n", 9)})
    changes = tuple(change(path, "old\n", "new\n", 1) for path in ("a.py", "b.py", "c.py"))
    found = await taken(changes, client.read, client.document)
    assert (found.left_out, found.in_part) == ((), ("a.py",))
    assert found.said.startswith("Taken only in part: a.py. ")


async def test_a_text_that_comes_a_little_later_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refactor_taken, "_PATIENCE_S", 30.0)
    client = Client({}, {"a.py": Held("old\n", 1)})
    looks: list[str] = []

    def document(path: str) -> Document | None:
        looks.append(path)
        if len(looks) == 3:
            client.open["a.py"] = Held("new\n", 2)
        return client.document(path)

    assert (await taken((change("a.py", "old\n", "new\n", 1),), client.read, document)).said == ""
    assert len(looks) == 3
