"""What is known about a candidate, as columns of numbers between 0 and about 1."""

from __future__ import annotations

from enum import IntEnum, auto


class Column(IntEnum):
    """The columns; those before `SEEN` do not depend on the cursor."""

    CONSTANT = 0
    NAMED = auto()
    """imported by its own name, shared among what that may mean"""
    UNUSED = auto()
    """the same, and nothing in the file uses it so far"""
    MODULE = auto()
    """stands at the top of a module that is imported as a whole"""
    BESIDE = auto()
    """stands beside something imported by name"""
    PACKAGE = auto()
    """visible without an import: the same package or folder, where the language says so"""
    FOLDER = auto()
    """in a file of the same folder"""
    OWNER_NAMED = auto()
    """a member of a type that is imported or used here"""
    CONSTRUCTOR = auto()
    """what a type's construction calls"""
    TYPE_HOP = auto()
    """a type named in the signature or among the bases of something used here"""
    OWNER_HOP = auto()
    """a member of such a type"""
    COUSAGE = auto()
    """the share of similar files that use the name, times how surely it is this definition"""
    COUSAGE_ROOT = auto()
    """its square root: the difference between none and a few counts most"""
    POPULAR = auto()
    """how many files use the name, on a logarithmic scale"""
    TOGETHER = auto()
    """its file was committed together with this one"""
    PAIR = auto()
    """its file is what this test tests, or the test of this file"""
    NEAR_PATH = auto()
    """how close the folders are"""
    SIMILAR_FILE = auto()
    """its file resembles this one"""
    PRIVATE = auto()
    IN_TEST = auto()
    """a test's own definition, seen from elsewhere"""
    MEMBER = auto()
    FIELD = auto()
    TYPE = auto()
    VALUE = auto()
    """a constant or a variable"""
    LENGTH = auto()
    """its tokens, on a logarithmic scale"""
    LONG_NAME = auto()
    SEEN = auto()
    """the name stands in this file, times how surely it is this definition"""
    SEEN_NEAR = auto()
    """the same, fading with the distance"""
    SEEN_OFTEN = auto()
    """the same, for how often it stands there: near uses count most"""
    OWNER_SEEN = auto()
    """the name of its owner stands near"""
    RECEIVER = auto()
    """something whose type owns it is at hand"""
    RECEIVER_FRESH = auto()
    """the same, and the name is not used in this file yet"""
    COMPANION = auto()
    """in other files it stands next to names that stand near here"""
    WORDS = auto()
    """the words in its name stand near"""
    OWNER_WORDS = auto()
    """the words in its owner's name stand near"""
    DOT_MEMBER = auto()
    """the cursor stands behind a dot, and it is a member"""
    DOT_OTHER = auto()
    """the cursor stands behind a dot, and it is none"""
    DOT_HELD = auto()
    """what stands before the dot has it"""
    BARE_MEMBER = auto()
    """the cursor stands in the middle of a line, behind no dot, and it is a member"""


COLUMNS = len(Column)
"""How many there are."""
