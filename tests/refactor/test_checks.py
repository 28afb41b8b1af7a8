"""The project's own checks: tried on a copy, within limits, and what failed is told once."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tests.refactor.bench import bench, said
from tests.refactor.desk import CART, SHOP, answered, symbol
from tests.routing.scripted_chat import Script as Chat
from tests.routing.scripted_chat import ScriptedChat
from twolane.refactor.checks.plan import Plan
from twolane.refactor.checks.process import environment, run
from twolane.refactor.checks.scratch import Scratch
from twolane.refactor.checks.trial import Trial
from twolane.refactor.options import Options
from twolane.refactor.original import Change, Original
from twolane.refactor.writing import mark
from twolane.routing.privacy.privacy import PrivacyRules

SUM = '    def total(self) -> Money:\n        return sum(self.items, Money(0, "EUR"))\n'
NONE = '    def total(self) -> Money:\n        return Money(0, "EUR")\n'
WRONG_WITHOUT_SUM = """\
import sys
text = open("shop/cart.py").read()
sys.exit(sys.argv[1] if "result" not in text and "sum(" not in text else 0)
"""
FORKS = """\
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
time.sleep(60)
"""
ASKS_FOR_SUM = (
    sys.executable,
    "-c",
    "import sys; sys.exit('sum(' not in open('shop/cart.py').read() and 'total: no sum')",
)


def python(program: str, *more: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program, *more)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "work"
    for path, text in SHOP.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    (place / ".git").mkdir()
    (place / "node_modules").mkdir()
    (place / "outside").symlink_to(tmp_path, target_is_directory=True)
    return place


def change(root: Path, text: str) -> Change:
    data = (root / "shop/cart.py").read_bytes()
    return Change("shop/cart.py", "python", text, Original("shop/cart.py", data.decode(), "python", mark=mark(data)))


@asynccontextmanager
async def trying(root: Path, **plan: object) -> AsyncIterator[Trial]:
    trial = Trial(root, Plan(**plan))  # type: ignore[arg-type]
    try:
        yield trial
    finally:
        await trial.close()


def test_the_copy_has_the_project_and_nothing_through_links(root: Path) -> None:
    scratch = Scratch(root, ("node_modules", "absent"))
    assert (scratch.folder / "shop/cart.py").read_text() == CART
    assert not (scratch.folder / ".git").exists()
    assert not (scratch.folder / "outside").exists()
    assert (scratch.folder / "node_modules").is_symlink()
    scratch.write([("shop/cart.py", b"changed"), ("tests/test_cart.py", None), ("new/a.py", b"1")])
    assert scratch.read("shop/cart.py") == b"changed"
    assert (root / "shop/cart.py").read_text() == CART
    assert (root / "tests/test_cart.py").exists()
    scratch.close()
    assert not scratch.folder.exists()
    assert (root / "node_modules").exists()


async def test_a_check_sees_the_change_and_the_workspace_does_not(root: Path) -> None:
    async with trying(root, tests=ASKS_FOR_SUM) as trial:
        (good,) = await trial.verdicts((change(root, CART.replace("result = Money", "result = sum(")),))
        assert (good.state, good.name) == ("passed", "tests")
        (bad,) = await trial.verdicts((change(root, CART + "\n"),))
        assert bad.state == "failed before too"
    async with trying(
        root, tests=python("import sys; sys.exit('broken' in open('shop/cart.py').read() and 'error: broken')")
    ) as trial:
        (bad,) = await trial.verdicts((change(root, CART + "# broken\n"),))
        assert (bad.state, bad.output.strip()) == ("failed", "error: broken")
    assert (root / "shop/cart.py").read_text() == CART


async def test_the_formatter_works_only_where_the_file_was_tidy(root: Path) -> None:
    strip = python(
        "import sys, re\nfor f in sys.argv[1:]: t = open(f).read(); open(f, 'w').write(re.sub(' +\\n', '\\n', t))",
        "{files}",
    )
    async with trying(root, format=strip) as trial:
        assert (await trial.formatted((change(root, CART + "x = 1   \n"),)))["shop/cart.py"] == CART + "x = 1\n"
    (root / "shop/cart.py").write_text(CART + "y = 2  \n")
    async with trying(root, format=strip) as trial:
        assert await trial.formatted((change(root, CART + "y = 2  \nx = 1  \n"),)) == {}


async def test_what_never_ends_or_eats_memory_is_stopped_with_all_that_it_started(root: Path) -> None:
    own = psutil.Process()
    ended = await run(python(FORKS), root, root, timeout_s=1.5, memory_mb=4_096)
    assert ended.code is None
    assert "1.5 s" in ended.stopped
    eats = await run(
        python("import time; x = bytearray(300_000_000); time.sleep(60)"), root, root, timeout_s=30, memory_mb=150
    )
    assert "150 MB" in eats.stopped
    for _ in range(100):
        if not own.children(recursive=True):
            break
        await asyncio.sleep(0.02)
    left = [
        one
        for one in psutil.process_iter(["cmdline"])
        if one.info["cmdline"] and one.info["cmdline"][-1] == "import time; time.sleep(60)"
    ]
    assert left == []


async def test_a_check_that_is_given_up_is_gone(root: Path) -> None:
    running = asyncio.create_task(run(python("import time; time.sleep(60)"), root, root, timeout_s=30, memory_mb=4_096))
    while not psutil.Process().children():
        await asyncio.sleep(0.01)
    (child,) = psutil.Process().children()
    running.cancel()
    began = time.perf_counter()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not child.is_running()
    assert time.perf_counter() - began < 5


def test_nothing_like_a_key_is_in_its_environment(tmp_path: Path) -> None:
    own = {
        "PATH": "/bin",
        "ANTHROPIC_API_KEY": "k",
        "GITHUB_TOKEN": "t",
        "TWOLANE_TEAM_KEY": "k",
        "DB_PASSWORD": "p",
        "LANG": "C",
    }
    kept = environment(own, tmp_path / "copy", tmp_path / "work")
    assert {"PATH", "LANG"} <= set(kept)
    assert not any(word in f"{kept}" for word in ("ANTHROPIC", "TOKEN", "TWOLANE", "PASSWORD"))
    assert kept["PYTHONPATH"].split(os.pathsep)[0] == str(tmp_path / "copy")


async def test_what_failed_is_sent_back_once(tmp_path: Path) -> None:
    first, second = (
        answered(symbol("shop/cart.py", "Cart.total", NONE)),
        answered(symbol("shop/cart.py", "Cart.total", SUM)),
    )
    program = python(WRONG_WITHOUT_SUM, "error: total is wrong")
    options = Options(plan=Plan(tests=program))
    async with bench(tmp_path, [said(first), said(second)], options=options) as at:
        outcome = await at.run()
        assert SUM in outcome.changes[0].text
        assert [(one.name, one.state) for one in outcome.checks] == [("tests", "passed")]
        assert outcome.asks == 2
        assert "error: total is wrong" in at.told(1)
        assert "error: total is wrong" not in str(at.server.requests[1].json["system"])
    async with bench(tmp_path / "again", [said(first), said(first)], options=options) as at:
        outcome = await at.run()
        assert outcome.changes == ()
        assert "tests" in outcome.reason
        assert outcome.asks == 2


async def test_a_check_that_names_a_file_which_may_not_leave_tells_only_that_it_failed(tmp_path: Path) -> None:
    first, second = (
        answered(symbol("shop/cart.py", "Cart.total", NONE)),
        answered(symbol("shop/cart.py", "Cart.total", SUM)),
    )
    program = python(WRONG_WITHOUT_SUM, "tests/test_cart.py:6: error: wrong")
    rules = PrivacyRules(near_only=("tests/",))
    async with bench(
        tmp_path, [said(first), said(second)], options=Options(plan=Plan(tests=program)), rules=rules
    ) as at:
        outcome = await at.run()
        assert outcome.asks == 2
        assert "its tests failed" in at.told(1)
        assert "tests/test_cart.py" not in at.told(1)


async def test_the_teams_model_is_tried_first_where_a_check_decides(tmp_path: Path) -> None:
    bad, good = (
        answered(symbol("shop/cart.py", "Cart.total", NONE)),
        answered(symbol("shop/cart.py", "Cart.total", SUM)),
    )
    program = python(WRONG_WITHOUT_SUM, "error: total is wrong")
    plan = Plan(tests=program)
    team = ScriptedChat([Chat([bad]), Chat([bad]), Chat([good])], lane="team", provider="team", host="team.example")
    async with bench(tmp_path, [said(good)], options=Options(plan=plan, tries=3), team=team) as at:
        outcome = await at.run()
        assert outcome.lane == "team"
        assert len(team.requests) == 3
        assert [one.temperature for one in team.requests] == [0.2, 0.2, 0.6]
        assert at.server.requests == []
        assert any("near: the model on this machine" in step for step in outcome.steps)
        assert any("try 2: passed" in step for step in outcome.steps)
    team = ScriptedChat([Chat([bad])], lane="team", provider="team", host="team.example")
    async with bench(tmp_path / "b", [said(good)], options=Options(plan=plan, tries=2), team=team) as at:
        outcome = await at.run()
        assert (outcome.lane, len(team.requests), len(at.server.requests)) == ("far", 4, 1)
        assert outcome.changes


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(tries=3), "nothing decides"),
        (Options(tries=3, tries_for=("fix",), plan=Plan(tests=python("pass"))), "refactor.tries_for"),
        (Options(tries=0, plan=Plan(tests=python("pass"))), "refactor.tries"),
    ],
)
async def test_without_a_check_or_the_persons_word_the_policys_first_choice_is_asked(
    tmp_path: Path, options: Options, words: str
) -> None:
    good = answered(symbol("shop/cart.py", "Cart.total", SUM))
    team = ScriptedChat([Chat([good])], lane="team", provider="team", host="team.example")
    async with bench(tmp_path, [said(good)], options=options, team=team) as at:
        outcome = await at.run()
        assert (outcome.lane, team.requests) == ("far", [])
        assert any(words in step for step in outcome.steps)
