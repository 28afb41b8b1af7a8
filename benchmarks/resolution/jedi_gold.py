"""What jedi says the imports of Python files mean."""

from __future__ import annotations

import ast
import random
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jedi

from .judged import Gold, Place

_ROOTS = ("src", "lib")
_HOPS = 6


def gold(root: Path, texts: Mapping[str, str], sample: int, seed: int) -> Iterator[Gold]:
    """The meaning of at most `sample` imported names, drawn by `seed` among all of the workspace's own-looking ones.

    jedi sees the standard library and the workspace only, not what is installed here.
    """
    standard = [path for path in sys.path if path and "site-packages" not in path and Path(path).is_dir()]
    added = [str(root / name) for name in _ROOTS if (root / name).is_dir()]
    paths = [path for path in standard if Path(path) != Path.cwd()]
    project = jedi.Project(str(root), sys_path=paths, added_sys_path=added)
    names = [(path, *one) for path, text in sorted(texts.items()) if path.endswith(".py") for one in _names(text)]
    random.Random(seed).shuffle(names)
    scripts: dict[str, jedi.Script] = {}
    for path, line, column, module, name in sorted(names[:sample]):
        if path not in scripts:
            scripts = {path: jedi.Script(texts[path], path=str(root / path), project=project)}
        places: dict[Place, None] = {}
        is_outside = False
        try:
            found = _followed(scripts[path].goto(line, column, follow_imports=True), texts, root)
        except Exception:  # jedi gives up in many ways
            continue
        for one in found:
            file = one.module_path
            if file is not None and file.is_relative_to(root):
                inner = file.relative_to(root).as_posix()
                if one.type == "namespace":
                    continue
                places[Place(inner, 0 if one.type == "module" else one.line or 0)] = None
            elif file is not None or one.in_builtin_module():
                is_outside = True
        yield Gold(path, line, module, name, tuple(places), is_outside)


def _followed(found: list[Any], texts: Mapping[str, str], root: Path) -> list[Any]:
    """Names whose line is itself an import are followed on: jedi stops at those that a stub beside the file has."""
    for _ in range(_HOPS):
        further: list[Any] = []
        for one in found:
            file = one.module_path
            inner = file.relative_to(root).as_posix() if file is not None and file.is_relative_to(root) else ""
            is_import = one.type != "module" and any(
                first <= (one.line or 0) <= last for first, last in _import_lines(texts.get(inner, ""))
            )
            further.extend(one.goto(follow_imports=True) or [one] if is_import else [one])
        if further == found:
            break
        found = further
    return found


@cache
def _import_lines(text: str) -> tuple[tuple[int, int], ...]:
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):
        return ()
    found = (node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
    return tuple((node.lineno, node.end_lineno or node.lineno) for node in found)


def _names(text: str) -> Iterator[tuple[int, int, str, str]]:
    """(line, column, module, name) of every imported name; the column is that of the name's last part."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                last = alias.col_offset + len(alias.name.encode()) - len(alias.name.rpartition(".")[2].encode())
                yield alias.lineno, last, alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                if alias.name != "*":
                    yield alias.lineno, alias.col_offset, module, alias.name
