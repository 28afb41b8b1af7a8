from __future__ import annotations

import pytest

from ..memory_workspace import MemoryWorkspace
from .meaning import check, targets

F = "export function f(a: number) { return a; }\n"


@pytest.mark.parametrize(
    ("files", "importer", "statement", "expected"),
    [
        ({"m.ts": F}, "t.ts", 'import { f } from "./m";', "m.ts f"),
        ({"m.ts": F}, "t.ts", 'import { f } from "./m.js";', "m.ts f"),
        ({"m.mts": F}, "t.ts", 'import { f } from "./m.mjs";', "m.mts f"),
        ({"m.tsx": F}, "a/t.tsx", 'import { f } from "../m";', "m.tsx f"),
        ({"m/index.ts": F}, "t.ts", 'import { f } from "./m";', "m/index.ts f"),
        ({"index.ts": F}, "a/t.ts", 'import { f } from "..";', "index.ts f"),
        (
            {"m.d.ts": "export declare function f(): void;\n", "m.js": ""},
            "t.ts",
            'import { f } from "./m";',
            "m.d.ts f",
        ),
        ({"m.ts": F, "m/index.ts": F}, "t.ts", 'import { f } from "./m";', "m.ts f"),
        ({"m.ts": F}, "t.ts", 'import { f as g } from "./m"; const f = g;', "t.ts f"),
        ({"m.ts": F, "b.ts": 'export * from "./m";'}, "t.ts", 'import { f } from "./b";', "m.ts f"),
        ({"m.ts": F, "b.ts": 'export { f } from "./m";'}, "t.ts", 'import { f } from "./b";', "m.ts f"),
        ({"m.ts": F, "b.ts": 'export { f as g } from "./m";'}, "t.ts", 'import { g as f } from "./b";', "m.ts f"),
        ({"m.ts": "function g() {}\nexport { g as f };\n"}, "t.ts", 'import { f } from "./m";', "m.ts g"),
        ({"m.ts": "export default class K {}\n"}, "t.ts", 'import f from "./m";', "m.ts K"),
        ({"m.ts": "class K {}\nexport default K;\n"}, "t.ts", 'import f from "./m";', "m.ts K"),
        ({"m.ts": "class K {}\nexport default K;\n"}, "t.ts", 'export { default as f } from "./m";', "m.ts K"),
        ({"m.ts": F}, "t.ts", 'import type { f } from "./m";', "m.ts f"),
        ({"m.js": "exports.f = function () {};\n"}, "t.js", 'const { f } = require("./m");', "m.js f"),
        ({"m.js": "class K {}\nmodule.exports = K;\n"}, "t.js", 'const f = require("./m");', "m.js K"),
        ({"m.ts": "export default { a: 1 };\n"}, "t.ts", 'import f from "./m";', "m.ts"),
    ],
)
def test_relative_imports(files: dict[str, str], importer: str, statement: str, expected: str) -> None:
    check({importer: statement, **files}, importer, f=expected)


def test_what_a_star_does_not_pass_on() -> None:
    files = {"m.ts": 'import { f } from "./n";\nexport const a = f;\n', "n.ts": F, "b.ts": 'export * from "./m";'}
    workspace = MemoryWorkspace(files | {"t.ts": 'import * as all from "./b";\nimport "./n";'})
    assert list(workspace.resolver.visible("b.ts")) == ["a"]
    assert targets(workspace, "t.ts") == ["b.ts", "n.ts"]


def test_members_of_a_namespace_import() -> None:
    files = {
        "m.ts": "export class C { go() {} }\n",
        "b.ts": 'export * as inner from "./m";',
        "t.ts": 'import * as m from "./m";\nimport * as b from "./b";\n',
    }
    check(files, "t.ts", m__C="m.ts C", m__C__go="m.ts C.go", b__inner__C="m.ts C", m="m.ts")


TSCONFIG = """
{
  // where names start
  "compilerOptions": {
    "baseUrl": ".", /* the root */
    "paths": {"@app/*": ["src/app/*", "src/other/*"], "exact": ["src/exact.ts"], "@app/deep/*": ["deep/*"],},
  },
}
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("@app/m", "src/app/m.ts f"),
        ("@app/second", "src/other/second.ts f"),
        ("@app/deep/m", "deep/m.ts f"),
        ("exact", "src/exact.ts f"),
        ("src/exact", "src/exact.ts f"),
        ("@app/none", ""),
        ("react", ""),
    ],
)
def test_paths_of_tsconfig(name: str, expected: str) -> None:
    paths = ("src/app/m.ts", "src/other/second.ts", "deep/m.ts", "src/exact.ts")
    files = {"tsconfig.json": TSCONFIG, **dict.fromkeys(paths, F), "src/t.ts": f'import {{ f }} from "{name}";'}
    check(files, "src/t.ts", f=expected)


def test_what_a_tsconfig_extends_and_refers_to() -> None:
    files = {
        "tsconfig.base.json": '{"compilerOptions": {"paths": {"#lib/*": ["./lib/*"]}}}',
        "apps/web/tsconfig.json": '{"extends": "../../tsconfig.base.json"}',
        "apps/web/t.ts": 'import { f } from "#lib/m";',
        "apps/vite/tsconfig.json": '{"files": [], "references": [{"path": "./tsconfig.app.json"}]}',
        "apps/vite/tsconfig.app.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
        "apps/vite/src/m.ts": F,
        "apps/vite/src/t.ts": 'import { f } from "@/m";',
        "packages/config/package.json": '{"name": "@org/config"}',
        "packages/config/tsconfig.json": '{"compilerOptions": {"paths": {"~lib/*": ["../../lib/*"]}}}',
        "apps/shared/tsconfig.json": '{"extends": ["@org/config/tsconfig.json"]}',
        "apps/shared/t.ts": 'import { f } from "~lib/m";',
        "lib/m.ts": F,
    }
    check(files, "apps/web/t.ts", f="lib/m.ts f")
    check(files, "apps/vite/src/t.ts", f="apps/vite/src/m.ts f")
    check(files, "apps/shared/t.ts", f="lib/m.ts f")


@pytest.mark.parametrize(
    ("manifest", "name", "expected"),
    [
        ('{"name": "@org/p", "main": "./dist/index.js"}', "@org/p", "packages/p/src/index.ts f"),
        ('{"name": "@org/p", "types": "src/types.ts"}', "@org/p", "packages/p/src/types.ts f"),
        ('{"name": "@org/p", "exports": "./src/types.ts"}', "@org/p", "packages/p/src/types.ts f"),
        ('{"name": "@org/p", "exports": {".": {"import": "./dist/types.js"}}}', "@org/p", "packages/p/src/types.ts f"),
        ('{"name": "@org/p", "exports": {"./x/*": "./src/sub/*.ts"}}', "@org/p/x/m", "packages/p/src/sub/m.ts f"),
        (
            '{"name": "@org/p", "exports": {"./x": {"types": "./dist/sub/m.d.ts"}}}',
            "@org/p/x",
            "packages/p/src/sub/m.ts f",
        ),
        ('{"name": "@org/p"}', "@org/p/src/sub/m", "packages/p/src/sub/m.ts f"),
        ('{"name": "@org/p"}', "@org/p/sub/m", "packages/p/src/sub/m.ts f"),
        ('{"name": "@org/p"}', "@org/q", ""),
    ],
)
def test_packages_of_the_workspace(manifest: str, name: str, expected: str) -> None:
    files = {
        "package.json": '{"name": "root", "workspaces": ["packages/*"]}',
        "packages/p/package.json": manifest,
        "packages/p/src/index.ts": F,
        "packages/p/src/types.ts": F,
        "packages/p/src/sub/m.ts": F,
        "packages/q/t.ts": f'import {{ f }} from "{name}";',
    }
    check(files, "packages/q/t.ts", f=expected)


def test_imports_of_a_package_by_its_own_names() -> None:
    files = {
        "package.json": '{"name": "me", "imports": {"#int/*": "./src/internal/*.js"}, "exports": "./src/index.ts"}',
        "src/internal/m.ts": F,
        "src/index.ts": "export class K {}\n",
        "src/t.ts": 'import { f } from "#int/m";\nimport { K } from "me";\n',
    }
    check(files, "src/t.ts", f="src/internal/m.ts f", K="src/index.ts K")


@pytest.mark.parametrize(
    "config",
    [
        '{"extends": "./tsconfig.json"}',
        '{"extends": "./other.json"}',
        '{"extends": "../../../../etc/passwd"}',
        '{"compilerOptions": {"baseUrl": "../../..", "paths": {"*": ["../../../../*"]}}}',
        '{"compilerOptions": {"paths": {"*": "src", "a*b*c": [1, null]}, "rootDirs": 3}}',
        '{"references": [{"path": 1}, 2], "compilerOptions": []}',
        "[" * 100_000,
        '{"a": "' + "\\" * 100_000,
        "/*" * 50_000,
    ],
)
def test_a_hostile_tsconfig_neither_hangs_nor_leads_out(config: str) -> None:
    files = {
        "tsconfig.json": config,
        "other.json": '{"extends": "./tsconfig.json", "references": [{"path": "./other.json"}]}',
        "m.ts": F,
        "t.ts": """
            import { f } from "./m";
            import x from "../../outside";
            import y from "/etc/passwd";
            import z from "etc/passwd";
            """,
    }
    check(files, "t.ts", f="m.ts f", x="", y="", z="")


def test_an_endless_chain_of_configurations_ends() -> None:
    files = {f"c{n}.json": f'{{"extends": "./c{n + 1}.json"}}' for n in range(500)}
    check(files | {"tsconfig.json": '{"extends": "./c0"}', "t.ts": 'import f from "x";'}, "t.ts", f="")
