"""Settings: who wins, who may not, and what happens to a value that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from twolane.server.config import settings
from twolane.server.config.configuration import Configuration
from twolane.server.config.gateway import fault
from twolane.server.config.settings import Loaded, Settings
from twolane.server.config.suggest_section import Suggest
from twolane.server.text.workspace import Workspace

KEY = "sk-ant-api03-" + "aB3dE5gH7jK9" * 7 + "mN2pQ4rS6-AA"


class Sources:
    """A user's file and a workspace's file in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.user = folder / "user" / "twolane.toml"
        self.root = folder / "workspace"
        self.user.parent.mkdir()
        self.root.mkdir()

    @property
    def workspace(self) -> Path:
        return self.root / "twolane.toml"

    def load(self, *, trusted: bool = False, editor: Any = None, previous: Loaded | None = None) -> Loaded:
        return settings.load(self.root, trusted=trusted, editor=editor, user_file=self.user, previous=previous)


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(tmp_path)


def test_without_any_source_the_defaults_hold(sources: Sources) -> None:
    loaded = sources.load()
    assert loaded.settings == Settings()
    assert loaded.problems == ()


def test_the_editor_wins_over_the_workspace_over_the_user(sources: Sources) -> None:
    sources.user.write_text("[completion]\nmax_tokens = 10\ntime_limit_ms = 100\ncontext_tokens = 1\n")
    sources.workspace.write_text("[completion]\nmax_tokens = 20\ntime_limit_ms = 200\n")
    loaded = sources.load(editor={"completion": {"max_tokens": 30}})
    completion = loaded.settings.completion
    assert (completion.max_tokens, completion.time_limit_ms, completion.context_tokens) == (30, 200, 1)
    assert loaded.problems == ()


async def test_each_open_folder_lets_less_leave_and_only_the_first_adapts_the_rest(
    sources: Sources, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    sources.workspace.write_text('[privacy]\nblocked = ["vault/"]\n[budget]\nday_dollars = 2\n')
    (other / "twolane.toml").write_text(
        '[privacy]\nnear_only = ["pricing/"]\nblocked = ["*.sql"]\n[budget]\nday_dollars = 1\nmonth_dollars = 999\n'
        '[far]\nenabled = false\n[completion]\nmax_tokens = 9\nenabled = false\n[near]\nmodel = "evil.gguf"\n'
    )
    workspace = Workspace([sources.root.as_uri()])
    told: list[str] = []
    notices = SimpleNamespace(tell=lambda key, text, *_: told.append(text))
    configuration = Configuration(lambda: workspace.in_order, trusted=False, user_file=sources.user, notices=notices)  # type: ignore[arg-type] # all that is asked of it
    await configuration.read()
    assert configuration.settings.privacy.near_only == ()
    workspace.add([other.as_uri()])
    await configuration.read()
    now = configuration.settings
    assert (now.privacy.blocked, now.privacy.near_only) == (("vault/", "*.sql"), ("pricing/",))
    assert (now.budget.day_dollars, now.budget.month_dollars, now.far.enabled) == (1, 50, False)
    assert (now.completion, now.near.model) == (Settings().completion, "")
    assert told == []
    (other / "twolane.toml").write_text("[privacy")
    await configuration.read()
    assert str(other) in configuration.fault


@pytest.mark.parametrize(
    ("text", "editor", "said"),
    [
        (
            "[complettion]\nenabled = false\n",
            {},
            'complettion = {…} is not used: no such setting; did you mean "completion"',
        ),
        ("completion = false\n", {}, "completion = false is not used: a table, [completion], stands here"),
        ("", {"near": 5}, "near = 5 is not used: a table, [near], stands here"),
        ("", {"python": {"near": 5}, "rust-analyzer": {}}, ""),
    ],
)
async def test_a_table_that_is_not_used_is_told_in_the_editor_unless_it_is_another_programs(
    sources: Sources, text: str, editor: dict[str, Any], said: str
) -> None:
    sources.workspace.write_text(text)
    told: list[str] = []
    notices = SimpleNamespace(tell=lambda key, text, *_: told.append(text))
    configuration = Configuration(lambda: [sources.root], trusted=False, user_file=sources.user, notices=notices)  # type: ignore[arg-type] # all that is asked of it
    await configuration.read(editor)
    await configuration.read()
    assert len(told) == bool(said)
    assert said in "".join(told)


@pytest.mark.parametrize(
    "editor",
    [
        {"twolane": {"near": {"threads": 3}}},
        {"near": {"threads": 3.0, "model": None}},
        {"near.threads": 3},
    ],
)
def test_the_editor_may_nest_its_settings_as_editors_do(sources: Sources, editor: dict[str, Any]) -> None:
    loaded = sources.load(editor=editor)
    assert loaded.settings.near.threads == 3
    assert loaded.problems == ()


@pytest.mark.parametrize("key", ["slots", "threads", "gpu_layers", "context_tokens"])
@pytest.mark.parametrize("trusted", [False, True])
def test_the_workspace_never_decides_about_the_machine(sources: Sources, key: str, trusted: bool) -> None:
    sources.workspace.write_text(f"[near]\n{key} = 7\n")
    loaded = sources.load(trusted=trusted)
    assert loaded.settings == Settings()
    (problem,) = loaded.problems
    assert problem.key == f"near.{key}"
    assert str(sources.workspace) in problem.message


def test_only_a_trusted_workspace_chooses_the_model_file(sources: Sources) -> None:
    sources.workspace.write_text('[near]\nmodel = "models/own.gguf"\n')
    refused = sources.load(trusted=False)
    assert refused.settings.near.model == ""
    assert "trust" in refused.problems[0].message
    allowed = sources.load(trusted=True)
    assert allowed.settings.near.model == str(sources.root / "models/own.gguf")
    assert allowed.problems == ()


def test_the_workspace_tightens_but_never_loosens(sources: Sources) -> None:
    sources.user.write_text('[completion]\nenabled = false\ndisabled_languages = ["yaml"]\n')
    sources.workspace.write_text(
        '[completion]\nenabled = true\nmax_document_bytes = 9_000_000\ndisabled_languages = ["markdown"]\n'
    )
    loaded = sources.load(trusted=True)
    assert loaded.settings.completion.enabled is False
    assert loaded.settings.completion.max_document_bytes == Settings().completion.max_document_bytes
    assert loaded.settings.completion.disabled_languages == ("yaml", "markdown")
    assert [problem.key for problem in loaded.problems] == [
        "completion.enabled",
        "completion.max_document_bytes",
    ]

    sources.user.write_text("")
    sources.workspace.write_text("[completion]\nenabled = false\nmax_document_bytes = 10\n")
    tightened = sources.load()
    assert tightened.settings.completion.enabled is False
    assert tightened.settings.completion.max_document_bytes == 10
    assert tightened.problems == ()


@pytest.mark.parametrize(
    ("line", "shown", "allowed"),
    [
        ("max_tokens = 0", "0", "a whole number from 1 to 1024"),
        ("max_tokens = 2.5", "2.5", "a whole number from 1 to 1024"),
        ("max_tokens = true", "true", "a whole number from 1 to 1024"),
        ("max_tokens = nan", "nan", "a whole number from 1 to 1024"),
        (f"max_tokens = 0x{'f' * 6000}", "a very large number", "a whole number from 1 to 1024"),
        ('enabled = "yes"', '"yes"', "true or false"),
        ('multiline = "some"', '"some"', 'one of "auto", "never", "always"'),
        ("disabled_languages = [1]", "[1]", "a list of strings"),
        ("disabled_languages = 'yaml'", '"yaml"', "a list of strings"),
        ('multiline = {a = "b", c = [1]}', '{ a = "b", c = [1] }', 'one of "auto", "never", "always"'),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(sources: Sources, line: str, shown: str, allowed: str) -> None:
    sources.user.write_text(f"[completion]\n{line}\ntime_limit_ms = 111\n")
    loaded = sources.load()
    (problem,) = loaded.problems
    assert (problem.file, problem.value) == (str(sources.user), shown)
    assert allowed in problem.message
    assert problem.key in problem.message
    assert "\n" not in problem.message
    assert loaded.settings.completion.time_limit_ms == 111


@pytest.mark.parametrize("name", ["", " ", "claude sonnet"])
def test_a_model_that_has_no_name_is_told_where_it_stands(sources: Sources, name: str) -> None:
    sources.user.write_text(f'[far]\nmodel = "{name}"\n')
    loaded = sources.load()
    (problem,) = loaded.problems
    assert problem.message.startswith(f'{sources.user}: far.model = "{name}"')
    assert "allowed is the name of a model" in problem.message
    assert loaded.settings.far.model == Settings().far.model


def test_a_bad_value_keeps_the_last_good_one_of_its_source(sources: Sources) -> None:
    sources.user.write_text("[completion]\nmax_tokens = 10\n")
    first = sources.load()
    sources.user.write_text("[completion]\nmax_tokens = -1\n")
    assert sources.load(previous=first).settings.completion.max_tokens == 10
    assert sources.load().settings.completion.max_tokens == Settings().completion.max_tokens


def test_a_file_that_breaks_while_it_is_edited_keeps_what_it_said(sources: Sources) -> None:
    sources.user.write_text("[completion]\nmax_tokens = 10\n")
    sources.workspace.write_text("[completion]\ntime_limit_ms = 50\n")
    first = sources.load()
    sources.user.write_text("[completion]\nmax_tokens = 10\nmultiline = \n")
    second = sources.load(previous=first)
    assert second.settings == first.settings
    (problem,) = second.problems
    assert problem.message.startswith(f"{sources.user}: line 3, column 13 is not TOML (")
    assert problem.message.endswith("so what it said before counts until that is mended")


async def test_the_editor_is_told_where_a_file_is_not_toml_and_what_counts_meanwhile(sources: Sources) -> None:
    told: list[str] = []
    notices = SimpleNamespace(tell=lambda key, text, *_: told.append(text))
    configuration = Configuration(lambda: [sources.root], trusted=False, user_file=sources.user, notices=notices)  # type: ignore[arg-type] # all that is asked of it
    sources.workspace.write_text("[completion]\nmax_tokens 10\n")
    await configuration.read()
    sources.workspace.write_text("[completion]\nmax_tokens = 10\n")
    await configuration.read()
    assert len(told) == 1
    assert told[0].startswith(f"{sources.workspace}: line 2, column 12 is not TOML (")
    assert told[0].endswith("so nothing in the file counts until that is mended")
    sources.workspace.write_text("[completion]\nmax_tokens = 10\nmultiline = auto\n")
    await configuration.read()
    assert told[1].startswith(f"{sources.workspace}: line 3, column 13 is not TOML (")
    assert told[1].endswith("so what it said before counts until that is mended")
    assert configuration.settings.completion.max_tokens == 10


def test_trust_that_is_taken_back_does_not_linger(sources: Sources) -> None:
    sources.workspace.write_text('[near]\nmodel = "own.gguf"\n')
    trusted = sources.load(trusted=True)
    sources.workspace.write_text("[near\n")
    assert sources.load(trusted=False, previous=trusted).settings.near.model == ""


@pytest.mark.parametrize(
    ("text", "named", "hint"),
    [
        ("[completion]\nmax_token = 3\n", "completion.max_token", "completion.max_tokens"),
        ("[completions]\nmax_tokens = 3\n", "completions", "completion"),
        ("[near]\nmax_tokens = 3\n", "near.max_tokens", "completion.max_tokens"),
        ('model = "x.gguf"\n', "model", "near.model"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(sources: Sources, text: str, named: str, hint: str) -> None:
    sources.user.write_text(text)
    (problem,) = sources.load().problems
    assert problem.key == named
    assert f'"{hint}"' in problem.message


def test_a_key_like_no_other_gets_no_hint(sources: Sources) -> None:
    sources.user.write_text("[completion]\nfrob = 1\n")
    (problem,) = sources.load().problems
    assert "no such setting" in problem.message
    assert "did you mean" not in str(problem.message)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            b"[near\n",
            "line 1, column 6 is not TOML (expected ']' at the end of a table declaration), so nothing in the",
        ),
        (b"a = 1\nb =", "line 2, column 4, the end of the file, is not TOML (invalid value), so nothing in the file"),
        (b'a = 1\nb = """c\n\n', "line 2, column 9, the end of the file, is not TOML (unterminated string)"),
        (b"a = '\xff'\n", "line 1 is not UTF-8"),
        (b"a = " + b"[" * 20_000, "nested too deeply"),
        (b"#" * 1_000_001, "larger than"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_the_others_alone(sources: Sources, content: bytes, reason: str) -> None:
    sources.workspace.write_bytes(content)
    sources.user.write_text("[completion]\nmax_tokens = 10\n")
    loaded = sources.load()
    assert loaded.settings.completion.max_tokens == 10
    (problem,) = loaded.problems
    assert reason in problem.message
    assert problem.file == str(sources.workspace)


def test_a_pipe_in_place_of_the_file_does_not_block(sources: Sources) -> None:
    os.mkfifo(sources.workspace)
    loaded = sources.load()
    assert loaded.settings == Settings()
    assert "regular file" in loaded.problems[0].message


def test_a_section_that_is_no_table_is_named(sources: Sources) -> None:
    sources.user.write_text('near = "fast"\n')
    (problem,) = sources.load().problems
    assert "[near]" in problem.message


def test_model_paths_start_where_their_file_stands(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    sources.user.write_text('[near]\nmodel = "big.gguf"\n')
    assert sources.load().settings.near.model == str(sources.user.parent / "big.gguf")
    sources.user.write_text('[near]\nmodel = "~/big.gguf"\n')
    assert sources.load().settings.near.model == "/home/somebody/big.gguf"
    loaded = sources.load(editor={"near": {"model": "big.gguf"}})
    assert loaded.settings.near.model == "/home/somebody/big.gguf"
    assert "absolute" in loaded.problems[0].message


def test_the_users_file_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "twolane").mkdir()
    (tmp_path / "twolane" / "twolane.toml").write_text("[near]\nthreads = 5\n")
    assert settings.load(None, trusted=False).settings.near.threads == 5


def test_silence_says_which_setting_asked_for_it() -> None:
    off = Suggest(enabled=False)
    assert "completion.enabled" in off.silence("python")
    some = Suggest(disabled_languages=("markdown",))
    assert "completion.disabled_languages" in some.silence("markdown")
    assert Suggest(disabled_languages=("Python",)).silence("python"), "as people write it"
    assert some.silence("python") == ""


@pytest.mark.parametrize(
    "text",
    [
        f'[far]\napi_key = "{KEY}"\n',
        f'[team]\nkey = "{KEY}"\n',
        f'api_key = "{KEY}"\n',
        f'[team]\nurl = "https://me:{KEY}@models.example.com"\n',
        f'[routing]\nrules = "{KEY}"\n',
    ],
)
def test_a_key_in_a_file_is_not_used_and_not_repeated(sources: Sources, text: str) -> None:
    sources.workspace.write_text(text)
    loaded = sources.load()
    assert loaded.settings == Settings()
    (problem,) = loaded.problems
    assert KEY[:12] not in f"{problem} {problem.message}"


def test_a_stranger_cannot_write_on_the_terminal(sources: Sources) -> None:
    sources.workspace.write_text('["\\u001b]0;owned\\u0007\\n"]\n"\\u001b[2J" = 1\n[privacy]\n"a\\nb" = 1\n')
    for problem in sources.load().problems:
        assert problem.message.isprintable()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (".".join(["a"] * 200_000) + " = 1\n", "too many parts"),
        ("'a' . \"b\"." * 40_000 + "c = 1\n", "too many parts"),
        ("[privacy]\n" + "".join(f"k{number} = 1\n" for number in range(60_000)), "what follows is not read"),
        ("".join(f"k{number} = 1\n" for number in range(60_000)), "what follows is not read"),
        (f"{'k' * 900_000} = 1\n", "no such setting"),
        ("".join(f'[[routing.rules]]\npaths = ["{number}"]\n' for number in range(20_000)), "at most 500"),
        (f"[privacy]\nblocked = {[f'*{number}?x*' for number in range(50_000)]}\n", "at most 2000"),
        (f"[[routing.rules]]\npaths = {[f'*{number}?x*' for number in range(50_000)]}\n", "at most 2000"),
    ],
    ids=["long key", "long quoted key", "unknown keys", "unknown sections", "huge key", "rules", "patterns", "paths"],
)
def test_a_file_made_to_take_for_ever_is_given_up(sources: Sources, text: str, reason: str) -> None:
    sources.workspace.write_text(text)
    loaded = sources.load()
    assert any(reason in problem.message for problem in loaded.problems)
    assert all(len(problem.message) < 2_100 for problem in loaded.problems)
    assert len(loaded.problems) < 100
    assert fault(loaded) or reason == "no such setting"
