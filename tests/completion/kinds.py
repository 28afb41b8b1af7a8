"""The kinds of cases that every language's fixtures hold, and what the few exceptions are.

A language that is added brings all of `EVERYWHERE`, or says in `NOT_IN` why it has no notion of one.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

EVERYWHERE: Final = (
    # control tokens and other files
    "a control token ends the text",
    "a control token of another family",
    "a fragment of a control token at the end",
    "a fragment of a control token at the start",
    "only control tokens",
    "what follows a control token is nobody's",
    "an index in capitals is no control token",
    "another file begins",
    "a comment that names a file is a comment",
    # characters and white space
    "a half character",
    "trailing white space goes",
    "white space alone is nothing",
    "blanks that stand there already",
    "blanks that are not those of the document",
    # what goes round in circles, and what only looks so
    "the same line over and over",
    "a line that goes round in circles",
    "a chain that repeats and ends",
    "three equal statements",
    "a row of values is no repetition",
    "rows of a matrix may be the same",
    "many zeros are data",
    "a number without end is no data",
    "one name over and over is no list",
    "equal types in a row",
    # what stands left and right
    "a line typed again from its start",
    "a line typed again leaves no second blank",
    "the start of the line is not said again",
    "a call within the same call is not said twice",
    "only up to what follows in the middle of a line",
    "what stands to the right is not said again",
    "what would be one word with the next",
    "a blank before the next word stays",
    "a name goes on in the middle of a word",
    # what stands above and below
    "the line above is not said again",
    "the line above is not said again in other blanks or quotes",
    "the line below is not said again",
    "the line below is not said again in other blanks or quotes",
    "the last lines stand below already",
    "a text that runs into the lines below ends before them, however they are written",
    "a block of the text's own may end as the lines below do",
    "a block that is nothing but what the line below says",
    # brackets and quotes
    "brackets that are closed already stay single",
    "a bracket that is not closed yet may be closed",
    "brackets in strings do not count",
    "within braces of a string up to what is closed",
    "a quote that is closed already stays single",
    "a quote that only begins a string",
    "a quote that ends a string",
    "a string up to the quote that an editor has closed",
    "no comma before the bracket that is there",
    # how much
    "a line ends at its end",
    "a body of an empty block",
    "a body up to its closing brace",
    "the closing brace stands below already",
    "a block within a block keeps its end",
    "a block on an empty line comes with its body",
    "a line that opens a block brings its body along",
    "the block goes on with else",
    "an else behind the bracket that stands there",
    "the text below ends the block",
    "the empty body of a condition, its end below",
    "the empty body of a loop, its end below",
    "the empty body under a condition of two lines",
    "a case comes with its body and no other",
    "after a comment",
    "a comment up to its end",
    "one method of a class, not its sibling",
    "the comment of the next method is not of this one",
    "what leads a definition comes with it",
    "what leads the definition below it ends there",
    "a string over several lines does not end a block",
    "prose may begin with a word of the language",
    "the arguments of an open call",
    # what is no code, is never reached or says nothing
    "what is no code is withheld",
    "what stands behind a return is never reached",
    "behind a return nothing follows in its block",
    "a return in a branch ends the branch only",
    "a return that goes on in the next line",
    "what stands behind a throw is never reached",
    "a comment that says nothing",
    # indentation
    "tabs where the document has tabs",
    "spaces where the document has spaces",
    "four spaces become the two of the document",
    "two spaces become the four of the document",
    "spaces become the tabs of a document",
    "tabs become the spaces of the document",
    "tabs and spaces in one line become tabs",
    "a step of three",
    "a block steps as the document does, though the text begins where the cursor is",
    "the body of a head that stands steps as the document does",
    "a document that mixes tabs and spaces is left to itself",
    "arguments may stand as they like",
    "an argument may be further in",
    "an argument may be as far in as its bracket",
    "an aligned argument tells no step",
    "arguments and what a string says keep their places when a text steps otherwise",
    "text in a string may be as far in as it likes",
)

_WORDS = ("shellscript",)
_NO_BRACES = ("python", "ruby", "lua")
_NO_CLASSES = ("c", "go", "lua", "shellscript")
_NO_TYPES = ("javascript", "javascriptreact", "ruby", "lua", "shellscript")
_NO_LEADS = ("c", "go", "javascript", "javascriptreact", "ruby", "lua", "shellscript")

NOT_IN: Final = MappingProxyType(
    {
        # A command's arguments stand in no brackets and have no commas, and what it returns is one number.
        "the arguments of an open call": _WORDS,
        "one name over and over is no list": _WORDS,
        "no comma before the bracket that is there": _WORDS,
        "a call within the same call is not said twice": _WORDS,
        "a return that goes on in the next line": _WORDS,
        "arguments may stand as they like": _WORDS,
        "an argument may be further in": _WORDS,
        "an argument may be as far in as its bracket": _WORDS,
        "an aligned argument tells no step": _WORDS,
        # A string of C ends on its line.
        "a string over several lines does not end a block": ("c",),
        "text in a string may be as far in as it likes": ("c",),
        "arguments and what a string says keep their places when a text steps otherwise": ("c", "shellscript"),
        # Blocks end with a word, or by their indentation.
        "a body up to its closing brace": _NO_BRACES,
        "the closing brace stands below already": _NO_BRACES,
        "an else behind the bracket that stands there": (*_NO_BRACES, "shellscript"),
        # Lua chooses with `if` alone.
        "a case comes with its body and no other": ("lua",),
        # Methods stand in no class, or there are none.
        "one method of a class, not its sibling": _NO_CLASSES,
        "the comment of the next method is not of this one": _NO_CLASSES,
        # Nothing is declared with a type.
        "equal types in a row": _NO_TYPES,
        # No annotation, attribute, decorator or template stands above a definition.
        "what leads a definition comes with it": _NO_LEADS,
        "what leads the definition below it ends there": _NO_LEADS,
        # Errors are values, or end the program.
        "what stands behind a throw is never reached": ("c", "go", "rust", "lua", "shellscript"),
        # A string holds no expression.
        "within braces of a string up to what is closed": ("c", "cpp", "go", "java", "lua"),
    }
)
"""Kinds that make no sense in a language, and why."""

_SCRIPT = ("javascript", "javascriptreact", "typescript", "typescriptreact")
_TAGS = ("javascriptreact", "typescriptreact")

FAMILIES: Final = MappingProxyType(
    {
        ("ruby", "lua", "shellscript"): ("a body up to its end", "the end stands below already"),
        ("python", "rust"): ("the comma of a tuple of one stays",),
        ("c", "cpp", "csharp", "go", "java", "rust"): ("a character that is a bracket opens nothing",),
        ("cpp", "csharp", "java", "rust", "typescript", "typescriptreact"): ("angle brackets within others",),
        _SCRIPT: (
            "a pattern begins at the cursor",
            "a pattern begins at the cursor, behind a word",
            "a bracket in a pattern is none",
            "a bracket in a pattern at the cursor opens nothing",
            "nor does one behind a word",
            "a division is none",
            "a chain may go on behind a return",
            "a call with a function comes with its body",
            "a callback up to its closing bracket",
            "the closing bracket stands below already",
            "a function within brackets that an editor has closed",
            "closing braces too many",
            "the head of what stands below comes without it",
        ),
        _TAGS: (
            "a brace that is closed already",
            "an attribute up to what follows",
            "a tag is no control token",
            "the same closing tag, further out",
            "the same closing tag, further in",
            "tags of one name within each other are no repetition",
            "a list of elements comes with its end",
        ),
    }
)
"""Kinds that only some languages know."""


def expected(language: str) -> set[str]:
    """The titles that a language's fixtures hold, beside those of its own."""
    titles = {title for title in EVERYWHERE if language not in NOT_IN.get(title, ())}
    return titles.union(*(kinds for family, kinds in FAMILIES.items() if language in family))
