"""Where no model is asked, and why."""

from __future__ import annotations

from ..context.document import Snapshot
from .asking import CompletionOptions
from .filters import brackets
from .languages import Shape
from .mode import in_middle
from .question import Question
from .window import Window


def refusal(snapshot: Snapshot, offset: int, max_bytes: int) -> str:
    """One sentence why there is no completion at `offset`, '' where the model may be asked."""
    text = snapshot.text
    if not 0 <= offset <= len(text):
        return "The cursor lies outside the document."
    if _larger(text, max_bytes):
        return f"The document is larger than {max_bytes:,} bytes; raise completion.max_document_bytes to complete here."
    if "\0" in text:
        return "The document holds binary data."
    if 0 < offset < len(text) and _in_word(text[offset - 1]) and _in_word(text[offset]):
        return "The cursor stands inside a word."
    return ""


def unwanted(question: Question, options: CompletionOptions) -> str:
    """One sentence why a person wants no completion at such a place, '' where there may be one."""
    if not options.in_middle_of_line and in_middle(question.place):
        return "Code follows behind the cursor on its line, and completion.in_middle_of_line is off."
    return inside(question.view, question.shape, options)


def inside(view: Window, shape: Shape | None, options: CompletionOptions) -> str:
    """One sentence why there is no completion inside this string or comment, '' where there may be one."""
    if shape is None or (options.in_strings and options.in_comments):
        return ""
    found = brackets.inside(view, shape)
    if found == "string" and not options.in_strings:
        return "The cursor stands inside a string, and completion.in_strings is off."
    if found == "comment" and not options.in_comments:
        return "The cursor stands inside a comment, and completion.in_comments is off."
    return ""


def _larger(text: str, max_bytes: int) -> bool:
    if text.isascii() or len(text) > max_bytes:
        return len(text) > max_bytes
    return len(text) * 4 > max_bytes and len(text.encode("utf-8", "replace")) > max_bytes


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
