"""What editors and people call a language."""

from __future__ import annotations

import pytest

from twolane.completion import languages
from twolane.routing.naming import identifier


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("sh", "shellscript"),
        ("zsh", "shellscript"),
        ("cs", "csharp"),
        ("C++", "cpp"),
        ("javascript.jsx", "javascriptreact"),
        ("typescript.tsx", "typescriptreact"),
        ("php.laravel", "php"),
        ("sh.template", "shellscript"),
        ("Elm", "Elm"),
        (".odd", ".odd"),
        ("", ""),
    ],
)
def test_a_language_has_one_name(name: str, language: str) -> None:
    assert identifier(name) == language


def test_an_identifier_stays_what_it_is() -> None:
    assert [identifier(name) for name in languages.known()] == list(languages.known())
