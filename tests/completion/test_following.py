"""A model that copies is told what other files go on with; nobody else is, and no file is read for nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from twolane.clients.model import InfillRequest
from twolane.completion.asking import CompletionOptions
from twolane.completion.completer import Completer
from twolane.completion.trace import Completion
from twolane.context.document import Snapshot

from .fakes import INFO, ScriptedClient
from .test_typing_on import until

OPTIONS = CompletionOptions()
COPIES = replace(INFO, copies=True)
HEAD = "def load(path):\n    with open(path, encoding='utf-8') as "
TAIL = "file:\n        return json.load(file)\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "loader.py").write_text(f"import json\n\n\n{HEAD}{TAIL}")
    return tmp_path


def document(root: Path, text: str = HEAD, version: int = 1) -> Snapshot:
    return Snapshot((root / "pkg/new.py").as_uri(), "pkg/new.py", root, "python", version, text)


async def ask(
    completer: Completer, root: Path, text: str = HEAD, options: CompletionOptions = OPTIONS, *, wait: bool = True
) -> Completion:
    index = await known(completer, root, text)
    assert index
    return await completer.complete(document(root, text), len(text), options, wait_for_context=wait, anew=True)


async def known(completer: Completer, root: Path, text: str) -> bool:
    """Have the files of the workspace known, as the process that indexes does it."""
    analysis = completer._analysis
    await analysis.fresh(document(root, text))
    index = analysis.index(root)
    assert index is not None
    assert index.workspace is not None
    workspace = index.workspace
    return await analysis.ask(lambda: workspace.facts("pkg/loader.py") is not None)


async def test_what_another_file_goes_on_with_is_told_and_explained(root: Path) -> None:
    client = ScriptedClient(["file:"], about=COPIES)
    completer = Completer(client)
    found = await ask(completer, root)
    await completer.close()
    (request,) = client.requests
    assert request.onward == TAIL
    assert request.hypotheses == 1, "and no line is searched for"
    last = found.trace.sources[-1]
    assert (last.path, last.start_line, last.end_line) == ("pkg/loader.py", 5, 6)
    assert last.why == "goes on from the same text"


@pytest.mark.parametrize(
    ("about", "options"),
    [
        (INFO, OPTIONS),
        (COPIES, replace(OPTIONS, copies=False)),
        (COPIES, replace(OPTIONS, context_tokens=0)),
    ],
    ids=["a model that does not copy", "copying is off", "no other files"],
)
async def test_nobody_else_is_told_and_no_file_is_read_for_it(
    root: Path, about: object, options: CompletionOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ScriptedClient(["file:"], about=about)  # type: ignore[arg-type]  # a table of cases
    completer = Completer(client)

    def refresh(*_: object, **__: object) -> None:
        raise AssertionError("files are read for nobody")

    monkeypatch.setattr("twolane.context.parallels.Parallels.refresh", refresh)
    await ask(completer, root, options=options)
    await completer.close()
    assert [request.onward for request in client.requests] == [""]


async def test_a_file_that_may_not_be_seen_is_not_followed(root: Path) -> None:
    client = ScriptedClient(["file:"], about=COPIES)
    completer = Completer(client, may_see=lambda _, path: path != "pkg/loader.py")
    found = await ask(completer, root)
    await completer.close()
    assert client.requests[0].onward == ""
    assert "pkg/loader.py" not in {source.path for source in found.trace.sources}


async def test_a_file_whose_text_may_not_come_to_stand_here_is_not_followed(root: Path) -> None:
    client = ScriptedClient(["file:"], about=COPIES)
    completer = Completer(client, may_follow=lambda _, here, other: (here, other) != ("pkg/new.py", "pkg/loader.py"))
    await ask(completer, root)
    await completer.close()
    assert client.requests[0].onward == ""


async def test_open_documents_learn_it_as_soon_as_a_model_is_known_that_copies(root: Path) -> None:
    client = ScriptedClient(["file:"], about=COPIES)
    completer = Completer(client)
    await ask(completer, root, "x = 1\n", replace(OPTIONS, copies=False))
    completer.changed(document(root))
    await completer.complete(document(root), len(HEAD), OPTIONS, anew=True)

    def read() -> bool:
        index = completer._analysis.index(root)
        return index is not None and index.parallel(document(root), len(HEAD), HEAD, "") is not None

    await until(read)
    await completer.complete(document(root), len(HEAD), OPTIONS, anew=True)
    await completer.close()
    assert client.requests[-1].onward == TAIL


async def test_what_follows_an_acceptance_goes_on_there_too(root: Path) -> None:
    def pieces(request: InfillRequest) -> list[str]:
        return ["file:\n        return json.load(file)"] if request.priority == "live" else ["x"]

    client = ScriptedClient(pieces, about=COPIES)
    completer = Completer(client)
    text = HEAD + "file:\n        return js"
    (root / "pkg" / "loader.py").write_text(f"{HEAD}{TAIL}\n\ndef dump(path):\n    pass\n")
    found = await ask(completer, root, text, replace(OPTIONS, multiline="never"))
    assert found.answer is not None
    snapshot = document(root, text)
    completer.shown(snapshot, len(text), "on.load(file)", found.answer, OPTIONS)
    await until(lambda: any(request.priority == "speculative" for request in client.requests))
    await completer.close()
    ahead = next(request for request in client.requests if request.priority == "speculative")
    assert ahead.onward.startswith("\n\n\ndef dump(path):")


@pytest.mark.parametrize(
    ("text", "first", "own"),
    [
        (HEAD, "file:", "handle:"),
        (f"import json\n\n\n{HEAD}file:\n", "        return json.load(file)", "        return path"),
    ],
    ids=["a line's end", "a line"],
)
async def test_beside_an_answer_that_was_copied_stands_what_the_model_says_itself(
    root: Path, text: str, first: str, own: str
) -> None:
    client = ScriptedClient(lambda request: [first if request.onward else own], about=COPIES)
    completer = Completer(client)
    await known(completer, root, text)
    completer._analysis.seek_parallels()
    await completer._analysis.fresh(document(root, text))
    found = await completer.complete(document(root, text), len(text), OPTIONS, anew=True, alternatives=1)
    await completer.close()
    assert [request.alternative for request in client.requests] == [0, 0, 1]
    assert all(not request.copies and not request.onward for request in client.requests[1:])
    assert [found.text, *(text for text, _ in found.others)] == [first, own]
