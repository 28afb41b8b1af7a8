"""Signatures of the names that a Python file imports from its own package.

The same form as the product shows: per imported file one piece of text, the signature lines of each
imported definition (at most three lines each) joined by line breaks, a class followed by its members.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field

_MAX_LINES = 3
_MAX_HOPS = 4
_MAX_MEMBERS = 12


@dataclass(slots=True)
class Module:
    """One parsed file: its definitions (name to signature lines) and its imports (name to origin)."""

    path: str
    definitions: dict[str, str] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)


def module_name(path: str) -> str:
    """The dotted name of a '/'-separated path below the import root."""
    stem = path.removesuffix(".py").removesuffix("/__init__")
    return stem.replace("/", ".")


def parse(path: str, text: str) -> Module | None:
    """Read a file's definitions and imports; None if it is not valid Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    module = Module(path)
    lines = text.splitlines()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            module.definitions[node.name] = _of_function(lines, node)
        elif isinstance(node, ast.ClassDef):
            module.definitions[node.name] = "\n".join(_of_class(lines, node))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            module.definitions[node.targets[0].id] = _signature(lines, node.lineno, node.lineno + 1)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            module.definitions[node.target.id] = _signature(lines, node.lineno, node.lineno + 1)
    is_package = path.endswith("/__init__.py")
    for found in ast.walk(tree):
        if isinstance(found, ast.ImportFrom):
            origin = _origin(module_name(path), is_package, found)
            for alias in found.names:
                module.imports[alias.asname or alias.name] = (origin, alias.name)
    return module


def imported(path: str, modules: dict[str, Module]) -> list[tuple[str, list[str]]]:
    """Per imported file of the same package: its path and the signatures asked of it, in import order.

    `modules` maps dotted names to parsed files; re-exports are followed.
    """
    start = modules.get(module_name(path))
    if start is None:
        return []
    found: dict[str, list[str]] = {}
    for origin, name in start.imports.values():
        hit = _resolve(origin, name, modules)
        if hit is not None and hit[0] != path and hit[1] not in found.setdefault(hit[0], []):
            found[hit[0]].append(hit[1])
    return [(source, texts) for source, texts in found.items() if texts]


def _resolve(origin: str, name: str, modules: dict[str, Module]) -> tuple[str, str] | None:
    for _ in range(_MAX_HOPS):
        module = modules.get(origin)
        if module is None:
            return None
        if name in module.definitions:
            return module.path, module.definitions[name]
        if name not in module.imports:
            return None
        origin, name = module.imports[name]
    return None


def _origin(current: str, is_package: bool, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = current.split(".")
    drop = node.level - (1 if is_package else 0)
    base = parts[: len(parts) - drop] if drop else parts
    return ".".join([*base, node.module] if node.module else base)


def _of_function(lines: list[str], node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return _signature(lines, node.lineno, node.body[0].lineno)


def _of_class(lines: list[str], node: ast.ClassDef) -> list[str]:
    first = node.body[0]
    decorators = getattr(first, "decorator_list", [])
    shown = [_signature(lines, node.lineno, decorators[0].lineno if decorators else first.lineno)]
    for member in node.body:
        if len(shown) > _MAX_MEMBERS:
            break
        if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
            if member.name == "__init__" or not member.name.startswith("__"):
                shown.append(_of_function(lines, member))
        elif isinstance(member, ast.AnnAssign):
            shown.append(_signature(lines, member.lineno, member.lineno + 1))
    return shown


def _signature(lines: list[str], first: int, body: int) -> str:
    last = min(max(body - 1, first), first + _MAX_LINES - 1, len(lines))
    return "\n".join(lines[first - 1 : last])
