from __future__ import annotations

from .meaning import check, targets


def test_packages_classes_and_members() -> None:
    files = {
        "core/src/main/java/org/app/Base.java": """
            package org.app;
            public class Base { public static int F; public static void go() {} static class In {} }
            class Helper {}
            """,
        "core/src/main/java/org/app/util/Strings.java": "package org.app.util;\npublic class Strings {}\n",
        "core/src/main/java/org/app/util/Lists.java": "package org.app.util;\npublic class Lists {}\n",
        "web/src/main/java/org/app/web/Page.java": """
            package org.app.web;
            import java.util.List;
            import org.app.Base;
            import org.app.Base.In;
            import static org.app.Base.go;
            import static org.app.Base.*;
            import org.app.util.*;
            class Page { Strings s; List<String> l; Other o; }
            """,
        "web/src/main/java/org/app/web/Other.java": "package org.app.web;\nclass Other {}\n",
        "web/src/test/java/org/app/web/PageTest.java": "package org.app.web;\nclass PageTest { Page p; }\n",
        "other/org/app/util/Wrong.java": "package elsewhere;\npublic class Wrong {}\n",
    }
    base = "core/src/main/java/org/app/Base.java"
    workspace = check(
        files,
        "web/src/main/java/org/app/web/Page.java",
        Base=f"{base} Base",
        In=f"{base} Base.In",
        go=f"{base} Base.go",
        F=f"{base} Base.F",
        Strings="core/src/main/java/org/app/util/Strings.java Strings",
        Other="web/src/main/java/org/app/web/Other.java Other",
        List="",
        Wrong="",
        Base__go=f"{base} Base.go",
        org__app__util__Lists="core/src/main/java/org/app/util/Lists.java Lists",
    )
    assert targets(workspace, "web/src/main/java/org/app/web/Page.java") == [
        f"{base} Base",
        f"{base} Base.In",
        f"{base} Base.go",
        f"{base} Base",
        "core/src/main/java/org/app/util/Strings.java",
    ]
    check(files, "web/src/test/java/org/app/web/PageTest.java", Page="web/src/main/java/org/app/web/Page.java Page")
    check(files, base, Helper=f"{base} Helper", Strings="")
    visible = workspace.resolver.visible("web/src/main/java/org/app/web/Page.java")
    assert sorted(visible) == ["Base", "F", "In", "Page", "Strings", "go"]


def test_a_class_without_a_file_of_its_own() -> None:
    files = {
        "src/a/One.java": "package a;\nclass One {}\nclass Two {}\n",
        "src/b/T.java": "package b;\nimport a.Two;\nclass T {}\n",
    }
    check(files, "src/b/T.java", Two="src/a/One.java Two", One="")
