from __future__ import annotations

from tests.context.memory_workspace import MemoryWorkspace
from twolane.context import tokens
from twolane.context.repository_map import Mapper

FILES = {
    "core/store.py": "class Store:\n    def save(self, key: str): ...\n\n    def load(self, key: str): ...\n",
    "core/unused.py": "def lonely() -> None: ...\n",
    "web/views.py": "from core.store import Store\n\ndef show(store: Store) -> str:\n    return store.load('x')\n",
    "web/forms.py": "from core.store import Store\n\ndef keep(store: Store) -> None:\n    store.save('x')\n",
    "web/lists.py": "from core.store import Store\n\ndef listed(store: Store) -> str:\n    return store.load('y')\n",
    "web/colours.py": "def paint(pigment: str) -> str: ...\n",
    "web/page.py": "from web.colours import paint\n\ndef page() -> str:\n    return paint('red')\n",
}


def test_what_many_refer_to_comes_before_what_nobody_does() -> None:
    drawn = Mapper(MemoryWorkspace(FILES)).draw(24)
    assert "class Store:" in drawn.text
    assert "lonely" not in drawn.text


def test_the_budget_holds_and_a_large_one_shows_everything() -> None:
    mapper = Mapper(MemoryWorkspace(FILES))
    for budget in (0, 5, 12, 30, 60, 500):
        drawn = mapper.draw(budget)
        assert tokens.count(drawn.text) == drawn.tokens <= budget
    assert set(drawn.paths) == set(FILES)


def test_members_stand_below_their_type_in_order_of_lines() -> None:
    lines = Mapper(MemoryWorkspace(FILES)).draw(500).text.split("\n")
    at = lines.index("core/store.py:")
    assert lines[at + 1 : at + 4] == [
        "class Store:",
        "    def save(self, key: str): ...",
        "    def load(self, key: str): ...",
    ]


def test_the_map_leans_to_what_is_asked_about() -> None:
    mapper = Mapper(MemoryWorkspace(FILES))
    assert "paint" in mapper.draw(24, paths=["web/page.py"]).text
    assert "paint" in mapper.draw(24, names=["paint"]).text
    assert "Store" in mapper.draw(24, paths=["web/views.py"]).text


def test_files_that_are_shown_elsewhere_are_left_out() -> None:
    assert "core/store.py" not in Mapper(MemoryWorkspace(FILES)).draw(500, leave_out=["core/store.py"]).paths


def test_the_same_question_has_the_same_answer_and_a_change_shows() -> None:
    workspace = MemoryWorkspace(FILES)
    mapper = Mapper(workspace)
    before = mapper.draw(500)
    assert mapper.draw(500) == before
    workspace.write("core/unused.py", "def found_at_last() -> None: ...\n")
    after = mapper.draw(500)
    assert "found_at_last" in after.text
    assert "lonely" not in after.text
    workspace.remove("core/unused.py")
    assert "core/unused.py" not in mapper.draw(500).paths


def test_an_empty_workspace_has_an_empty_map() -> None:
    assert Mapper(MemoryWorkspace({})).draw(100).text == ""
    assert Mapper(MemoryWorkspace({"a.py": ""})).draw(100).text == ""
