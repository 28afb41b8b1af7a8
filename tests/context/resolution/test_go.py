from __future__ import annotations

import pytest

from .meaning import check, targets

MOD = "module example.com/app\n\ngo 1.22\n"
UTIL = "package util\n\ntype T struct{ A int }\n\nfunc (t *T) Do() {}\n\nfunc F() {}\n"


def test_packages_below_the_module() -> None:
    files = {
        "go.mod": MOD,
        "internal/util/util.go": UTIL,
        "internal/util/more.go": "package util\n\nfunc G() {}\n\nfunc (t T) Other() {}\n",
        "internal/util/util_test.go": "package util\n\nfunc Helper() {}\n",
        "cmd/main.go": """
            package main

            import (
                "fmt"
                "example.com/app/internal/util"
                u "example.com/app/internal/util"
            )
            """,
    }
    workspace = check(
        files,
        "cmd/main.go",
        util__F="internal/util/util.go F",
        util__G="internal/util/more.go G",
        u__T__Do="internal/util/util.go T.Do",
        u__T__Other="internal/util/more.go T.Other",
        util__Helper="",
        fmt__Println="",
        F="",
    )
    assert targets(workspace, "cmd/main.go") == ["internal/util/more.go", "internal/util/util.go"] * 2


def test_files_of_one_package_see_each_other() -> None:
    files = {
        "go.mod": MOD,
        "util/util.go": UTIL,
        "util/more.go": "package util\n\nvar x = F\n",
        "util/util_test.go": "package util\n\nfunc help() {}\n",
        "util/outer_test.go": "package util_test\n\nfunc check() {}\n",
        "util/other_test.go": "package util\n",
        "util/sub/sub.go": "package util\n",
    }
    check(files, "util/more.go", F="util/util.go F", help="", check="")
    check(files, "util/other_test.go", F="util/util.go F", help="util/util_test.go help", check="")
    check(files, "util/outer_test.go", F="", help="", check="util/outer_test.go check")
    check(files, "util/sub/sub.go", F="")


@pytest.mark.parametrize(
    ("files", "statement", "name"),
    [
        ({"lib/go.mod": "module other.org/lib\n", "lib/util/u.go": UTIL}, '"other.org/lib/util"', "util.F"),
        ({"lib/go.mod": "module other.org/lib/v2\n", "lib/u.go": UTIL}, '"other.org/lib/v2"', "util.F"),
        ({"lib/u.go": UTIL, "lib/go.mod": "module x\n"}, '"gone.org/dep"', "util.F"),
        ({"go-util/u.go": UTIL}, '"example.com/app/go-util"', "util.F"),
        ({"util/u.go": UTIL}, '. "example.com/app/util"', "F"),
    ],
)
def test_other_modules_names_and_dots(files: dict[str, str], statement: str, name: str) -> None:
    replace = "\nreplace (\n\tgone.org/dep v1.2.3 => ./lib\n\toutside.org/x => ../../x\n)\n"
    path = next(path for path in files if path.endswith("u.go"))
    main = {"go.mod": MOD + replace, "main.go": f"package main\n\nimport {statement}\n"}
    check(main | files, "main.go", **{name.replace(".", "__"): f"{path} F"})


def test_without_any_module_the_end_of_the_path_decides() -> None:
    files = {"pkg/util/u.go": UTIL, "main.go": 'package main\n\nimport "github.com/me/app/pkg/util"\nimport "util"\n'}
    workspace = check(files, "main.go", util__F="pkg/util/u.go F")
    assert targets(workspace, "main.go") == ["pkg/util/u.go"]
