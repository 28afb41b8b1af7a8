from __future__ import annotations

import pytest

from twolane.context.types.chain import steps


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("self.client", "self client"),
        ("make(a, b(c)).one", "make() one"),
        ("await client.get(url)", "client get()"),
        ("(await fetch()).body", ""),
        ("new Client().pool", "Client() pool"),
        ("this?.client!.pool", "this client pool"),
        ("ptr->next->value", "ptr next value"),
        ("crate::net::Client::new()", "crate net Client new()"),
        ("Vec::<u8>::new()", "Vec new()"),
        ("$this->client", "$this client"),
        ("items[0].name", ""),
        ("?", ""),
        ("", ""),
        ("a.", ""),
        ("f(", ""),
        ('"text"', ""),
        (".".join("abcdefghij"), ""),
    ],
)
def test_a_receiver_becomes_steps(text: str, told: str) -> None:
    assert " ".join(step.name + "()" * step.called for step in steps(text)) == told
