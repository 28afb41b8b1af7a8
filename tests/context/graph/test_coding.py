from __future__ import annotations

import zlib

import pytest

from twolane.context.facts import Definition, FileFacts, Import, Local, Reference
from twolane.context.graph import naming
from twolane.context.graph.coding import DamagedFacts, decode, encode

FACTS = FileFacts(
    "python",
    (
        Definition("Äpfel", "class", "", 1, 2, 9, "class Äpfel(\n    Base)", bases=("Base",), mentions=("Base", "T")),
        Definition("pick", "method", "Äpfel", 3, 3, 4, "def pick(self)", gives="int", exported=False, least=0, most=-2),
    ),
    (Import("os.path", "join", "j", 1, 1), Import("", "x", "x", 2, 3, level=2, top=False, passes_on=True)),
    (Reference("pick", 5, 2, "call", "self.tree", 1), Reference("pick", 6, 0, "member")),
    (Local("tree", 3, 4, 3, "Tree"),),
    ("Äpfel",),
    "garden",
    True,
)


@pytest.mark.parametrize("facts", [FACTS, FileFacts("go"), FileFacts("go", exports=())])
def test_facts_come_back_as_they_were(facts: FileFacts) -> None:
    assert decode(encode(facts)) == facts


def test_facts_that_come_back_cannot_be_changed() -> None:
    again = decode(encode(FACTS))
    with pytest.raises(AttributeError):
        again.definitions[0].name = "other"  # type: ignore[misc] # that is the point


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not zlib",
        encode(FACTS)[:-5],
        zlib.compress(b"[]"),
        zlib.compress(b"[" * 100_000),
        zlib.compress(b'["python","",false,null,[[1]],[],[],[],[],[]]'),
        zlib.compress(bytes(33_000_000)),
        bytes([*encode(FACTS)[:40], 0, 0, 0, *encode(FACTS)[43:]]),
    ],
    ids=["empty", "other", "cut", "short", "deep", "columns", "bomb", "flipped"],
)
def test_damage_is_an_error_of_its_own_kind(data: bytes) -> None:
    with pytest.raises(DamagedFacts):
        decode(data)


def test_names_are_those_that_others_can_look_for() -> None:
    facts = FileFacts(
        "python",
        (Definition("Tree", "class", "", 1, 1, 9, "class Tree"),),
        (Import("garden", "Apple", "A", 1, 1),),
        (Reference("leaf", 5, 0, "name"), Reference("leaf", 50, 0, "name"), Reference("root", 5, 0, "name")),
        (Local("leaf", 4, 6, 4), Local("root", 4, 6, 4)),
    )
    names = naming.names_of(facts)
    assert names.defined == {"Tree"}
    assert names.used == {"Apple", "leaf"}
    assert naming.unpack(naming.pack(names)) == ([b"Tree"], [b"Apple", b"leaf"])


@pytest.mark.parametrize("data", [b"", b"x", zlib.compress(b"no middle")])
def test_damaged_names_are_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        naming.unpack(data)
