"""A licence is taken for what its text or its manifest says, and for nothing where that is not clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.starter.licences import Project, is_permissive, of_copyright, of_folder, of_project, of_text

APACHE = (Path(__file__).parents[2] / "LICENSE").read_text("utf-8")
MIT = """The MIT License (MIT)

Copyright (c) 2020 Some One

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
BSD_2 = """Copyright 2011 The Authors. All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

   * Redistributions of source code must retain the above copyright notice, this list of conditions and the following
disclaimer.
   * Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
disclaimer in the documentation and/or other materials provided with the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER BE LIABLE FOR ANY DAMAGES, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH
DAMAGE.
"""
NAMES = """   * Neither the name of Google Inc. nor the names of its contributors may be used to endorse or promote
products derived from this software without specific prior written permission.

THIS SOFTWARE IS"""
BSD_3 = BSD_2.replace("THIS SOFTWARE IS", NAMES, 1)
ISC = """Copyright (c) 2012 Some One <some@example.org>

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE.
"""
GPL = "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\nEveryone is permitted to copy.\n"
MPL = "Mozilla Public License Version 2.0\n1.1. Contributor means each individual or legal entity that creates.\n"
COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2012 Some One
License: BSD-3-clause

Files: internal/*
Copyright: 2013 Some Other
License: Expat or GPL-2+

Files: debian/*
Copyright: 2015 A Maintainer
License: GPL-3+

License: BSD-3-clause
 Redistribution and use.
"""


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "BSD License",
        "Apache Software License",
        "The Apache Software License, Version 2.0",
        "Apache-2.0 OR GPL-3.0",
        "GPL-3.0 OR (MIT AND Zlib)",
        "BSD-3-Clause AND 0BSD AND MIT AND Zlib",
        "(MIT OR GPL-2.0) AND ISC",
        "ISC License (ISCL)",
        *("BSD", "BSD 3-Clause", "New BSD", "BSD-2-Clause", "0BSD"),
    ],
)
def test_permissive_licences_are_taken(licence: str) -> None:
    assert is_permissive(licence)


@pytest.mark.parametrize(
    "licence",
    [
        "",
        "MPL-2.0",
        "GPL-3.0",
        "Mozilla Public License 2.0 (MPL 2.0)",
        "MIT AND GPL-2.0",
        "(MIT OR GPL-2.0) AND GPL-3.0",
        "(MIT AND Custom",
        "Custom",
        "BSD License AND Other",
        "Acme Limited Use License",
        "Miscellaneous",
        "Submitted under NDA",
        *("BSD-4-Clause", "BSD-4-Clause-UC", "BSD (4-clause)", "Four-Clause BSD", "BSD 4", "Original BSD License"),
        *("BSD-3-Clause-No-Nuclear-License-2014", "BSD-3-Clause-No-Military-License", "MIT-advertising"),
    ],
)
def test_other_licences_are_not(licence: str) -> None:
    assert not is_permissive(licence)


@pytest.mark.parametrize(
    ("text", "licence"),
    [(MIT, "MIT"), (BSD_2, "BSD-2-Clause"), (BSD_3, "BSD-3-Clause"), (ISC, "ISC"), (APACHE, "Apache-2.0")],
    ids=["MIT", "BSD-2", "BSD-3", "ISC", "Apache"],
)
def test_a_text_is_known_whatever_its_lines_and_marks(text: str, licence: str) -> None:
    assert of_text(text) == licence
    assert of_text("\n".join(f"# {word}" for word in text.replace('"', "``").split(" "))) == licence


@pytest.mark.parametrize(
    "text",
    [
        "",
        GPL,
        MPL,
        MIT + GPL,
        MIT + BSD_2,
        MIT + "The Software shall be used for Good, not Evil.\n",
        '"Commons Clause" License Condition v1.0\n' + MIT,
        MIT + "The software must not be sold to people who did not pay for it.\n" * 20,
        BSD_3 + "All advertising materials mentioning features of this software must display an acknowledgement.\n",
        MIT.replace("The above copyright notice and this permission notice shall be included", "It may be included"),
    ],
)
def test_an_unknown_or_changed_text_is_no_licence(text: str) -> None:
    assert of_text(text) == ""


def test_every_licence_of_a_folder_counts(tmp_path: Path) -> None:
    assert of_folder(tmp_path) == ""
    (tmp_path / "LICENSE.md").write_text(MIT)
    (tmp_path / "license.go").write_text("package license\n")
    assert of_folder(tmp_path) == "MIT"
    (tmp_path / "COPYING").write_text(BSD_2)
    assert of_folder(tmp_path) == "BSD-2-Clause AND MIT"
    (tmp_path / "LICENSE-GPL").write_text(GPL)
    assert of_folder(tmp_path) == ""


def test_debians_file_is_read_for_all_files_but_its_own() -> None:
    assert of_copyright(COPYRIGHT) == "BSD-3-clause AND (Expat or GPL-2+)"
    assert is_permissive(of_copyright(COPYRIGHT))
    assert not is_permissive(of_copyright(COPYRIGHT.replace("Expat or GPL-2+", "GPL-2+")))
    assert of_copyright("Format: something else\n\nFiles: *\nLicense: Expat\n") == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 3}', '{"version": "1", "license": "MIT"}'])
def test_a_manifest_that_names_nothing_is_none(tmp_path: Path, text: str) -> None:
    manifest = tmp_path / "package.json"
    manifest.write_text(text)
    assert of_project(manifest) is None


def test_a_manifest_without_a_licence_is_no_licence(tmp_path: Path) -> None:
    manifest = tmp_path / "package.json"
    manifest.write_text('{"name": "a", "version": "1"}')
    assert of_project(manifest) == Project("a", "1", "")
    manifest.write_text('{"name": "a", "version": "1", "license": "ISC"}')
    assert of_project(manifest) == Project("a", "1", "ISC")


def test_a_module_has_the_licence_beside_it_and_the_version_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "example.org/tool@v1.2.0"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("// a tool\nmodule example.org/tool\n\ngo 1.21\n")
    assert of_project(folder / "go.mod") == Project("example.org/tool", "1.2.0", "")
    (folder / "LICENSE").write_text(BSD_3)
    assert of_project(folder / "go.mod") == Project("example.org/tool", "1.2.0", "BSD-3-Clause")
    (folder / "LICENSE").write_text(MPL)
    assert of_project(folder / "go.mod") == Project("example.org/tool", "1.2.0", "")


def test_a_module_that_debian_packaged_has_the_licence_that_debian_states(tmp_path: Path) -> None:
    folder = tmp_path / "share/gocode/src/github.com/some_one/tool/v2"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module github.com/some_one/tool/v2\n")
    stated = tmp_path / "share/doc/golang-github-some-one-tool-dev/copyright"
    assert of_project(folder / "go.mod") == Project("github.com/some_one/tool/v2", "unstated", "")
    stated.parent.mkdir(parents=True)
    stated.write_text(COPYRIGHT.replace(" or GPL-2+", ""))
    assert of_project(folder / "go.mod") == Project("github.com/some_one/tool/v2", "unstated", "BSD-3-clause AND Expat")


POM = '<?xml version="1.0"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">{}</project>\n'
OWN = "<groupId>org.example</groupId><artifactId>parent</artifactId><version>2.1</version>"
LICENSED = OWN + "<licenses><license><name>Apache License, Version 2.0</name></license></licenses>"
CHILD = "<parent>" + OWN + "</parent><artifactId>text</artifactId>"


def test_an_artifact_has_the_licence_of_its_parent_above_it(tmp_path: Path) -> None:
    child = tmp_path / "modules/text/pom.xml"
    child.parent.mkdir(parents=True)
    child.write_text(POM.format(CHILD))
    (tmp_path / "pom.xml").write_text(POM.format(LICENSED))
    assert of_project(tmp_path / "pom.xml") == Project("org.example:parent", "2.1", "Apache License, Version 2.0")
    assert of_project(child) == Project("org.example:text", "2.1", "Apache License, Version 2.0")
    child.write_text(POM.format(CHILD + "<licenses><license><name>GPL-2.0</name></license></licenses>"))
    assert of_project(child) == Project("org.example:text", "2.1", "GPL-2.0")
    child.write_text(POM.format(CHILD))
    (tmp_path / "pom.xml").write_text(POM.format(LICENSED.replace(">parent<", ">aggregator<")))
    assert of_project(child) == Project("org.example:text", "2.1", "")
    (child.parent / "LICENSE.txt").write_text(MIT)
    assert of_project(child) == Project("org.example:text", "2.1", "MIT")


@pytest.mark.parametrize(
    "text", ["", "<project>", POM.format("<version>1</version>"), '<!DOCTYPE p [<!ENTITY a "b">]>' + POM.format(OWN)]
)
def test_a_pom_that_cannot_be_read_or_names_nothing_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "pom.xml").write_text(text)
    assert of_project(tmp_path / "pom.xml") is None
