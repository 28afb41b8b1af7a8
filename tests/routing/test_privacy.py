"""Which files which lanes may see, and what of a request."""

from __future__ import annotations

import os
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from twolane.routing.privacy.privacy import Privacy, PrivacyRules
from twolane.routing.privacy.sources import Kind, Source
from twolane.routing.privacy.tier import Tier


class Workspace:
    """A workspace in a temporary folder; `clock` is what the privacy reads."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "workspace"
        self.root.mkdir()
        self.now = 0.0

    def write(self, path: str, text: str = "") -> Path:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, encoding="utf-8")
        return full

    def privacy(self, **given: Any) -> Privacy:
        outer = given.pop("outer", ())
        ignore_case = given.pop("ignore_case", None)
        rules = PrivacyRules(**given)
        return Privacy(rules, outer=outer, ignore_case=ignore_case, clock=lambda: self.now)

    def check(self, path: str, tier: Tier, reason: str = "", **given: Any) -> None:
        verdict = self.privacy(**given).tier(self.root, path)
        assert verdict.tier == tier, verdict
        assert reason in verdict.reason
        assert bool(verdict.reason) == (tier != "anywhere")


def homeless() -> Path:
    raise RuntimeError("Could not determine home directory.")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_an_ordinary_file_may_go_anywhere(workspace: Workspace) -> None:
    workspace.check("src/app.py", "anywhere")


def test_a_policy_that_is_a_link_to_nowhere_cannot_be_read(workspace: Workspace) -> None:
    link = workspace.root / ".aiexclude"
    link.symlink_to(workspace.root / "gone")
    workspace.check("src/app.py", "near-only", ".aiexclude")
    link.unlink()
    (workspace.root / ".gitignore").symlink_to(workspace.root / "gone")
    workspace.check("src/app.py", "anywhere")


def test_a_person_without_a_home_has_no_files_there(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    workspace.write(".git/config", "[core]\n\texcludesFile = ~/ignored\n")
    workspace.write(".gitignore", "*.log\n")
    workspace.check("src/app.py", "anywhere", outer=None)
    workspace.check("src/app.log", "near-only", "git ignores it", outer=None)


def test_the_strictest_setting_holds(workspace: Workspace) -> None:
    given: dict[str, Any] = {"blocked": ("vault/", "*.sql"), "near_only": ("src/pricing/**", "vault/")}
    workspace.check("vault/deep/x.py", "blocked", "privacy.blocked (`vault/`)", **given)
    workspace.check("db/schema.sql", "blocked", "*.sql", **given)
    workspace.check("src/pricing/model.py", "near-only", "privacy.near_only", **given)
    workspace.check("src/other.py", "anywhere", **given)


NAMED_LIKE_SECRETS = """
    .env app/.env.local prod.env certs/server.pem Server.KEY id_rsa .ssh/config .npmrc .netrc secrets.yaml store.p12
    infra/terraform.tfvars .aws/credentials .git/config .bash_history .netrc~ prod.env.bak certs/server.key.old
"""


@pytest.mark.parametrize("path", NAMED_LIKE_SECRETS.split())
def test_files_named_like_secrets_stay_on_this_machine(workspace: Workspace, path: str) -> None:
    workspace.check(path, "near-only", "privacy.allow_sensitive")
    workspace.check(path, "anywhere", allow_sensitive=(path,))


@pytest.mark.parametrize(
    "path", [".env.example", ".env.example~", "id_rsa.pub", "src/environment.py", "keyboard.py", "tokens.py"]
)
def test_files_that_only_sound_like_secrets_are_ordinary(workspace: Workspace, path: str) -> None:
    workspace.check(path, "anywhere")


@pytest.mark.parametrize("name", [".cursorignore", ".codeiumignore", ".aiderignore", ".copilotignore", ".aiexclude"])
def test_each_tools_exclusions_keep_files_from_every_model(workspace: Workspace, name: str) -> None:
    workspace.write(f"src/{name}", "# comment\nprivate/\n/only_here.py\n*.gen.*\n")
    workspace.check("src/private/x.py", "blocked", f"src/{name} (`private/`)")
    workspace.check("src/deep/private/x.py", "blocked")
    workspace.check("src/only_here.py", "blocked")
    workspace.check("src/deep/only_here.py", "anywhere")
    workspace.check("src/a.gen.ts", "blocked")
    workspace.check("private/x.py", "anywhere")


def test_a_negation_holds_but_for_aiexclude_and_below_a_folder_that_is_out(workspace: Workspace) -> None:
    workspace.write(".cursorignore", "*.py\n!keep.py\nout/\n!out/keep.py\n")
    workspace.check("keep.py", "anywhere")
    workspace.check("other.py", "blocked")
    workspace.check("out/keep.py", "blocked")
    workspace.write("sub/.cursorignore", "!other.py\n")
    workspace.check("sub/other.py", "anywhere")
    workspace.write("google/.aiexclude", "*.py\n!keep.py\n")
    workspace.check("google/keep.py", "blocked")


def test_an_empty_aiexclude_takes_everything_below_it(workspace: Workspace) -> None:
    workspace.write("closed/.aiexclude")
    workspace.write("commented/.aiexclude", "# nothing else\n\n")
    workspace.check("closed/deep/x.py", "blocked")
    workspace.check("commented/x.py", "blocked")
    workspace.check("x.py", "anywhere")


def test_what_git_ignores_does_not_leave_unless_a_person_says_so(workspace: Workspace) -> None:
    workspace.write(".gitignore", "build/\n*.log\n!keep.log\n")
    workspace.check("build/x.py", "near-only", "privacy.send_ignored")
    workspace.check("keep.log", "anywhere")
    workspace.check("build/x.py", "anywhere", send_ignored=True)
    workspace.write(".git/info/exclude", "mine.py\n")
    workspace.check("mine.py", "near-only")


def test_the_files_above_the_workspace_count_up_to_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".aiderignore").write_text("workspace/private.py\n")
    workspace = Workspace(tmp_path)
    workspace.check("private.py", "blocked")


def test_the_users_own_ignore_files_count(workspace: Workspace, tmp_path: Path) -> None:
    mine = tmp_path / "codeiumignore"
    mine.write_text("*.private\n")
    workspace.check("x.private", "blocked", outer=((str(mine), ".codeiumignore"),))


def test_a_link_has_the_tier_of_what_it_leads_to(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write("vault/plan.py")
    (tmp_path / "elsewhere.py").write_text("")
    (workspace.root / "harmless.py").symlink_to(workspace.root / "vault" / "plan.py")
    (workspace.root / "open").symlink_to(workspace.root / "vault")
    (workspace.root / "away.py").symlink_to(tmp_path / "elsewhere.py")
    (workspace.root / "loop.py").symlink_to(workspace.root / "loop.py")
    for path in ("harmless.py", "open/plan.py", "open/new.py"):
        workspace.check(path, "blocked", "vault", blocked=("vault/",))
    workspace.check("away.py", "near-only", "outside the workspace")
    workspace.check("harmless.py", "blocked", blocked=("harmless.py",))
    workspace.check("loop.py", "anywhere")


@pytest.mark.parametrize("path", ["../other/x.py", "/etc/hosts", "src/../../x.py"])
def test_what_lies_outside_stays_on_this_machine(workspace: Workspace, path: str) -> None:
    workspace.check(path, "near-only", "outside the workspace")


def test_a_file_of_no_workspace_stays_on_this_machine(workspace: Workspace) -> None:
    path = str(workspace.write("x.py"))
    assert workspace.privacy().tier(None, path).tier == "near-only"
    workspace.write(".cursorignore", "x.py")
    assert workspace.privacy().tier(None, path).tier == "blocked"


def test_case_counts_where_the_file_system_says_so(workspace: Workspace) -> None:
    workspace.write(".cursorignore", "Private/\n*.Gen.py\n")
    workspace.check("private/x.py", "anywhere", ignore_case=False)
    workspace.check("private/x.py", "blocked", ignore_case=True)
    workspace.check("a.gen.py", "blocked", ignore_case=True)
    workspace.check("VAULT/x", "blocked", ignore_case=True, blocked=("vault/",))


def test_a_changed_policy_file_counts_within_a_second_and_at_once_for_what_leaves(workspace: Workspace) -> None:
    privacy = workspace.privacy()
    assert privacy.tier(workspace.root, "x.py").tier == "anywhere"
    policy = workspace.write(".cursorignore", "x.py\n")
    assert privacy.tier(workspace.root, "x.py", fresh=True).tier == "blocked"
    policy.write_text("y.py\nz.py\n")
    workspace.now += 1.5
    assert privacy.tier(workspace.root, "x.py").tier == "anywhere"
    policy.unlink()
    workspace.now += 1.5
    assert privacy.tier(workspace.root, "y.py").tier == "anywhere"
    workspace.write(".cursorignore", "x.py\n")
    (source,) = [Source("file", "text", "x.py", required=True)]
    assert privacy.check(workspace.root, [source], "far").refusal


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"[z-a]\n", b"a" * 2_000, b"x\n" * 6_000, b"#" * 1_000_001, None])
@pytest.mark.parametrize("name", [".cursorignore", ".gitignore", ".aiexclude"])
def test_a_policy_file_that_cannot_be_used_keeps_all_below_it_here(
    workspace: Workspace, name: str, content: bytes | None
) -> None:
    path = workspace.root / "sub" / name
    path.parent.mkdir()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    workspace.check("sub/x.py", "near-only", f"the policy is broken: {path}")
    workspace.check("x.py", "anywhere")


def test_a_pipe_in_place_of_a_policy_file_does_not_block(workspace: Workspace) -> None:
    os.mkfifo(workspace.root / ".cursorignore")
    workspace.check("x.py", "near-only", "not a regular file")


def test_broken_settings_mean_that_nothing_leaves(workspace: Workspace) -> None:
    workspace.check("x.py", "near-only", "line 3", fault="twolane.toml: line 3")
    workspace.check("x.py", "blocked", fault="twolane.toml: line 3", blocked=("x.py",))
    workspace.check("x.py", "near-only", "begins with `!`", blocked=("!x.py",))
    broken = workspace.privacy(fault="twolane.toml: line 3")
    typed = Source("instruction", "make it faster", required=True)
    assert "line 3" in broken.check(workspace.root, [typed], "far").refusal
    assert broken.check(workspace.root, [typed], "near").sources == (typed,)


def test_each_source_of_text_is_checked(workspace: Workspace) -> None:
    privacy = workspace.privacy(blocked=("vault/",), near_only=("src/pricing/",))
    sources = [
        Source("file", "open file", "src/app.py", required=True),
        Source("snippet", "from the vault", "vault/keys.py"),
        Source("snippet", "prices", "src/pricing/model.py"),
        Source("diagnostics", "vault/keys.py:3: unused", "src/app.py", mentions=("vault/keys.py",)),
        Source("names", "src/app.py\nvault/keys.py\nsrc/pricing/model.py\n"),
        Source("instruction", "make it faster"),
    ]
    far = privacy.check(workspace.root, sources, "far")
    assert [source.text for source in far.sources] == ["open file", "src/app.py\n", "make it faster"]
    assert {drop.path for drop in far.dropped} == {"vault/keys.py", "src/pricing/model.py"}
    assert all(drop.reason for drop in far.dropped)
    near = privacy.check(workspace.root, sources, "near")
    assert "prices" in [source.text for source in near.sources]
    assert not any("vault" in source.text for source in near.sources)


def test_a_required_source_that_may_not_be_seen_refuses_the_request(workspace: Workspace) -> None:
    privacy = workspace.privacy(near_only=("src/pricing/",))
    file = Source("file", "text", "src/pricing/model.py", required=True)
    refused = privacy.check(workspace.root, [Source("instruction", "do"), file], "team")
    assert refused.sources == ()
    assert refused.refusal.startswith("src/pricing/model.py may not be shown to the team lane: privacy.near_only")
    assert refused.verdict.tier == "near-only"
    assert privacy.check(workspace.root, [file], "near").refusal == ""


DIFF = """\
diff --git a/src/app.py b/src/app.py
index 1..2 100644
--- a/src/app.py
+++ b/src/app.py
@@ -1,2 +1,2 @@
 keep
-old
+new
diff --git a/vault/keys.sql b/vault/keys.sql
--- a/vault/keys.sql
+++ b/vault/keys.sql
@@ -1,3 +1,3 @@
 first
--- a/src/app.py
+++ b/src/app.py
 SECRET ROW
diff --git "a/src/na\\303\\257ve.py" "b/src/na\\303\\257ve.py"
rename from src/old.py
rename to vault/moved.py
diff --git a/x.bin b/x.bin
Binary files a/x.bin and b/x.bin differ
"""


def test_a_diff_loses_the_files_that_may_not_be_seen(workspace: Workspace) -> None:
    privacy = workspace.privacy(blocked=("vault/",))
    checked = privacy.check(workspace.root, [Source("diff", DIFF)], "far")
    (diff,) = checked.sources
    assert "+new" in diff.text
    assert "x.bin" in diff.text
    assert "SECRET ROW" not in diff.text
    assert "vault" not in diff.text
    assert {drop.path for drop in checked.dropped} == {"vault/keys.sql", "vault/moved.py"}
    whole = privacy.check(workspace.root, [Source("diff", DIFF, required=True)], "far")
    assert whole.refusal


def test_a_diff_that_names_no_file_does_not_leave(workspace: Workspace) -> None:
    loose = Source("diff", "@@ -1 +1 @@\n-a\n+b\n")
    assert workspace.privacy().check(workspace.root, [loose], "far").sources == ()
    named = Source("diff", "@@ -1 +1 @@\n-a\n+b\n", "src/app.py")
    assert workspace.privacy().check(workspace.root, [named], "far").sources == (named,)
    plain = Source("diff", "--- a/x.py\t2026-01-01\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n--- a/y.py\n+++ b/vault/y.py\n")
    (kept,) = workspace.privacy(blocked=("vault/",)).check(workspace.root, [plain], "far").sources
    assert kept.text.endswith("+b\n")


@pytest.mark.parametrize("kind", ["file", "snippet", "diagnostics"])
def test_text_of_a_file_that_cannot_be_told_stays_on_this_machine(workspace: Workspace, kind: Kind) -> None:
    privacy = workspace.privacy()
    checked = privacy.check(workspace.root, [Source(kind, "x = 1"), Source("instruction", "explain")], "far")
    assert [source.kind for source in checked.sources] == ["instruction"]
    assert "cannot be told" in checked.dropped[0].reason
    assert len(privacy.check(workspace.root, [Source(kind, "x = 1")], "near").sources) == 1
    assert privacy.check(workspace.root, [Source(kind, "x = 1", required=True)], "team").refusal


def git(folder: Path, *words: str) -> None:
    given = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    name = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True, env=given)


def test_a_worktree_and_a_submodule_have_their_repositorys_own_excludes(workspace: Workspace, tmp_path: Path) -> None:
    git(workspace.root, "init", "-q")
    git(workspace.root, "commit", "-q", "--allow-empty", "-m", "first")
    workspace.write(".git/info/exclude", "private.py\n")
    tree, outer = tmp_path / "tree", tmp_path / "outer"
    git(workspace.root, "worktree", "add", "-q", str(tree))
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "submodule", "-q", "add", str(workspace.root), "part")
    (outer / ".git/modules/part/info/exclude").write_text("private.py\n", encoding="utf-8")
    for root in (workspace.root, tree, outer / "part"):
        assert workspace.privacy().tier(root, "private.py").tier == "near-only"
        assert workspace.privacy().tier(root, "public.py").tier == "anywhere"


def test_a_submodule_that_is_opened_alone_is_still_under_the_exclusions_around_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    git(workspace.root, "init", "-q")
    git(workspace.root, "commit", "-q", "--allow-empty", "-m", "first")
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "submodule", "-q", "add", str(workspace.root), "deep/part")
    (outer / ".cursorignore").write_text("deep/part/private/\n", encoding="utf-8")
    (outer / ".gitignore").write_text("*.tmp\n", encoding="utf-8")
    privacy = workspace.privacy()
    assert privacy.tier(outer / "deep/part", "private/key.py").tier == "blocked"
    assert privacy.tier(outer / "deep/part", "public.py").tier == "anywhere"
    assert privacy.tier(outer / "deep/part", "public.tmp").tier == "anywhere"
    assert privacy.tier(workspace.root, "private/key.py").tier == "anywhere"


@pytest.mark.parametrize(
    "config",
    [
        "[core]\n\texcludesFile = ~/mine\n",
        '[user]\nname = x\n[CORE] excludesfile = "~/mine" # my own\n',
        "[include]\n\tpath = more\n",
        '[includeIf "gitdir:~/work/"]\n\tpath = ~/more\n',
    ],
)
def test_the_ignore_file_that_gits_configuration_names_counts(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for name, text in (("mine", "notes.md\n"), ("more", "[core]\nexcludesfile = mine\n"), (".gitconfig", config)):
        (home / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    workspace.check("notes.md", "near-only", "mine (`notes.md`)", outer=None)
    workspace.check("other.md", "anywhere", outer=None)


def test_an_accent_is_one_however_it_is_written(workspace: Workspace) -> None:
    composed, apart = (unicodedata.normalize(form, "Schlüssel.py") for form in ("NFC", "NFD"))
    workspace.write(".aiexclude", composed)
    workspace.write(".gitignore", f"sub/{apart}\n")
    for name in (composed, apart):
        workspace.check(name, "blocked")
        workspace.check(f"sub/{name}", "blocked", blocked=(f"sub/*{name[3:]}",))


def test_a_path_through_a_link_is_where_the_system_would_find_it(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (workspace.root / "link").symlink_to(tmp_path / "elsewhere" / "deep")
    workspace.check("link/../a.py", "near-only", "outside")


def test_what_leaves_together_is_judged_as_of_one_moment_and_what_follows_anew(workspace: Workspace) -> None:
    workspace.write(".cursorignore", "vault/\n")
    privacy = workspace.privacy()
    with privacy.moment():
        assert privacy.tier(workspace.root, "src/a.py", fresh=True).tier == "anywhere"
        workspace.write("src/.cursorignore", "*\n")
        assert privacy.tier(workspace.root, "src/b.py", fresh=True).tier == "anywhere"
        assert privacy.tier(workspace.root, "vault/b.py", fresh=True).tier == "blocked"
    assert privacy.tier(workspace.root, "src/b.py", fresh=True).tier == "blocked"
    source = Source("file", "x = 1\n", "src/a.py", 1, 1, required=True)
    assert privacy.check(workspace.root, [source], "far").refusal
