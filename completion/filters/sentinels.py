"""What leaked from a prompt: control tokens of any known model family, whole or in fragments, and paths of files."""

from __future__ import annotations

import re

from .scene import Scene

_BARRED = [
    "fim_prefix",
    "fim_suffix",
    "fim_middle",
    "fim_pad",
    "endoftext",
    "end_of_text",
    "repo_name",
    "file_sep",
    "file_separator",
    "im_start",
    "im_end",
    "eot_id",
    "start_header_id",
    "end_header_id",
    "user",
    "assistant",
    "system",
]
_WIDE_BARRED = ["fim▁begin", "fim▁hole", "fim▁end", "end▁of▁sentence", "begin▁of▁sentence"]
_ANGLED = ["fim_prefix", "fim_suffix", "fim_middle", "fim_pad", "file_sep", "repo_name"]
_SQUARED = ["fim-prefix", "fim-suffix", "fim-middle", "end▁of▁sentence", "begin▁of▁sentence"]
_RARE = ["<PRE>", "<SUF>", "<MID>", "<EOT>", "[PREFIX]", "[SUFFIX]", "[MIDDLE]", "[INST]", "[/INST]"]

_LONG = (
    *(f"<|{name}|>" for name in _BARRED),
    *(f"<｜{name}｜>" for name in _WIDE_BARRED),
    *(f"<{name}>" for name in _ANGLED),
    *(f"<[{name}]>" for name in _SQUARED),
)
_NO_INDEX = r"(?<![A-Za-z_)\]])"
"""What stands before a square bracket that begins no index."""

_WHOLE = re.compile(
    "|".join(
        [
            *map(re.escape, _LONG),
            *(_NO_INDEX + re.escape(one) if one.startswith("[") else re.escape(one) for one in _RARE),
            r"[ ▁]?<\|[a-z_]{3,}\|>",
        ]
    )
)
_MIN_ANGLED = len("<fim_")
_BEGUN = frozenset(
    token[:length]
    for token in _LONG
    for length in range(3 if token[1] in "|｜[" else _MIN_ANGLED, len(token))
    if token[:length] not in ("<file", "<repo")
)
_LONGEST = max(map(len, _BEGUN))
_ENDED = re.compile(r"^[a-z_]*(?:prefix|suffix|middle|pad|endoftext|text|name|sep)\|>")


def control_tokens(_scene: Scene, text: str) -> str:
    """Cut at the first control token; drop the end of one at the start, the beginning of one at the end."""
    text = _ENDED.sub("", text, count=1)
    if (found := _WHOLE.search(text)) is not None:
        text = text[: found.start()]
    for length in range(min(_LONGEST, len(text)), 2, -1):
        if text[-length:] in _BEGUN:
            return text[:-length]
    return text


_HEADER = re.compile(r"(?P<mark>#|//|--|;|/\*)?(?P<blank>\s*)(?P<path>[\w.@-][\w.@/-]*\.\w{1,8})\s*(?:\*/)?\s*$")


def path_header(scene: Scene, text: str) -> str:
    """Cut where the model begins another file: at a line that is only a path, as the prompt writes it.

    That is the path of a file that the model was shown, or of this one, or any behind a hash without a blank. Another
    path in a comment is a comment.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = _HEADER.match(scene.head + line if number == 0 else line)
        if found is not None and _is_header(scene, found):
            return "\n".join(lines[:number])
    return text


def _is_header(scene: Scene, found: re.Match[str]) -> bool:
    mark, blank, path = found["mark"], found["blank"], found["path"]
    if mark is None and (blank or "/" not in path):
        return False
    if path in scene.shown_paths or path == scene.path:
        return True
    return "/" in path and (scene.path.endswith(f"/{path}") or (mark == "#" and not blank))
