"""Ruby, Lua, shell scripts."""

from __future__ import annotations

import pytest

from .meaning import check, targets


def test_ruby_requires_and_constants() -> None:
    files = {
        "lib/app/user.rb": "module App\n  class User\n    def save; end\n  end\nend\n",
        "lib/app.rb": 'require "app/user"\nrequire_relative "app/version"\n',
        "lib/app/version.rb": "module App\n  VERSION = 1\nend\n",
        "app/models/blog_post.rb": "class BlogPost\n  def title; end\nend\n",
        "app/models/admin/account.rb": "module Admin\n  class Account; end\nend\n",
        "spec/user_spec.rb": 'require "app"\nrequire "json"\nrequire_relative "support/help"\n',
        "spec/support/help.rb": "def help; end\n",
    }
    workspace = check(
        files,
        "spec/user_spec.rb",
        help="spec/support/help.rb help",
        BlogPost="app/models/blog_post.rb BlogPost",
        BlogPost__title="app/models/blog_post.rb BlogPost.title",
        App__User="lib/app/user.rb App.User",
        App__User__save="lib/app/user.rb App.User.save",
        Admin__Account="app/models/admin/account.rb Admin.Account",
        Gone="",
    )
    assert targets(workspace, "spec/user_spec.rb") == ["lib/app.rb", "spec/support/help.rb"]
    assert targets(workspace, "lib/app.rb") == ["lib/app/user.rb", "lib/app/version.rb"]


def test_lua_modules() -> None:
    files = {
        "lua/plug/util.lua": "local M = {}\nfunction M.trim(s) end\nM.join = function(a, b) end\nreturn M\n",
        "lua/plug/init.lua": 'local util = require("plug.util")\nlocal trim = require("plug.util").trim\n',
        "plugin/start.lua": 'local p = require "plug"\nlocal u = require"plug.util"\n',
        "plugin/out.lua": 'local x = require("..secret")\nlocal y = require("")\n',
    }
    workspace = check(
        files,
        "lua/plug/init.lua",
        util="lua/plug/util.lua",
        util__trim="lua/plug/util.lua M.trim",
        trim="lua/plug/util.lua M.trim",
    )
    assert targets(workspace, "plugin/start.lua") == ["lua/plug/init.lua", "lua/plug/util.lua"]
    assert targets(workspace, "plugin/out.lua") == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("./lib.sh", "bin/lib.sh f"),
        ('"$(dirname "$0")/lib.sh"', "bin/lib.sh f"),
        ('"${BASH_SOURCE%/*}/lib.sh"', "bin/lib.sh f"),
        ('"$ROOT/share/common.sh"', "share/common.sh f"),
        ("../share/common.sh", "share/common.sh f"),
        ("/etc/profile", ""),
        ("../../../etc/profile", ""),
        ('"$FILE"', ""),
    ],
)
def test_sourced_scripts(written: str, expected: str) -> None:
    files = {
        "bin/lib.sh": "f() { :; }\n",
        "share/common.sh": "f() { :; }\n",
        "etc/profile": "f() { :; }\n",
        "bin/run.sh": f"#!/bin/bash\nsource {written}\n",
    }
    if expected or "etc" not in written:
        del files["etc/profile"]
    check(files, "bin/run.sh", f=expected)
