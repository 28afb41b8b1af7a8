"""What holds for every text that is read, whatever it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.context import grammars
from twolane.context.facts import FileFacts
from twolane.context.languages.reading import language_of, read, read_text
from twolane.context.parsing import Parsed, Refused, TreeParser

HERE = Path(__file__).parent
BAR = "=" * 40
IDENTIFIERS = {"bash": "shellscript", "tsx": "typescriptreact"}
SOURCES = [
    (IDENTIFIERS.get(path.parent.name, path.parent.name), path.read_text(encoding="utf-8").partition(BAR)[0])
    for path in sorted(HERE.glob("*/*.txt"))
]


def facts(language: str, text: str) -> FileFacts:
    found = read_text(language, text, seconds=20)
    assert isinstance(found, FileFacts)
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.py", "python"),
        ("stub.PYI", "python"),
        ("x.tsx", "typescriptreact"),
        ("x.d.ts", "typescript"),
        ("x.mjs", "javascript"),
        ("x.h", "cpp"),
        ("Rakefile", "ruby"),
        ("a/.bashrc", "shellscript"),
        ("x.cs", "csharp"),
        ("readme.md", None),
        ("python", None),
        (".py", None),
    ],
)
def test_a_file_name_tells_the_language(path: str, expected: str | None) -> None:
    assert language_of(path) == expected


def test_every_language_has_a_folder_of_fixtures_with_half_written_code() -> None:
    folders = {path.parent.name for path in HERE.glob("*/half_written.txt")}
    covered = {IDENTIFIERS.get(name, name) for name in folders}
    assert covered | {"javascriptreact", "tsx"} == set(grammars.languages())


@pytest.mark.parametrize(("language", "text"), SOURCES)
def test_places_are_where_they_say(language: str, text: str) -> None:
    for source in (text, "// é\n" + text.replace("item", "größe"), text.replace("\n", "\r\n")):
        lines = source.split("\n")
        found = facts(language, source)
        for reference in found.references:
            assert lines[reference.line - 1][reference.column :].startswith(reference.name)
        for item in found.definitions:
            assert 1 <= item.start_line <= item.end_line <= min(item.last_line, item.start_line + 2)
            assert item.text.split("\n") == [line.rstrip() for line in lines[item.start_line - 1 : item.end_line]]
        assert list(found.definitions) == sorted(found.definitions, key=lambda item: item.start_line)
        for local in found.locals:
            assert 1 <= local.start_line <= local.line <= local.end_line <= len(lines)


@pytest.mark.parametrize(("language", "text"), SOURCES)
def test_every_cut_of_a_source_is_read(language: str, text: str) -> None:
    parser = TreeParser(language)
    for end in range(0, len(text), 37):
        parsed = parser.parse(text[:end], seconds=20)
        assert isinstance(parsed, Parsed)
        read(language, parsed)


def test_a_file_larger_than_one_stretch_is_read_like_its_parts() -> None:
    part = (
        "class Item{number}(Base):\n    size: int = 1\n\n"
        '    def run(self, other):\n        return other.size("é")\n\n\n'
    )
    text = "".join(part.format(number=number) for number in range(1500))
    found = facts("python", text)
    assert [item.name for item in found.definitions] == [
        name for number in range(1500) for name in (f"Item{number}", "size", "run")
    ]
    assert len(found.references) == 1500 * 3
    assert len(found.locals) == 1500 * 2


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("cobol", "x", "no grammar for this language"),
        ("python", "(" * 100_000 + ")" * 100_000, "nested too deeply"),
        ("typescript", "x = " + "{" * 200_000, "nested too deeply"),
        ("python", "x = " + "a + " * 249_000, "takes too long to parse"),
        ("c", "x" * 1_000_001, "larger than 1 MB"),
    ],
    ids=["language", "parentheses", "braces", "half expression", "large"],
)
def test_what_is_refused_says_why(language: str, text: str, reason: str) -> None:
    assert read_text(language, text) == Refused(reason)


@pytest.mark.parametrize("language", sorted({language for language, _ in SOURCES}))
@pytest.mark.parametrize("part", ["-", "!", "a::", "@a ", "<<A\n", "a ? ", "if a:\n", "${", "\"'"])
def test_no_language_hangs_over_what_is_no_code(language: str, part: str) -> None:
    found = read_text(language, part * (100_000 // len(part)), seconds=0.05)
    assert isinstance(found, (FileFacts, Refused))


def test_a_chain_of_a_types_names_is_told_name_by_name() -> None:
    line = "type T{number} = (one?: typeof Tree.Branch.leaf.Size) => void\n"
    found = facts("typescript", "".join(line.format(number=number) for number in range(40)))
    chains = {(one.name, one.receiver) for one in found.references if one.use == "member"}
    assert chains == {("Branch", "Tree"), ("leaf", "Tree.Branch"), ("Size", "Tree.Branch.leaf")}


def test_a_long_chain_and_deep_classes_are_no_trouble() -> None:
    chain = "x = " + ".".join(["a()"] * 2_000) + "\n"
    nested = "".join("    " * depth + f"class A{depth}:\n" for depth in range(90)) + "    " * 90 + "pass\n"
    assert facts("python", chain).definitions[0].name == "x"
    owners = [item.owner for item in facts("python", nested).definitions]
    assert owners[:3] == ["", "A0", "A0.A1"]


def test_a_text_of_nothing_but_names_ends() -> None:
    found = facts("python", "\n".join(f"a{number}" for number in range(60_000)))
    assert len(found.references) == 40_000
