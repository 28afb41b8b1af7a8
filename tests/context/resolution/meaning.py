"""What names mean in small workspaces, in words that a test can compare."""

from __future__ import annotations

from ..memory_workspace import MemoryWorkspace


def meaning(workspace: MemoryWorkspace, path: str, name: str) -> list[str]:
    """ "path symbol" of each definition, or the paths alone if the name is bound to a module."""
    found = [f"{one.path} {one.definition.symbol}" for one in workspace.resolver.lookup(path, name)]
    return found or list(workspace.resolver.module(path, name))


def targets(workspace: MemoryWorkspace, path: str) -> list[str]:
    """Where the imports of a file lead, in order: "path name" or the path alone."""
    facts = workspace.facts(path)
    assert facts is not None
    found = (target for item in facts.imports for target in workspace.resolver.targets(path, item))
    return [f"{target.path} {target.name}".rstrip() for target in found]


def check(files: dict[str, str], path: str, **expected: str) -> MemoryWorkspace:
    """Each keyword is a name ("__" for a dot) visible in the file at `path`; its value what it means, '' nothing."""
    workspace = MemoryWorkspace(files)
    said = {name: ", ".join(meaning(workspace, path, name.replace("__", "."))) for name in expected}
    assert said == expected, said
    return workspace
