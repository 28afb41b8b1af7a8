"""`twolane.status` holds for what the editor has said before it, in one word for each language."""

from __future__ import annotations

from tests.faults.conftest import Start


def test_it_tells_of_the_settings_that_were_sent_just_before(start: Start) -> None:
    client = start()
    for languages in (["lua"], [], ["lua", "go"], []):
        told = {"settings": {"twolane": {"completion": {"disabled_languages": languages}}}}
        client.notify("workspace/didChangeConfiguration", told)
        assert client.command("twolane.status")["disabled_languages"] == languages


def test_a_language_has_one_name_whatever_an_editor_or_a_person_calls_it(start: Start) -> None:
    client = start(greet=False)
    client.initialize({"completion": {"disabled_languages": ["Python", "shellscript", "py", "Elm"]}})
    client.open("file:///a", "echo\n", "sh")
    client.open("file:///b.py", "x = 1\n", "python")
    client.open("file:///c.md", "words\n", "markdown")
    status = client.command("twolane.status")
    assert status["disabled_languages"] == ["python", "shellscript", "elm"]
    languages = {document["language"]: bool(document["off"]) for document in status["documents"]}
    assert languages == {"shellscript": True, "python": True, "markdown": False}
