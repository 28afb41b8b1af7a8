from __future__ import annotations

from .meaning import check, targets


def test_includes() -> None:
    files = {
        "src/main.c": """
            #include "util.h"
            #include "core/list.h"
            #include <app/api.h>
            #include <string.h>
            #include "gone.h"
            """,
        "src/util.h": '#include "core/deep.h"\nint util(int a);\n#define TWICE(x) ((x) * 2)\n',
        "lib/util.h": "int wrong(void);\n",
        "include/core/list.h": "struct list { int n; };\n",
        "include/core/deep.h": "typedef int deep_t;\n",
        "include/app/api.h": "void api(void);\n",
        "lib/string.h": "void own(void);\n",
    }
    workspace = check(
        files,
        "src/main.c",
        util="src/util.h util",
        TWICE="src/util.h TWICE",
        list="include/core/list.h list",
        deep_t="include/core/deep.h deep_t",
        api="include/app/api.h api",
        own="",
        wrong="",
    )
    assert targets(workspace, "src/main.c") == ["src/util.h", "include/core/list.h", "include/app/api.h"]


def test_a_header_and_its_source() -> None:
    files = {
        "include/shape.hpp": "namespace geo {\nclass Shape {\n public:\n  void draw();\n};\nint area(int a);\n}\n",
        "src/shape.cpp": '#include "shape.hpp"\nstatic int hidden = 1;\nvoid geo::Shape::draw() {}\n',
        "src/use.cpp": '#include "../include/shape.hpp"\n',
        "include/other.hpp": "",
    }
    check(
        files,
        "src/use.cpp",
        geo__Shape="include/shape.hpp Shape",
        Shape__draw="include/shape.hpp Shape.draw",
        geo__area="include/shape.hpp area",
        hidden="",
    )
    check(files, "include/shape.hpp", hidden="src/shape.cpp hidden")


def test_includes_that_lead_out_or_in_circles() -> None:
    files = {
        "a.h": '#include "b.h"\n#include "../../etc/passwd"\n#include "/etc/passwd"\n#include ""\n#include <>\n',
        "b.h": '#include "a.h"\nint b(void);\n',
        "t.c": '#include "a.h"\n',
    }
    workspace = check(files, "t.c", b="b.h b", gone="")
    assert targets(workspace, "a.h") == ["b.h"]
