"""The section of the settings about ghost text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...routing.naming import identifier
from .option import option


@dataclass(frozen=True, slots=True)
class Suggest:
    """When and how ghost text is suggested."""

    enabled: bool = option(True, "Suggest while typing.", "tighten")
    context_tokens: int = option(
        1024,
        "How many tokens of other files the model may be shown beside the file at hand. 0: none.",
        "workspace",
        low=0,
        high=65_536,
    )
    max_tokens: int = option(64, "The longest suggestion, in tokens of the model.", "workspace", low=1, high=1024)
    time_limit_ms: int = option(
        600,
        "A suggestion stops growing so many milliseconds after its first token.",
        "workspace",
        low=20,
        high=60_000,
    )
    multiline: Literal["auto", "never", "always"] = option(
        "auto",
        "Suggest more than one line: `auto` where a block is about to begin, `never`, or `always`.",
        "workspace",
        choices=("auto", "never", "always"),
    )
    goal_ms: int = option(
        0,
        "Nine answers of ten shall be there within so many milliseconds: the sizes of prompt and answer follow the "
        "speed that is measured. 0: 250 on a graphics card, 600 on a processor.",
        "workspace",
        low=0,
        high=60_000,
    )
    ahead: bool = option(
        True,
        "Let the engine read while you type and where you put the cursor, and write what follows a suggestion before "
        "you accept it.",
        "tighten",
    )
    max_document_bytes: int = option(
        2_000_000,
        "No suggestions in files that are larger (UTF-8 bytes).",
        "tighten",
        low=0,
        high=100_000_000,
    )
    wait_ms: int = option(
        -1,
        "A request waits for the next key as long as your typing makes one likely before an answer could be there, "
        "but no longer than so many milliseconds. -1: 0 for the model on this machine, 150 for a team's server.",
        "workspace",
        low=-1,
        high=2_000,
    )
    check: bool = option(
        True,
        "Look at a suggestion as code before it is shown: what brings syntax errors, or names that cannot exist, is "
        "cut or withheld.",
        "workspace",
    )
    hypotheses: int = option(
        4,
        "A very small model on this machine, such as the starter, ends a line in so many ways side by side, and the "
        "likeliest counts. 1: each word is the likeliest next one, as in larger models; that takes half the time.",
        "workspace",
        low=1,
        high=4,
    )
    copies: bool = option(
        True, "A very small model (the starter) goes on as the same text did, here or in files near it.", "workspace"
    )
    in_strings: bool = option(True, "Suggest inside strings.", "tighten")
    in_comments: bool = option(True, "Suggest inside comments.", "tighten")
    in_middle_of_line: bool = option(
        True, "Suggest where code follows the cursor on its line, not only what closes it.", "tighten"
    )
    menu_entry: bool = option(
        True, "In an editor that knows no inline suggestions, offer them as entries of its completion menu.", "user"
    )
    disabled_languages: tuple[str, ...] = option(
        (),
        'No suggestions in these languages, by LSP identifier: `["markdown", "yaml"]`. '
        "The workspace's file adds to your own list.",
        "tighten",
    )

    def silent_languages(self) -> list[str]:
        """The languages without suggestions, each once and by its identifier, however a person calls it."""
        return list(dict.fromkeys(identifier(name).lower() for name in self.disabled_languages))

    def silence(self, language: str) -> str:
        """Why nothing is suggested in this language; empty where something may be."""
        if not self.enabled:
            return "suggestions are turned off (setting completion.enabled)"
        if language.lower() in self.silent_languages():
            return f"suggestions are turned off for {language} (setting completion.disabled_languages)"
        return ""
