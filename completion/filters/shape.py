"""The look of the text: an unfinished line, white space, an impossible start."""

from __future__ import annotations

from .brackets import scan
from .scene import Scene


def impossible_start(scene: Scene, text: str) -> str:
    """Drop a text that begins a line with what can only continue one, where indentation makes the blocks."""
    if scene.shape is None or not scene.shape.indented or scene.head.strip():
        return text
    if not text.lstrip().startswith((":", ",", "=", ";")):
        return text
    return text if scan(scene.before, scene.shape).inside else ""


def unfinished_line(scene: Scene, text: str) -> str:
    """Drop the last of several lines where the model ran out of tokens or time within it."""
    if not scene.cut_short or "\n" not in text:
        return text
    kept = text[: text.rfind("\n")]
    return kept if kept.strip() else text


def trailing_space(scene: Scene, text: str) -> str:
    """Drop white space at line ends and blank lines at the end; a blank before the word behind the cursor stays."""
    kept = "\n".join(line.rstrip(" \t") for line in text.split("\n")).rstrip()
    apart = kept and text.endswith((" ", "\t")) and scene.begins_word and not text[len(kept) :].strip(" \t")
    return f"{kept} " if apart else kept
