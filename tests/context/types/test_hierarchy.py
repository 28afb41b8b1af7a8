from __future__ import annotations

from tests.context.memory_workspace import MemoryWorkspace
from twolane.context.types.hierarchy import Hierarchy
from twolane.context.view import Found


def held(workspace: MemoryWorkspace, path: str, name: str) -> Found:
    return workspace.resolver.lookup(path, name)[0]


def test_a_lineage_is_complete_where_every_base_is_known() -> None:
    workspace = MemoryWorkspace(
        {
            "a.py": "class A:\n    pass\n\nclass B(A):\n    pass\n",
            "b.py": "from a import B\nfrom far import Other\n\nclass C(B):\n    pass\n\nclass D(C, Other):\n    pass\n",
        }
    )
    hierarchy = Hierarchy(workspace, workspace.resolver)
    known = hierarchy.lineage(held(workspace, "b.py", "C"))
    assert [item.definition.name for item in known.types] == ["C", "B", "A"]
    assert known.complete
    assert not hierarchy.lineage(held(workspace, "b.py", "D")).complete


def test_subtypes_are_found_in_other_files_but_not_those_of_a_namesake() -> None:
    workspace = MemoryWorkspace(
        {
            "a.py": "class A:\n    pass\n",
            "b.py": "from a import A\n\nclass B(A):\n    pass\n\nclass C(B):\n    pass\n",
            "other.py": "class A:\n    pass\n\nclass D(A):\n    pass\n",
        }
    )
    found = Hierarchy(workspace, workspace.resolver).subtypes(held(workspace, "a.py", "A"))
    assert {item.definition.name for item in found} == {"B", "C"}
