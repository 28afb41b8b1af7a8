from __future__ import annotations

import pytest

from .meaning import check, targets

CARGO = '[package]\nname = "my-app"\nversion = "0.1.0"\n'
F = "pub fn f() {}\npub struct S;\nimpl S { pub fn go(&self) {} }\npub enum E { One, Two }\n"


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("src/main2.rs", "use crate::a::f;", "src/a.rs f"),
        ("src/main2.rs", "use crate::a::{self, S as f};", "src/a.rs S"),
        ("src/main2.rs", "use super::a::f;", "src/a.rs f"),
        ("src/b/c.rs", "use super::d::f;", "src/b/d.rs f"),
        ("src/b/c.rs", "use super::super::a::f;", "src/a.rs f"),
        ("src/b/c.rs", "use crate::b::d::{f, S};", "src/b/d.rs f"),
        ("src/b/mod.rs", "mod d; use d::f;", "src/b/d.rs f"),
        ("src/b/mod.rs", "use self::d::f;", "src/b/d.rs f"),
        ("src/lib.rs", "mod a; pub use a::f;", "src/a.rs f"),
        ("src/lib.rs", "use a::*;", "src/a.rs f"),
        ("src/lib.rs", "use crate::a::E::{One as f};", "src/a.rs E.One"),
        ("src/main2.rs", "use crate::a; use a::f;", "src/a.rs f"),
        ("src/main2.rs", "use crate::prelude::*;", "src/a.rs f"),
        ("src/main2.rs", "use crate::prelude::short::f;", "src/a.rs f"),
        ("src/bin/tool.rs", "use my_app::a::f;", "src/a.rs f"),
        ("tests/t.rs", "use my_app::prelude::f;", "src/a.rs f"),
        ("tests/t.rs", "mod common; use common::f;", "tests/common/mod.rs f"),
        ("src/main2.rs", "use std::a::f;", ""),
        ("src/main2.rs", "use super::super::super::f;", ""),
        ("src/main2.rs", "use crate::inline::f;", "src/lib.rs inline.f"),
    ],
)
def test_paths(importer: str, statement: str, expected: str) -> None:
    files = {
        "Cargo.toml": CARGO,
        "src/lib.rs": "pub mod a;\nmod b;\npub mod prelude;\nmod main2;\npub mod inline { pub fn f() {} }\n",
        "src/main.rs": "fn main() {}\n",
        "src/a.rs": F,
        "src/b/mod.rs": "mod c;\nmod d;\n",
        "src/b/c.rs": "",
        "src/b/d.rs": F,
        "src/prelude.rs": "pub use crate::a::*;\npub use crate::a as short;\n",
        "src/main2.rs": "",
        "tests/common/mod.rs": F,
    }
    files[importer] = files.get(importer, "") + statement + "\n"
    check(files, importer, f=expected)


def test_names_as_code_writes_them() -> None:
    files = {
        "Cargo.toml": CARGO,
        "src/lib.rs": "mod a;\nmod b;\nuse a::{S, E};\n",
        "src/a.rs": F,
        "src/b.rs": "use crate::a::S;\nimpl S { pub fn more(&self) {} }\n",
    }
    check(
        files,
        "src/lib.rs",
        S__go="src/a.rs S.go",
        S__more="src/b.rs S.more",
        E__One="src/a.rs E.One",
        a__f="src/a.rs f",
        crate__a__S__go="src/a.rs S.go",
        self__a__f="src/a.rs f",
        my_app__a__f="src/a.rs f",
    )


def test_tests_written_inside_a_file_see_what_is_around_them() -> None:
    files = {
        "Cargo.toml": CARGO,
        "src/lib.rs": "mod a;\n",
        "src/a.rs": """
            use crate::b::helper;
            pub fn f() {}

            #[cfg(test)]
            mod tests {
                use super::*;
                use super::f as g;
            }
            """,
        "src/b.rs": "pub fn helper() {}\n",
    }
    workspace = check(files, "src/a.rs", g="src/a.rs f", helper="src/b.rs helper")
    assert targets(workspace, "src/a.rs") == ["src/b.rs helper", "src/a.rs", "src/a.rs f"]


def test_crates_of_one_workspace() -> None:
    files = {
        "Cargo.toml": """
            [workspace]
            members = ["crates/*"]
            [workspace.dependencies]
            short = {package = "long-name", path = "crates/long"}
            """,
        "crates/long/Cargo.toml": '[package]\nname = "long-name"\n[lib]\npath = "lib/root.rs"\n',
        "crates/long/lib/root.rs": "pub mod inner;\npub use inner::f;\n",
        "crates/long/lib/inner.rs": F,
        "crates/app/Cargo.toml": """
            [package]
            name = "app"
            [dependencies]
            short = { workspace = true }
            other = {package = "long-name", path = "../long"}
            """,
        "crates/app/src/main.rs": """
            use short::f;
            use other::inner::S;
            use long_name::inner::E;
            extern crate other as o;
            """,
    }
    check(
        files,
        "crates/app/src/main.rs",
        f="crates/long/lib/inner.rs f",
        S="crates/long/lib/inner.rs S",
        E="crates/long/lib/inner.rs E",
        o__f="crates/long/lib/inner.rs f",
    )


def test_an_edit_of_a_file_on_the_way_is_seen() -> None:
    files = {
        "Cargo.toml": CARGO,
        "src/lib.rs": "mod a;\nmod b;\nmod p;\nmod t;\n",
        "src/a.rs": F,
        "src/b.rs": F,
        "src/p.rs": "pub use crate::a as it;\n",
        "src/t.rs": "use crate::p::it::f;\n",
    }
    workspace = check(files, "src/t.rs", f="src/a.rs f")
    workspace.write("src/p.rs", "pub use crate::b as it;\n")
    assert [one.path for one in workspace.resolver.lookup("src/t.rs", "f")] == ["src/b.rs"]


def test_paths_that_lead_in_circles_end() -> None:
    files = {
        "Cargo.toml": CARGO,
        "src/lib.rs": "mod a;\nuse a::b::c;\nuse b::a::c;\nuse c::d;\nuse d::c;\n",
        "src/a.rs": "pub use crate::b;\npub use b::a;\npub use a::b as c;\nuse super::super::a;\n",
    }
    check(files, "src/lib.rs", c="", d="")


def test_a_program_beside_its_library() -> None:
    files = {
        "Cargo.toml": CARGO + '[[bin]]\nname = "tool"\npath = "tool/main.rs"\n',
        "build.rs": "fn main() {}\n",
        "src/lib.rs": "pub mod a;\n",
        "src/a.rs": F,
        "tool/main.rs": "mod a;\npub type Result = ();\n",
        "tool/a.rs": "use crate::Result;\nuse my_app::a::f;\npub struct Own;\n",
        "tool/b.rs": "use crate::a::Own;\n",
    }
    check(files, "tool/a.rs", Result="tool/main.rs Result", f="src/a.rs f")
    check(files, "tool/b.rs", Own="tool/a.rs Own")
