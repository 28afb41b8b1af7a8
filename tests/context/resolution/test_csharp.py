from __future__ import annotations

from twolane.context.resolution.resolver import Resolver

from ..memory_workspace import MemoryWorkspace
from .meaning import check, meaning, targets

FILES = {
    "Core/Model.cs": "namespace App.Core;\npublic class User { public string Name { get; set; } }\n",
    "Core/More.cs": "namespace App.Core {\npartial class User { public void Save() {} }\ninterface IThing {}\n}\n",
    "Lib/Text.cs": "namespace App.Text;\nclass Words { public static int Count(string s) => 0; }\nclass Unused {}\n",
    "GlobalUsings.cs": "global using App.Shared;\n",
    "Shared/Log.cs": "namespace App.Shared;\npublic class Log {}\n",
    "Web/Deep/Page.cs": """
        using System;
        using App.Text;
        using static App.Text.Words;
        using U = App.Core.User;
        namespace App.Core.Web;
        class Page { User user; Words w; void Run() { Count(""); } }
        """,
}


def test_namespaces_wherever_the_files_are() -> None:
    workspace = check(
        FILES,
        "Web/Deep/Page.cs",
        User="Core/Model.cs User, Core/More.cs User",
        U="Core/Model.cs User, Core/More.cs User",
        Words="Lib/Text.cs Words",
        Count="Lib/Text.cs Words.Count",
        Log="Shared/Log.cs Log",
        User__Save="Core/More.cs User.Save",
        App__Core__IThing="Core/More.cs IThing",
        Text__Words="Lib/Text.cs Words",
        Console="",
    )
    assert targets(workspace, "Web/Deep/Page.cs")[:2] == ["Lib/Text.cs", "Lib/Text.cs Words"]


def test_a_file_that_moves_to_another_namespace() -> None:
    workspace = MemoryWorkspace(FILES)
    assert meaning(workspace, "Web/Deep/Page.cs", "Log") == ["Shared/Log.cs Log"]
    workspace.write("Shared/Log.cs", "namespace App.Elsewhere;\npublic class Log {}\n")
    assert meaning(workspace, "Web/Deep/Page.cs", "Log") == []
    workspace.write("New.cs", "namespace App;\npublic class Fresh {}\n")
    assert meaning(workspace, "Web/Deep/Page.cs", "Fresh") == ["New.cs Fresh"]
    workspace.remove("New.cs")
    assert meaning(workspace, "Web/Deep/Page.cs", "Fresh") == []


def test_changes_that_are_only_told_of_as_a_whole() -> None:
    workspace = MemoryWorkspace(FILES)
    resolver = Resolver(workspace)
    assert [one.path for one in resolver.lookup("Web/Deep/Page.cs", "Words")] == ["Lib/Text.cs"]
    workspace.write("Lib/Text.cs", "namespace App.Moved;\nclass Words {}\n")
    resolver.config_changed()
    assert resolver.lookup("Web/Deep/Page.cs", "Words") == ()
