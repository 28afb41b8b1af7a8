"""Workspace paths: '/' separated, relative, '' for the root; no function here returns one outside of it."""

from __future__ import annotations


def parent(path: str) -> str:
    """The folder that `path` stands in; '' for what stands in the root, and for the root."""
    return path.rpartition("/")[0]


def join(folder: str, name: str) -> str:
    """`name` below `folder`, which may be the root; neither is normalised."""
    if not name:
        return folder
    return f"{folder}/{name}" if folder else name


def above(folder: str) -> tuple[str, ...]:
    """`folder` and all folders above it, nearest first, the root last."""
    found = [folder]
    while folder:
        folder = parent(folder)
        found.append(folder)
    return tuple(found)


def relative(folder: str, written: str) -> str | None:
    """What `written` (with `.` and `..`) means in `folder`; None outside the workspace or for an absolute path."""
    if written.startswith("/") or "\0" in written:
        return None
    parts = folder.split("/") if folder else []
    for part in written.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def stem(path: str) -> str:
    """The bare name without its last extension."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def shared(one: str, other: str) -> int:
    """How many leading folders two paths have in common."""
    count = 0
    for left, right in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if left != right:
            break
        count += 1
    return count


def nearest(origin: str, candidates: list[str]) -> list[str]:
    """`candidates` with those first that share most folders with `origin`, then the shorter, then by name."""
    return sorted(candidates, key=lambda path: (-shared(origin, path), path.count("/"), path))


def ends_with(path: str, tail: str) -> bool:
    """Whether `path` is `tail` or ends with it at a folder's border."""
    return path.endswith(tail) and (len(path) == len(tail) or path[-len(tail) - 1] == "/")
