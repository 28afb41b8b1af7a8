"""Which model answers: rules, limits, health, and the reason of each step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from twolane.routing.decision import LaneState, Question
from twolane.routing.policy import Policy
from twolane.routing.privacy.tier import Verdict
from twolane.routing.rules import Rule, RulesError, parse_rules, unpriced
from twolane.routing.task import TASKS
from twolane.server.config import gateway, settings

NEAR = LaneState("near", "starter")
TEAM = LaneState("team", "qwen", expected_ms=900)
FAR = LaneState("far", "claude", price_usd=0.2, expected_ms=8_000)
SMALL = LaneState("far", "claude-small", price_usd=0.02)
ALL = (NEAR, TEAM, FAR, SMALL)


def check(
    tables: list[dict[str, Any]],
    expected: str,
    question: Question | None = None,
    states: tuple[LaneState, ...] = ALL,
    said: str = "",
    workspace: list[dict[str, Any]] | None = None,
) -> None:
    """The models that may answer, in order, and a part of what is said about it."""
    rules = (*parse_rules(tables), *parse_rules(workspace or [], "workspace"))
    decision = Policy(rules).decide(question or Question("refactor", "src/app.py", "python", 1_000), states)
    assert " ".join(state.model for state in decision.candidates) == expected
    text = "\n".join(map(str, decision.steps))
    assert said in text, text
    assert (decision.reason == "") == bool(expected)
    assert decision.chosen == (decision.candidates[0] if expected else None)


@pytest.mark.parametrize("task", TASKS)
def test_without_rules_keystrokes_stay_here_and_the_rest_goes_far(task: Any) -> None:
    expected = "starter" if task == "completion" else "claude claude-small qwen starter"
    check([], expected, Question(task, "x.py"), said="default: candidates are")


def test_keystrokes_go_to_the_teams_server_where_that_is_chosen() -> None:
    decision = Policy(team_completes=True).decide(Question("completion", "x.py"), ALL)
    assert [state.lane for state in decision.candidates] == ["team", "near"]
    private = Question("completion", "x.py", privacy=Verdict("near-only", "private"))
    assert [state.lane for state in Policy(team_completes=True).decide(private, ALL).candidates] == ["near"]


def test_the_first_rule_that_fits_decides() -> None:
    tables: list[dict[str, Any]] = [
        {"tasks": ["review"], "lanes": ["near"]},
        {"paths": ["src/**"], "languages": ["python"], "max_bytes": 5_000, "lanes": ["team", "near"]},
        {"lanes": ["far"]},
    ]
    check(tables, "qwen starter", said="rule 2 (src/**): candidates are team, near, in this order")
    check(tables, "starter", Question("review", "src/app.py", "python"))
    check(tables, "claude claude-small", Question("refactor", "src/app.py", "go"))
    check(tables, "claude claude-small", Question("refactor", "src/app.py", "python", 5_001))
    check(tables, "claude claude-small", Question("refactor", "lib/src/app.py", "python"))


def test_privacy_goes_before_every_rule() -> None:
    private = Question("refactor", "x.py", privacy=Verdict("near-only", "privacy.near_only (`x.py`) takes it in"))
    check(
        [{"lanes": ["far", "near"]}], "starter", private, said="privacy: far (claude) removed: the text may not leave"
    )
    check([{"lanes": ["far"]}], "", private, said="takes it in")
    blocked = Question("completion", "x.py", privacy=Verdict("blocked", "closed"))
    check([], "", blocked, said="near (starter) removed: no model may see it: closed")


def test_a_rule_may_speak_of_the_tier() -> None:
    tables: list[dict[str, Any]] = [{"privacy": "near-only", "lanes": ["near"]}, {"lanes": ["team"]}]
    check(tables, "starter", Question("review", "x", privacy=Verdict("near-only", "private")))
    check(tables, "qwen", Question("review", "x"))


def test_price_deadline_models_and_health_limit_the_candidates() -> None:
    check([{"max_price": 0.1}], "claude-small qwen starter", said="rule 1: far (claude) removed: it may cost $0.2")
    check([{"deadline_s": 5}], "claude-small qwen starter", said="expected after 8.0 s, and deadline_s is 5")
    check([{"models": ["claude-small", "claude"]}], "claude-small claude starter", said="team (qwen) removed")
    down = LaneState("far", "claude", available=False, reason="it answered 529 a moment ago", price_usd=0.2)
    check([], "starter", states=(NEAR, down), said="health: far (claude) removed: it answered 529 a moment ago")
    check([{"health": "any"}], "claude starter", states=(NEAR, down))


def test_a_model_without_a_price_is_never_asked() -> None:
    check([], "starter", states=(NEAR, LaneState("far", "new", price_usd=None)), said="the model has no price")
    rules = parse_rules([{"models": ["claude", "new"]}])
    (fault,) = unpriced(rules, {"claude"})
    assert "rule 1" in fault
    assert "new" in fault


def test_what_is_not_set_up_is_told() -> None:
    check([{"lanes": ["team"]}], "", states=(NEAR, FAR), said="set-up: team is not set up")
    check([{"lanes": []}], "", said="no lane at all")


def test_the_workspaces_rules_only_take_away() -> None:
    check([], "starter", workspace=[{"lanes": ["near"]}], said="the workspace's rule 1: far (claude) removed")
    check([{"lanes": ["near"]}], "starter", workspace=[{"lanes": ["far", "near"]}])
    check([{"lanes": ["far", "team"]}], "claude claude-small qwen", workspace=[{"lanes": ["team", "far"]}])
    check([{"max_price": 0.1}], "claude-small qwen starter", workspace=[{"max_price": 5}])
    away = (NEAR, LaneState("far", "claude", available=False, reason="it is busy"))
    check([], "starter", states=away, workspace=[{"health": "any"}], said="far (claude) removed: it is busy")
    rules = (
        *parse_rules([{"max_price": 1, "deadline_s": 60}]),
        *parse_rules([{"max_price": 0.5, "deadline_s": 90}], "workspace"),
    )
    decision = Policy(rules).decide(Question("review", "x"), ALL)
    assert (decision.max_price_usd, decision.deadline_s) == (0.5, 60)


def test_a_broken_policy_means_near_only() -> None:
    decision = Policy(fault="twolane.toml: line 3").decide(Question("completion", "x"), ALL)
    assert [state.lane for state in decision.candidates] == ["near"]
    decision = Policy(fault="twolane.toml: line 3").decide(Question("review", "x"), ALL)
    assert [state.lane for state in decision.candidates] == ["near"]
    assert "line 3" in str(decision.steps)


@pytest.mark.parametrize(
    ("tables", "named"),
    [
        ("rules", "list of tables"),
        ([{"task": ["review"]}], "rule 1: task: no such key; there are tasks"),
        ([{"lanes": ["moon"]}], 'rule 1: lanes: "moon" is none of near, team, far'),
        ([{"tasks": []}], "rule 1: tasks: the list is empty"),
        ([{"tasks": "review"}], "rule 1: tasks: allowed is a list of strings"),
        ([{"paths": ["!x"]}], "rule 1: paths: the pattern '!x' begins with `!`"),
        ([{"max_price": -1}], "rule 1: max_price: allowed is a number of dollars"),
        ([{"max_price": float("nan")}], "rule 1: max_price"),
        ([{"deadline_s": 0}], "rule 1: deadline_s"),
        ([{"min_bytes": True}], "rule 1: min_bytes"),
        ([{"privacy": "secret"}], "rule 1: privacy: allowed is one of blocked, near-only, anywhere"),
        ([{"health": "fine"}], "rule 1: health"),
        (
            [{"languages": [".py"]}],
            'rule 1: languages: ".py" is no language identifier, so the rule can never match; write "python"',
        ),
        ([{"tasks": ["completion"], "lanes": ["far"]}], "rule 1 can never match: far does not complete"),
        ([{"min_bytes": 5, "max_bytes": 2}], "rule 1 can never match: min_bytes 5 is above max_bytes 2"),
        ([{"privacy": "near-only", "lanes": ["far"]}], "rule 1 can never match"),
        ([{"privacy": "blocked", "lanes": ["near"]}], "rule 1 can never match"),
        ([{"tasks": ["review"]}, {"tasks": ["review"], "paths": ["x"]}], "rule 2 can never match: rule 1 (review)"),
        ([{"paths": ["src/**"]}, {"paths": ["src/a/*.py"], "max_bytes": 9}], "rule 2 can never match: rule 1 (src/**)"),
        ([{"max_bytes": 9}, {"min_bytes": 2, "max_bytes": 5}], "rule 2 can never match"),
        ([{}, {"lanes": ["near"]}], "rule 2 can never match"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(tables: Any, named: str) -> None:
    with pytest.raises(RulesError) as raised:
        parse_rules(tables)
    assert named in str(raised.value)


@pytest.mark.parametrize(
    "tables",
    [
        [{"paths": ["src/**"]}, {"paths": ["src2/x"]}, {"paths": ["*.py"]}],
        [{"tasks": ["review"]}, {"tasks": ["review", "docs"]}],
        [{"max_bytes": 9}, {"min_bytes": 2}],
        [{"privacy": "near-only"}, {"privacy": "anywhere"}],
        [{"paths": ["src/*.py"]}, {"paths": ["src/a/b.py"]}],
    ],
)
def test_rules_that_overlap_only_in_part_are_fine(tables: list[dict[str, Any]]) -> None:
    assert len(parse_rules(tables)) == len(tables)


def load(folder: Path, user: str, workspace: str = "", editor: Any = None) -> settings.Loaded:
    (folder / "user.toml").write_text(user)
    (folder / "twolane.toml").write_text(workspace)
    return settings.load(folder, trusted=True, user_file=folder / "user.toml", editor=editor)


def test_settings_of_every_source_add_up(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        '[privacy]\nblocked = ["a"]\nsend_ignored = true\n[[routing.rules]]\nlanes = ["far"]\n',
        '[privacy]\nblocked = ["b"]\nsend_ignored = false\n[[routing.rules]]\nlanes = ["near"]\n',
        {"privacy": {"blocked": ["c"]}},
    )
    assert loaded.problems == ()
    rules = gateway.privacy_rules(loaded.settings, gateway.fault(loaded))
    assert (rules.blocked, rules.send_ignored, rules.fault) == (("a", "b", "c"), False, "")
    assert gateway.policy(loaded.settings).rules == (
        Rule(1, "user", lanes=("far",)),
        Rule(1, "workspace", lanes=("near",)),
    )


def test_the_workspace_never_loosens(tmp_path: Path) -> None:
    loaded = load(tmp_path, "", '[privacy]\nallow_sensitive = ["*.pem"]\nsend_ignored = true\n')
    assert gateway.privacy_rules(loaded.settings) == gateway.privacy_rules(settings.Settings())
    assert [problem.key for problem in loaded.problems] == ["privacy.allow_sensitive", "privacy.send_ignored"]
    assert gateway.fault(loaded) == ""


@pytest.mark.parametrize(
    "text",
    [
        '[privacy]\nblocked = "vault"\n',
        '[privacy]\nblocked = ["!vault"]\n',
        '[privacy]\nblocket = ["vault"]\n',
        '[privcy]\nblocked = ["vault"]\n',
        '[[routing.rules]]\nlanes = ["moon"]\n',
        "[routing]\nrules = 3\n",
        "[near\n",
        '[budget]\nday_dollars = "1"\n',
        "[budget]\nday_dolars = 1\n",
        "[budjet]\nday_dollars = 1\n",
        "[budget]\nmonth_dollars = nan\n",
    ],
)
@pytest.mark.parametrize("source", ["user", "workspace"])
def test_a_policy_that_cannot_be_read_keeps_all_text_here(tmp_path: Path, text: str, source: str) -> None:
    loaded = load(tmp_path, text, "") if source == "user" else load(tmp_path, "", text)
    fault = gateway.fault(loaded)
    assert ".toml" in fault
    decision = gateway.policy(loaded.settings, fault).decide(Question("review", "x"), ALL)
    assert [state.lane for state in decision.candidates] == ["near"]


def test_a_price_that_is_none_keeps_all_text_here_because_the_shipped_one_may_be_too_low(tmp_path: Path) -> None:
    fault = gateway.fault(
        load(tmp_path, '[budget]\nprices = ["team/* input=0 output=0", "claude-x input=30 outputt=150"]\n')
    )
    assert fault.startswith('budget.prices: "claude-x input=30 outputt=150" is not a price')
    assert gateway.fault(load(tmp_path, '[budget]\nprices = ["team/* input=0 output=0"]\n')) == ""


def test_a_language_is_one_however_it_is_written() -> None:
    policy = Policy(parse_rules([{"languages": ["Python", "sh"], "lanes": ["team"]}]))
    for language, fits in (("python", True), ("Python", True), ("shellscript", True), ("go", False)):
        decision = policy.decide(Question("review", "x", language), ALL)
        assert ({state.lane for state in decision.candidates} == {"team"}) == fits


def test_a_fault_elsewhere_is_none_of_the_policys(tmp_path: Path) -> None:
    assert gateway.fault(load(tmp_path, "[near]\nthreads = -1\n")) == ""
